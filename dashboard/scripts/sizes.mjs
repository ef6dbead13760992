// What a browser is sent, as brotli: the first load (page, scripts and styles that it names, and what those import) and
// each chunk that is loaded later. Fails when either is more than is agreed.
import { readFileSync, readdirSync, statSync } from "node:fs";

const kFirstLoad = 260;
const kChunk = 60;
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL("../node_modules/.quicklime-manifest.json", import.meta.url), "utf8"));
const kilobytes = (file) => statSync(new URL(`${file}.br`, dist)).size / 1024;

const first = new Set(["index.html"]);
function add(key, into) {
  const entry = manifest[key];
  into.add(entry.file);
  for (const style of entry.css ?? []) into.add(style);
  for (const imported of entry.imports ?? []) add(imported, into);
}
for (const [key, entry] of Object.entries(manifest)) if (entry.isEntry) add(key, first);
const firstSize = [...first].map(kilobytes).reduce((sum, size) => sum + size, 0);

let failed = firstSize > kFirstLoad;
console.log(`first load ${firstSize.toFixed(1)} kB brotli (at most ${kFirstLoad}), ${first.size} files`);
for (const [key, entry] of Object.entries(manifest)) {
  if (!entry.isDynamicEntry) continue;
  const files = new Set();
  add(key, files);
  const own = [...files].filter((file) => !first.has(file));
  const size = own.map(kilobytes).reduce((sum, one) => sum + one, 0);
  if (size > kChunk) failed = true;
  console.log(`  ${key.replace("src/screens/", "").padEnd(40)} ${size.toFixed(1)} kB (at most ${kChunk})`);
}
const fonts = readdirSync(new URL("assets/", dist)).filter((file) => file.endsWith(".woff2"));
const fontSize = fonts.map((file) => statSync(new URL(`assets/${file}`, dist)).size / 1024).reduce((sum, size) => sum + size, 0);
console.log(`fonts, loaded as they are used: ${fonts.length}, ${fontSize.toFixed(1)} kB`);
if (failed) {
  console.error("larger than agreed");
  process.exit(1);
}
