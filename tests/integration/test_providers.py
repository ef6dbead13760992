"""People and programs of a real OpenID Connect provider sign in to the real server."""

import base64
import http.client
import json
import os
import re
import subprocess
import threading
import time
import urllib.parse

import pytest
from browser import Browser
from people import administrator
from running_ca import BINARY, PATIENCE, REPOSITORY, in_parallel, new_csr

pytestmark = pytest.mark.node
ALGORITHMS = ("rs256", "es256", "eddsa")
CALLBACK = "/v1/sign-in/op/callback"


def connected(make_ca, make_provider, rules=(), **connection):
    """A CA and a provider that know each other."""
    ca = make_ca(start=False, settings={"access__failure_floor": "0s", "access__failures": 1000})
    provider = make_provider(redirects=[f"https://{host}:{ca.https}{CALLBACK}" for host in ("127.0.0.1", "localhost")])
    secret = ca.base / "client-secret"
    secret.write_text("secret of quicklime\n")
    settings = {"issuer": provider.issuer, "client_id": "quicklime-es256", "client_secret_file": str(secret), **connection}
    with open(ca.data / "quicklime.toml", "a", encoding="utf-8") as file:
        file.write("\n[oidc.op]\n" + "".join(f"{name} = {json.dumps(value)}\n" for name, value in settings.items()))
    ca.start()
    for name, when, *grant in rules:
        ca.cli("rule", "set", name, "--provider", "op", *(word for one in when for word in ("--when", one)), *grant)
    return ca, provider


PEOPLE = [("admins", ["groups=pki-admins"], "--role", "administrator"), ("auditors", ["groups=pki-auditors"], "--role", "auditor")]
PROGRAM = {"aud": "quicklime", "sub": "repo:acme/web", "repository_id": "74", "ref": "refs/heads/main"}
PIPELINE = [("web", ["repository_id=74", "ref=refs/heads/main"], "--role", "requester", "--names", "*.web.internal")]


def sent_back(browser, provider, name):
    """Where the provider sends the browser that began to sign in: target and query."""
    status, location, body = browser.get("/v1/sign-in/op")
    assert status == 302 and location.startswith(provider.issuer), body
    back = urllib.parse.urlsplit(provider.sign_in(location, name))
    return f"{back.path}?{back.query}"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_people_sign_in_in_a_browser_by_each_algorithm(make_ca, make_provider, algorithm):
    ca, provider = connected(make_ca, make_provider, PEOPLE, client_id=f"quicklime-{algorithm}")
    browser = Browser(ca)
    target = sent_back(browser, provider, "alice")
    status, location, body = browser.get(target)
    assert (status, location) == (302, "/ui/"), body
    session = browser.cookies["__Host-quicklime"]
    me = json.loads(browser.get("/v1/me")[2])
    assert (me["name"], me["role"], me["session"]["method"]) == ("Alice Example", "administrator", "browser")
    assert me["actor"]["id"].startswith("op:") and session not in json.dumps(me)
    # The code and the state are used up.
    assert Browser(ca).get(target)[0] == 401, "another browser did not begin"
    assert browser.get(target)[0] == 401, "a code is used once"
    assert json.loads(ca.secure("GET", "/v1/sign-in").body)["ways"][-1] == {"way": "browser", "provider": "op", "url": "/v1/sign-in/op"}


def test_whoever_rules_speak_against_or_not_of_is_refused_and_told(make_ca, make_provider):
    ca, provider = connected(make_ca, make_provider, PEOPLE)
    for name, reason in (("dave", "roles-exclude"), ("bob", "no-rule-matches"), ("erin", "no-rule-matches")):
        browser = Browser(ca)
        status, _, body = browser.get(sent_back(browser, provider, name))
        problem = json.loads(body)
        assert (status, problem["type"].rsplit("#", 1)[1]) == (403, reason), body
        if reason == "roles-exclude":
            assert "admins" in problem["detail"] and "auditors" in problem["detail"]
        assert "__Host-quicklime" not in browser.cookies


def test_what_was_changed_on_the_way_back_is_refused(make_ca, make_provider):
    ca, provider = connected(make_ca, make_provider, PEOPLE)
    for change in (("state", "x"), ("iss", "https://elsewhere.internal"), ("code", "x")):
        browser = Browser(ca)
        target = sent_back(browser, provider, "alice")
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(target).query))
        query[change[0]] = change[1]
        assert browser.get(f"{CALLBACK}?{urllib.parse.urlencode(query)}")[0] == 401, change
    browser = Browser(ca)
    target = sent_back(browser, provider, "alice")
    browser.cookies["__Host-quicklime-flow"] = browser.cookies["__Host-quicklime-flow"][:-2] + "00"
    assert browser.get(target)[0] == 401, "what was kept is sealed"


