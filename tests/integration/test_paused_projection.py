"""While the projection rests, nothing false is said: writes that must know who was first wait and give up, reads show how
old they are, OCSP falls silent at its limit."""

import concurrent.futures
import shutil
import time
import uuid

import pytest
from running_ca import PATIENCE, log_events, new_csr, schema, wait_until

HOOKS = {"QUICKLIME_TEST_HOOKS": "1"}
LIMITS = {"ocsp__stale_limit": "3s", "issuing__stale_limit": "4s"}


@pytest.fixture
def paused(make_ca):
    ca = make_ca(settings=LIMITS, environment=HOOKS)
    ca.web = ca.issue("web.internal")
    ca.hook("pause-projection")
    return ca


def test_plain_issuing_answers_until_its_limit_and_keyed_writes_say_503(paused):
    paused_at = time.monotonic()
    csr = new_csr("DNS:plain.internal")
    assert paused.post_csr(csr).status == 201

    key = {"Idempotency-Key": uuid.uuid4().hex}
    begun = time.monotonic()
    keyed = paused.post_csr(new_csr("DNS:keyed.internal"), key)
    took = time.monotonic() - begun
    assert keyed.status == 503 and "Retry-After" in keyed.headers
    assert 1.5 < took < 15 * PATIENCE, f"gave up after {took:.1f} s"

    wait_until(lambda: time.monotonic() - paused_at > 5, within=6)
    stale = paused.post_csr(csr)
    assert stale.status == 503 and stale.reason == "view-stale"

    # Nothing false was said: what the keyed write asked for exists once, and its retry is answered with it.
    paused.hook("resume-projection")
    again = wait_until(lambda: (answer := paused.post_csr(new_csr("DNS:other.internal"))).status == 201 and answer, what="fresh views")
    assert again.position


def test_a_keyed_write_that_timed_out_is_answered_by_its_retry(paused):
    csr, key = new_csr("DNS:keyed.internal"), {"Idempotency-Key": uuid.uuid4().hex}
    assert paused.post_csr(csr, key).status == 503
    paused.hook("resume-projection")
    first = wait_until(lambda: (answer := paused.post_csr(csr, key)).status == 201 and answer)
    assert paused.post_csr(csr, key).json["serial"] == first.json["serial"]
    # A retry that was signed before the view knew of the first is revoked by the sweep; it was never answered.
    wait_until(lambda: [one["serial"] for one in paused.listed(name="keyed.internal", status="good")] == [first.json["serial"]], what="the sweep")


@pytest.mark.parametrize("first, then", [("release", "hold"), ("hold", "release")])
def test_an_order_that_would_change_nothing_is_not_answered_by_an_old_view(make_ca, first, then):
    ca = make_ca(settings=LIMITS, environment=HOOKS)
    web = ca.issue("web.internal")
    ca.cli("hold", web.serial)
    if first == "hold":
        ca.cli("release", web.serial)
    ca.hook("pause-projection")
    assert ca.request("POST", f"/v1/certificates/{web.serial}/{first}").status == 200
    refused = ca.request("POST", f"/v1/certificates/{web.serial}/{then}")
    assert (refused.status, refused.reason) == (503, "view-behind"), refused.body
    ca.hook("resume-projection")
    done = wait_until(lambda: (answer := ca.request("POST", f"/v1/certificates/{web.serial}/{then}")).status == 200 and answer, what="fresh views")
    assert done.json["status"] == {"hold": "held", "release": "good"}[then]
    assert ca.ocsp(web) == {"hold": "revoked", "release": "good"}[then]
    before = len(log_events(ca.data))
    assert ca.request("POST", f"/v1/certificates/{web.serial}/{then}").status == 200
    assert not [event for _, event in log_events(ca.data)[before:] if schema(event) in ("certificate.held", "certificate.released")], "once is enough"


def test_a_token_that_the_view_has_not_met_is_not_said_to_be_none(make_ca):
    ca = make_ca(settings=LIMITS, environment=HOOKS)
    ca.hook("pause-projection")
    made = ca.post_json("/v1/tokens", {"name": "leaked", "role": "requester", "names": ["*.internal"]})
    assert made.status == 201
    target = f"/v1/tokens/{made.json['id']}"
    unknown = ca.request("DELETE", target)
    assert (unknown.status, unknown.reason) == (503, "view-stale"), unknown.body
    ca.hook("resume-projection")
    done = wait_until(lambda: (answer := ca.request("DELETE", target)).status == 200 and answer, what="fresh views")
    assert done.json["status"] == "revoked"
    assert ca.request("DELETE", "/v1/tokens/0123456789abcdef").status == 404


def test_lists_lag_and_show_their_position(paused):
    before = paused.request("GET", "/v1/certificates")
    issued = paused.post_csr(new_csr("DNS:late.internal"))
    assert issued.status == 201
    after = paused.request("GET", "/v1/certificates")
    assert after.status == 200
    assert after.json["position"] == before.json["position"] != issued.json["position"]
    assert "late.internal" not in after.body.decode()
    assert after.json["age_seconds"] >= before.json["age_seconds"]

    fresh = paused.request("GET", "/v1/certificates", headers={"Quicklime-Min-Position": issued.json["position"]})
    assert fresh.status == 503 and "Retry-After" in fresh.headers
    paused.hook("resume-projection")
    fresh = paused.request("GET", "/v1/certificates", headers={"Quicklime-Min-Position": issued.json["position"]})
    assert fresh.status == 200 and "late.internal" in fresh.body.decode()


