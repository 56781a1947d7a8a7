// Enhancements of the public pages. Every page works without them; what only works with a script is made here.
import {
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  Radios,
  SkipLink,
  createAll,
} from "./govuk-frontend.min.js";

for (const component of [
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  Radios,
  SkipLink,
])
  createAll(component);

const button = (label) => {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "govuk-button govuk-button--secondary portal-button--small";
  made.textContent = label;
  return made;
};

// data-copy="label" data-copied="label when done": a button that copies the element's text.
for (const source of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  const made = button(source.dataset.copy);
  const said = document.createElement("span");
  said.className = "portal-copied";
  said.setAttribute("role", "status");
  made.addEventListener("click", async () => {
    await navigator.clipboard.writeText(source.textContent.trim());
    said.textContent = source.dataset.copied;
  });
  source.after(made, said);
}

// data-print="label": a place for a print button.
for (const place of document.querySelectorAll("[data-print]")) {
  const made = button(place.dataset.print);
  made.addEventListener("click", () => window.print());
  place.append(made);
}
