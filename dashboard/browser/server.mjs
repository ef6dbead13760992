// The dashboard as the binary will serve it: dist under /ui/ with the policy, everything else is the CA's. For tests.
import { readFile } from "node:fs/promises";
import https from "node:https";
import { extname } from "node:path";
import { pipeline } from "node:stream";

export const kPolicy = "default-src 'self'; style-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'";
const kTypes = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2" };
const dist = new URL("../dist/", import.meta.url);

// By TLS, as sessions demand it of a browser. ca: {host, port, roots, certificate, key}. Answers {url, stop, isDown}: with isDown the CA does not answer.
export async function serve(ca) {
  const state = { isDown: false };
  const server = https.createServer({ cert: ca.certificate, key: ca.key }, (request, response) => {
    const path = new URL(request.url, "https://localhost").pathname;
    if (path === "/") {
      response.writeHead(302, { Location: "/ui/" }).end();
    } else if (path.startsWith("/ui/")) {
      void file(path.slice("/ui/".length), response);
    } else if (state.isDown) {
      response.socket.destroy();
    } else {
      pass(ca, request, response);
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return { state, url: `https://localhost:${server.address().port}`, stop: () => server.closeAllConnections?.() ?? server.close() };
}

async function file(path, response) {
  // A path without a file is a screen's: the page finds it.
  const name = extname(path) ? path : "index.html";
  try {
    const content = await readFile(new URL(name, dist));
    response.writeHead(200, {
      "Content-Type": kTypes[extname(name)] ?? "application/octet-stream",
      "Content-Security-Policy": kPolicy,
      "X-Content-Type-Options": "nosniff",
      "Cache-Control": name === "index.html" ? "no-cache" : "public, max-age=31536000, immutable",
    });
    response.end(content);
  } catch {
    response.writeHead(404).end();
  }
}

function pass(ca, request, response) {
  const onward = https.request(
    { host: ca.host, port: ca.port, ca: ca.roots, servername: "localhost", method: request.method, path: request.url, headers: { ...request.headers, host: `localhost:${ca.port}` } },
    (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      response.flushHeaders();
      pipeline(answer, response, () => response.destroy());
    },
  );
  onward.on("error", () => response.socket?.destroy());
  response.on("close", () => onward.destroy());
  request.pipe(onward);
}