def test_an_old_view_is_not_ready_and_shows_its_lists_to_the_tokens_it_knows(make_ca):
    ca = make_ca(settings=LIMITS, environment=HOOKS)
    ca.issue("web.internal")
    token = ca.cli_json("token", "create", "operator", "--role", "administrator")["token"]
    authorization = {"Authorization": f"Bearer {token}"}
    assert ca.plain("GET", "/readyz", port=ca.admin).status == 200
    ca.hook("pause-projection")
    not_ready = wait_until(lambda: (answer := ca.plain("GET", "/readyz", port=ca.admin)).status == 503 and answer, what="not ready")
    assert "view ocsp" in not_ready.body.decode()
    wait_until(lambda: ca.secure("POST", "/v1/certificates", headers=authorization).reason == "view-stale", what="a stale view")

    listed = ca.secure("GET", "/v1/certificates", headers=authorization)
    assert listed.status == 200 and listed.json["age_seconds"] > 3 and "web.internal" in listed.body.decode()
    # Whoever may write must be known as of now.
    late = ca.secure("POST", "/v1/tokens", '{"name": "late"}', {"Content-Type": "application/json", **authorization})
    assert late.status == 503 and late.reason == "view-stale"
    ca.hook("resume-projection")
    wait_until(lambda: ca.plain("GET", "/readyz", port=ca.admin).status == 200, what="ready again")


def test_a_revoked_administrator_makes_no_token_that_stands(make_ca):
    """Both of them on a view that has not heard: first the author is revoked, then he makes himself another token."""
    ca = make_ca(environment=HOOKS)
    author = ca.cli_json("token", "create", "author", "--role", "administrator")
    authorization = {"Authorization": f"Bearer {author['token']}", "Content-Type": "application/json"}
    body = '{"name": "%s", "role": "administrator"}'
    assert ca.secure("POST", "/v1/tokens", body % "in time", authorization).status == 201

    ca.hook("pause-projection")
    assert ca.request("DELETE", f"/v1/tokens/{author['id']}").status == 200
    waiting = ca.secure("POST", "/v1/tokens", body % "unjudged", authorization)
    assert (waiting.status, waiting.reason) == (503, "view-behind")
    with concurrent.futures.ThreadPoolExecutor(1) as other:
        answer = other.submit(ca.secure, "POST", "/v1/tokens", body % "judged", authorization)
        wait_until(lambda: "judged" in {event["data"].get("name") for _, event in log_events(ca.data)}, what="its event")
        ca.hook("resume-projection")
        assert (answer.result().status, answer.result().reason) == (403, "token-revoked")
    assert b"qlk_" not in waiting.body + answer.result().body
    status = {token["name"]: token["status"] for token in ca.cli_json("token", "list")["tokens"]}
    assert status == {"author": "revoked", "in time": "live", "unjudged": "revoked", "judged": "revoked"}


def test_a_revoked_administrator_ends_no_hold_in_any_view(make_ca):
    """All of them on a view that has not heard: first the author is revoked, then he releases what was on hold."""
    ca = make_ca(environment=HOOKS)
    author = ca.cli_json("token", "create", "author", "--role", "administrator")
    authorization = {"Authorization": f"Bearer {author['token']}"}
    held, in_time = ca.issue("held.internal"), ca.issue("in-time.internal")
    for issued in (held, in_time):
        assert ca.request("POST", f"/v1/certificates/{issued.serial}/hold").status == 200
    released = ca.secure("POST", f"/v1/certificates/{in_time.serial}/release", headers=authorization)
    assert (released.status, released.json["status"]) == (200, "good"), released.body

    ca.hook("pause-projection")
    assert ca.request("DELETE", f"/v1/tokens/{author['id']}").status == 200
    with concurrent.futures.ThreadPoolExecutor(1) as other:
        answer = other.submit(ca.secure, "POST", f"/v1/certificates/{held.serial}/release", headers=authorization)
        wait_until(lambda: held.serial in {event["subject"] for _, event in log_events(ca.data) if schema(event) == "certificate.released"},
                   what="its event")
        ca.hook("resume-projection")
        assert (answer.result().status, answer.result().reason) == (403, "token-revoked")
    position = ca.request("POST", f"/v1/certificates/{held.serial}/hold").position  # on hold already: no event
    assert "certificateHold" in ca.ocsp_text(held.serial) and ca.ocsp(in_time) == "good"
    wait_until(lambda: ca.plain("GET", "/crl/issuing-1.crl", headers={"Quicklime-Min-Position": position}).status == 200, what="a CRL of now")
    assert ca.revoked_serials() == {held.serial}
    listed = {one["serial"]: one["status"] for one in ca.listed(after=position)}
    assert (listed[held.serial], listed[in_time.serial]) == ("held", "good")
    ca.stop()
    as_folded = ca.dump()
    shutil.rmtree(ca.data / "views")
    assert ca.dump() == as_folded


def test_ocsp_says_try_later_at_its_limit(paused):
    assert paused.ocsp(paused.web) == "good"
    wait_until(lambda: "trylater" in paused.ocsp_text(paused.web.serial).lower(), what="tryLater")
    # CRLs and CA certificates are served whatever their age.
    assert paused.crl()
    paused.hook("resume-projection")
    wait_until(lambda: paused.ocsp(paused.web) == "good", what="good again")


def test_everything_stays_fresh_idle_and_under_load(make_ca):
    ca = make_ca(settings=LIMITS)
    web = ca.issue("web.internal")
    time.sleep(6)  # idle for longer than either limit
    assert ca.ocsp(web) == "good"
    end = time.monotonic() + 6
    while time.monotonic() < end:
        assert ca.post_csr(new_csr("DNS:load.internal")).status == 201
    assert ca.ocsp(web) == "good"
