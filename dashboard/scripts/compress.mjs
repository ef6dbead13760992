// Beside each file of dist its copies in brotli and gzip, for a server that compresses nothing itself. What Vite says of
// its files is for scripts/sizes.mjs and not to be served: it moves out of dist.
import { readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = new URL("../dist/", import.meta.url);
renameSync(new URL(".vite/manifest.json", dist), new URL("../node_modules/.quicklime-manifest.json", import.meta.url));
rmSync(new URL(".vite/", dist), { recursive: true });

const kText = /\.(html|js|css|svg|json)$/;
for (const file of readdirSync(dist, { recursive: true })) {
  if (!kText.test(file)) continue;
  const path = new URL(file, dist);
  const content = readFileSync(path);
  const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } };
  writeFileSync(`${path.pathname}.br`, brotliCompressSync(content, options));
  writeFileSync(`${path.pathname}.gz`, gzipSync(content, { level: 9 }));
}
