"""GET /v1/events and `quicklime events`: what happens is told as it happens, in order, each event once, to curl and to people."""

import json
import re
import shlex
import signal
import subprocess
import time

import pytest
from running_ca import PATIENCE, REPOSITORY, log_events, schema, wait_until

STREAM = {"Accept": "text/event-stream"}


def token(ca, role):
    return ca.cli_json("token", "create", role, "--role", role)["token"]


class Curl:
    """curl -N over TLS; what came so far."""

    def __init__(self, ca, bearer, query="", *more):
        if not (ca.base / "roots.pem").exists():
            (ca.base / "roots.pem").write_bytes(ca.fetch("/ca/roots.pem"))
        self.output = ca.base / f"events-{time.monotonic_ns()}"
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(["curl", "-sS", "-N", "--cacert", ca.base / "roots.pem", "-H", f"Authorization: Bearer {bearer}",
                                             "-H", "Accept: text/event-stream", *more, f"https://127.0.0.1:{ca.https}/v1/events{query}"],
                                            stdout=output, stderr=subprocess.STDOUT)

    def text(self):
        return self.output.read_text(encoding="utf-8")

    def events(self):
        """[(id, type, data)] of whole ones."""
        found = []
        for block in self.text().split("\n\n")[:-1]:
            fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
            if "data" in fields:
                found.append((fields["id"], fields["event"], json.loads(fields["data"])))
        return found

    def last_id(self):
        return [line for line in self.text().splitlines() if line.startswith("id: ")][-1].removeprefix("id: ")

    def stop(self):
        self.process.terminate()
        self.process.wait()
        return self


def streams(ca):
    """Of the role, under way now."""
    metrics = ca.plain("GET", "/metrics", port=ca.admin).body.decode()
    (line,) = [line for line in metrics.splitlines() if line.startswith('quicklime_streams{role="dashboard_api"}')]
    return float(line.split()[-1])


def test_curl_is_told_what_happens_and_goes_on_where_it_stopped(ca):
    bearer = token(ca, "auditor")
    first = Curl(ca, bearer)
    wait_until(lambda: first.text().startswith("retry: 2000\nid: 0."), what="the beginning")
    assert streams(ca) == 1
    one = ca.issue("one.internal")
    wait_until(lambda: [data["data"].get("serial") for _, _, data in first.events()] == [one.serial], what="the event")
    (position, kind, data), = first.events()
    assert kind == data["type"] == "certificate.issued" and position == data["position"] and data["subject"] == one.serial
    assert data["actor"] == {"kind": "control", "id": data["actor"]["id"]} and data["data"]["names"] == ["DNS:one.internal"]
    first.stop()
    wait_until(lambda: streams(ca) == 0, what="the server to notice that nobody reads")

    ca.revoke(one)
    ca.cli("token", "create", "other")
    second = Curl(ca, bearer, "", "-H", f"Last-Event-ID: {first.last_id()}")
    wait_until(lambda: len(second.events()) >= 2, what="what happened meanwhile")
    told = [position for position, _, _ in second.events()]
    expected = [f"0.{offset}" for offset, _ in log_events(ca.data) if offset > int(position.split(".")[1])]
    assert told == expected[:len(told)], "none is left out, none twice"
    assert {"certificate.revoked", "token.created"} <= {kind for _, kind, _ in second.events()}
    created = [event for _, event in log_events(ca.data) if schema(event) == "token.created"]
    second.stop()
    for event in created:
        assert event["data"]["secret_sha256"] not in first.text() + second.text()
    certificates = [event["data"]["certificate"] for _, event in log_events(ca.data) if schema(event) == "certificate.issued"]
    assert not any(der in second.text() for der in certificates)


