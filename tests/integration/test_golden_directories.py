"""A data directory of a build of before opens, is folded by the rules of its own events, and answers as it must."""

import dataclasses
import hashlib
import json
import os
import shutil
import tarfile

import pytest
from running_ca import REPOSITORY, log_events, openssl, schema, wait_until


@dataclasses.dataclass
class Golden:
    """What an archive holds."""
    archive: str
    good: list
    revoked: list
    held: str
    never_swept: str  # lost a race, and whoever had to revoke it was killed
    first: str  # of the command "raced"
    left_out: set = dataclasses.field(default_factory=set)  # revoked, and not in the last CRL of then


ALL = [
    Golden("rules-1",
           # the last: renewed from a certificate whose key was blocked, at which rules 1 did not look
           good=["6dd8c91bb722636abd41ce62627a5de7", "7a7081e431d6ba90b54983a1ad96da3a", "445f34672f0823bc5eeddb25ca2ac03c",
                 "55e92a7448704e853580feb27f13929e", "5b19137b92988fe2264598414f981bbc", "605ab07f179bf2b5ec43f946d1813bbd",
                 "715445a033d1fb0bd71c5c7ed189510e"],
           revoked=["65b0e3cf8068655a6494b4f94d6ea80e", "4f2a8e191a4257bbd7cb9c1e40eace58", "6c2e7ef8689015f70ea1d8e698a2931e",
                    "5d73edca4e66029b8c4008495415bf76", "67ab1d63b59ec59f3947f24ba592c4e8", "64e0aa69c4af1ac719d51c91225bda97",
                    "6280437376500734b2fa46d6315a263a"],
           held="41bf4f67fc9a5164ad10eea740e4cd73", never_swept="438ed66628bcd015db137086fbb3483a", first="55e92a7448704e853580feb27f13929e",
           # it had ended, and the date of a CRL had taken it away
           left_out={"4f2a8e191a4257bbd7cb9c1e40eace58"}),
    Golden("rules-2",
           good=["7b488c4d6996d0fe67026d7706ff85bd", "7f8e19ccace72e51520625a00d41cbf5", "551ce73ab19cd99f8775e74036f28561",
                 "6f59e28c5c8aa80120fcbbeef056ae63", "6ea5f8ba624a70132a9a16df6281eec5"],
           revoked=["7bdfc2a475beae16cfc754d74fd560c8", "797bf0f5f84aab0732edbdc7fda6bcff"],
           held="6583e7809869aae909ead333c9128bd1", never_swept="421e941ab4fe08b58c910b055ee2ac76", first="6f59e28c5c8aa80120fcbbeef056ae63"),
    Golden("rules-3",
           good=["4bf93d42ebdb8cd35383c545cf9ee3e8", "410263725b2e6bc15b495ad9a3800344", "57063f1128cf11f13b43e3982f6b6473",
                 "765d5f84a22a62f896184e9b92b29944", "5faa429ee97c3fc852371cfce35de55f", "7c6dfe55bb4807aac3be3cb21a995d61",
                 "4680891473d676fadbe97af40162dfc6", "5eac4526596e60a7ebf8e73a3a752ee4"],
           # the last: a renewal for longer by a token that was revoked before it
           revoked=["47ad70c7fa1ce4a12ff0dbad69d48617", "5df7291c02d33e2644b0bbe47fe70279", "74fba0da248d6dab7f84a6a89670d61f"],
           # released by a token that was revoked before it
           held="62657f63ef50e19e3dce93ca479ae604", never_swept="732b1f8972335c953fee72f92d6c71d1", first="765d5f84a22a62f896184e9b92b29944"),
]


@pytest.fixture(params=ALL, ids=[golden.archive for golden in ALL])
def golden(request):
    return request.param


