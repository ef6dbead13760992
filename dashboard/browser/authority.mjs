// A real CA in a directory of its own, on free ports, and the command line beside it.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import https from "node:https";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const binary = process.env.QUICKLIME_BINARY ?? new URL("../../build/dev/bin/quicklime", import.meta.url).pathname;

const freePort = () =>
  new Promise((done) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

export async function startAuthority() {
  const directory = mkdtempSync(join(tmpdir(), "quicklime-browser-"));
  const data = join(directory, "ca");
  const [port, plain, admin] = [await freePort(), await freePort(), await freePort()];
  const cli = (...words) => execFileSync(binary, [...words, "--data", data], { cwd: directory, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  cli("init", "--name", "Acme Corp", "--public-url", `http://localhost:${plain}`);

  let daemon;
  async function up() {
    daemon = spawn(binary, ["serve", "--data", data, "--https", `127.0.0.1:${port}`, "--http", `127.0.0.1:${plain}`, "--admin", `127.0.0.1:${admin}`], { stdio: "ignore" });
    for (let attempt = 0; ; ++attempt) {
      if (await answers(port)) return;
      if (attempt > 300) throw new Error("the CA does not come up");
      await new Promise((done) => setTimeout(done, 100));
    }
  }
  async function down() {
    const ended = new Promise((done) => daemon.once("exit", done));
    daemon.kill("SIGTERM");
    await ended;
  }
  await up();
  const roots = await get(port, "/ca/roots.pem");
  return {
    directory,
    cli,
    up,
    down,
    host: "127.0.0.1",
    port,
    plain,
    roots,
    issue: (...words) => JSON.parse(cli("issue", ...words, "-o", "json")),
    token: (name, role) => JSON.parse(cli("token", "create", name, "--role", role, ...(role === "requester" ? ["--names", "**.internal"] : []), "-o", "json")).token,
    read: (file) => readFileSync(join(directory, file), "utf8"),
    // What openssl says of a certificate's file by OCSP: "good", "revoked", ...
    ocsp(file) {
      execFileSync("curl", ["-sSf", "-o", "issuer.pem", `http://127.0.0.1:${plain}/ca/issuing-1.pem`], { cwd: directory });
      execFileSync("curl", ["-sSf", "-o", "roots.pem", `http://127.0.0.1:${plain}/ca/roots.pem`], { cwd: directory });
      const said = execFileSync("openssl", ["ocsp", "-issuer", "issuer.pem", "-cert", file, "-CAfile", "roots.pem", "-url", `http://127.0.0.1:${plain}/ocsp`], { cwd: directory, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
      return /^.*: (good|revoked|unknown)$/m.exec(said)?.[1];
    },
    async stop() {
      await down();
      rmSync(directory, { recursive: true });
    },
  };
}

const get = (port, path) =>
  new Promise((done, failed) => {
    https
      .get({ host: "127.0.0.1", port, path, rejectUnauthorized: false }, (response) => {
        let text = "";
        response.on("data", (part) => (text += part));
        response.on("end", () => done(text));
      })
      .on("error", failed);
  });
const answers = (port) => get(port, "/v1/version").then(
  () => true,
  () => false,
);