def test_a_server_that_stops_ends_its_streams_and_the_command_line_goes_on(ca):
    bearer = token(ca, "auditor")
    curl = Curl(ca, bearer)
    wait_until(curl.text, what="the stream")
    follow = subprocess.Popen([ca.binary, "events", "--follow", "--type", "certificate.issued", "--limit", "0", "-o", "json", "--data", str(ca.data)],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                              preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))  # which a shell's background ignores
    wait_until(lambda: streams(ca) == 2, what="both")
    serials = [ca.issue("a.internal").serial]
    begun = time.monotonic()
    assert ca.stop() == 0
    assert time.monotonic() - begun < 10 * PATIENCE, "nobody's stream holds up the end"
    assert curl.process.wait(timeout=10 * PATIENCE) == 0, "a whole answer: curl says 18 to one that was cut off"
    ca.start()
    serials.append(ca.issue("b.internal").serial)
    try:
        assert [json.loads(follow.stdout.readline())["data"]["serial"] for _ in serials] == serials
    finally:
        follow.send_signal(signal.SIGINT)
        assert follow.wait(timeout=10 * PATIENCE) in (130, -signal.SIGINT)
        follow.stdout.close()


def test_a_stream_ends_with_the_token_that_asked_for_it(ca):
    made = ca.cli_json("token", "create", "leaving", "--role", "auditor")
    curl = Curl(ca, made["token"])
    wait_until(curl.text, what="the stream")
    ca.cli("token", "revoke", "leaving")
    # Looked up again every 15 seconds.
    assert curl.process.wait(timeout=60 * PATIENCE) == 18, "cut off"
    assert Curl(ca, made["token"], "", "--fail").process.wait(timeout=10 * PATIENCE) == 22


def test_one_address_has_so_many_streams_and_no_more(ca):
    bearer = token(ca, "auditor")
    curls = [Curl(ca, bearer) for _ in range(32)]
    try:
        wait_until(lambda: streams(ca) == 32, what="all of them")
        refused = ca.secure("GET", "/v1/events", headers={**STREAM, "Authorization": f"Bearer {bearer}"})
        assert (refused.status, refused.reason) == (429, "streams-limited") and refused.headers["Retry-After"]
        assert ca.secure("GET", "/v1/events", headers={"Authorization": f"Bearer {bearer}"}).status == 200, "the list is no stream"
        issued = ca.issue("many.internal")
        for curl in curls:
            wait_until(lambda curl=curl: issued.serial in curl.text(), what="the event at everybody's")
    finally:
        for curl in curls:
            curl.stop()
    wait_until(lambda: streams(ca) == 0, what="the end of them")


def test_people_read_events_on_the_command_line(ca):
    issued = ca.issue("web.internal")
    ca.revoke(issued, "keyCompromise")
    lines = ca.cli("events").stdout.splitlines()
    (line,) = [line for line in lines if "certificate.revoked" in line]
    assert issued.serial in line and "reason=keyCompromise" in line and "control:" in line
    offsets = [int(line.split()[0].split(".")[1]) for line in lines]
    assert offsets == sorted(offsets) and len(lines) > 3
    behind = ca.cli("events", "--after", "0.0", "--limit", "2").stdout.splitlines()
    assert [line.split()[0] for line in behind] == ["0.1", "0.2"]
    assert ca.cli("events", "--type", "nonsense", check=False).returncode == 1
    ca.stop()
    assert issued.serial in ca.cli("events").stdout, "without a server, too"
    alone = ca.cli("events", "--after", "0.0", "--follow", check=False)
    assert alone.returncode == 5 and "no server runs here" in alone.stderr


def test_the_commands_of_the_operations_page_run(ca):
    page = (REPOSITORY / "docs/operations.md").read_text(encoding="utf-8")
    block = re.search(r"### Follow what happens\n.*?```\n(.*?)```", page, re.DOTALL)[1]
    commands = [shlex.split(line, comments=True) for line in block.splitlines()]
    assert len(commands) == 3
    for command in commands:
        assert ca.cli(*command[1:]).returncode == 0


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_head_is_answered_without_a_stream(ca, method):
    answer = ca.request(method, "/v1/events" + ("" if method == "HEAD" else "?limit=1"), headers=STREAM if method == "HEAD" else {})
    assert answer.status == 200
    assert answer.headers["Content-Type"] == ("text/event-stream" if method == "HEAD" else "application/json")
    assert streams(ca) == 0
