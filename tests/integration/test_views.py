"""Views are nothing but the log, folded: removed they come back, and one that does not fit is named, never papered over."""

import json
import shutil
import sqlite3

import pytest
from running_ca import RunningCA, log_events, schema, services, wait_until


def fill(ca):
    """A bit of everything; the serials."""
    issued = [ca.issue(f"host-{i}.internal") for i in range(6)]
    ca.revoke(issued[0], "keyCompromise")
    ca.revoke(issued[1], "superseded")
    ca.revoke(issued[2], "certificateHold")
    ca.cli("token", "create", "load", "--names", "*.load.internal", "--days", "30")
    wait_until(lambda: {one.serial for one in issued[:3]} <= ca.revoked_serials(), what="the CRL that lists them")
    return [one.serial for one in issued]


def answers(ca, serials):
    """What the world sees: status of every serial, and the CRL's bytes."""
    return {serial: ca.ocsp(serial) for serial in serials}, ca.fetch("/crl/issuing-1.crl"), ca.fetch("/crl/root-1.crl")


def test_removed_views_come_back_the_same(ca):
    serials = fill(ca)
    before = answers(ca, serials)
    ca.stop()
    dump, events = ca.dump(), log_events(ca.data)
    assert all(f"view {view} " in dump for view in (one["view"] for one in services()))

    shutil.rmtree(ca.data / "views")
    assert ca.dump() == dump
    assert log_events(ca.data) == events, "folding wrote to the log"

    shutil.rmtree(ca.data / "views")
    ca.start()
    assert answers(ca, serials) == before
    # What a start writes: nothing, as its own certificates are still good.
    assert [schema(event) for _, event in log_events(ca.data)[len(events):]] == []


def test_views_rebuild_does_the_same_and_only_when_nothing_serves(ca):
    fill(ca)
    busy = ca.cli("views", "rebuild", check=False)
    assert busy.returncode == 1 and "is held by pid" in busy.stderr
    ca.stop()
    dump = ca.dump()
    ca.cli("views", "rebuild")
    assert ca.dump() == dump


def test_a_view_of_another_log_is_named(make_ca):
    one, other = make_ca(), make_ca()
    one.issue("web.internal")
    one.stop()
    other.stop()
    shutil.rmtree(one.data / "views")
    shutil.copytree(other.data / "views", one.data / "views")
    one.start(wait=False)
    assert one.ended() == 6
    assert "another log" in one.messages() or "log-foreign" in one.messages()
    # And the view is still there for whoever must find out what happened.
    assert (one.data / "views" / "ocsp.db").exists()


@pytest.fixture(scope="module")
def stopped_ca():
    ca = RunningCA()
    fill(ca)
    ca.stop()
    yield ca
    ca.remove()


def flip(data, offset):
    """One bit in the middle of one stored event."""
    with sqlite3.connect(f"{data}/log.db") as database:
        (event,) = database.execute("SELECT bytes FROM events WHERE offset = ?", (offset,)).fetchone()
        event = bytearray(event)
        event[len(event) // 2] ^= 1
        database.execute("UPDATE events SET bytes = ? WHERE offset = ?", (bytes(event), offset))


def test_a_flipped_bit_in_any_stored_event_is_named(stopped_ca):
    good = stopped_ca.base / "good"
    shutil.copytree(stopped_ca.data, good)
    for offset, _ in log_events(good):
        shutil.rmtree(stopped_ca.data)
        shutil.copytree(good, stopped_ca.data)
        flip(stopped_ca.data, offset)

        verified = stopped_ca.cli("log", "verify", check=False)
        assert verified.returncode == 6, f"offset {offset}: {verified.stdout}{verified.stderr}"
        assert f"offset {offset}" in verified.stderr, verified.stderr

        stopped_ca.start(wait=False)
        assert stopped_ca.ended() == 6, f"served with offset {offset} altered"
        assert f"offset {offset}" in stopped_ca.messages()
    shutil.rmtree(stopped_ca.data)
    shutil.copytree(good, stopped_ca.data)
    shutil.rmtree(good)
    stopped_ca.cli("log", "verify")


def cut(data, events):
    with sqlite3.connect(f"{data}/log.db") as database:
        database.execute("DELETE FROM events WHERE offset >= (SELECT max(offset) + 1 - ? FROM events)", (events,))


def test_a_log_shorter_than_a_views_anchor_is_named(ca):
    ca.issue("web.internal")
    ca.stop()
    cut(ca.data, 1)
    verified = ca.cli("log", "verify", check=False)
    assert verified.returncode == 6
    ca.start(wait=False)
    assert ca.ended() == 6
    assert "log-truncated" in ca.messages() or "ends" in ca.messages() or "short" in ca.messages()


def test_a_tail_cut_before_any_view_saw_it_is_a_crash_before_the_answer(ca):
    web = ca.issue("web.internal")
    ca.stop()
    before = ca.base / "views"
    shutil.copytree(ca.data / "views", before)
    ca.start()
    lost = ca.issue("lost.internal")
    ca.stop()
    cut(ca.data, 1)
    shutil.rmtree(ca.data / "views")
    shutil.copytree(before, ca.data / "views")

    ca.start()
    assert ca.ocsp(web) == "good"
    assert ca.ocsp(lost) == "unknown"
    ca.cli("log", "verify")
    again = ca.issue("lost.internal")
    assert ca.ocsp(again) == "good"


def test_log_tail_shows_what_happened(ca):
    web = ca.issue("web.internal")
    ca.revoke(web)
    lines = [json.loads(line) for line in ca.cli("log", "tail", "-n", "100", "-o", "json").stdout.splitlines()]
    assert [event for _, event in log_events(ca.data)][: len(lines)] == lines
    kinds = [schema(event) for event in lines]
    assert kinds[:4] == ["log.created", "authority.added", "authority.added", "crl.published"]
    assert "certificate.issued" in kinds and "certificate.revoked" in kinds
    assert web.serial in ca.cli("log", "tail").stdout
