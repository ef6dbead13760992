"""The key behind the revocation secrets: rotated, wrong, missing, lost."""

import hashlib
import json
import os
import time

from running_ca import log_events, schema

JSON = {"Content-Type": "application/json"}


def key_id(octets):
    return hashlib.sha256(b"quicklime revocation key" + octets).hexdigest()[:8]


def recorded(ca, issued):
    """The id that the certificate's event names."""
    return next(event["data"]["revocation_key"] for _, event in log_events(ca.data)
                if schema(event) == "certificate.issued" and event["data"]["serial"] == issued.serial)


def revoke_by_secret(ca, issued):
    return ca.secure("POST", "/v1/revocations", json.dumps({"secret": issued.secret, "reason": "superseded"}), JSON)


def put(path, octets):
    path.write_bytes(octets)
    path.chmod(0o600)


def refused_start(ca):
    """What serve says when it does not start."""
    before = len(ca.messages())
    ca.start(wait=False)
    assert ca.ended() != 0
    return ca.messages()[before:]


def test_rotated_both_keys_count_and_what_is_missing_is_named(ca):
    folder = ca.data / "ca"
    old_key = (folder / "revocation.key").read_bytes()
    before, other = ca.issue("a.internal"), ca.issue("b.internal")
    assert recorded(ca, before) == key_id(old_key)
    ca.stop()
    rotated = ca.cli_json("ca", "rotate-revocation-key")
    new_key = (folder / "revocation.key").read_bytes()
    old_file = folder / f"revocation-{key_id(old_key)}.key"
    assert rotated == {"revocation_key": key_id(new_key), "file": str(folder / "revocation.key"), "previous": key_id(old_key), "previous_file": str(old_file)}
    assert old_file.read_bytes() == old_key and old_file.stat().st_mode & 0o077 == 0 and new_key != old_key

    ca.start()
    after = ca.issue("a.internal")
    assert recorded(ca, after) == key_id(new_key)
    for issued in (before, after):
        assert revoke_by_secret(ca, issued).status == 200 and ca.ocsp(issued) == "revoked"

    # A wrong key, a missing one, and the right ones in other places.
    ca.stop()
    wrong = os.urandom(32)
    put(folder / "revocation.key", wrong)
    said = refused_start(ca)
    for words in (key_id(new_key), key_id(wrong), key_id(old_key)):
        assert words in said, said
    (folder / "revocation.key").unlink()
    said = refused_start(ca)
    assert key_id(new_key) in said and key_id(old_key) in said and "revocation.key" in said, said
    old_file.unlink()
    put(folder / "revocation.key", new_key)
    said = refused_start(ca)
    assert key_id(old_key) in said and "rotate-revocation-key --lost " + key_id(old_key) in said, said
    put(folder / "revocation-from-the-backup.key", old_key)
    ca.start()
    assert revoke_by_secret(ca, other).status == 200


def test_a_key_that_is_lost_for_good_does_not_end_the_ca(ca):
    folder = ca.data / "ca"
    key = folder / "revocation.key"
    lost = key_id(key.read_bytes())
    before = ca.issue("a.internal")
    ca.stop()
    key.unlink()
    assert ca.cli("ca", "rotate-revocation-key", check=False).returncode == 3
    assert not key.exists()
    rotated = ca.cli_json("ca", "rotate-revocation-key", "--lost", lost)
    assert "previous" not in rotated
    ca.start()
    answer = revoke_by_secret(ca, before)
    assert (answer.status, answer.reason) == (401, "revocation-secret-wrong")
    assert ca.revoke(before)["status"] == "revoked"
    assert revoke_by_secret(ca, ca.issue("b.internal")).status == 200


def test_a_key_that_was_stolen_revokes_nothing_any_more(ca):
    stolen = key_id((ca.data / "ca/revocation.key").read_bytes())
    before = ca.issue("a.internal")
    ca.stop()
    rotated = ca.cli_json("ca", "rotate-revocation-key", "--lost", stolen)
    assert rotated["previous"] == stolen and "previous_file" not in rotated
    ca.start()
    assert revoke_by_secret(ca, before).reason == "revocation-secret-wrong" and ca.ocsp(before) == "good"


def test_only_a_key_that_there_is_is_given_up(ca):
    folder = ca.data / "ca"
    key = folder / "revocation.key"
    old_key = key.read_bytes()
    ca.issue("a.internal")
    ca.stop()
    files = sorted(folder.iterdir())
    refused = ca.cli("ca", "rotate-revocation-key", "--lost", "00000000", check=False)
    assert refused.returncode == 2 and key_id(old_key) + " (revocation.key)" in refused.stderr, refused.stderr
    key.unlink()
    refused = ca.cli("ca", "rotate-revocation-key", "--lost", "00000000", check=False)
    assert refused.returncode == 2 and key_id(old_key) + " (certificates were issued" in refused.stderr, refused.stderr
    put(key, old_key)
    refused = ca.cli("ca", "rotate-revocation-key", "--server", "https://127.0.0.1:1", check=False)
    assert refused.returncode == 2 and "without --server" in refused.stderr, refused.stderr
    assert sorted(folder.iterdir()) == files and key.read_bytes() == old_key


def test_a_key_that_was_given_up_does_not_come_back(ca):
    key = ca.data / "ca/revocation.key"
    old_key = key.read_bytes()
    ca.issue("a.internal")
    ca.stop()
    said = ca.cli("ca", "rotate-revocation-key", "--lost", key_id(old_key)).stdout
    assert f"The secrets of key {key_id(old_key)} are refused from now on." in said
    put(key, old_key)  # out of an old backup
    said = refused_start(ca)
    assert f"rotate-revocation-key --lost {key_id(old_key)}" in said, said
    ca.cli("ca", "rotate-revocation-key")
    assert key.read_bytes() != old_key and not (ca.data / f"ca/revocation-{key_id(old_key)}.key").exists()
    ca.start()
    assert revoke_by_secret(ca, ca.issue("b.internal")).status == 200


def test_who_serves_is_not_rotated_under(ca):
    key = (ca.data / "ca/revocation.key").read_bytes()
    began = time.monotonic()
    refused = ca.cli("ca", "rotate-revocation-key", check=False)
    assert refused.returncode == 1 and "quicklime serve" in refused.stderr, refused.stderr
    assert time.monotonic() - began < 30
    assert (ca.data / "ca/revocation.key").read_bytes() == key
