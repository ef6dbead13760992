"""Who was refused, for whom he asked and in which trace: what the log says of it."""

import json

import pytest
from running_ca import log_events, new_csr, schema

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def refused(ca):
    return [event for _, event in log_events(ca.data) if schema(event) == "request.denied"]


def new_token(ca, name, role="requester"):
    return ca.cli_json("token", "create", name, "--role", role, "--names", "*.internal")


def test_a_token_that_has_ended_leaves_a_trace_and_a_guess_leaves_none(ca):
    token = new_token(ca, "ci")
    ca.cli("token", "revoke", "ci")
    ca.settled()
    csr = new_csr("DNS:a.internal")

    def ask(text):
        answer = ca.secure("POST", "/v1/certificates", csr, {"Content-Type": "application/pkcs10", "Authorization": f"Bearer {text}", "traceparent": TRACE})
        assert answer.status == 401
        return answer.reason

    forged = token["token"][:-1] + ("0" if token["token"][-1] != "0" else "1")
    for _ in range(15):
        assert ask(forged) == "token-unknown"
    assert not refused(ca)
    for _ in range(15):
        assert ask(token["token"]) == "token-revoked"
    events = refused(ca)
    assert 10 <= len(events) <= 20, "ten of a minute, of which two may have been met"
    assert {(one["actor"]["kind"], one["actor"]["id"], one["traceparent"], one["data"]["route"], one["data"]["reason"]) for one in events} == {
        ("token", token["id"], TRACE, "POST /v1/certificates", "token-revoked")}


def test_for_whom_a_front_end_asks_is_recorded_and_shown(ca, tmp_path):
    whom = "kubernetes:system:serviceaccount:shop:api"
    token = new_token(ca, "front-end")["token"]
    remote = {"QUICKLIME_SERVER": f"https://localhost:{ca.https}", "QUICKLIME_ROOTS": str(ca.roots()), "QUICKLIME_TOKEN": token, "TRACEPARENT": TRACE}
    issued = json.loads(ca.cli("issue", "api.internal", "--on-behalf-of", whom, "--out", tmp_path, "-o", "json", environment=remote).stdout)
    (event,) = [event for _, event in log_events(ca.data) if event.get("subject") == issued["serial"]]
    assert (event["on_behalf_of"], event["traceparent"]) == (whom, TRACE)
    ca.settled()
    assert ca.cli_json("show", issued["serial"])["requested_for"] == whom
    assert whom in ca.cli("show", issued["serial"]).stdout
    (listed,) = ca.cli_json("list", "--name", "api.internal")["certificates"]
    assert listed["requested_for"] == whom


@pytest.mark.parametrize("role, reason", [("auditor", "on-behalf-of-denied"), ("requester", None)])
def test_who_may_not_speak_for_others_is_told_so(ca, role, reason):
    token = new_token(ca, "one", role)["token"]
    ca.settled()
    answer = ca.secure("GET", "/v1/certificates", headers={"Authorization": f"Bearer {token}", "Quicklime-On-Behalf-Of": "somebody"})
    assert answer.status == (403 if reason else 200) and (reason is None or answer.reason == reason)
    public = ca.secure("GET", "/ca/roots.pem", headers={"Quicklime-On-Behalf-Of": "somebody"})
    assert (public.status, public.reason) == (403, "on-behalf-of-denied")


def test_each_identity_may_ask_so_often_in_a_second(make_ca):
    ca = make_ca(settings={"limits__requests_per_identity": 3})
    token = new_token(ca, "one")["token"]
    ca.settled()
    context = ca.trusting()
    answers = [ca.secure("GET", "/v1/certificates", headers={"Authorization": f"Bearer {token}"}, context=context) for _ in range(200)]
    limited = [one for one in answers if one.status == 429]
    assert limited and {one.reason for one in limited} == {"identity-limited"} and {one.headers["Retry-After"] for one in limited} == {"1"}
    assert any(one.status == 200 for one in answers)
    assert f"quicklime_requests_limited_total {len(limited)}" in ca.plain("GET", "/metrics", port=ca.admin).body.decode()
    assert not refused(ca), "which is counted, and no event"
    assert ca.request("GET", "/v1/certificates").status == 200, "the control socket is not counted"
