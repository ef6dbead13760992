"""People in the cluster: one identity, many daemons that take what it says."""

import base64
import hashlib
import hmac
import json

from check_cluster import kind
from people_there import PASSWORD, as_user, given_user, issue_as, over_gateway, sessions_of
from running_ca import new_csr, wait_until
from running_cluster import until_answered


def test_a_password_issues_within_the_grant_and_makes_one_session_for_each_process(cluster):
    given_user(cluster, "alice", role="requester", names=["*.alice.internal"])
    wait_until(lambda: issue_as(cluster, "alice", "first.alice.internal").status == 201, within=30, what="the password, at issuance")
    csr, issued = new_csr("DNS:web.alice.internal"), []
    for _ in range(100):
        answer = until_answered(lambda: over_gateway(cluster, "POST", "/v1/certificates", {"csr": csr}, **as_user("alice")), 201)
        issued.append(answer.json["serial"])
    outside = issue_as(cluster, "alice", "elsewhere.internal")
    assert (outside.status, outside.json["type"].rsplit("#", 1)[1]) == (403, "name-not-granted"), outside.body
    made = sessions_of(cluster, "local:alice", "password")
    assert 1 <= len(made) <= 2, "one by each replica of issuance"
    by = {event["data"]["serial"]: event["actor"] for _, event in cluster.events() if kind(event) == "certificate.issued"}
    assert {by[serial]["id"] for serial in issued} == {"local:alice"}
    assert {by[serial]["session"] for serial in issued} <= {one["session"] for one in made}


def test_a_disabled_person_is_nobody_at_every_daemon(cluster):
    given_user(cluster, "bob", role="requester", names=["*.bob.internal"])
    wait_until(lambda: issue_as(cluster, "bob", "first.bob.internal").status == 201, within=30, what="the password, at issuance")
    disabled = cluster.post_json("/v1/users/bob/disable", {})
    assert disabled.status == 200, disabled.body
    wait_until(lambda: issue_as(cluster, "bob", "late.bob.internal").status == 401, within=15, what="the end of bob")
    assert over_gateway(cluster, "GET", "/v1/certificates", **as_user("bob")).status == 401


def test_a_client_of_cfssl_is_known_by_the_auth_key_of_a_token(cluster):
    """Which issuance cannot check, and identity can."""
    made = cluster.post_json("/v1/tokens", {"name": "cfssl", "role": "requester", "names": ["*.cfssl.internal"]})
    assert made.status == 201, made.body

    def authsign(key, name="a.cfssl.internal"):
        inner = json.dumps({"certificate_request": new_csr(f"DNS:{name}"), "label": made.json["id"], "hosts": None, "profile": ""}).encode()
        mac = hmac.new(bytes.fromhex(key), inner, hashlib.sha256).digest()
        return over_gateway(cluster, "POST", "/api/v1/cfssl/authsign", {"token": base64.b64encode(mac).decode(), "request": base64.b64encode(inner).decode()})

    issued = wait_until(lambda: (answer := authsign(made.json["cfssl_auth_key"])).status == 200 and answer, within=30, what="the token, at issuance")
    assert "BEGIN CERTIFICATE" in issued.json["result"]["certificate"]
    for refused, status, reason in ((authsign("00" * 32), 401, "auth-key-wrong"), (authsign(made.json["cfssl_auth_key"], "elsewhere.internal"), 403, "name-not-granted")):
        assert refused.status == status and refused.json["errors"][0]["message"].startswith(reason), refused.body
    who = [event["actor"] for _, event in cluster.events() if event["schema"].startswith("certificate.issued/") and event["actor"]["id"] == made.json["id"]]
    assert who and who[0]["kind"] == "token"


def values_of(cluster, pattern):
    """Of every hash of Redis that is called so: {key: all values}"""
    redis = cluster.redis
    return {key: b"\n".join(redis("HVALS", key)) for key in redis("KEYS", pattern) if redis("TYPE", key) == b"hash"}


def test_no_view_but_identitys_holds_a_password_and_the_log_holds_none_in_the_clear(cluster):
    given_user(cluster, "carol", role="requester")
    events = [event for _, event in cluster.events()]
    sealed = [event["data"]["sealed"].encode() for event in events if event["schema"].startswith("user.password_set/")]
    assert sealed and PASSWORD not in json.dumps(events)
    wait_until(lambda: any(sealed[-1] in values for values in values_of(cluster, "quicklime:{identity:*").values()), what="identity's view")
    others = {key: values for key, values in values_of(cluster, "quicklime:{*").items() if b"{identity:" not in key}
    assert others
    for key, values in others.items():
        assert b"argon2" not in values and not any(one in values for one in sealed), key
