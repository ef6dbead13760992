// Everything that is checked of the dashboard without a browser. What does not need the other runs beside it.
import { spawn } from "node:child_process";

function run(name, command) {
  return new Promise((done) => {
    const started = Date.now();
    const child = spawn(command, { shell: true, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (part) => (output += part));
    child.stderr.on("data", (part) => (output += part));
    child.on("close", (code) => {
      const seconds = ((Date.now() - started) / 1000).toFixed(1);
      console.log(`${code === 0 ? "ok  " : "FAIL"} ${name} (${seconds} s)`);
      if (code !== 0 || name === "sizes") console.log(output.trimEnd());
      if (name === "tests") console.log(output.match(/^\s*(Test Files|Tests) .*$/gm)?.join("\n") ?? "");
      done(code === 0);
    });
  });
}

process.env.NO_COLOR = "1";
const results = await Promise.all([run("types", "node scripts/types.mjs --check"), run("tsc", "tsc -p ."), run("eslint", "eslint --max-warnings 0 .")]);
results.push(await run("tests", "vitest run --retry=1"));
results.push(await run("build", "vite build && node scripts/compress.mjs"));
results.push(await run("sizes", "node scripts/sizes.mjs"));
if (results.includes(false)) process.exit(1);
