"""As much of the API of Kubernetes as a pod needs that makes Secrets: they can be made, once, and not read."""

import base64
import http.server
import json
import ssl
import subprocess
import threading
import urllib.parse


class KubernetesApi:
    def __init__(self, directory):
        """Makes a key and a certificate in `directory`, and what Kubernetes mounts into a pod as its account."""
        # (kind, name): {key: octets}
        self.objects, self.asked, self.fails = {}, [], []
        self.account = directory / "account"
        self.account.mkdir()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", directory / "api.key", "-out",
                        self.account / "ca.crt", "-subj", "/CN=kubernetes", "-addext", "subjectAltName=IP:127.0.0.1"], check=True, capture_output=True)
        (self.account / "token").write_text("the-account")
        (self.account / "namespace").write_text("quicklime")
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self, status, said):
                body = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                api.asked.append(("GET", self.path))
                self.answer(200 if self.path == "/api/v1/namespaces/quicklime/configmaps/roots" and ("ConfigMap", "roots") in api.objects else 404, {})

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                place = urllib.parse.urlsplit(self.path)
                name = body["kind"], body["metadata"]["name"]
                assert place.path == "/api/v1/namespaces/quicklime/" + {"Secret": "secrets", "ConfigMap": "configmaps"}[body["kind"]]
                dry = urllib.parse.parse_qs(place.query) == {"dryRun": ["All"]}
                api.asked.append(("try" if dry else "make", *name))
                if self.headers["Authorization"] != "Bearer the-account":
                    self.answer(401, {})
                elif api.fails and api.fails[0] == api.asked[-1]:
                    api.fails.pop(0)
                    self.answer(403, {"message": "not now"})
                elif name in api.objects:
                    self.answer(409, {})
                else:
                    if not dry:
                        decode = base64.b64decode if name[0] == "Secret" else str.encode
                        api.objects[name] = {key: decode(value) for key, value in body.get("data", {}).items()}
                    self.answer(201, body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.account / "ca.crt", directory / "api.key")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def environment(self):
        return {"KUBERNETES_ACCOUNT": str(self.account), "KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": str(self.server.server_port)}

    def close(self):
        self.server.shutdown()
        self.server.server_close()
