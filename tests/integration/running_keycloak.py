"""A Keycloak over a directory of scripts/slapd.sh, by scripts/keycloak.sh; its realm stands in scripts/keycloak/realm.json.

    keycloak = RunningKeycloak(directory, server="https://127.0.0.1:8443")
    callback = keycloak.sign_in(url, "alice", "alice-password")      # where the browser is sent in the end
    token = keycloak.access_token("pipeline")                        # of a program
"""

import base64
import html
import http.cookiejar
import json
import pathlib
import re
import shutil
import tempfile
import urllib.error
import urllib.parse
import urllib.request

from running_ca import PATIENCE, REPOSITORY, run
from running_provider import Stay

SCRIPT = REPOSITORY / "scripts/keycloak.sh"


class RunningKeycloak:
    def __init__(self, directory, server):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="ql-keycloak-", dir="/tmp")) / "keycloak"
        self.issuer = run(SCRIPT, "start", self.path, directory.path, "--server", server, timeout=900).stdout.strip()

    def stop(self):
        run(SCRIPT, "stop", self.path)

    def remove(self):
        self.stop()
        shutil.rmtree(self.path.parent)

    def sign_in(self, url, name, password):
        """Fills in the form to which an authorization request leads; the address of the client to which the browser is sent. None: the
        form again, for this is nobody's password."""
        # Keycloak takes 127.0.0.1 for a safe place, and its cookies say so; so do browsers.
        jar = http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(secure_protocols=("http", "https")))
        browser = urllib.request.build_opener(Stay, urllib.request.HTTPCookieProcessor(jar))
        with browser.open(url, timeout=60 * PATIENCE) as answer:
            page = answer.read().decode()
        action = html.unescape(re.search(r'<form[^>]* action="([^"]+)"', page).group(1))
        form = urllib.parse.urlencode({"username": name, "password": password, "credentialId": ""}).encode()
        try:
            with browser.open(action, data=form, timeout=60 * PATIENCE) as answer:
                page = answer.read().decode()
                assert 'name="password"' in page, page
                return None
        except urllib.error.HTTPError as answer:
            with answer:
                assert answer.code in (302, 303), f"{answer.code} {answer.read().decode()}"
                return answer.headers["Location"]

    def access_token(self, program):
        """By client_credentials."""
        basic = base64.b64encode(f"{program}:{urllib.parse.quote('secret of pipeline')}".encode()).decode()
        body = urllib.parse.urlencode({"grant_type": "client_credentials"}).encode()
        request = urllib.request.Request(f"{self.issuer}/protocol/openid-connect/token", data=body, headers={"Authorization": f"Basic {basic}"})
        with urllib.request.urlopen(request, timeout=60 * PATIENCE) as answer:
            return json.load(answer)["access_token"]
