"""People of a real LDAP directory sign in to the real server."""

import json
import os
import re
import subprocess
import threading

import pytest
from running_ca import BINARY, PATIENCE, REPOSITORY, wait_until

RULES = [("admins", "groups=PKI-Admins", "administrator"), ("agents", "groups=pki-agents", "agent")]  # in another case than there


@pytest.fixture
def connected(make_ca, directory):
    """A maker of CAs that know the directory, and what it says of groups."""

    def make(settings=None, init=(), **connection):
        ca = make_ca(start=False, init=init, settings={"access__failure_floor": "50ms", "access__failures": 1000, **(settings or {})})
        directory.write_settings(ca, "acme", **connection)
        ca.start()
        for name, when, role in RULES:
            ca.cli("rule", "set", name, "--provider", "acme", "--when", when, "--role", role, *(["--names", "*"] if role == "requester" else []))
        return ca

    return make


def ask(ca, method, target, body=None, session=None):
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {session}"} if session else {})}
    return ca.secure(method, target, json.dumps(body) if body else None, headers)


def sign_in(ca, user, password):
    return ask(ca, "POST", "/v1/sign-in", {"user": user, "password": password})


def who(answer):
    assert answer.status == 201, answer.body
    return answer.json["session"]


def test_people_of_the_directory_sign_in_and_rules_say_what_they_may(connected):
    ca = connected()
    alice = who(sign_in(ca, "acme:alice", "alice-password"))
    assert (alice["user"], alice["name"], alice["role"], alice["method"]) == ("acme:alice", "Alice Adams", "administrator", "directory")
    # Whatever she types she is one, also where nobody of that name is a user of the CA itself.
    for typed in ["acme:ALICE", "alice", "acme:alice "]:
        assert who(sign_in(ca, typed, "alice-password"))["user"] == "acme:alice"
    assert who(sign_in(ca, "acme:wei", "wei-password"))["role"] == "agent"  # a comma and parentheses in names, a group of a group
    assert sign_in(ca, "acme:jürgen", "jürgen-password").reason == "no-rule-matches"


def test_nobody_else_does_and_every_no_is_alike(connected):
    ca = connected()
    answers = [
        sign_in(ca, user, password)
        for user, password in [
            ("acme:alice", "bob-password"),
            ("acme:nobody", "alice-password"),
            ("acme:twin", "twin-password"),
            ("acme:*)(uid=*", "alice-password"),
            ("acme:alice,ou=people,dc=acme", "alice-password"),
            ("elsewhere:alice", "alice-password"),
        ]
    ]
    assert {answer.status for answer in answers} == {401}
    assert len({re.sub(rb'"request_id":"[^"]*"', b"", answer.body) for answer in answers}) == 1, [answer.body for answer in answers]
    assert sign_in(ca, "acme:alice", "").status in (400, 401)


def test_an_empty_password_is_shown_to_no_directory_and_lets_nobody_in(connected, directory):
    """For a directory a bind without a password succeeds, as nobody (RFC 4513 section 5.1.2)."""
    ca = connected()
    asked_before = directory.read("slapd.log").count("BIND dn=")
    for user in ("acme:alice", "alice", "acme:ALICE", "acme:twin", "acme:nobody", "acme:*)(uid=*"):
        answer = sign_in(ca, user, "")
        assert (answer.status, answer.reason) == (401, "sign-in-failed"), (user, answer.body)
    binds = re.findall(r'BIND dn="([^"]*)"', directory.read("slapd.log"))[asked_before:]
    assert set(binds) <= {"cn=quicklime,dc=acme"}, "neither anybody's name nor none"
    assert sign_in(ca, "acme:alice", "\u0000").status == 401, "one that begins where a text in C ends is none that is empty"
    assert sign_in(ca, "acme:Alice", "alice-password").status == 201, "and the right one does, in whatever case the name is typed"


def test_each_of_two_with_one_name_is_nobody_and_the_operator_is_told_which(connected):
    ca = connected()
    answers = [sign_in(ca, user, "twin-password") for user in ("acme:twin", "twin", "acme:TWIN")]
    assert {(answer.status, answer.reason) for answer in answers} == {(401, "sign-in-failed")}
    told = ca.messages()
    assert "uid=twin,ou=people" in told and "uid=twin,ou=contractors" in told


def test_a_directory_that_is_away_refuses_nobody(connected, directory):
    ca = connected()
    one_time = ca.cli_json("user", "create", "local-one", "--role", "auditor")["one_time"]
    session = ask(ca, "POST", "/v1/sign-in", {"one_time": one_time}).json["text"]
    assert ask(ca, "PUT", "/v1/users/local:local-one/password", {"password": "a password of the CA"}, session).status == 200
    directory.stop()
    try:
        answer = sign_in(ca, "acme:alice", "alice-password")
        assert answer.status == 503 and answer.reason == "directory-unreachable" and answer.headers["Retry-After"]
        assert directory.read("url") not in answer.body.decode()  # strangers need not know where it is
        assert who(sign_in(ca, "local-one", "a password of the CA"))["user"] == "local:local-one"
    finally:
        directory.start()
    assert "Connection refused" in ca.messages()
    assert who(sign_in(ca, "acme:alice", "alice-password"))


