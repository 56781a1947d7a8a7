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

// data-of-kind="name of radios": of the questions inside, those of the chosen kind alone are shown, and open; all of them,
// closed, while none is chosen. A kind of which nothing more is asked hides the place.
for (const place of document.querySelectorAll("[data-of-kind]")) {
  const show = () => {
    const chosen = document.querySelector(`input[name="${place.dataset.ofKind}"]:checked`)?.value;
    const all = [...place.querySelectorAll("[data-kinds]")];
    for (const each of all) each.hidden = Boolean(chosen) && !each.dataset.kinds.split(" ").includes(chosen);
    place.hidden = all.every((each) => each.hidden);
    place.classList.toggle("portal-of-one-kind", Boolean(chosen));
    if (chosen) place.querySelector("details").open = true;
  };
  for (const each of document.querySelectorAll(`input[name="${place.dataset.ofKind}"]`))
    each.addEventListener("change", show);
  show();
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

// data-work: the proof of work of ALTCHA, done while the page is read (web/public/nuisance.py). In slices, so that the
// page stays quick; without a secure context it is left out, and the report is taken all the same.
const prove = async (field) => {
  const { algorithm, challenge, maxnumber, salt, signature } = JSON.parse(field.dataset.work);
  const words = new TextEncoder();
  const hex = (digest) => [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  for (let from = 0; from <= maxnumber; from += 200) {
    const numbers = Array.from({ length: 200 }, (_, n) => from + n);
    const digests = await Promise.all(
      numbers.map((number) => crypto.subtle.digest(algorithm, words.encode(salt + number))),
    );
    const found = digests.findIndex((digest) => hex(digest) === challenge);
    if (found < 0) continue;
    field.value = btoa(JSON.stringify({ algorithm, challenge, number: from + found, salt, signature }));
    return;
  }
};
for (const field of document.querySelectorAll("[data-work]")) if (window.crypto?.subtle) prove(field);
