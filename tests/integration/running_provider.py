"""A real OpenID Connect provider: scripts/oidc_provider, with its accounts and clients.

    provider = RunningProvider(redirects=["https://localhost:8443/v1/sign-in/op/callback"])
    token = provider.token(aud="quicklime", repository_id=74)        # as a pipeline's platform gives it
    callback = provider.sign_in(url, "alice")                        # where the browser is sent in the end
"""

import http.cookiejar
import json
import pathlib
import shutil
import ssl
import subprocess
import tempfile
import urllib.error
import urllib.parse
import urllib.request

from running_ca import PATIENCE, REPOSITORY, free_port, run, wait_until

SOURCES = REPOSITORY / "scripts/oidc_provider"


def installed():
    """What the lock file says, fetched when it is not there."""
    node = run("node", "--version").stdout if shutil.which("npm") and shutil.which("node") else "none"
    assert node != "none" and int(node.lstrip("v").split(".")[0]) >= 20, f"this needs Node 20 or newer with npm (here: {node.strip()})"
    mark = SOURCES / "node_modules/.locked"
    lock = (SOURCES / "package-lock.json").read_text()
    if not mark.exists() or mark.read_text() != lock:
        run("npm", "ci", "--no-progress", "--loglevel=error", cwd=SOURCES, timeout=300)
        mark.write_text(lock)


class Stay(urllib.request.HTTPRedirectHandler):
    """Redirections are answers."""

    def redirect_request(self, *_):
        return None


class RunningProvider:
    def __init__(self, redirects=(), claims_in_token=False, certificate=None, port=None):
        """certificate: (chain, key) files, for https. The requests made here do not check it: they are no judge of TLS."""
        installed()
        self.port = port or free_port()
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="quicklime-provider-"))
        self.options = [word for uri in redirects for word in ("--redirect", uri)]
        self.options += ["--claims-in-token"] if claims_in_token else []
        self.options += ["--cert", str(certificate[0]), "--key", str(certificate[1])] if certificate else []
        self.issuer = f"{'https' if certificate else 'http'}://127.0.0.1:{self.port}"
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.https = urllib.request.HTTPSHandler(context=context)
        self.process = None
        self.start()

    def start(self):
        """The same clients and accounts, with new keys."""
        log = self.directory / "log"
        with open(log, "wb") as output:
            command = ["node", str(SOURCES / "server.mjs"), "--port", str(self.port), *self.options]
            self.process = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL)

        def ready():
            assert self.process.poll() is None, log.read_text()
            return f"ready {self.issuer}" in log.read_text()

        wait_until(ready, within=60, what="the provider")

    def stop(self):
        self.process.kill()
        self.process.wait()

    def remove(self):
        self.stop()
        shutil.rmtree(self.directory)

    def post(self, path, body=b"", headers=None):
        return self._ask(urllib.request.Request(self.issuer + path, data=body, headers=headers or {}, method="POST"))

    def _ask(self, request):
        with urllib.request.build_opener(self.https).open(request, timeout=30 * PATIENCE) as answer:
            return answer.read().decode()

    def rotate(self, drop=False):
        """New keys sign from now on; the old ones stay published, or are taken back."""
        self.post("/rotate?drop" if drop else "/rotate")

    def token(self, alg="ES256", header=None, **claims):
        """Signed by the provider, with iss, iat, exp (in 5 minutes) and sub unless the claims say otherwise (None: left out)."""
        return self.post("/mint", json.dumps({"alg": alg, "claims": claims, "header": header or {}}).encode())

    def access_token(self, audience):
        """Of the program "pipeline", by client_credentials: at+jwt."""
        basic = "cGlwZWxpbmU6c2VjcmV0JTIwb2YlMjBwaXBlbGluZQ=="  # pipeline:secret%20of%20pipeline
        body = urllib.parse.urlencode({"grant_type": "client_credentials", "resource": audience}).encode()
        return json.loads(self.post("/token", body, {"Authorization": f"Basic {basic}"}))["access_token"]

    def times_asked_for_keys(self):
        return int(self._ask(self.issuer + "/count"))

    def sign_in(self, url, name, password=None):
        """Follows an authorization request as a browser does, signs in; the address of the client to which the browser is sent."""
        browser = urllib.request.build_opener(Stay, self.https, urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

        def step(address, form=None):
            try:
                with browser.open(address, data=form, timeout=30 * PATIENCE) as answer:
                    return answer.status, None
            except urllib.error.HTTPError as answer:
                with answer:
                    assert answer.code in (302, 303), f"{address}: {answer.code} {answer.read().decode()}"
                    return answer.code, urllib.parse.urljoin(address, answer.headers["Location"])

        for _ in range(10):
            if not url.startswith(self.issuer + "/"):
                return url
            status, following = step(url)
            if status == 200:
                form = {"name": name, "password": password or f"password of {name}"}
                status, following = step(url, urllib.parse.urlencode(form).encode())
            url = following
        raise AssertionError(f"the provider sends the browser around in circles, at last to {url}")