def issues_while_people_wait(ca):
    """Whether it did; a machine that is too busy to do it within their three seconds may be asked again."""
    answers = []
    asking = [threading.Thread(target=lambda: answers.append(sign_in(ca, "acme:alice", "alice-password"))) for _ in range(4)]
    for thread in asking:
        thread.start()
    ca.issue("one.internal")
    in_time = not answers
    for thread in asking:
        thread.join()
    assert {(answer.status, answer.reason) for answer in answers} == {(503, "directory-unreachable")}
    return in_time


def test_one_that_hangs_stops_nothing_else(connected, directory):
    ca = connected(init=["--key-kind", "RSA-2048"])
    directory.hang()
    try:
        # The CA signs with RSA, which has threads of its own as well: a certificate is made before anybody has had an answer from the directory.
        assert any(issues_while_people_wait(ca) for _ in range(10))
    finally:
        directory.go_on()
    wait_until(lambda: sign_in(ca, "acme:alice", "alice-password").status == 201, what="the directory that goes on")


def test_a_certificate_under_other_roots_is_refused_and_explained_to_who_runs_the_ca(connected, directory):
    ca = connected(roots=str(directory.path / "other-roots.pem"))
    answer = sign_in(ca, "acme:alice", "alice-password")
    assert answer.status == 503 and "other-roots.pem" not in answer.body.decode()
    assert "openssl s_client -connect 127.0.0.1:" in ca.messages() and "other-roots.pem" in ca.messages()


def test_who_leaves_the_group_is_out_within_recheck(connected, directory):
    ca = connected(settings={"access__recheck": "1s"})
    directory.add("leaver", "pki-agents")
    directory.add("stayer", "pki-agents")
    texts = {}
    for name in ["leaver", "stayer"]:
        answer = sign_in(ca, f"acme:{name}", f"{name}-password")
        assert who(answer)["role"] == "agent"
        texts[name] = answer.json["text"]
    me = lambda name: ask(ca, "GET", "/v1/me", session=texts[name]).status  # noqa: E731
    assert me("leaver") == me("stayer") == 200
    directory.leave("leaver", "pki-agents")
    wait_until(lambda: me("leaver") == 401, within=60, what="the end of the session")
    assert me("stayer") == 200
    assert sign_in(ca, "acme:leaver", "leaver-password").reason == "no-rule-matches"


def test_who_would_not_be_let_in_any_more_is_out_as_well(connected, directory):
    ca = connected(settings={"access__recheck": "1s"})
    directory.add("changeling", "pki-agents")
    answer = sign_in(ca, "acme:changeling", "changeling-password")
    assert who(answer)["role"] == "agent"
    directory.modify("dn: uid=changeling,ou=people,dc=acme\nchangetype: modify\nadd: uid\nuid: another\n")
    wait_until(lambda: ask(ca, "GET", "/v1/me", session=answer.json["text"]).status == 401, within=60, what="the end of the session")


def test_a_directory_that_is_away_is_in_nobodys_way_to_another(make_ca, directory):
    ca = make_ca(start=False, settings={"access__failure_floor": "50ms"})
    directory.write_settings(ca, "a-first", url="ldaps://127.0.0.1:1")
    directory.write_settings(ca, "b-second")
    ca.start()
    ca.cli("rule", "set", "admins", "--provider", "b-second", "--when", "groups=pki-admins", "--role", "administrator")
    assert who(sign_in(ca, "alice", "alice-password"))["user"] == "b-second:alice"
    # Whether nobody has this password cannot be said.
    answer = sign_in(ca, "alice", "another-password")
    assert answer.status == 503 and answer.reason == "directory-unreachable"


def test_every_command_of_the_page_works(make_ca, directory, tmp_path):
    """docs/identity.md, its LDAP half, as it stands: other names for the machines, and who restarts the server."""
    page = (REPOSITORY / "docs/identity.md").read_text(encoding="utf-8")
    section = page[page.index("## LDAP in ten commands") :].split("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    commands = [line for line in re.sub(r"<<'TOML'\n.*?TOML\n", "\n", "".join(blocks), flags=re.DOTALL).splitlines() if line]
    assert len(commands) <= 10, commands

    ca = make_ca()
    machine = {
        "ldap.acme.internal:636": directory.read("ldaps-url").removeprefix("ldaps://"),
        "/etc/quicklime": str(tmp_path / "etc"),
        "https://ca.internal:8443": f"https://127.0.0.1:{ca.https}",
    }
    script = "\n".join(blocks)
    for there, here in machine.items():
        script = script.replace(there, here)
    (tmp_path / "etc").mkdir()
    (tmp_path / "ldap-roots.pem").write_text(directory.read("roots.pem") + "\n")
    (tmp_path / "ldap-password").write_text(directory.read("bind-password") + "\n")
    (tmp_path / "alice-password").write_text("alice-password\n")
    (tmp_path / "roots.pem").write_bytes(ca.fetch("/ca/roots.pem"))
    environment = {**os.environ, "QUICKLIME_DATA": str(ca.data), "XDG_CONFIG_HOME": str(tmp_path / "home"), "PATH": f"{os.path.dirname(BINARY)}:{os.environ['PATH']}"}

    def execute(text):
        done = subprocess.run(["bash", "-c", "set -eu\n" + text], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60 * PATIENCE)
        assert done.returncode == 0, done.stdout + done.stderr
        ca.saw(done.stdout)
        return done.stdout + done.stderr

    before, after = script.split("systemctl restart quicklime\n")
    assert "Verification: OK" in execute(before)
    ca.restart()
    shown = execute(after)
    assert "administrator, by admins" in shown and "acme:alice" in shown
