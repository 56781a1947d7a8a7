// Enhancements of the staff pages, on top of portal.js.
import { ServiceNavigation, Tabs, createAll } from "./govuk-frontend.min.js";
import { markRow } from "./keyboard.js";
import { Alert, ButtonMenu, MultiSelect, SearchToggle, SortableTable } from "./moj-frontend.min.js";

for (const component of [ServiceNavigation, Tabs, Alert, ButtonMenu, MultiSelect, SearchToggle, SortableTable])
  createAll(component);
const nameSelectAll = () => {
  for (const place of document.querySelectorAll("[data-select-all]"))
    place.querySelector("label span")?.replaceChildren(place.dataset.selectAll);
};
nameSelectAll();

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
// It is kept for the person alone: whoever signs in next in this window finds nothing of it.
const isChinese = document.documentElement.lang.startsWith("zh");
const deskTime = (options) => new Date().toLocaleString(isChinese ? "zh-HK" : "en-GB", { ...options, timeZone: document.querySelector("[data-now]")?.dataset.now });
const person = document.querySelector("meta[name=person]")?.content ?? "";
const keyOf = (kind, name) => `${kind}:${person}:${name}`;
const ownKeys = () => Object.keys(sessionStorage).filter((key) => key.split(":")[1] === person);
const keptIn = (form) => keyOf("keep", form.dataset.keep);
const keepHere = (key, form) => {
  const told = [...new FormData(form)].filter(([name, value]) => name !== "csrf_token" && typeof value === "string");
  sessionStorage.setItem(key, JSON.stringify(told));
};
const bringBack = (key, form, over) => {
  const kept = JSON.parse(sessionStorage.getItem(key) ?? "null");
  if (!kept) return false;
  for (const field of form.elements) {
    if (!field.name || ["file", "submit"].includes(field.type)) continue;
    if (field.type === "hidden" && !(over && field.name.startsWith("was-"))) continue;
    const values = kept.filter(([name]) => name === field.name).map(([, value]) => value);
    if (["checkbox", "radio"].includes(field.type)) field.checked = values.includes(field.value);
    else if (over || !field.value) field.value = values[0] ?? "";
  }
  return true;
};
for (const form of document.querySelectorAll("form[data-keep]")) {
  if (!document.querySelector(".govuk-error-summary")) bringBack(keptIn(form), form, false);
  for (const place of form.querySelectorAll("[data-asks]")) place.showAsked();
  form.addEventListener("input", () => keepHere(keptIn(form), form));
}
if (document.querySelector("[data-forget]"))
  for (const key of ownKeys()) if (key.startsWith("keep:")) sessionStorage.removeItem(key);

// What is typed into a form is kept in this window at once, until a page, be it another one, says that it was done: above
// what it shows, or with data-done.
// data-answered: the page is the server's answer to what was sent from this form, so its words are the newer ones. What
// fields said when they were typed over (was-) comes back with them: what a colleague changed meanwhile is told.
if (document.querySelector(".moj-alert--success, [data-done]"))
  for (const sent of ownKeys().filter((key) => key.endsWith(":sent")))
    for (const key of [sent, sent.slice(0, -":sent".length)]) sessionStorage.removeItem(key);
const keepUntilDone = (key, form) => {
  const sentKey = `${key}:sent`;
  sessionStorage.removeItem(sentKey);
  const isAnswered = "answered" in form.dataset;
  if (isAnswered) keepHere(key, form);
  form.addEventListener("input", () => keepHere(key, form));
  form.addEventListener("submit", () => {
    keepHere(key, form);
    sessionStorage.setItem(sentKey, "y");
  });
  return isAnswered || bringBack(key, form, true);
};

// What was pressed twice acts once: a form that is on its way does not go again. A file for an answer leaves the page
// standing, so it may go again a little later.
const AGAIN = 5000;
let gone = new WeakMap();
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post") return;
  if (Date.now() - (gone.get(event.target) ?? 0) < AGAIN) event.preventDefault();
  else gone.set(event.target, Date.now());
});
window.addEventListener("pageshow", () => { gone = new WeakMap(); });

// data-holds="name": a form of which only this window keeps what was typed; it is opened when something was.
for (const form of document.querySelectorAll("form[data-holds]"))
  if (keepUntilDone(keyOf("holds", form.dataset.holds), form)) form.closest("details")?.setAttribute("open", "");

// A page that is being left may have been asked for anew before its draft arrived: the window keeps its copy then.
let isLeft = false;
window.addEventListener("beforeunload", () => { isLeft = true; });
document.addEventListener("input", () => { isLeft = false; });

// data-unsent="address": what is typed is kept on the server, too, a moment after the last key, for the writer alone; then
// the window need not keep it any longer.
for (const form of document.querySelectorAll("form[data-unsent]")) {
  const said = form.querySelector("[data-unsent-said]");
  const key = keyOf("unsent", form.dataset.unsent);
  const isBack = keepUntilDone(key, form);
  if (isBack) form.closest("details")?.setAttribute("open", "");
  let timer;
  let going = new AbortController();
  let keeping = null;
  const keep = () => {
    const one = keepOnce().finally(() => { if (keeping === one) keeping = null; });
    keeping = one;
  };
  const keepOnce = async () => {
    const { signal } = going;
    const answer = await fetch(form.dataset.unsent, {
      method: "POST",
      body: new FormData(form),
      headers: { "X-Requested-By": "page" },
      signal,
    }).catch(() => null);
    if (signal.aborted) return;
    const isKept = answer?.status === 204;
    if (isKept && !isLeft) sessionStorage.removeItem(key);
    const minute = deskTime({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    said.textContent = isKept ? `${said.dataset.unsentSaid} ${minute}` : said.dataset[answer ? "unsentRefused" : "unsentHere"];
  };
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, 1500);
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (keeping) {
      // A draft that is on its way arrives first, else it would stand again where the letter was sent.
      event.preventDefault();
      const late = new Promise((done) => { setTimeout(done, 1000); });
      Promise.race([keeping, late]).then(() => { keeping = null; form.requestSubmit(event.submitter); });
      return;
    }
    going.abort();
    going = new AbortController();
  });
  if (isBack) keep();
}

