"""A CA that moves from one data directory to another: sealed, exported, imported, opened. The same bytes at the same offsets, whatever
happens in between; nobody writes to the place it left. (To Kafka and back: tests/cluster/test_moving.py.)"""

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess

import pytest
from running_ca import BINARY, PATIENCE, RunningCA, log_events, run, schema
from test_crash_points import CRASHED, crash_points

POINTS = crash_points()
ONLY_TO_KAFKA = {"move.tokens", "move.token"}
passed = set()


def rows(data):
    with sqlite3.connect(f"file:{data}/log.db?mode=ro", uri=True) as database:
        return database.execute("SELECT offset, bytes, chain FROM events ORDER BY offset").fetchall()


def chain_of(events):
    """Computed here, from 32 zero octets on."""
    chain = bytes(32)
    for event in events:
        chain = hashlib.sha256(chain + hashlib.sha256(event).digest()).digest()
    return chain


def names(folder):
    """But for what reading a database leaves beside it."""
    return {file.name for file in folder.iterdir()} - {"log.db-wal", "log.db-shm"}


def quicklime(*arguments, data, check=True, environment=None):
    return run(BINARY, *arguments, "--data", data, check=check, env={**os.environ, **(environment or {})})


def refusal(*arguments, data):
    """The reason for which a command was refused."""
    done = quicklime(*arguments, "-o", "json", data=data, check=False)
    assert done.returncode not in (0, 2), done.stdout + done.stderr
    return json.loads(done.stderr)["type"].rsplit("#", 1)[1], done.returncode


def new_place(ca, folder):
    """A directory for the CA to go on in: its keys and its settings."""
    folder.mkdir(mode=0o700)
    shutil.copytree(ca.data / "ca", folder / "ca")
    shutil.copy(ca.data / "quicklime.toml", folder)
    return folder


@pytest.fixture(scope="module")
def past():
    """A CA with all kinds of certificates; nothing serves it."""
    ca = RunningCA()
    ca.good, ca.revoked, ca.held = (ca.issue(f"{name}.internal") for name in ("good", "revoked", "held"))
    ca.revoke(ca.revoked)
    assert ca.post_json(f"/v1/certificates/{ca.held.serial}/hold", {}).status == 200
    ca.cli("token", "create", "load")
    ca.stop()
    yield ca
    ca.remove()


@pytest.fixture
def left(past, tmp_path):
    """A copy of it, to be left."""
    copy = object.__new__(RunningCA)
    copy.__dict__.update(past.__dict__)
    copy.data, copy.out = tmp_path / "left", tmp_path / "out"
    shutil.copytree(past.data, copy.data)
    copy.exported = tmp_path / "log.jsonl"
    copy.here = tmp_path / "here"
    yield copy
    copy.kill()


def test_a_ca_goes_on_elsewhere_with_the_same_log(left):
    quicklime("log", "export", left.exported, "--seal", data=left.data)
    before = rows(left.data)
    new_place(left, left.here)
    said = json.loads(quicklime("log", "import", left.exported, "-o", "json", data=left.here).stdout)

    after = rows(left.here)
    assert after[:-1] == before
    assert schema(json.loads(before[-1][1])) == "log.sealed"
    opened = json.loads(after[-1][1])
    chain = chain_of(event for _, event, _ in before)
    assert schema(opened) == "log.opened" and chain.hex() in opened["data"]["from"]
    assert said == {"log_id": said["log_id"], "events": len(before), "chain": chain.hex(), "opened": f"0.{len(before)}", "had_been_imported": False}
    assert names(left.here) == {"LOCK", "ca", "log.db", "quicklime.toml"}

    left.data = left.here
    left.start()
    assert left.ocsp(left.good) == "good"
    assert left.ocsp(left.revoked) == left.ocsp(left.held) == "revoked"
    assert left.ocsp(left.issue("later.internal")) == "good"
    left.cli("log", "verify")


def test_the_file_is_for_jq_wc_and_sha256sum(left):
    """Each event's exact bytes in its line."""
    quicklime("log", "export", left.exported, "--seal", data=left.data)
    head, *events = left.exported.read_bytes().splitlines()
    assert events == [event for _, event, _ in rows(left.data)]
    assert left.exported.read_bytes().endswith(b"\n")
    assert json.loads(head) == {"quicklime": "log", "log_id": json.loads(events[0])["data"]["log_id"], "events": len(events),
                                "chain": chain_of(events).hex()}
    assert left.exported.stat().st_mode & 0o777 == 0o600