def opened(make_ca, golden):
    ca = make_ca(start=False)
    shutil.rmtree(ca.data)
    with tarfile.open(REPOSITORY / f"tests/data/directories/{golden.archive}.tar.gz") as archive:
        archive.extractall(ca.base)
    (ca.base / golden.archive).rename(ca.data)
    return ca


def test_it_opens_and_every_answer_is_that_of_its_own_rules(make_ca, golden):
    ca = opened(make_ca, golden).start()
    for serial in golden.good:
        assert ca.ocsp(serial) == "good", serial
    for serial in golden.revoked:
        assert ca.ocsp(serial) == "revoked", serial
    assert "certificateHold" in ca.ocsp_text(golden.held)
    # A command of before is still known: its answer is the first one's.
    again = ca.request("POST", "/v1/certificates", (ca.base / "raced.csr").read_bytes(),
                       {"Content-Type": "application/pkcs10", "Idempotency-Key": "raced"})
    assert (again.status, again.json["serial"]) == (201, golden.first), again.body
    assert {*golden.good, *golden.revoked, golden.held} <= {certificate["serial"] for certificate in ca.listed()}


def test_a_race_that_nobody_settled_is_settled_however_late(make_ca, golden):
    ca = opened(make_ca, golden).start()
    wait_until(lambda: ca.ocsp(golden.never_swept) == "revoked", what="the sweep")
    revocation = [event for _, event in log_events(ca.data)
                  if schema(event) == "certificate.revoked" and event["data"]["serial"] == golden.never_swept][0]
    assert revocation["rules"] == 4 and revocation["data"]["lost_to"]


def test_crls_of_before_are_written_again_and_what_they_left_out_comes_back(make_ca, golden):
    ca = opened(make_ca, golden)
    before = openssl("crl", "-inform", "DER", "-in", ca.base / "last.crl", "-noout", "-text").stdout.lower()
    assert not any(serial in before for serial in golden.left_out)
    ca.start()
    wait_until(lambda: on_crl(ca, golden.never_swept), what="a CRL of now")  # follows one that could be written again
    assert "differ from those that were signed" not in ca.messages()
    assert {*golden.revoked, golden.held, golden.never_swept} == ca.revoked_serials(), "no date of a CRL takes an entry away"


def test_the_views_of_then_are_folded_anew_and_a_rebuild_changes_nothing(make_ca, golden):
    ca = opened(make_ca, golden).start()
    wait_until(lambda: on_crl(ca, golden.never_swept), what="a CRL of now")
    ca.stop()
    as_folded = ca.dump()
    shutil.rmtree(ca.data / "views")
    assert ca.dump() == as_folded


def on_crl(ca, serial):
    """The CRL of then may have ended, and is not served: the next one is on its way."""
    return ca.plain("GET", "/crl/issuing-1.crl").status == 200 and serial in ca.revoked_serials()


FOLDED = REPOSITORY / "tests/data/projections.json"  # what each version of each projection makes of each of these logs: archive, view, version


def test_what_a_projection_makes_of_a_log_changes_only_with_its_version(make_ca, golden):
    """A view is folded anew when its projection's version is raised. One that stores something else under the same version would go on from what
    the old one has left."""
    dumps = json.loads(opened(make_ca, golden).cli("views", "dump", "-o", "json").stdout)["views"]
    folded = json.loads(FOLDED.read_text())
    known = folded.setdefault(golden.archive, {})
    for dump in dumps:
        sums, version = known.setdefault(dump["view"], {}), str(dump["version"])
        found = hashlib.sha256(dump["dump"].encode()).hexdigest()
        if "QUICKLIME_WRITE_GOLDEN" in os.environ:
            sums.setdefault(version, found)
            FOLDED.write_text(json.dumps(folded, indent=1, sort_keys=True) + "\n")
        assert version in sums, f"version {version} of {dump['view']} is new: run this once with QUICKLIME_WRITE_GOLDEN=1 and commit {FOLDED.name}"
        assert sums[version] == found, f"{dump['view']} stores something else than version {version} did: raise the version of its projection"