def issue_by(ca, token, name="a.web.internal"):
    answer = ca.secure("POST", "/v1/certificates", json.dumps({"csr": new_csr(f"DNS:{name}")}),
                       {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
    return answer.status if answer.status == 201 else answer.reason


def sessions_made(ca):
    return json.loads(ca.cli("session", "list", "-o", "json").stdout)["sessions"]


def test_a_program_asks_by_its_token_and_a_hundred_times_make_one_session(make_ca, make_provider):
    ca, provider = connected(make_ca, make_provider, PIPELINE, audience="quicklime")
    claims = PROGRAM
    token = provider.token(**claims)
    assert issue_by(ca, token) == 201
    for i in range(100):
        assert ca.secure("GET", "/v1/me", None, {"Authorization": f"Bearer {token}"}).status == 200, i
    ca.restart()
    assert issue_by(ca, token) == 201, "of the same token the same session, by another process too"
    assert len(sessions_made(ca)) == 1
    assert issue_by(ca, token, "elsewhere.internal") == "name-not-granted"
    # A rule that changes ends it, and the token that is still good gets another one.
    ca.cli("rule", "set", "web", "--provider", "op", "--when", "repository_id=74", "--role", "requester", "--names", "*.other.internal")
    assert issue_by(ca, token) == "name-not-granted"
    assert issue_by(ca, token, "a.other.internal") == 201
    assert token.rsplit(".", 1)[1] not in ca.messages()

    for change, reason in ({"repository_id": "75"}, "no-rule-matches"), ({"aud": "elsewhere"}, None), ({"exp": 1}, None), ({"aud": None}, None):
        refused = issue_by(ca, provider.token(**{**claims, **change}))
        assert refused != 201 and (reason is None or refused == reason), (change, refused)
    assert issue_by(ca, token[:-4] + "AAAA") != 201
    assert issue_by(ca, "eyJhbGciOiJub25lIn0." + token.split(".")[1] + ".") != 201


def test_keys_that_change_under_load_refuse_nobody(make_ca, make_provider):
    ca, provider = connected(make_ca, make_provider, PIPELINE, audience="quicklime")
    answers, rotated = [], threading.Event()

    def ask(number):
        """Before the keys change, while they do, and after."""
        behind = 0
        while behind < 10:
            behind += rotated.is_set()
            token = provider.token(**{**PROGRAM, "sub": f"repo:{number}-{time.monotonic_ns()}"})
            answers.append(ca.secure("GET", "/v1/me", None, {"Authorization": f"Bearer {token}"}))
            if number == 0 and len(answers) > 20 and not rotated.is_set():
                provider.rotate()
                rotated.set()

    in_parallel(4, ask)
    assert [answer.body for answer in answers if answer.status != 200] == []
    assert provider.times_asked_for_keys() <= 2


def with_key_id(token, key_id):
    """The same token, naming another key: whose it is has to be known before its signature is looked at."""
    header, rest = token.split(".", 1)
    named = json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4))) | {"kid": key_id}
    return base64.urlsafe_b64encode(json.dumps(named).encode()).decode().rstrip("=") + "." + rest


def test_a_thousand_invented_keys_cost_nothing_and_a_provider_that_is_down_is_not_needed(make_ca, make_provider):
    ca, provider = connected(make_ca, make_provider, PIPELINE, audience="quicklime")
    token = provider.token(**PROGRAM)
    assert issue_by(ca, token) == 201
    before = provider.times_asked_for_keys()

    def invent(number):
        connection = http.client.HTTPSConnection("127.0.0.1", ca.https, timeout=60 * PATIENCE, context=ca.trusting())
        for i in range(250):
            connection.request("GET", "/v1/me", headers={"Authorization": f"Bearer {with_key_id(token, f'invented-{number}-{i}')}"})
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 401
        connection.close()

    in_parallel(4, invent)
    assert provider.times_asked_for_keys() - before <= 2
    known = provider.token(jti="kept", **PROGRAM)
    provider.stop()
    assert issue_by(ca, known) == 201, "the keys that are known serve without the provider"


def test_every_command_of_the_page_works(make_ca, make_provider, tmp_path):
    """docs/identity.md, its OpenID Connect part, as it stands: other names for the machines, and who restarts the server."""
    page = (REPOSITORY / "docs/identity.md").read_text(encoding="utf-8")
    section = page[page.index("## OpenID Connect in ten commands") :].split("\n## ")[0]
    script = "\n".join(re.findall(r"```sh\n(.*?)```", section, re.DOTALL))
    ca = make_ca()
    desk = administrator(ca)
    own = ca.data / "own"
    provider = make_provider(redirects=[f"https://127.0.0.1:{ca.https}{CALLBACK}"], certificate=(own / "tls.crt", own / "tls.key"))
    for there, here in (("https://login.acme.internal", provider.issuer), ("/etc/quicklime", str(tmp_path / "etc")), ("https://ca.internal:8443", f"https://127.0.0.1:{ca.https}"),
                        ('client_id = "quicklime"', 'client_id = "quicklime-es256"')):
        script = script.replace(there, here)
    (tmp_path / "etc").mkdir()
    for name in ("provider-roots.pem", "roots.pem"):
        (tmp_path / name).write_bytes(ca.fetch("/ca/roots.pem"))
    (tmp_path / "client-secret").write_text("secret of quicklime\n")
    (tmp_path / "token.jwt").write_text(provider.token(aud="quicklime-es256", sub="repo:acme/web", repository_id="74") + "\n")
    (tmp_path / "web.csr").write_text(new_csr("DNS:a.web.internal"))
    environment = {**os.environ, "QUICKLIME_DATA": str(ca.data), "XDG_CONFIG_HOME": str(tmp_path / "home"), "PATH": f"{os.path.dirname(BINARY)}:{os.environ['PATH']}"}

    def execute(text):
        done = subprocess.run(["bash", "-c", "set -eu\n" + text], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60 * PATIENCE)
        assert done.returncode == 0, done.stdout + done.stderr
        ca.saw(done.stdout)
        return done.stdout

    before, after = script.split("systemctl restart quicklime\n")
    assert "authorization_endpoint" in execute(before)
    ca.restart()
    assert "requester" in execute(after)
    assert "CERTIFICATE" in (tmp_path / "web.json").read_text()
    assert desk.who()["role"] == "administrator"