// What a page asks for by itself takes the place of what stands there only when it is what was asked for: neither a sign-in
// nor an error goes into a page. Until the next answer a line says that what is shown may be old.
const stale = document.getElementById("stale");
let isStale = "";
const sayStale = (why) => {
  isStale = why;
  for (const each of stale?.children ?? []) each.hidden = each.dataset.why !== why;
};
document.addEventListener("htmx:before:response", (event) => {
  const { raw, status } = event.detail.ctx.response;
  const isPiece = status === 200 && !raw.redirected;
  if (!isPiece) event.preventDefault();
  sayStale(isPiece ? "" : status === 401 ? "ended" : "away");
});
document.addEventListener("htmx:error", () => sayStale("away"));

// Lists refresh themselves, but never under the hands of somebody who has ticked a row or is choosing something. Whoever
// stands on a link of a row stands on it again afterwards.
let stood = null;
document.addEventListener("htmx:before:request", (event) => {
  const rows = document.getElementById("rows");
  const focused = rows?.contains(document.activeElement) ? document.activeElement : null;
  if (event.target !== rows) return;
  const isTicked = rows.querySelector(":checked:not(option)");
  if (isTicked && isStale !== "ended") sayStale("ticked");
  if (!isTicked && isStale === "ticked") sayStale("");
  const isAtRest = !focused || focused.matches("a, [type=checkbox]");
  if (document.hidden || isTicked || !isAtRest) event.preventDefault();
});
const linksOf = (place) => [...place.querySelectorAll("a[href]")];
document.addEventListener("htmx:before:swap", (event) => {
  const focused = document.activeElement;
  const rows = document.getElementById("rows");
  if (event.target === rows && rows.querySelector(":checked:not(option)")) {
    event.preventDefault(); // ticked while the answer was on its way
    sayStale("ticked");
    return;
  }
  const row = rows?.contains(focused) ? focused.closest("tr") : null;
  const link = focused.matches("a") ? focused : row && linksOf(row)[0];
  stood = row && link ? { href: link.getAttribute("href"), isLink: link === focused } : null;
});

// What a script put into the head of a list is not in the rows that came: it is made again.
document.addEventListener("htmx:after:swap", () => {
  markRow();
  const link = stood && linksOf(document.getElementById("rows")).find((each) => each.getAttribute("href") === stood.href);
  (stood?.isLink ? link : link?.closest("tr").querySelector("[type=checkbox]"))?.focus({ preventScroll: true });
  const table = document.querySelector("#rows [data-module=moj-multi-select]");
  if (!table || table.querySelector("#select-all input")) return;
  table.removeAttribute("data-moj-multi-select-init");
  createAll(MultiSelect);
  nameSelectAll();
});

// data-act="give": shown while that act is chosen in the select named "act" of the same form.
const acts = document.querySelector("[data-bulk] [name=act]");
const showAct = () => {
  for (const each of document.querySelectorAll("[data-act]")) each.hidden = !each.dataset.act.split(" ").includes(acts.value);
};
if (acts) {
  acts.addEventListener("change", showAct);
  showAct();
}

// data-copies="Copied": what the button would download goes to the clipboard instead, and the button says so. Without
// a clipboard, or when the server refuses, the form is sent as usual and the answer is a file or a page.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copies]");
  if (!button || !navigator.clipboard || button.dataset.plain) return;
  event.preventDefault();
  const answer = await fetch(button.formAction, { method: "POST", body: new FormData(button.form, button) }).catch(() => null);
  const text = answer?.ok && answer.headers.get("Content-Type").startsWith("text/plain") ? await answer.text() : null;
  const done = text !== null && (await navigator.clipboard.writeText(text.trimEnd()).then(() => true, () => false));
  if (!done) {
    button.dataset.plain = "y";
    button.click();
    return;
  }
  const label = button.firstChild;
  const before = label.textContent;
  label.textContent = button.dataset.copies;
  button.setAttribute("aria-live", "polite");
  setTimeout(() => { label.textContent = before; }, 2000);
});

// On paper: the time of printing, and on every sheet what is printed where the browser knows margin boxes.
const paper = document.querySelector(".staff-paper");
const stamp = () => {
  const time = paper.querySelector("[data-now]");
  const day = deskTime({ day: "numeric", month: isChinese ? "long" : "short", year: "numeric" });
  const minute = deskTime({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  time.textContent = time.textContent.replace(/^.*\d\d:\d\d/, `${day} ${minute}`);
  paper.hidden = "CSSMarginRule" in window;
  document.documentElement.style.setProperty("--portal-paper", JSON.stringify([...paper.childNodes].slice(1).map((each) => each.textContent).join("").replace(/^[ ·]+/, "")));
};
if (paper) window.addEventListener("beforeprint", stamp);
