"""An issuing authority that is revoked makes no certificate any more, and goes on telling everybody what became of those that it has made."""

import json
import re
import ssl
import time

import pytest
from running_ca import Peer, free_port, log_events, new_csr, reason, run, schema, wait_until
from test_own_certificates import tls_certificate
from test_sign_crl import due, whole_chain

SIGN = "bring its key and run `quicklime ca sign-crl`"


def warnings(ca):
    answer = ca.plain("GET", "/readyz?verbose", port=ca.admin)
    assert answer.status == 200, answer.body
    return [line.removeprefix("warn ") for line in answer.body.decode().splitlines() if line.startswith("warn ") and "own certificate" not in line]


def refused(done):
    assert done.returncode == 1 and "issuing-1 is revoked" in done.stderr, done.stdout + done.stderr
    return True


def test_nothing_is_issued_or_renewed_and_everything_else_goes_on(make_ca, tmp_path):
    ca = make_ca(settings={"listen__bootstrap": f"127.0.0.1:{free_port()}", "own_certificate__lifetime": "10s"})
    web, other = ca.issue("web.internal"), ca.issue("other.internal")
    token = ca.cli("token", "create", "ci", "--names", "*.internal", "--profiles", "tls-server", "--days", "1").stdout.strip()
    peer = Peer(ca, "ocsp", tmp_path)
    once = {"Idempotency-Key": "once"}
    csr = new_csr("DNS:once.internal")
    first = ca.post_csr(csr, once)
    assert first.status == 201 and warnings(ca) == []
    assert not any("revoked_at" in one for one in ca.request("GET", "/v1/authorities").json["authorities"])
    end = len(log_events(ca.data))
    said = ca.cli("ca", "revoke", "issuing-1", "--reason", "cACompromise").stdout
    assert said.startswith("Revoked: issuing-1, serial ") and "quicklime ca sign-crl" in said

    # Neither by administrator, token, key nor client certificate.
    refused(ca.cli("issue", "new.internal", "--out", ca.out, check=False))
    refused(ca.cli("renew", web.certificate, check=False))
    answer = ca.secure("POST", "/v1/certificates", new_csr("DNS:new.internal"), {"Authorization": f"Bearer {token}"})
    assert (answer.status, answer.reason) == (409, "authority-revoked") and "cACompromise" in answer.json["detail"]
    (tmp_path / "renewal.csr").write_text(new_csr("DNS:web.internal"))
    by_certificate = run("curl", "-sS", "--cacert", ca.roots(), "--cert", web.certificate, "--key", web.key, "-H", "Content-Type: application/pkcs10",
                         "--data-binary", f"@{tmp_path / 'renewal.csr'}", f"https://localhost:{ca.https}/v1/certificates/{web.serial}/renew")
    assert reason(json.loads(by_certificate.stdout)) == "authority-revoked"
    assert ca.post_csr(csr, once).json["serial"] == first.json["serial"], "what was answered before is answered again"

    # A process of this CA is certified for its bootstrap token, not for the certificate that it has.
    assert reason(peer.by_certificate()) == "peer-revoked"
    assert "certificate" in peer.ask("-H", f"Authorization: Bearer {peer.token}")

    # Who looks is told what to do.
    lacks = f"crl root-1 lacks what was revoked since it was signed (issuing-1): {SIGN}"
    wait_until(lambda: lacks in warnings(ca), what="the warning of a CRL that lacks it")
    wait_until(lambda: lacks in ca.messages(), what="the same in the log")
    assert due(ca, "crl root-1") == "1"
    assert any(line.startswith("authority issuing-1 is revoked since ") and "add its successor" in line for line in warnings(ca))
    listed = {one["id"]: one for one in ca.request("GET", "/v1/authorities").json["authorities"]}
    assert listed["issuing-1"]["reason"] == "cACompromise" and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]+Z", listed["issuing-1"]["revoked_at"])
    assert "revoked_at" not in listed["root-1"]
    rows = ca.cli("ca", "list").stdout.splitlines()
    assert f"revoked since {listed['issuing-1']['revoked_at']} (cACompromise)" in rows[2] and " good " in rows[1] and "itself" in rows[1]

    # What it has issued is answered for, and can be revoked.
    assert ": OK" in whole_chain(ca, web)
    assert json.loads(run("curl", "-sS", "--cacert", ca.roots(), "-H", "Content-Type: application/json", "--data", json.dumps({"secret": web.secret}),
                          f"https://localhost:{ca.https}/v1/revocations").stdout)["revocations"][0]["serial"] == web.serial
    assert ca.ocsp(web) == "revoked" and ca.ocsp(other) == "good"
    wait_until(lambda: web.serial in ca.revoked_serials(), what="the CRL of the revoked authority")

    ca.cli("ca", "sign-crl")
    assert "certificate revoked" in whole_chain(ca, other)
    wait_until(lambda: not any(line.startswith("crl") for line in warnings(ca)), what="the end of the warning")
    assert due(ca, "crl root-1") == "0"
    again = ca.cli("ca", "revoke", "issuing-1", "--reason", "superseded").stdout
    assert again.startswith("Revoked already, and nothing changed: issuing-1, ") and "(cACompromise)" in again
    assert "The CRL of root-1 says so." in again and "sign-crl" not in again

    # As long as somebody asks: over the life of its own certificates, and over a restart.
    context = ssl.create_default_context(cadata=ca.fetch("/ca/roots.pem").decode())
    before = tls_certificate(ca, context)
    wait_until(lambda: tls_certificate(ca, context) != before, within=20, what="the next certificate of its own")
    ca.stop()
    refused(ca.cli("issue", "new.internal", "--out", ca.out, check=False))
    ca.cli("views", "rebuild")
    time.sleep(10)  # what it had of its own has ended
    ca.start()
    refused(ca.cli("renew", other.certificate, check=False))
    assert ca.ocsp(web) == "revoked" and ca.ocsp(other) == "good"
    assert web.serial in ca.revoked_serials() and tls_certificate(ca, context)
    assert any(line.startswith("authority issuing-1 is revoked since ") for line in warnings(ca))
    issued = [event for _, event in log_events(ca.data)[end:] if schema(event) == "certificate.issued"]
    assert all(event["actor"] == {"kind": "process", "id": "quicklime"} or event["data"]["profile"] == "role-peer" for event in issued)


