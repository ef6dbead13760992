// Writes src/api/schema.ts from ../docs/openapi.yaml. With --check: fails when the committed file says something else.
import { readFileSync, writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";
import { parse } from "yaml";

const source = new URL("../../docs/openapi.yaml", import.meta.url);
const target = new URL("../src/api/schema.ts", import.meta.url);

// The description is read leniently: a key that stands there twice is the other check's business.
const description = parse(readFileSync(source, "utf8"), { uniqueKeys: false });
const text = `// Generated from docs/openapi.yaml by "npm run types". Not edited by hand.\n\n${astToString(await openapiTS(description))}`;

if (process.argv.includes("--check")) {
  if (readFileSync(target, "utf8") !== text) {
    console.error("src/api/schema.ts does not say what docs/openapi.yaml says: npm run types");
    process.exit(1);
  }
} else {
  writeFileSync(target, text);
}
