"""People at the command line: the first administrator, passwords, sessions, rules, and a sign-in that is approved elsewhere."""

import hashlib
import json
import os
import re
import stat
import subprocess

import pytest
from people import PASSWORD, Desk, administrator, person
from running_ca import BINARY, PATIENCE, REPOSITORY, RunningCA, log_events, new_csr, run, schema

@pytest.fixture(name="ca", scope="module")
def one_ca():
    ca = RunningCA(settings={"access__failures": 1000, "access__failure_floor": "0s"})
    (ca.data / "banner.txt").write_text("Authorized use only.\n")
    ca.configure(access__banner_file=str(ca.data / "banner.txt"))
    ca.restart()
    yield ca
    ca.remove()


@pytest.fixture(name="root", scope="module")
def first_administrator(ca):
    return administrator(ca)


@pytest.fixture(name="alice", scope="module")
def second_administrator(ca, root):
    return person(ca, root, "alice", "--name", "Alice Smith", "--role", "administrator")


def test_from_nothing_to_people_with_passwords(make_ca):
    ca = make_ca()
    url = ca.cli("login", "--url").stdout.strip()
    assert url.startswith(f"https://127.0.0.1:{ca.https}/ui/#one-time=qlk_"), "where it is served, whatever quicklime.toml says"
    root = Desk(ca, "root")
    root.login_by_url(url)
    assert root.who()["role"] == "administrator"
    assert Desk(ca, "late").refused("login", "--one-time-file", root.file(url))[:2] == ("one-time-used", 1)

    alice = person(ca, root, "alice", "--name", "Alice Smith", "--role", "administrator")
    bob = person(ca, alice, "bob", "--names", "*.bob.internal", "--profiles", "tls-server")
    assert (alice.who()["name"], alice.who()["role"]) == ("Alice Smith", "administrator")
    assert bob.refused("user", "create", "carol")[1] == 4
    bob.run("issue", "web.bob.internal", "--out", bob.home)
    assert bob.refused("issue", "web.internal", "--out", bob.home)[0] == "name-not-granted"

    ca.stop()
    for view in (ca.data / "views").iterdir():
        view.unlink()
    ca.start()
    assert bob.who()["role"] == "requester", "his session is in the log"
    assert Desk(ca, "again").login("bob")["user"] == "local:bob"


def test_what_was_shown_stands_nowhere(ca, alice):
    everything = b"".join(path.read_bytes() for path in ca.data.rglob("*") if path.is_file()) + ca.messages().encode()
    for secret in (PASSWORD, "$argon2", alice.secret.rsplit("_", 1)[1]):
        assert secret.encode() not in everything


def test_the_banner_is_shown_before(ca):
    assert "Authorized use only." in Desk(ca, "banner").run("login", "--user", "nobody", "--password-file", "/dev/null", check=False).stderr


def test_a_wrong_password_says_nothing_of_why(ca, alice):
    desk = Desk(ca, "stranger")
    wrong = desk.refused("login", "--user", "alice", "--password-file", desk.file("wrong password"))
    assert wrong[:2] == ("sign-in-failed", 4)
    assert wrong == desk.refused("login", "--user", "nobody", "--password-file", desk.file("wrong password"))
    assert not desk.session_file.exists()
    assert Desk(ca, "told").login("ALICE")["failures"] >= 1


def test_the_session_is_for_its_owner_and_its_server_alone(ca, alice):
    assert stat.S_IMODE(alice.session_file.stat().st_mode) == 0o600
    assert alice.who()["session"]["method"] == "password"
    other = RunningCA()
    try:
        there = [*("whoami", "--server", f"https://127.0.0.1:{other.https}", "--roots", other.roots()), "-o", "json"]
        done = other.cli(*there, environment=alice.environment, check=False)
        assert done.returncode == 4 and "quicklime login" in done.stderr
    finally:
        other.remove()
    auditor = ca.cli_json("token", "create", "watch", "--role", "auditor")["token"]
    assert json.loads(alice.run("whoami", "-o", "json", environment={"QUICKLIME_TOKEN": auditor}).stdout)["role"] == "auditor"


def test_logout_ends_it_at_the_server(ca, alice):
    desk = Desk(ca, "leaving")
    desk.login("alice")
    secret = desk.secret
    assert ca.secure("GET", "/v1/me", headers={"Authorization": f"Bearer {secret}"}).status == 200
    done = ca.cli("logout", environment=desk.environment)
    assert "local:alice" in done.stdout and not desk.session_file.exists()
    assert ca.secure("GET", "/v1/me", headers={"Authorization": f"Bearer {secret}"}).status == 401
    assert ca.cli("logout", environment=desk.environment).stdout == "Nobody was signed in.\n"


def test_who_cannot_reach_the_server_is_told_that_it_goes_on_there(ca, alice):
    desk = Desk(ca, "away")
    desk.login("alice")
    kept = json.loads(desk.session_file.read_text())
    desk.session_file.write_text(json.dumps({**kept, "server": "https://127.0.0.1:1"}))
    done = ca.cli("logout", environment=desk.environment, check=False)
    assert done.returncode == 5 and "goes on there" in done.stderr and not desk.session_file.exists()


