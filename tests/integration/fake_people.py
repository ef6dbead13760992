"""Answers as docs/openapi.yaml has them for people, from no server: for the shapes that the command line writes and reads."""

import http.server
import json
import ssl
import threading

from running_ca import free_port, openssl

SESSION = {"session": "00112233445566ff", "user": "local:alice", "name": "Alice", "method": "password", "provider": "local",
           "role": "administrator", "profiles": [], "names": [], "created": "2026-11-28T07:00:00.000Z",
           "not_after": "2026-11-28T15:00:00.000Z", "ends": "2026-11-28T07:30:00.000Z", "ended": None, "failures": 0, "current": True}
USER = {"user": "local:alice", "name": "Alice", "role": "administrator", "profiles": [], "names": [], "enabled": True,
        "has_password": True, "created": "2026-11-28T07:00:00.000Z", "changed": "2026-11-28T07:00:00.000Z"}
RULE = {"rule": "admins", "provider": "acme", "when": ["groups=pki-admins"], "role": "administrator", "profiles": [], "names": [],
        "changed": "2026-11-28T07:00:00.000Z"}
TOKEN = "qlk_0011223344556677_" + 32 * "5c"
ONE_TIME = {"one_time": TOKEN, "one_time_url": f"https://ca.internal/ui/#one-time={TOKEN}", "not_after": "2026-11-29T07:00:00.000Z"}
ME = {"actor": {"kind": "user", "id": "local:alice"}, "name": "Alice", "role": "administrator", "profiles": [], "names": [],
      "session": SESSION}
GRANT = ("name", "role", "profiles", "names")


class FakePeople:
    """.asked: [(method, target, body, bearer)]. me: what GET /v1/me answers, one after the other; the last for ever."""

    def __init__(self, directory, me=(ME,)):
        self.asked, self.me = [], list(me)
        self.roots = directory / "fake.pem"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", directory / "fake.key",
                "-out", self.roots, "-subj", "/CN=fake", "-addext", "subjectAltName=IP:127.0.0.1")
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "null")
                fake.asked.append((self.command, self.path, body, (self.headers.get("Authorization") or "").removeprefix("Bearer ")))
                value = fake.answer_to(self.command, self.path, body)
                text = json.dumps(value or {"type": "https://quicklime.dev/errors#unauthenticated", "detail": "nobody we know"}).encode()
                self.send_response(200 if value else 401)
                self.send_header("Content-Type", "application/json" if value else "application/problem+json")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", free_port()), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.roots, directory / "fake.key")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"https://127.0.0.1:{self.server.server_port}"
        self.server_options = ("--server", self.url, "--roots", str(self.roots))

    def answer_to(self, method, target, body):
        match (method, target.split("?")[0].split("/")[2:]):
            case ("GET", ["sign-in"]):
                return {"banner": "Authorized use only", "ways": [{"way": "password"}]}
            case ("POST", ["sign-in"]):
                return {"session": SESSION, "text": "qls_00112233445566ff_" + 64 * "a", "position": "0.7"}
            case ("GET", ["me"]):
                return self.me.pop(0) if len(self.me) > 1 else self.me[0]
            case ("GET", ["sessions"]):
                return {"sessions": [SESSION]}
            case ("DELETE", ["sessions", _]):
                return SESSION
            case ("GET", ["users"]):
                return {"users": [USER]}
            case ("POST", ["users"]):
                return {**USER, "has_password": False, **ONE_TIME}
            case ("POST", ["users", _, "one-time"]):
                return ONE_TIME
            case ("POST", ["users", _, "grant"]):
                return {**USER, **{name: body[name] for name in GRANT if name in body}}
            case (_, ["users", *_]):
                return {**USER, "enabled": not target.endswith("disable")}
            case ("GET", ["rules"]):
                return {"rules": [RULE]}
            case ("POST", ["rules", "test"]):
                return {"matches": ["admins"], "role": "administrator", "profiles": [], "names": []}
            case (_, ["rules", _]):
                return RULE
        return None
