// The keyboard of the staff pages. j and k walk along the rows; other keys go to what bears data-key on the page, or open
// the row that is marked at that place; ? shows the keys that do something here.
const FIELDS = "input:not([type=hidden]), textarea, select, button, a[href]";
const here = `here:${location.pathname}${location.search}`;
const linkOf = (row) => row?.querySelector("a[href], [data-opens]");
const marked = () => document.querySelector("[data-row].staff-here");
const mark = (row) => {
  for (const each of document.querySelectorAll("[data-row]")) each.classList.toggle("staff-here", each === row);
};

// The row on which one stood is marked again when rows came anew.
export const markRow = () => {
  const known = sessionStorage.getItem(here);
  const row = known && [...document.querySelectorAll("[data-row]")].find((each) => linkOf(each)?.getAttribute("href") === known);
  if (row) mark(row);
  return row;
};

const walk = (step) => {
  const rows = [...document.querySelectorAll("[data-row]")];
  const next = rows[Math.max(0, Math.min(rows.length - 1, rows.indexOf(marked()) + step))];
  if (!next) return;
  mark(next);
  linkOf(next)?.focus();
  next.scrollIntoView({ block: "nearest" });
  sessionStorage.setItem(here, linkOf(next)?.getAttribute("href") ?? "");
};

// To a place of the page: what is folded opens, a link or a button is pressed, of anything else the first field is taken.
const go = (place, presses = true) => {
  for (let each = place.parentElement; each; each = each.parentElement) if (each.tagName === "DETAILS") each.open = true;
  place.scrollIntoView({ block: "center" });
  if (place.tagName === "A" || (place.tagName === "BUTTON" && presses)) return place.click();
  const around = ["H2", "H3", "SUMMARY"].includes(place.tagName) ? place.parentElement : null;
  const fields = around?.querySelectorAll(place.tagName === "SUMMARY" ? FIELDS : "input[type=text], textarea, summary, button");
  ([...(fields ?? [])].find((each) => each.checkVisibility()) ?? place).focus();
};
const placeOf = (key) => document.querySelector(`[data-key="${key}"]`);

// With rows ticked, or else the one that is marked, to what can be done with many.
const many = () => {
  if (!document.querySelector("[data-row] :checked")) marked()?.querySelector("input[type=checkbox]")?.click();
  placeOf("a").focus();
};
const keys = {
  j: () => walk(1),
  k: () => walk(-1),
  o: () => linkOf(marked())?.click(),
  x: () => {
    marked()?.querySelector("input[type=checkbox]")?.click();
    marked()?.scrollIntoView({ block: "nearest" });
  },
  "/": () => document.getElementById("q")?.focus(),
  "?": () => document.getElementById("shortcuts")?.showModal(),
};

// Of a marked row these keys open the page where they would go; there the address forgets the key, so that the way back
// does not lead to it again. A key from an address presses nothing.
const opening = (row, key) => row?.dataset.row && ["s", "r", "m", "l"].includes(key) && linkOf(row);
const opens = (key) => {
  const row = marked();
  if (!opening(row, key)) return false;
  location.assign(`${linkOf(row).href}#key-${key}`);
  return true;
};
const asked = /^#key-([a-z])$/.exec(location.hash)?.[1];
if (asked) {
  history.replaceState(history.state, "", `${location.pathname}${location.search}`);
  if (placeOf(asked)) go(placeOf(asked), false);
}

// Ctrl-Enter presses a button: that of the fold or group that one is in, else the first of the form, as Enter does. Outside
// of every form it is the one that the page is about, but not in the first second: nobody has read it by then.
const buttonFor = (target) => {
  const form = target.form ?? target.closest("form") ?? (performance.now() > 1000 ? document.querySelector("form[data-main]") : null);
  const isOf = (each) => each.type === "submit" && each.form === form && !each.disabled;
  for (let each = target; each && form?.contains(each) && each !== form; each = each.parentElement) {
    if (!["DETAILS", "FIELDSET"].includes(each.tagName)) continue;
    const found = [...each.querySelectorAll("button, input[type=submit]")].find(isOf);
    if (found) return found;
  }
  return form && [...form.elements].find(isOf);
};

document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    if (!event.repeat) buttonFor(event.target)?.click();
    return;
  }
  if (event.key === "Escape" && event.target.matches("input[type=search]")) {
    event.preventDefault();
    event.target.blur();
  }
  if (event.key === "Escape" && event.target.closest(".staff-bulk")) {
    event.preventDefault();
    event.target.blur();
    linkOf(marked())?.focus();
  }
  const typing = event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, dialog");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const isLetter = /^[a-z]$/i.test(event.key);
  if (isLetter && event.shiftKey) return;
  const key = isLetter ? event.key.toLowerCase() : event.key;
  const place = isLetter && placeOf(key);
  if (!keys[key] && !place && !opening(marked(), key)) return;
  event.preventDefault();
  if (keys[key]) keys[key]();
  else if (opens(key)) return;
  else if (place.closest(".staff-bulk")) many();
  else go(place);
});

// Shown are the keys that do something on this page, with the words of the place to which they go; what one key does to
// several kinds of rows stands behind it.
const shown = {};
for (const each of document.querySelectorAll("#shortcuts [data-needs]")) {
  const found = document.querySelector(each.dataset.needs);
  each.hidden = !found;
  if (!found) continue;
  const words = each.querySelector("dd");
  if (found.dataset.says) words.textContent = found.dataset.says;
  const first = (shown[each.querySelector("dt").textContent] ??= each);
  if (first === each) continue;
  first.querySelector("dd").append(document.createElement("br"), words.textContent);
  each.hidden = true;
}
document.querySelector("[data-shows-keys]")?.addEventListener("click", keys["?"]);

// Back to a list: the row is the same one, and the focus is on it.
if (["back_forward", "reload"].includes(performance.getEntriesByType("navigation")[0]?.type)) linkOf(markRow())?.focus();
else sessionStorage.removeItem(here);
