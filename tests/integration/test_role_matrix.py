"""Who may what: every role at every route of the table, as the server itself lists it."""

import json

import pytest
from running_ca import RunningCA, new_csr, wait_until

ROLES = ("administrator", "agent", "requester", "auditor")


@pytest.fixture(name="ca", scope="module")
def one_ca():
    ca = RunningCA(settings={"access__failure_floor": "0s"})
    yield ca
    ca.remove()


@pytest.fixture(name="tokens", scope="module")
def one_of_each(ca):
    return {role: ca.cli_json("token", "create", role, "--role", role)["token"] for role in ROLES}


def asked(ca, route, headers):
    path = route["path"].replace("...}", "}")
    for name in ("{serial}", "{id}", "{provider}", "{authority}", "{base64}"):
        path = path.replace(name, "0a")
    body = None if route["method"] in ("GET", "HEAD", "DELETE") else "{}"
    return ca.secure(route["method"], path, body, {**headers, **({"Content-Type": "application/json"} if body else {})})


def test_every_role_at_every_route(ca, tokens):
    routes = [route for route in ca.request("GET", "/control/routes").json if route["served"] in ("plain", "tls") and route["access"] == "identified"]
    assert len(routes) > 25
    wrong = []
    for route in routes:
        for role in ROLES:
            answer = asked(ca, route, {"Authorization": f"Bearer {tokens[role]}"})
            denied = answer.status == 403 and answer.reason == "role-denied"
            # What a handler denies of one's own accord is no matter of the table.
            if denied != (role not in route["roles"]) and not (denied and route["path"] == "/v1/sessions"):
                wrong.append((route["method"], route["path"], role, answer.status, answer.body[:120]))
        nobody = asked(ca, route, {})
        if (nobody.status, nobody.reason) != (401, "unauthenticated"):
            wrong.append((route["method"], route["path"], "nobody", nobody.status, nobody.body[:120]))
    assert not wrong


def test_a_client_certificate_signs_in_by_a_rule_until_it_is_revoked(ca, tokens):
    issued = ca.issue("ci.internal", more=("--profile", "tls-client"))

    def by_certificate(method="GET", target="/v1/me", body=None):
        context = ca.trusting()
        context.load_cert_chain(issued.certificate, issued.key)
        return ca.secure(method, target, body and json.dumps(body), {"Content-Type": "application/json"} if body else {}, context=context)

    assert by_certificate().reason == "unauthenticated", "a certificate of which no rule speaks is nobody"
    ca.cli("rule", "set", "ci", "--provider", "certificate", "--when", "name=DNS:ci.internal", "--role", "requester", "--names", "*.ci.internal")
    me = by_certificate().json
    assert (me["role"], me["session"]["method"], me["actor"]["id"]) == ("requester", "certificate", f"certificate:{issued.serial}")
    assert by_certificate("POST", "/v1/certificates", {"csr": new_csr("DNS:a.ci.internal")}).status == 201
    assert by_certificate("POST", "/v1/certificates", {"csr": new_csr("DNS:a.internal")}).reason == "name-not-granted"
    ca.revoke(issued)
    wait_until(lambda: by_certificate().status == 401, within=15, what="the end of a revoked certificate")
    assert by_certificate("POST", "/v1/certificates", {"csr": new_csr("DNS:b.ci.internal")}).status == 401