def test_sessions_are_listed_and_ended(ca, alice):
    desk = Desk(ca, "second")
    desk.login("alice")
    listed = alice.ask("session", "list", "--user", "alice")["sessions"]
    assert len(listed) >= 2 and [one["current"] for one in listed].count(True) == 1
    assert "this one" in alice.run("session", "list").stdout
    (its_own,) = [one["session"] for one in desk.ask("session", "list")["sessions"] if one["current"]]
    assert alice.ask("session", "end", its_own)["session"] == its_own
    reason, code, detail = desk.refused("whoami")
    assert code == 4 and "quicklime login again" in detail, reason


def test_a_person_is_changed_disabled_and_enabled(ca, alice):
    bob = person(ca, alice, "bob", "--names", "*.bob.internal")
    assert alice.ask("user", "show", "bob")["names"] == ["*.bob.internal"]
    assert "local:bob" in alice.run("user", "list").stdout

    assert alice.ask("user", "grant", "bob", "--role", "auditor")["role"] == "auditor"
    assert bob.refused("whoami")[1] == 4, "he was judged by what he was"
    bob.login("bob")
    assert bob.who()["role"] == "auditor"

    assert alice.ask("user", "disable", "bob")["enabled"] is False
    assert bob.refused("whoami")[1] == 4
    assert bob.refused("login", "--user", "bob", "--password-file", bob.file(PASSWORD))[0] == "sign-in-failed"
    assert alice.ask("user", "enable", "bob")["enabled"] is True
    assert bob.login("bob")["user"] == "local:bob"
    assert alice.refused("user", "grant", "alice", "--role", "auditor")[:2] == ("own-role", 4)
    assert alice.refused("user", "show", "nobody")[1] == 3


def test_a_password_is_set_by_whose_it_is(ca, alice):
    carol = person(ca, alice, "carol")
    other = Desk(ca, "carol-elsewhere")
    other.login("carol")
    new = "another sentence to remember"
    change = ("user", "password", "--password-file", carol.file(new))
    assert carol.refused(*change)[0] == "old-password-wrong"
    assert carol.refused(*change, "--old-password-file", carol.file("wrong password"))[0] == "old-password-wrong"
    assert carol.refused("user", "password", "--password-file", carol.file("short"))[0] == "password-too-short"
    assert alice.refused("user", "password", "carol", "--password-file", alice.file(new))[1] == 4

    carol.run(*change, "--old-password-file", carol.file(PASSWORD))
    assert not carol.session_file.exists()
    assert other.refused("whoami")[1] == 4, "every session has ended"
    assert carol.refused("login", "--user", "carol", "--password-file", carol.file(PASSWORD))[0] == "sign-in-failed"
    assert carol.login("carol", new)["user"] == "local:carol"


def test_who_lost_the_password_gets_a_url(ca, alice):
    dave = person(ca, alice, "dave")
    url = alice.run("user", "one-time", "dave").stdout.strip()
    desk = Desk(ca, "dave-again")
    desk.begin("dave", url, "found again and again")
    assert dave.refused("login", "--user", "dave", "--password-file", dave.file(PASSWORD))[0] == "sign-in-failed"
    assert Desk(ca, "thief").refused("login", "--one-time-file", dave.file(url))[0] == "one-time-used"


def test_curl_issues_within_the_grant_and_a_hundred_times_make_one_session(ca, alice):
    person(ca, alice, "curler", "--names", "*.curler.internal")

    def curl(csr, times):
        """Of so many processes that know the password and nothing else."""
        file = Desk(ca, f"csr-{hashlib.sha256(csr.encode()).hexdigest()[:8]}").file(csr)
        command = ["curl", "-sS", "--cacert", str(ca.roots()), "-u", f"curler:{PASSWORD}", "-H", "Content-Type: application/pkcs10", "--data-binary", f"@{file}",
                   "-w", "\n%{http_code}\n", f"https://127.0.0.1:{ca.https}/v1/certificates"]
        return [run(*command).stdout.splitlines() for _ in range(times)]

    before = len(log_events(ca.data))
    issued = curl(new_csr("DNS:web.curler.internal"), 100)
    assert {lines[-1] for lines in issued} == {"201"}
    refused = curl(new_csr("DNS:web.internal"), 1)[0]
    assert refused[-1] == "403" and "name-not-granted" in refused[0]
    made = [schema(event) for _, event in log_events(ca.data)[before:]]
    assert (made.count("certificate.issued"), made.count("session.created")) == (100, 1)


