// A real CA in a directory of its own, on free ports, and the command line beside it.
import { execFileSync, spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

// settings: of the configuration, by name; withHooks: what holds the projection still for a test may be asked for.
export async function startAuthority({ settings = {}, withHooks = false } = {}) {
  const directory = mkdtempSync(join(tmpdir(), "quicklime-browser-"));
  const data = join(directory, "ca");
  const [port, plain, admin] = [await freePort(), await freePort(), await freePort()];
  const cli = (...words) => execFileSync(binary, [...words, "--data", data], { cwd: directory, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  cli("init", "--name", "Acme Corp", "--public-url", `http://localhost:${plain}`);

  // A directory that rules are about; nobody signs in there.
  appendFileSync(join(data, "quicklime.toml"), '\n[ldap.acme]\nurl = "ldaps://127.0.0.1:636"\nuser_dn = "uid={name},ou=people,dc=acme"\nuser_base = "ou=people,dc=acme"\n');
  const configuration = join(data, "quicklime.toml");
  for (const [name, value] of Object.entries(settings)) writeFileSync(configuration, readFileSync(configuration, "utf8").replace(new RegExp(`^#?${name} = .*$`, "m"), `${name} = ${JSON.stringify(value)}`));
  const log = openSync(join(directory, "serve.log"), "a");
  let daemon;
  async function up() {
    daemon = spawn(binary, ["serve", "--data", data, "--https", `127.0.0.1:${port}`, "--http", `127.0.0.1:${plain}`, "--admin", `127.0.0.1:${admin}`], { stdio: ["ignore", "ignore", log], env: { ...process.env, ...(withHooks ? { QUICKLIME_TEST_HOOKS: "1" } : {}) } });
    for (let attempt = 0; ; ++attempt) {
      if (await answers(port)) return;
      if (attempt > 300) throw new Error("the CA does not come up");
      await new Promise((done) => setTimeout(done, 100));
    }
  }
  async function down(signal = "SIGTERM") {
    const ended = new Promise((done) => daemon.once("exit", done));
    daemon.kill(signal);
    await ended;
  }
  await up();
  const roots = await get(port, "/ca/roots.pem");
  // For the page alone: a certificate of this CA would be its first.
  execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", "page.key", "-out", "page.crt"], { cwd: directory, stdio: "ignore" });
  return {
    directory,
    cli,
    up,
    down,
    host: "127.0.0.1",
    port,
    plain,
    roots,
    certificate: readFileSync(join(directory, "page.crt")),
    key: readFileSync(join(directory, "page.key")),
    hook: (name) => execFileSync("curl", ["-sSf", "-X", "POST", "--unix-socket", join(data, "control.sock"), `http://localhost/test/${name}`], { encoding: "utf8" }),
    get: async (path, token) => JSON.parse(await get(port, path, { Authorization: `Bearer ${token}` })),
    // What a one-time URL is opened by: the page stands elsewhere here.
    link: (url) => new URL(url).hash,
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

const get = (port, path, headers = {}) =>
  new Promise((done, failed) => {
    https
      .get({ host: "127.0.0.1", port, path, headers, rejectUnauthorized: false }, (response) => {
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
