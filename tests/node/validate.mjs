// Every test of the CSAF 2.0 standard that needs no network and no dictionary, by another hand than ours.
// Usage: node validate.mjs FILE...; prints one line for each test that is not passed, exit code 1 for an invalid file.
import { readFileSync } from "node:fs";
import * as informative from "@secvisogram/csaf-validator-lib/informativeTests.js";
import * as mandatory from "@secvisogram/csaf-validator-lib/mandatoryTests.js";
import * as optional from "@secvisogram/csaf-validator-lib/optionalTests.js";
import * as schema from "@secvisogram/csaf-validator-lib/schemaTests.js";
import validateStrict from "@secvisogram/csaf-validator-lib/validateStrict.js";

const elsewhere = new Set(["informativeTest_6_3_6", "informativeTest_6_3_7", "informativeTest_6_3_8"]);
const all = [schema.csaf_2_0_strict, ...[mandatory, optional, informative].flatMap(Object.values)];
const tests = all.filter((test) => !elsewhere.has(test.name));

for (const file of process.argv.slice(2)) {
  const told = await validateStrict(tests, JSON.parse(readFileSync(file, "utf8")));
  for (const test of told.tests)
    for (const each of [...test.errors, ...test.warnings])
      console.log(`${file} ${test.name} ${each.instancePath} ${each.message}`);
  if (!told.isValid) process.exitCode = 1;
}