def test_rules_are_set_tried_and_removed(ca, alice):
    rule = ("rule", "set", "admins", "--provider", "certificate", "--when", "groups=pki-admins", "--role", "administrator")
    assert alice.ask(*rule)["when"] == ["groups=pki-admins"]
    assert "admins" in alice.run("rule", "list").stdout
    trial = ("rule", "test", "--provider", "certificate", "--claim", "groups=staff", "--claim")
    assert alice.ask(*trial, "groups=PKI-Admins")["matches"] == ["admins"]
    assert alice.refused(*trial, "groups=others")[0] == "no-rule-matches"
    alice.run("rule", "set", "watch", "--provider", "certificate", "--when", "groups=watch", "--role", "auditor")
    assert alice.refused(*trial, "groups=watch", "--claim", "groups=pki-admins")[0] == "roles-exclude"
    assert alice.refused("rule", "set", "x", "--provider", "certificate", "--when", "groups", "--role", "auditor")[:2] == ("usage", 2)
    for name in ("admins", "watch"):
        assert alice.ask("rule", "remove", name)["rule"] == name
    assert alice.refused("rule", "remove", "admins")[1] == 3


class SigningIn:
    """`quicklime login` that waits for somebody to approve."""

    def __init__(self, desk):
        self.process = subprocess.Popen([desk.ca.binary, *map(str, desk.words("login", "-o", "json"))], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, env={**os.environ, **desk.environment})
        said = ""
        while "Waiting" not in said:
            line = self.process.stderr.readline()
            assert line, f"it ended: {said}"
            said += line
        self.code = re.search(r"code ([0-9a-f]{4}-[0-9a-f]{4}):", said).group(1)
        self.url = re.search(r"https://\S+", said).group(0)
        self.session, self.secret_sha256 = self.url.rsplit("#", 1)[1].split(".")

    def ended(self):
        output, errors = self.process.communicate(timeout=60 * PATIENCE)
        assert self.process.returncode == 0, errors
        return json.loads(output)


def test_a_sign_in_is_approved_in_a_browser_elsewhere(ca, alice):
    desk = Desk(ca, "headless")
    signing_in = SigningIn(desk)
    assert signing_in.url.startswith(f"https://127.0.0.1:{ca.https}/ui/approve#")
    assert signing_in.code.replace("-", "") == signing_in.secret_sha256[:8]
    body = json.dumps({"session": signing_in.session, "secret_sha256": signing_in.secret_sha256})
    approved = ca.secure("POST", "/v1/sessions", body, {"Content-Type": "application/json", "Authorization": f"Bearer {alice.secret}"})
    assert approved.status == 201, approved.body

    assert signing_in.ended()["method"] == "approved"
    assert hashlib.sha256(bytes.fromhex(desk.secret.rsplit("_", 1)[1])).hexdigest() == signing_in.secret_sha256, "nobody else has the secret"
    assert desk.who()["actor"]["id"] == "local:alice"
    (listed,) = [one for one in alice.ask("session", "list")["sessions"] if one["session"] == signing_in.session]
    assert listed["method"] == "approved"


def test_good_errors(ca, alice):
    desk = Desk(ca, "clumsy")
    for words in (("login", "--user", "alice"), ("login", "--password-file", desk.file("x")),
                  ("login", "--user", "a", "--password-file", desk.file("x"), "--assertion-file", desk.file("y")), ("user", "grant", "bob")):
        assert desk.refused(*words)[:2] == ("usage", 2), words
    done = ca.cli("login", "--user", "alice", "--password-file", desk.file("x"), "--server", f"http://127.0.0.1:{ca.http}", check=False)
    assert done.returncode == 2 and "over TLS alone" in done.stderr
    assert ca.cli("login", check=False).returncode == 2, "whoever has the data directory is administrator"
    assert ca.cli("whoami").stdout.startswith("control:")
    assert ca.cli("login", "--url", "--server", f"https://127.0.0.1:{ca.https}", check=False).returncode == 2
    assert desk.refused("whoami")[1] == 4
    alice.session_file.chmod(0o644)
    assert alice.refused("whoami")[0] == "key-file-mode"
    alice.session_file.chmod(0o600)


def test_every_command_of_the_page_works(make_ca, tmp_path):
    """docs/identity.md, its first part, as it stands: another name for the machine."""
    page = (REPOSITORY / "docs/identity.md").read_text(encoding="utf-8")
    section = page[page.index("## From nothing in ten commands") :].split("\n## ")[0]
    script = "".join(re.findall(r"```sh\n(.*?)```", section, re.DOTALL))
    assert len(script.splitlines()) <= 10
    ca = make_ca()
    (tmp_path / "roots.pem").write_bytes(ca.fetch("/ca/roots.pem"))
    (tmp_path / "alice-password").write_text(PASSWORD + "\n")
    environment = {**os.environ, "QUICKLIME_DATA": str(ca.data), "XDG_CONFIG_HOME": str(tmp_path / "home"), "PATH": f"{os.path.dirname(BINARY)}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", "set -eu\n" + script.replace("https://ca.internal:8443", f"https://127.0.0.1:{ca.https}")], cwd=tmp_path, env=environment,
                          capture_output=True, text=True, check=False, timeout=60 * PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr
    ca.saw(done.stdout)
    for name in ("first-url", "alice-url"):
        ca.saw((tmp_path / name).read_text())
    assert "bob" in done.stdout and '"id":"local:alice"' in done.stdout
