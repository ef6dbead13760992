"""The lines that a process writes for whoever runs it: JSON, one object a line, and one request id leads to every line of what was asked."""

import collections
import contextlib
import json
import re

from running_ca import RunningCA, new_csr, services, wait_until

ALWAYS = ("ts", "level", "service", "msg")


@contextlib.contextmanager
def running(**settings):
    ca = RunningCA(settings={"log__format": "json", **settings})
    try:
        yield ca
    finally:
        ca.remove()


def lines(ca):
    return [json.loads(line, object_pairs_hook=no_twice) for line in ca.messages().splitlines()]


def no_twice(pairs):
    members = dict(pairs)
    assert len(members) == len(pairs), pairs
    return members


def test_one_request_id_finds_every_line_of_an_issuance():
    with running(log__level="debug") as ca:
        answer = ca.post_csr(new_csr("DNS:traced.internal"), headers={"X-Request-Id": "trace-me-1"})
        assert answer.status == 201 and answer.headers["X-Request-Id"] == "trace-me-1"
        serial = answer.json["serial"]
        views = {one["view"] for one in services()}

        def found():
            return [one for one in lines(ca) if one.get("request") == "trace-me-1"]

        wait_until(lambda: len(found()) >= 1 + len(views), what="a line of each view")
        told = collections.Counter((one["msg"], one.get("view")) for one in found())
        assert told == {("written", None): 1, **{("folded", view): 1 for view in views}}
        for one in found():
            assert (one["type"], one["subject"]) == ("certificate.issued", serial)
            assert one["position"] == answer.headers["Quicklime-Position"]
        for one in lines(ca):
            assert list(one)[:4] == list(ALWAYS), one
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", one["ts"]), one
            assert one["level"] in ("debug", "info", "warning", "error") and one["service"].startswith("quicklime") and one["msg"]
            assert all(isinstance(value, str) for value in one.values())


def test_what_asks_without_an_id_is_given_one_that_is_in_the_lines():
    with running(log__level="debug") as ca:
        answer = ca.post_csr(new_csr("DNS:named.internal"))
        wait_until(lambda: [one for one in lines(ca) if one.get("request") == answer.headers["X-Request-Id"] and one["msg"] == "folded"], what="a line")


def test_nobody_pays_for_lines_that_nobody_reads():
    with running() as ca:
        ca.post_csr(new_csr("DNS:quiet.internal"))
        ca.settled()
        assert not [one for one in lines(ca) if one["msg"] in ("written", "folded")]
