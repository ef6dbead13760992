"""Who signs in by a client certificate of this CA, in front of the gateway."""

import json

import pytest
from people_there import over_gateway
from running_ca import new_csr, new_key, run, wait_until

ANSWER = ("-w", "\n%{http_code}")


class Holder:
    """Has a certificate for ci.internal, and asks with it, by curl."""

    def __init__(self, cluster, folder):
        self.cluster, self.key, self.certificate = cluster, new_key(folder / "ci.key"), folder / "ci.crt"
        issued = cluster.post_csr(new_csr("DNS:ci.internal", key=self.key), profile="tls-client")
        assert issued.status == 201, issued.body
        self.serial = issued.json["serial"]
        self.certificate.write_text(issued.json["certificate"] + issued.json["chain"])

    def ask(self, target, value, *more, shown=True):
        """(status, answer)"""
        by = ("--cert", self.certificate, "--key", self.key) if shown else ()
        text = run("curl", "-sS", "--cacert", self.cluster.roots, *by, *ANSWER, *more, "-H", "Content-Type: application/json", "-d", json.dumps(value),
                   f"https://localhost:{self.cluster.https}{target}").stdout
        body, status = text.rsplit("\n", 1)
        return int(status), json.loads(body)

    def issue(self, name):
        status, answer = self.ask("/v1/certificates", {"csr": new_csr(f"DNS:{name}")})
        return status, answer["serial"] if status == 201 else answer["type"].rsplit("#", 1)[1]


@pytest.fixture(name="holder")
def one_of_whom_a_rule_speaks(cluster, tmp_path):
    rule = {"provider": "certificate", "when": ["name=DNS:ci.internal"], "role": "requester", "names": ["*.ci.internal"]}
    made = over_gateway(cluster, "PUT", "/v1/rules/ci", rule, Authorization=f"Bearer {cluster.token}")
    assert made.status == 200, made.body
    yield Holder(cluster, tmp_path)
    cluster.request("DELETE", "/v1/rules/ci")


def sessions_of(cluster, user):
    return [event for _, event in cluster.events() if event["schema"].startswith("session.created/") and event["data"]["user"] == user]


def role_of(cluster, serial):
    """As the certificate of a peer names it."""
    return cluster.request("GET", f"/v1/certificates/{serial}").json["names"][0]


def test_a_certificate_issues_what_a_rule_gives_it_until_it_is_revoked(cluster, holder):
    wait_until(lambda: holder.issue("first.ci.internal")[0] == 201, within=30, what="the certificate, at issuance")
    for number in range(10):
        assert holder.issue(f"n{number}.ci.internal")[0] == 201
    assert holder.issue("elsewhere.internal") == (403, "name-not-granted")
    made = sessions_of(cluster, f"certificate:{holder.serial}")
    assert 1 <= len(made) <= 2, "one by each replica of issuance"
    assert {event["actor"]["kind"] for event in made} == {"certificate"}
    assert {role_of(cluster, event["actor"]["id"]) for event in made} == {"URI:quicklime:role/issuance"}, "which vouched to identity"
    cluster.revoke(holder.serial)
    wait_until(lambda: holder.issue("late.ci.internal")[0] == 401, within=30, what="its end")


def test_it_is_exchanged_for_a_session_that_is_kept(cluster, holder):
    wait_until(lambda: holder.ask("/v1/sign-in", {"client_certificate": True})[0] == 201, within=30, what="the rule and the certificate, at identity")
    _, answer = holder.ask("/v1/sign-in", {"client_certificate": True})
    me = over_gateway(cluster, "GET", "/v1/me", Authorization="Bearer " + answer["text"])
    assert me.json["actor"]["id"] == f"certificate:{holder.serial}", me.body
    by = sessions_of(cluster, f"certificate:{holder.serial}")[-1]["actor"]
    assert role_of(cluster, by["id"]) == "URI:quicklime:role/gateway"


def test_what_a_client_says_of_a_certificate_is_nothing(cluster, holder):
    wait_until(lambda: holder.ask("/v1/sign-in", {"client_certificate": True})[0] == 201, within=30, what="the rule and the certificate, at identity")
    lines = run("openssl", "x509", "-in", holder.certificate, "-outform", "PEM").stdout.splitlines()
    claimed = ("-H", "Client-Cert: :" + "".join(lines[1:-1]) + ":")
    status, problem = holder.ask("/v1/sign-in", {"client_certificate": True}, *claimed, shown=False)
    assert (status, problem["type"].rsplit("#", 1)[1]) == (401, "client-certificate-refused")
    status, problem = holder.ask("/v1/certificates", {"csr": new_csr("DNS:x.ci.internal")}, *claimed, shown=False)
    assert (status, problem["type"].rsplit("#", 1)[1]) == (401, "unauthenticated")