@pytest.mark.parametrize("reason_given", ["superseded", "keyCompromise"])
def test_by_the_command_alone(make_ca, tmp_path, reason_given):
    """Nothing serves: the command opens the directory itself."""
    ca = make_ca()
    web = ca.issue("web.internal")
    ca.stop()
    assert "good" in ca.cli("ca", "list").stdout.splitlines()[2]
    first = ca.cli_json("ca", "revoke", "issuing-1", "--reason", reason_given)
    assert first["already"] is False and first["published"] is False
    refused(ca.cli("issue", "new.internal", "--out", ca.out, check=False))
    refused(ca.cli("renew", web.certificate, check=False))
    assert f"({reason_given})" in ca.cli("ca", "list").stdout.splitlines()[2]
    for step in ("before the root's CRL says so", "after"):
        done = ca.cli("verify", web.certificate, check=False)
        assert done.returncode == 6 and "its authority issuing-1 is revoked since" in done.stderr, (step, done.stdout + done.stderr)
        ca.cli("ca", "sign-crl")
    # A certificate in the file that has only its name and key, and another serial, does not stand for it.
    leaf, issuing = map(ssl.PEM_cert_to_DER_cert, re.findall(r"-----BEGIN.*?-----END CERTIFICATE-----", web.certificate.read_text(), re.DOTALL))
    serial = bytes.fromhex(first["serial"])
    ended = re.findall(rb"\x17\x0d(\d{12}Z)", issuing)[1]
    forged = issuing.replace(serial, serial[:-1] + bytes([serial[-1] ^ 1])).replace(ended, b"200101000000Z")
    mixed = tmp_path / "mixed.crt"
    mixed.write_text("".join(ssl.DER_cert_to_PEM_cert(one) for one in (leaf, forged, issuing)))
    done = ca.cli("verify", mixed, check=False)
    assert done.returncode == 6 and "its authority issuing-1 is revoked since" in done.stderr, done.stdout + done.stderr
    again = ca.cli_json("ca", "revoke", "issuing-1", "--reason", reason_given)
    assert again["already"] is True and again["published"] is True
