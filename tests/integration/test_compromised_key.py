"""A key is stolen, the thief renews before it is noticed, and the administrator takes all of it back; judged by openssl."""

import json
import time

from running_ca import Issued, new_csr, openssl, sign, wait_until
from test_renewal import base64, curl, fresh_csr, proof, target

COMPROMISED = ("--reason", "keyCompromise")
JSON = {"Content-Type": "application/json"}


def twin_of(ca, issued, *names):
    """Another certificate with the same key."""
    csr = ca.out / f"{time.monotonic_ns()}.csr"
    csr.write_text(new_csr(*(f"DNS:{name}" for name in names), key=issued.key))
    twin = Issued(ca.cli_json("issue", "--csr", csr, "--out", csr.with_suffix(".d")))
    twin.key = issued.key
    return twin


def renewed(ca, serial, key, folder):
    """Whoever holds the key has the certificate renewed; serial and key of the successor."""
    csr = fresh_csr(folder)
    answer = ca.secure("POST", target(serial), json.dumps(proof(ca, serial, key, csr, folder)), JSON)
    assert answer.status == 201, answer.body
    return answer.json["serial"], csr.with_suffix("")


def revocation(serial, key, folder, reason="keyCompromise", **more):
    """The body of a revocation by the key, signed by openssl."""
    text, signature = folder / "revocation", folder / "revocation.sig"
    text.write_text(f"quicklime-revoke-v1\n{serial}\n{reason}\n")
    sign(key, text, signature)
    return json.dumps({"reason": reason, "signature": base64(signature), **more})


def words_after(text, heading):
    """The indented lines below this one."""
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(heading))
    found = []
    for line in lines[start + 1:]:
        if not line.startswith("  "):
            break
        found.append(line.strip())
    return set(found)


def test_a_theft_is_taken_back_whole(ca, tmp_path):
    stolen = ca.issue("api.internal")
    twin = twin_of(ca, stolen, "api.internal", "admin.internal")
    bystander = ca.issue("api.internal")
    # Before anybody notices: the thief renews the certificate, that successor again, and the twin.
    first, first_key = renewed(ca, stolen.serial, stolen.key, tmp_path)
    second, _ = renewed(ca, first, first_key, tmp_path)
    of_twin, _ = renewed(ca, twin.serial, stolen.key, tmp_path)
    everything = {stolen.serial, twin.serial, first, second, of_twin}
    assert {ca.ocsp(serial) for serial in everything} == {"good"}

    # Revoked alone, the answer and the terminal say what is left, and the command that takes it back.
    said = ca.cli("revoke", stolen.serial, *COMPROMISED).stdout
    assert words_after(said, "Still valid, with the same key") == {twin.serial}
    assert words_after(said, "Still valid, renewed from") == {first, second, of_twin}
    command = next(line.split("quicklime ", 1)[1] for line in said.splitlines() if "quicklime revoke" in line)
    assert command.split() == ["revoke", stolen.serial, *COMPROMISED, "--same-key", "--with-successors"]
    assert [ca.ocsp(serial) for serial in (stolen.serial, twin.serial, second)] == ["revoked", "good", "good"]

    # The key is no proof any more, for the twin neither: not by signature, not as TLS client certificate.
    csr = fresh_csr(tmp_path)
    answer = ca.secure("POST", target(twin.serial), json.dumps(proof(ca, twin.serial, twin.key, csr, tmp_path)), JSON)
    assert (answer.status, answer.reason) == (403, "predecessor-key-blocked")
    status, problem = curl(ca, twin.serial, csr, "--cert", twin.certificate, "--key", twin.key)
    assert (status, problem["type"].rsplit("#", 1)[1]) == (403, "predecessor-key-blocked")

    said = ca.cli(*command.split()).stdout
    assert {line.split()[1] for line in said.splitlines() if line.startswith("Revoked:")} == everything
    assert "Still valid" not in said
    assert {ca.ocsp(serial) for serial in everything} == {"revoked"} and ca.ocsp(bystander) == "good"
    wait_until(lambda: everything <= ca.revoked_serials(), what="a CRL with all of them")
    assert bystander.serial not in ca.revoked_serials()
    answer = ca.secure("POST", target(second), json.dumps({"csr": base64(csr)}), JSON)
    assert answer.status == 401


def test_whoever_holds_the_key_can_say_that_it_was_stolen(ca, tmp_path):
    stolen = ca.issue("shop.internal")
    twin, later = twin_of(ca, stolen, "shop.internal"), twin_of(ca, stolen, "shop.internal")
    successor, _ = renewed(ca, stolen.serial, stolen.key, tmp_path)
    route = f"/v1/certificates/{stolen.serial}/revoke"
    more = ca.secure("POST", route, revocation(stolen.serial, stolen.key, tmp_path, with_successors=True), JSON)
    assert (more.status, more.reason) == (403, "revocation-not-covered")
    answer = ca.secure("POST", route, revocation(stolen.serial, stolen.key, tmp_path), JSON)
    assert answer.status == 200, answer.body
    assert set(answer.json["same_key"]) == {twin.serial, later.serial} and answer.json["successors"] == [successor]
    # Compromised, it says that and nothing else.
    wrong = ca.secure("POST", f"/v1/certificates/{twin.serial}/revoke", revocation(twin.serial, twin.key, tmp_path, reason="superseded"), JSON)
    assert (wrong.status, wrong.reason) == (403, "key-blocked")
    done = json.loads(ca.cli("revoke", twin.certificate, *COMPROMISED, "--key", twin.key, "--same-key", "-o", "json").stdout)
    assert [one["serial"] for one in done["also"]] == [later.serial] and done["successors"] == [successor], "of any with this key"
    assert [ca.ocsp(one) for one in (stolen, twin, later)] == ["revoked"] * 3 and ca.ocsp(successor) == "good"
    # A key that is in good hands revokes its certificate for any reason, or for none.
    mine = ca.issue("mine.internal")
    done = json.loads(ca.cli("revoke", mine.certificate, "--key", mine.key, "-o", "json").stdout)
    assert (done["status"], done["reason"]) == ("revoked", "unspecified") and "same_key" not in done
