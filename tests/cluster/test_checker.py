"""The checker finds what it looks for: small logs and journals that are wrong, each in one way."""

import base64
import hashlib
import json

import check_cluster
import pytest
import view_dump
from check_cluster import Log

TIME = "2026-11-21T10:00:00.000Z"


def event(kind, number, data, once=(), actor="token", writer=None):
    return {"schema": f"{kind}/1-0-0", "id": f"id-{number}", "time": TIME, "writer": writer or f"w/{number}", "once": list(once),
            "actor": {"kind": actor, "id": "x"}, "data": data}


def issued(number, serial, once=(), **data):
    content = {"authority": "issuing-1", "serial": serial, "certificate": base64.b64encode(serial.encode()).decode(), **data}
    return event("certificate.issued", number, content, once)


def revoked(number, serial, actor="token", **data):
    return event("certificate.revoked", number, {"authority": "issuing-1", "serial": serial, "reason": "superseded", **data}, actor=actor)


def log_of(*events):
    events = (event("log.created", 0, {"log_id": "l"}), *events)
    return Log([(offset, json.dumps(one)) for offset, one in enumerate(events)])


def answer(serial, offset, what="issued", **more):
    return {"what": what, "serial": serial, "position": f"0.{offset}", "certificate_sha256": hashlib.sha256(serial.encode()).hexdigest(), **more}


GOOD = (issued(1, "aa", ["command:1"]), issued(2, "bb", ["command:1"]), revoked(3, "bb", "process", lost_to="id-1"),
        issued(4, "cc", ["replaces:aa"], replaces="aa"), revoked(5, "cc"))


def test_nothing_is_found_where_nothing_is_wrong():
    log = log_of(*GOOD)
    journal = [answer("aa", 1, key="k"), answer("aa", 1, key="k"), answer("cc", 4, "renewed", replaces="aa"), answer("cc", 5, "revoked", tries=1),
               {"what": "ocsp", "serial": "cc", "status": "good"}, {"what": "ocsp", "serial": "cc", "status": "revoked"}]
    assert [*check_cluster.log_holds(log), *check_cluster.answers_hold(log, journal), *check_cluster.first_wins(log),
            *check_cluster.one_successor(log, log.statuses()), *check_cluster.heard_in_order(journal)] == []
    assert {serial: status.now for serial, status in log.statuses().items()} == {"aa": "good", "bb": "revoked", "cc": "revoked"}


@pytest.mark.parametrize("rules, status", [(2, "good"), (3, "held")])
def test_a_release_by_a_dead_token_counts_under_old_rules_alone(rules, status):
    of_aa = {"authority": "issuing-1", "serial": "aa"}
    log = log_of(event("token.created", 1, {"token": "x"}, actor="control"), issued(2, "aa"), event("certificate.held", 3, of_aa),
                 event("certificate.released", 4, of_aa), event("certificate.held", 5, of_aa), event("token.revoked", 6, {"token": "x"}),
                 {**event("certificate.released", 7, of_aa), "rules": rules})
    assert log.statuses()["aa"].now == status
    assert log.statuses(until=4)["aa"].now == "good"


@pytest.mark.parametrize("line", [
    answer("dd", 1), answer("aa", 2), answer("bb", 2), answer("aa", 1, certificate_sha256="00"), answer("cc", 4), answer("aa", 5, "revoked", tries=1),
    answer("cc", 4, "revoked", tries=1), answer("cc", 4, "revoked", tries=2)])
def test_an_answer_that_the_log_does_not_bear_out(line):
    assert list(check_cluster.answers_hold(log_of(*GOOD), [line]))


def test_one_command_with_two_answers():
    log = log_of(issued(1, "aa"), issued(2, "bb"))
    assert list(check_cluster.answers_hold(log, [answer("aa", 1, key="k"), answer("bb", 2, key="k")]))


@pytest.mark.parametrize("events", [
    (issued(1, "aa", ["command:1"]), issued(2, "bb", ["command:1"])),
    (issued(1, "aa"), issued(2, "bb", ["replaces:aa"], replaces="aa"), issued(3, "cc", ["replaces:aa"], replaces="aa")),
    (issued(1, "aa"), revoked(2, "aa"), issued(3, "cc", ["replaces:aa"], replaces="aa"))])
def test_a_loser_that_is_not_revoked(events):
    assert list(check_cluster.first_wins(log_of(*events)))


@pytest.mark.parametrize("events", [(issued(1, "aa"), issued(2, "aa")), (issued(1, "aa"), {**issued(1, "bb"), "writer": "w/9"})])
def test_a_log_with_something_twice(events):
    assert list(check_cluster.log_holds(log_of(*events)))


def test_what_a_producer_repeated_counts_once():
    assert list(check_cluster.log_holds(log_of(issued(1, "aa"), issued(1, "aa")))) == []


@pytest.mark.parametrize("journal", [
    [{"what": "ocsp", "serial": "a", "status": "revoked"}, {"what": "ocsp", "serial": "a", "status": "good"}],
    [{"what": "ocsp", "serial": "a", "status": "good"}, {"what": "ocsp", "serial": "a", "status": "unknown"}],
    [{"what": "crl", "replica": 1, "number": 4, "sha256": "x"}, {"what": "crl", "replica": 2, "number": 4, "sha256": "y"}],
    [{"what": "crl", "replica": 1, "number": 4, "sha256": "x"}, {"what": "crl", "replica": 1, "number": 3, "sha256": "y"}]])
def test_answers_that_go_back(journal):
    assert list(check_cluster.heard_in_order(journal))


def test_a_crl_signed_with_other_entries():
    published = event("crl.published", 3, {"scope": "issuing-1", "number": "2", "entries_sha256": hashlib.sha256(b"").hexdigest()})
    assert list(check_cluster.publications_hold(log_of(issued(1, "aa"), revoked(2, "aa"), published)))
    assert list(check_cluster.publications_hold(log_of(issued(1, "aa"), issued(2, "bb"), published))) == []


def test_views_that_differ():
    view = {"ocsp": (b"0.5", b"chain", b"writers", {b"p:certificates:1": {b"aa": b"good"}})}
    assert list(view_dump.views_differ(view, view)) == []
    assert list(view_dump.views_differ(view, {"ocsp": (*view["ocsp"][:3], {b"p:certificates:1": {b"aa": b"revoked"}})}))
    assert list(view_dump.views_differ(view, {"ocsp": (b"0.4", *view["ocsp"][1:])}))
