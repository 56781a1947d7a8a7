// Enhancements of the staff pages, on top of portal.js.
import { ServiceNavigation, Tabs, createAll } from "./govuk-frontend.min.js";
import { Alert, ButtonMenu, MultiSelect, SearchToggle, SortableTable } from "./moj-frontend.min.js";

for (const component of [ServiceNavigation, Tabs, Alert, ButtonMenu, MultiSelect, SearchToggle, SortableTable])
  createAll(component);