def test_two_exports_and_one_of_the_log_that_was_moved_are_equal(left):
    quicklime("log", "export", left.exported, "--seal", data=left.data)
    first = left.exported.read_bytes()
    quicklime("log", "export", left.exported, "--seal", data=left.data)  # sealed already, written again
    other = left.exported.with_name("other.jsonl")
    quicklime("log", "export", other, data=left.data)
    assert first == left.exported.read_bytes() == other.read_bytes()
    left.exported.write_text("precious")
    assert refusal("log", "export", left.exported, data=left.data)[0] == "file-exists"
    assert left.exported.read_text() == "precious"


def test_what_is_not_sealed_is_not_moved(left):
    assert refusal("log", "export", left.exported, data=left.data)[0] == "log-not-sealed"
    new_place(left, left.here)
    assert refusal("log", "import", left.data, data=left.here)[0] == "log-not-sealed"
    assert not left.exported.exists() and not (left.here / "log.db").exists()


def test_nothing_is_sealed_while_somebody_serves(left):
    left.start()
    assert refusal("log", "export", left.exported, "--seal", data=left.data)[0] == "data-directory-held"
    left.issue("still.internal")
    left.stop()
    assert schema(log_events(left.data)[-1][1]) != "log.sealed"


def test_nobody_writes_to_a_sealed_log_until_the_seal_is_taken_back(left):
    quicklime("log", "seal", data=left.data)
    before = rows(left.data)
    for command in (["serve", "--https", "127.0.0.1:0", "--http", "127.0.0.1:0", "--admin", ""], ["issue", "late.internal", "--out", left.out],
                    ["revoke", left.good.serial], ["token", "create", "late"]):
        assert refusal(*command, data=left.data)[0] == "log-sealed"
    assert rows(left.data) == before

    quicklime("log", "seal", "--undo", data=left.data)
    assert refusal("log", "seal", "--undo", data=left.data)[0] == "log-not-sealed"
    assert rows(left.data)[:-1] == before
    assert schema(log_events(left.data)[-1][1]) == "log.opened"
    quicklime("issue", "late.internal", "--out", left.out, data=left.data)


def test_directly_from_the_directory_it_leaves(left):
    quicklime("log", "seal", data=left.data)
    new_place(left, left.here)
    quicklime("log", "import", left.data, data=left.here)
    assert rows(left.here)[:-1] == rows(left.data)


def test_what_a_lost_log_left_beside_it_does_not_come_back(tmp_path):
    """SQLite would take the WAL of a log.db that is gone for the one of the next log.db."""
    ca = RunningCA()
    try:
        ca.issue("kept.internal")
        ca.stop()
        kept = rows(ca.data)
        quicklime("log", "backup", tmp_path / "log.jsonl", data=ca.data)
        ca.start()
        ca.issue("lost.internal")
        ca.kill()
        assert (ca.data / "log.db-wal").stat().st_size > 0
        (ca.data / "log.db").unlink()
        quicklime("log", "restore", tmp_path / "log.jsonl", data=ca.data)
        assert [event for _, event, _ in rows(ca.data)[:-1]] == [event for _, event, _ in kept]
        assert schema(json.loads(rows(ca.data)[-1][1])) == "log.restored"
    finally:
        ca.remove()


def test_twice_is_once(left):
    quicklime("log", "export", left.exported, "--seal", data=left.data)
    new_place(left, left.here)
    quicklime("log", "import", left.exported, data=left.here)
    quicklime("issue", "later.internal", "--out", left.out, data=left.here)
    before = rows(left.here)
    assert json.loads(quicklime("log", "import", left.exported, "-o", "json", data=left.here).stdout)["had_been_imported"]
    assert rows(left.here) == before


def test_not_over_another_log_nor_over_the_sealed_one(left, past):
    quicklime("log", "export", left.exported, "--seal", data=left.data)
    for place in (left.data, past.data):  # the sealed one itself; one that has not come so far
        before = rows(place)
        assert refusal("log", "import", left.exported, data=place) == ("log-exists", 1)
        assert rows(place) == before
    other = left.here
    quicklime("init", "--name", "Other", data=other)
    before = rows(other)
    assert refusal("log", "import", left.exported, data=other) == ("log-exists", 1)
    assert rows(other) == before


