"""Keycloak with its people in an LDAP directory: both signing in by it, and what it says when it leaves groups out."""

import base64
import json
import urllib.parse

import pytest
from browser import Browser
from running_ca import RunningCA, new_csr, wait_until
from running_directory import RunningDirectory
from running_keycloak import RunningKeycloak

PROVIDERS = {"keycloak": "quicklime", "without-groups": "quicklime-without-groups", "overage": "quicklime-overage"}
RULES = [("admins", "groups=OPERATIONS", "administrator"), ("auditors", "groups=shift, day (all)", "auditor"), ("pipeline", "azp=pipeline", "requester")]


@pytest.fixture(name="directory", scope="module")
def one_directory():
    made = RunningDirectory()
    yield made
    made.remove()


@pytest.fixture(name="ca", scope="module")
def one_ca(directory):
    """Which knows the Keycloak as three providers, one for each of its clients there."""
    made = RunningCA(start=False, settings={"access__failure_floor": "0s"})
    made.keycloak = RunningKeycloak(directory, f"https://127.0.0.1:{made.https}")
    secret = made.base / "client-secret"
    secret.write_text("secret of quicklime\n")
    with open(made.data / "quicklime.toml", "a", encoding="utf-8") as file:
        for name, client in PROVIDERS.items():
            values = {"issuer": made.keycloak.issuer, "client_id": client, "client_secret_file": str(secret)}
            file.write(f"\n[oidc.{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items()))
    made.start()
    for provider in PROVIDERS:
        for name, when, role in RULES:
            made.cli("rule", "set", f"{provider}-{name}", "--provider", provider, "--when", when, "--role", role, *(["--names", "*.web.internal"] if role == "requester" else []))
    yield made
    made.keycloak.remove()
    made.remove()


def sign_in(ca, name, provider="keycloak", password=None):
    """(browser, status, what the CA says)"""
    browser = Browser(ca)
    status, location, body = browser.get(f"/v1/sign-in/{provider}")
    assert status == 302 and location.startswith(ca.keycloak.issuer), body
    assert "code_challenge_method=S256" in location
    back = ca.keycloak.sign_in(location, name, password or f"{name}-password")
    if back is None:
        return browser, None, None
    target = urllib.parse.urlsplit(back)
    assert target.path == f"/v1/sign-in/{provider}/callback", back
    status, location, body = browser.get(f"{target.path}?{target.query}")
    return browser, status, json.loads(body) if status != 302 else location


def reason(problem):
    return problem["type"].rsplit("#", 1)[1]


def test_people_of_the_directory_sign_in_by_keycloak_and_their_groups_are_roles(ca):
    browser, status, where = sign_in(ca, "alice")
    assert (status, where) == (302, "/ui/")
    me = json.loads(browser.get("/v1/me")[2])
    assert (me["role"], me["session"]["method"]) == ("administrator", "browser")
    assert me["actor"]["id"].startswith("keycloak:") and "alice" not in me["actor"]["id"], "by its sub, which no name of a person is"
    wei, status, _ = sign_in(ca, "wei")
    assert status == 302 and json.loads(wei.get("/v1/me")[2])["role"] == "auditor", "a group's name with a comma and parentheses"
    assert sign_in(ca, "alice", password="bob-password")[1] is None, "the directory knows her password"


def test_who_is_in_no_group_of_a_rule_is_told_so(ca):
    _, status, problem = sign_in(ca, "jürgen")
    assert (status, reason(problem)) == (403, "no-rule-matches"), problem


def test_who_leaves_the_group_has_no_role_when_he_signs_in_next(ca, directory):
    directory.add("passing", "Operations")
    assert sign_in(ca, "passing")[1] == 302
    directory.leave("passing", "Operations")

    def refused():
        _, status, problem = sign_in(ca, "passing")
        return status == 403 and reason(problem) == "no-rule-matches"
    wait_until(refused, within=60, what="what Keycloak says of him now")


def test_a_claim_that_is_missing_is_no_groups(ca):
    _, status, problem = sign_in(ca, "alice", "without-groups")
    assert (status, reason(problem)) == (403, "no-rule-matches"), problem


def test_a_reference_instead_of_groups_lets_nobody_in_and_is_named(ca):
    _, status, problem = sign_in(ca, "alice", "overage")
    assert (status, reason(problem)) == (401, "groups-not-sent"), problem
    assert "_claim_names" in problem["detail"]


def test_six_hundred_groups_are_read_all_of_them(ca):
    ca.cli("rule", "set", "last", "--provider", "keycloak", "--when", "groups=one-of-many-600", "--role", "agent")
    # At first Keycloak makes each of them its own: that may take longer than is waited for, and who asks again meanwhile disturbs it.
    browser, _, _ = wait_until(lambda: (tried := sign_in(ca, "many"))[1] == 302 and tried, within=180, what="Keycloak, which learns of 600 groups")
    assert json.loads(browser.get("/v1/me")[2])["role"] == "agent"


def issue_by(ca, token, name):
    answer = ca.secure("POST", "/v1/certificates", json.dumps({"csr": new_csr(f"DNS:{name}")}), {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
    return answer.status if answer.status == 201 else answer.reason


def test_a_program_asks_by_client_credentials(ca):
    token = ca.keycloak.access_token("pipeline")
    assert issue_by(ca, token, "a.web.internal") == 201
    assert issue_by(ca, token, "a.elsewhere.internal") == "name-not-granted"
    me = json.loads(ca.secure("GET", "/v1/me", headers={"Authorization": f"Bearer {token}"}).body)
    assert (me["role"], me["session"]["method"]) == ("requester", "assertion")
    assert issue_by(ca, ca.keycloak.access_token("pipeline-for-others"), "a.web.internal") == "assertion-audience"
    header, payload, signature = token.split(".")
    more = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))) | {"azp": "pipeline", "aud": ["quicklime"], "exp": 4_000_000_000}
    forged = base64.urlsafe_b64encode(json.dumps(more).encode()).decode().rstrip("=")
    assert issue_by(ca, f"{header}.{forged}.{signature}", "a.web.internal") == "jws-signature-invalid"
