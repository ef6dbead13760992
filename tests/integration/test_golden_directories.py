"""A data directory of a build of before opens, is folded by the rules of its own events, and answers as it must."""

import shutil
import tarfile

from running_ca import REPOSITORY, RunningCA, log_events, openssl, schema, wait_until

GOOD = ["6dd8c91bb722636abd41ce62627a5de7", "7a7081e431d6ba90b54983a1ad96da3a", "445f34672f0823bc5eeddb25ca2ac03c",
        "55e92a7448704e853580feb27f13929e", "5b19137b92988fe2264598414f981bbc", "605ab07f179bf2b5ec43f946d1813bbd"]
TWINS_SUCCESSOR = "715445a033d1fb0bd71c5c7ed189510e"  # of a certificate whose key was blocked: rules 1 did not look
ENDED = "4f2a8e191a4257bbd7cb9c1e40eace58"  # revoked; rules 1 had let it leave the CRL
NEVER_SWEPT = "438ed66628bcd015db137086fbb3483a"
REVOKED = ["65b0e3cf8068655a6494b4f94d6ea80e", ENDED, "6c2e7ef8689015f70ea1d8e698a2931e", "5d73edca4e66029b8c4008495415bf76",
           "67ab1d63b59ec59f3947f24ba592c4e8", "64e0aa69c4af1ac719d51c91225bda97", "6280437376500734b2fa46d6315a263a"]
HELD = "41bf4f67fc9a5164ad10eea740e4cd73"


def opened(make_ca):
    ca = make_ca(start=False)
    shutil.rmtree(ca.data)
    with tarfile.open(REPOSITORY / "tests/data/directories/rules-1.tar.gz") as archive:
        archive.extractall(ca.base)
    (ca.base / "rules-1").rename(ca.data)
    return ca


def test_it_opens_and_every_answer_is_that_of_its_own_rules(make_ca):
    ca = opened(make_ca).start()
    for serial in [*GOOD, TWINS_SUCCESSOR]:
        assert ca.ocsp(serial) == "good", serial
    for serial in REVOKED:
        assert ca.ocsp(serial) == "revoked", serial
    assert "certificateHold" in ca.ocsp_text(HELD)
    # A command of before is still known: its answer is the first one's.
    again = ca.request("POST", "/v1/certificates", (ca.base / "raced.csr").read_bytes(),
                       {"Content-Type": "application/pkcs10", "Idempotency-Key": "raced"})
    assert (again.status, again.json["serial"]) == (201, GOOD[3]), again.body
    names = {certificate["serial"]: certificate["status"] for certificate in ca.listed()}
    assert names[HELD] == "held" and names[GOOD[0]] == "good"


def test_a_race_that_nobody_settled_is_settled_however_late(make_ca):
    ca = opened(make_ca).start()
    wait_until(lambda: ca.ocsp(NEVER_SWEPT) == "revoked", within=20, what="the sweep")
    revocation = [event for _, event in log_events(ca.data)
                  if schema(event) == "certificate.revoked" and event["data"]["serial"] == NEVER_SWEPT][0]
    assert revocation["rules"] == 2 and revocation["data"]["lost_to"]


def test_crls_of_before_are_written_again_and_what_they_left_out_comes_back(make_ca):
    ca = opened(make_ca)
    before = openssl("crl", "-inform", "DER", "-in", ca.base / "last.crl", "-noout", "-text").stdout.lower()
    assert ENDED not in before
    ca.start()
    wait_until(lambda: NEVER_SWEPT in ca.revoked_serials(), within=20, what="a CRL of now")  # follows one that could be written again
    assert "differ from those that were signed" not in ca.messages()
    assert ENDED in ca.revoked_serials(), "no date of a CRL takes an entry away"
    assert set(REVOKED) | {HELD, NEVER_SWEPT} == ca.revoked_serials()


def test_the_views_of_then_are_folded_anew_and_a_rebuild_changes_nothing(make_ca):
    ca = opened(make_ca).start()
    wait_until(lambda: NEVER_SWEPT in ca.revoked_serials(), within=20, what="a CRL of now")
    ca.stop()
    as_folded = ca.dump()
    shutil.rmtree(ca.data / "views")
    assert ca.dump() == as_folded
