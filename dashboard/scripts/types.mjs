// Writes src/api/schema.ts and src/api/roles.ts from ../docs/openapi.yaml. With --check: fails when a committed file says
// something else.
import { readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";
import { parse } from "yaml";

const source = new URL("../../docs/openapi.yaml", import.meta.url);
const kNotice = '// Generated from docs/openapi.yaml by "npm run types". Not edited by hand.\n\n';

// The description is read leniently: a key that stands there twice is the other check's business.
const description = parse(readFileSync(source, "utf8"), { uniqueKeys: false });
const roles = Object.values(description.paths)
  .flatMap((item) => Object.values(item))
  .filter((operation) => operation["x-roles"])
  .map((operation) => `  ${operation.operationId}: ${JSON.stringify(operation["x-roles"])},\n`);
const files = {
  "schema.ts": kNotice + astToString(await openapiTS(description)),
  "roles.ts": `${kNotice}// Whose question is taken: x-roles.\nexport const kRolesOf = {\n${roles.join("")}} as const;\n`,
};

for (const [name, text] of Object.entries(files)) {
  const target = new URL(`../src/api/${name}`, import.meta.url);
  if (!process.argv.includes("--check")) writeFileSync(target, text);
  else if (readFileSync(target, "utf8") !== text) {
    console.error(`src/api/${name} does not say what docs/openapi.yaml says: npm run types`);
    process.exit(1);
  }
}