def test_back_again(left):
    """There and, by a second file, to a third place: two seals, two openings, every event in its place."""
    quicklime("log", "export", left.exported, "--seal", data=left.data)
    new_place(left, left.here)
    quicklime("log", "import", left.exported, data=left.here)
    quicklime("issue", "between.internal", "--out", left.out, data=left.here)
    second, third = left.exported.with_name("second.jsonl"), left.here.with_name("third")
    quicklime("log", "export", second, "--seal", data=left.here)
    new_place(left, third)
    quicklime("log", "import", second, data=third)
    assert rows(third)[:-1] == rows(left.here)
    assert [schema(event) for _, event in log_events(third)].count("log.opened") == 2
    quicklime("log", "verify", data=third)


@pytest.mark.parametrize("change, line", [
    (lambda lines: [*lines[:2], lines[2].replace(b"issuing-1", b"issuing-2", 1).replace(b"root-1", b"root-2", 1), *lines[3:]], "the chain"),
    (lambda lines: [*lines[:3], lines[3][:-1], *lines[4:]], "line 4:"),
    (lambda lines: [*lines[:3], lines[3][:20] + b"\x00" + lines[3][20:], *lines[4:]], "line 4:"),
    (lambda lines: lines[:-1], "ends here"),
    (lambda lines: [*lines, lines[-1]], "goes on"),
    (lambda lines: [lines[0], *lines[2:], lines[1]], "line 2:"),
])
def test_a_damaged_file_is_refused_with_its_line_before_anything_is_written(left, change, line):
    quicklime("log", "export", left.exported, "--seal", data=left.data)
    lines = left.exported.read_bytes().splitlines()
    left.exported.write_bytes(b"\n".join(change(lines)) + b"\n")
    new_place(left, left.here)
    done = quicklime("log", "import", left.exported, data=left.here, check=False)
    assert done.returncode == 6 and line in done.stderr, done.stderr
    assert names(left.here) <= {"LOCK", "ca", "quicklime.toml"}


def until_done(command, data, point):
    """Killed at the point, if it comes by it, and begun again; whether it was killed."""
    died = subprocess.run([BINARY, *map(str, command), "--data", str(data)], env={**os.environ, "QUICKLIME_CRASH_AT": point},
                          capture_output=True, check=False, timeout=60 * PATIENCE)
    if died.returncode == CRASHED:
        passed.add(point.split(":")[0])
        quicklime(*command, data=data)
        return True
    assert died.returncode == 0, died.stderr
    return False


@pytest.mark.parametrize("point", [*POINTS, *(f"{name}:{nth}" for name in ("log.commit.before", "log.commit.after", "file.sync_directory.before")
                                              for nth in (2, 3))])
def test_killed_anywhere_the_same_command_goes_on(left, point):
    until_done(["log", "export", left.exported, "--seal"], left.data, point)
    before = rows(left.data)
    assert [schema(json.loads(event)) for _, event, _ in before].count("log.sealed") == 1
    new_place(left, left.here)
    until_done(["log", "import", left.exported], left.here, point)
    after = rows(left.here)
    assert after[:-1] == before
    assert schema(json.loads(after[-1][1])) == "log.opened"
    assert names(left.here) <= {"LOCK", "ca", "log.db", "quicklime.toml"}
    assert names(left.exported.parent) == {"left", "here", "log.jsonl"}


@pytest.mark.parametrize("point", ["move.batch", "move.copied", "move.opened", "file.rename_directory.before"])
def test_half_an_import_is_no_log(left, point):
    """Between the two attempts nobody can serve or issue there."""
    quicklime("log", "export", left.exported, "--seal", data=left.data)
    new_place(left, left.here)
    died = run(BINARY, "log", "import", left.exported, "--data", left.here, check=False, env={**os.environ, "QUICKLIME_CRASH_AT": point})
    assert died.returncode == CRASHED
    assert refusal("issue", "early.internal", "--out", left.out, data=left.here)[0] == "log-missing"
    quicklime("log", "import", left.exported, data=left.here)
    quicklime("issue", "now.internal", "--out", left.out, data=left.here)


def test_every_crash_point_of_moving_was_passed():
    """Last in this file."""
    moving = {name for name in POINTS if name.startswith("move.")} - ONLY_TO_KAFKA
    assert moving and moving <= passed, f"never passed: {sorted(moving - passed)}"
