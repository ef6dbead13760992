"""One command, one certificate, however often it is asked."""

import uuid

from running_ca import in_parallel, log_events, new_csr, schema, wait_until


def key():
    return {"Idempotency-Key": uuid.uuid4().hex}


def test_a_hundred_concurrent_retries_get_one_certificate(shared_ca):
    csr, headers = new_csr("DNS:many.internal"), key()
    answers = in_parallel(100, lambda _: shared_ca.post_csr(csr, headers))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.json["serial"] for answer in answers}) == 1
    # The same answer, to the revocation secret; and it can be used.
    assert len({answer.json["revocation_secret"] for answer in answers}) == 1
    serial = answers[0].json["serial"]
    wait_until(lambda: shared_ca.ocsp(serial) == "good")
    issued = [event for _, event in log_events(shared_ca.data) if schema(event) == "certificate.issued" and "DNS:many.internal" in event["data"]["names"]]
    assert len(issued) == 1, "the log has work for the sweep that one process need not make"


def test_the_same_key_with_another_body_is_refused(shared_ca):
    headers = key()
    assert shared_ca.post_csr(new_csr("DNS:one.internal"), headers).status == 201
    other = shared_ca.post_csr(new_csr("DNS:two.internal"), headers)
    assert other.status == 422 and other.reason == "idempotency-conflict"


def test_the_same_key_of_another_caller_is_another_command(shared_ca):
    csr, headers = new_csr("DNS:shared.internal"), key()
    token = shared_ca.cli_json("token", "create", "one", "--names", "*.internal")["token"]
    mine = shared_ca.post_csr(csr, headers)
    # A bearer token on the control socket is still the control socket's peer; over TLS it is the token.
    theirs = shared_ca.secure("POST", "/v1/certificates", csr, {**headers, "Content-Type": "application/pkcs10", "Authorization": "Bearer " + token})
    assert mine.status == theirs.status == 201
    assert mine.json["serial"] != theirs.json["serial"]


def test_a_retry_after_a_restart_gets_the_same_certificate(ca):
    csr, headers = new_csr("DNS:again.internal"), key()
    first = ca.post_csr(csr, headers)
    ca.restart()
    assert ca.post_csr(csr, headers).json["serial"] == first.json["serial"]


def test_a_key_that_is_no_key_is_refused(shared_ca):
    for bad in ("", "x" * 256):
        answer = shared_ca.post_csr(new_csr("DNS:bad.internal"), {"Idempotency-Key": bad})
        assert answer.status == 400 and answer.reason == "idempotency-key-malformed", bad


def test_a_hold_that_is_asked_again_after_a_restart_does_not_undo_a_release(ca):
    serial = ca.post_csr(new_csr("DNS:held.internal")).json["serial"]
    headers, path = {**key(), "Prefer": "wait=5"}, f"/v1/certificates/{serial}"
    first = ca.request("POST", path + "/hold", headers=headers)
    assert first.status == 200 and first.json["status"] == "held"
    assert ca.request("POST", path + "/release", headers={"Prefer": "wait=5"}).json["status"] == "good"
    ca.restart()
    again = ca.request("POST", path + "/hold", headers=headers)
    assert again.status == 200 and again.json == first.json
    wait_until(lambda: ca.ocsp(serial) == "good")
    other = ca.request("POST", f"/v1/certificates/{ca.post_csr(new_csr('DNS:other.internal')).json['serial']}/hold", headers=headers)
    assert other.status == 422 and other.reason == "idempotency-conflict"
    written = [event for _, event in log_events(ca.data) if schema(event) == "certificate.held"]
    assert len(written) == 1 and len(written[0]["once"]) == 1
