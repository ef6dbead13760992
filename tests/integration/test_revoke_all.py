"""quicklime revoke for all that are alike in something: a name, a service, whoever asked for them."""

import json
import os
import pty

import pytest
from running_ca import PATIENCE, new_csr


def token(ca, name, *more):
    """A requester's token: its id, and the environment in which commands ask by it, over TLS."""
    made = ca.cli_json("token", "create", name, "--role", "requester", "--names", "*", *more)
    roots = ca.base / "roots.pem"
    roots.write_bytes(ca.plain("GET", "/ca/roots.pem").body)
    return made["id"], {"QUICKLIME_SERVER": f"https://localhost:{ca.https}", "QUICKLIME_ROOTS": str(roots), "QUICKLIME_TOKEN": made["token"]}


def asked_by(ca, environment, *names, more=()):
    """The serial of what somebody asks for."""
    answer = ca.cli("issue", *names, "--out", ca.base / os.urandom(4).hex(), "-o", "json", *more, environment=environment)
    return json.loads(answer.stdout)["serial"]


def status(ca, serial):
    return ca.cli_json("show", serial)["status"]


def test_every_certificate_of_a_name_with_an_answer_for_each(ca):
    serials = {ca.issue("many.internal").serial for _ in range(3)}
    other = ca.issue("other.internal")
    ca.cli("hold", min(serials))
    answer = ca.cli_json("revoke", "--all", "many.internal", "--reason", "superseded")
    assert {one["serial"] for one in answer["revocations"]} == serials
    assert all(one["reason"] == "superseded" for one in answer["revocations"])
    assert status(ca, other.serial) == "good"
    again = ca.cli("revoke", "--all", "many.internal")
    assert "nothing is left to revoke" in again.stdout
    assert ca.cli_json("revoke", "--all", "many.internal")["revocations"] == []
    assert ca.cli("revoke", "--all", "never.internal", check=False).returncode == 3
    below = ca.cli("revoke", "--all", ".internal").stdout
    assert f"Revoked: {other.serial}" in below and "OCSP says so now" in below


def test_more_than_one_request_takes(ca):
    """Pages of 500 are asked for, and 500 are revoked at a time."""
    csr = new_csr("DNS:bulk.internal")
    serials = {ca.post_csr(csr, service="bulk").json["serial"] for _ in range(501)}
    answer = ca.cli_json("revoke", "--service", "bulk")
    assert {one["serial"] for one in answer["revocations"]} == serials
    assert len(answer["revocations"]) == 501


def test_of_a_service_a_node_or_whoever_asked(ca):
    (ci, by_ci), (_, by_other) = token(ca, "ci"), token(ca, "other")
    first, second = (asked_by(ca, by_ci, "api.internal", more=("--service", "shop", "--node", node)) for node in ("n1", "n2"))
    third, fourth = asked_by(ca, by_other, "api.internal", more=("--service", "shop", "--node", "n1")), asked_by(ca, by_other, "web.internal")
    assert {one["serial"] for one in ca.cli_json("revoke", "--service", "shop", "--node", "n1")["revocations"]} == {first, third}
    ca.cli("token", "revoke", ci)
    assert [one["serial"] for one in ca.cli_json("revoke", "--token", ci)["revocations"]] == [second], "of a token that has ended, too"
    assert [one["serial"] for one in ca.cli_json("list", "--requester", f"token:{ci}")["certificates"]] == [second, first]
    assert ca.cli("revoke", "--user", "alice", check=False).returncode == 3
    whose = ca.cli_json("show", fourth)["requester"]
    assert [one["serial"] for one in ca.cli_json("revoke", "--requester", whose)["revocations"]] == [fourth]


def test_a_requester_revokes_what_he_asked_for_and_no_more(ca):
    (_, mine), (_, theirs) = token(ca, "mine"), token(ca, "theirs")
    own, of_others = [asked_by(ca, mine, "shared.internal") for _ in range(2)], asked_by(ca, theirs, "shared.internal")
    assert ca.cli("revoke", of_others, check=False, environment=mine).returncode == 4
    assert "not-yours" in ca.cli("revoke", of_others, "-o", "json", check=False, environment=mine).stderr
    answer = json.loads(ca.cli("revoke", "--all", "shared.internal", "-o", "json", environment=mine).stdout)
    assert {one["serial"] for one in answer["revocations"]} == set(own)
    assert status(ca, of_others) == "good"
    assert ca.cli("revoke", "--domain", "shared.internal", environment=theirs).returncode == 0
    assert status(ca, of_others) == "revoked"


@pytest.mark.parametrize(("answered", "revoked"), [("n", False), ("", False), ("y", True)])
def test_a_terminal_is_asked_before(ca, answered, revoked):
    serials = [ca.issue("asked.internal").serial for _ in range(7)]
    terminal, end = pty.openpty()
    os.write(terminal, f"{answered}\n".encode())
    done = ca.cli("revoke", "--all", "asked.internal", check=False, stdin=end, timeout=60 * PATIENCE)
    assert "7 live certificates" in done.stderr and "and 2 more" in done.stderr
    assert done.returncode == (0 if revoked else 4)
    assert {status(ca, serial) for serial in serials} == {"revoked" if revoked else "good"}
    if not revoked:
        unasked = ca.cli("revoke", "--all", "asked.internal", "--yes", stdin=end)
        assert "[y/N]" not in unasked.stderr and status(ca, serials[0]) == "revoked"


@pytest.mark.parametrize(
    "words",
    [
        ("--all", "api.internal", "web.internal"),
        ("--all", "api.internal", "--same-key"),
        ("--service", "shop", "--secret-file", "/dev/null"),
        ("--token", "ab", "--user", "alice"),
        ("api.internal", "--domain", "api.internal"),
    ],
)
def test_words_that_do_not_go_together(shared_ca, words):
    assert shared_ca.cli("revoke", *words, check=False).returncode == 2
