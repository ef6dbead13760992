"""What of a browser signing in needs: cookies, and redirections that are looked at."""

import http.client
import json

from running_ca import PATIENCE


class Browser:
    def __init__(self, ca, host="127.0.0.1"):
        self.ca, self.host, self.cookies, self.flags, self.session_flags = ca, host, {}, None, None

    def ask(self, method, target, body=None, **headers):
        """(status, Location, body)"""
        connection = http.client.HTTPSConnection(self.host, self.ca.https, timeout=30 * PATIENCE, context=self.ca.trusting())
        try:
            shown = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            connection.request(method, target, body, {**({"Cookie": shown} if shown else {}), **headers})
            answer = connection.getresponse()
            said = answer.read()
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie":
                    pair = value.split(";", 1)[0]
                    self.cookies[pair.split("=", 1)[0]] = pair.split("=", 1)[1]
                    self.flags = value
                    if pair.startswith("__Host-quicklime="):
                        self.session_flags = value
            return answer.status, answer.headers.get("Location"), said
        finally:
            connection.close()

    def get(self, target, **headers):
        return self.ask("GET", target, **headers)

    # ---- of the CA's own pages

    def act(self, method, target, value=None, **headers):
        """What a page of this site asks; (status, the answer's JSON)."""
        body = None if value is None else json.dumps(value)
        status, _, said = self.ask(method, target, body, **{"Sec-Fetch-Site": "same-origin", **({"Content-Type": "application/json"} if body else {}), **headers})
        return status, json.loads(said)

    def sign_in(self, user, password):
        status, said = self.act("POST", "/v1/sign-in", {"user": user, "password": password, "cookie": True})
        assert status == 201, said
        return said["session"]

    def is_in(self):
        return self.get("/v1/me")[0] == 200
