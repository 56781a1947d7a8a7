// Builds the pages' style sheet and scripts into ../static (not tracked). Run: node build.mjs
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "..", "static");
const modules = join(here, "node_modules");

const copied = {
  "govuk-frontend.min.js": join(modules, "govuk-frontend/dist/govuk/govuk-frontend.min.js"),
  "moj-frontend.min.js": join(modules, "@ministryofjustice/frontend/moj/moj-frontend.min.js"),
  "htmx.min.js": join(modules, "htmx.org/dist/htmx.min.js"),
  "mark.svg": join(here, "src/mark.svg"),
  "icons.svg": join(here, "src/icons.svg"),
};

const versionOf = (file) => createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, 12);

// A module names its neighbours with their version, so that an old copy in a browser is never mixed with a new one.
const versioned = (source) =>
  source.replace(/from "\.\/([\w.-]+)"/g, (whole, name) => `from "./${name}?v=${versionOf(join(out, name))}"`);

mkdirSync(out, { recursive: true });
for (const [name, from] of Object.entries(copied)) copyFileSync(from, join(out, name));
for (const name of ["portal.js", "keyboard.js", "casework.js"])
  writeFileSync(join(out, name), versioned(readFileSync(join(here, "src", name), "utf8")));

const { css } = compile(join(here, "src/portal.scss"), {
  loadPaths: [here, modules],
  style: "compressed",
  quietDeps: true,
});
writeFileSync(join(out, "portal.css"), css);
console.log(`built ${out}`);
