// Enhancements of the staff pages, on top of portal.js.
import { ServiceNavigation, Tabs, createAll } from "./govuk-frontend.min.js";
import { Alert, ButtonMenu, MultiSelect, SearchToggle, SortableTable } from "./moj-frontend.min.js";

for (const component of [ServiceNavigation, Tabs, Alert, ButtonMenu, MultiSelect, SearchToggle, SortableTable])
  createAll(component);
for (const place of document.querySelectorAll("[data-select-all]"))
  place.querySelector("label span")?.replaceChildren(place.dataset.selectAll);

// data-asks="id of a select": of the questions inside, only those of the chosen kind are shown.
for (const place of document.querySelectorAll("[data-asks]")) {
  const kind = document.getElementById(place.dataset.asks);
  const show = () => {
    for (const each of place.querySelectorAll("[data-kinds]"))
      each.hidden = !each.dataset.kinds.split(" ").includes(kind.value);
  };
  kind.addEventListener("change", show);
  kind.addEventListener("input", show);
  place.showAsked = show;
  show();
}

// data-keep="name": what is typed stays in this window until a page with data-forget comes: after an error of the
// server or the end of the session nothing has to be asked again. Files cannot be kept.
const keptIn = (form) => `keep:${form.dataset.keep}`;
for (const form of document.querySelectorAll("form[data-keep]")) {
  const kept = JSON.parse(sessionStorage.getItem(keptIn(form)) ?? "null");
  const empty = !document.querySelector(".govuk-error-summary");
  if (kept && empty)
    for (const field of form.elements) {
      if (!field.name || ["hidden", "file", "submit"].includes(field.type)) continue;
      const values = kept.filter(([name]) => name === field.name).map(([, value]) => value);
      if (["checkbox", "radio"].includes(field.type)) field.checked = values.includes(field.value);
      else field.value ||= values[0] ?? "";
    }
  for (const place of form.querySelectorAll("[data-asks]")) place.showAsked();
  form.addEventListener("input", () => {
    const told = [...new FormData(form)].filter(([name, value]) => name !== "csrf_token" && typeof value === "string");
    sessionStorage.setItem(keptIn(form), JSON.stringify(told));
  });
}
if (document.querySelector("[data-forget]"))
  for (const key of Object.keys(sessionStorage)) if (key.startsWith("keep:")) sessionStorage.removeItem(key);
