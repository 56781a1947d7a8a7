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

// data-recognise="address" data-shown="id": what the server recognises in the text, shown while it is typed or pasted.
for (const place of document.querySelectorAll("[data-recognise]")) {
  const words = place.querySelector("textarea");
  const shown = document.getElementById(place.dataset.shown);
  let waiting = 0;
  const look = async () => {
    const body = new FormData();
    body.set("csrf_token", words.form.elements.csrf_token.value);
    body.set(words.name, words.value);
    const answer = await fetch(place.dataset.recognise, { method: "POST", body });
    if (answer.ok) shown.innerHTML = await answer.text();
  };
  words.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(look, 400);
  });
}
