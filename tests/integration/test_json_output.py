"""With -o json every command writes JSON to standard output and nothing else. Which commands there are, the program says."""

import json
import subprocess

import pytest
from running_ca import BINARY, PATIENCE, free_port, new_csr, run, services

COMMANDS = {command["name"]: command for command in json.loads(run(BINARY, "reference", "-o", "json").stdout)["commands"]}


class Place:
    """What the commands are told: a CA that serves or does not, a certificate, files."""

    def __init__(self, make_ca, directory):
        self.make_ca, self.files = make_ca, directory
        self.ca = make_ca()
        self.web = self.ca.issue("web.internal")

    def secret_file(self, text="correct horse battery"):
        (self.files / "secret.txt").write_text(text + "\n")
        return self.files / "secret.txt"

    def there(self, *words):
        """The same at the server, as whoever is signed in."""
        return self.run(*words, "--server", f"https://127.0.0.1:{self.ca.https}", "--roots", self.ca.roots())

    def signed_in(self):
        """As alice, by a one-time URL."""
        url = self.run("user", "create", "alice", "--role", "auditor")["one_time_url"]
        return self.there("login", "--one-time-file", self.secret_file(url))

    def stopped(self):
        self.ca.stop()
        return self.ca

    def run(self, *words):
        """Standard output of a command about the CA, as JSON."""
        return one_document(self.ca.cli(*words, "-o", "json").stdout)


def one_document(text):
    """json.loads takes no second value, and no words before or after it."""
    return json.loads(text)


def listening(*words):
    """Of a command that goes on: all that it writes until it is stopped."""
    process = subprocess.Popen([BINARY, *map(str, words), "-o", "json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    first = process.stdout.readline()
    process.terminate()
    rest, _ = process.communicate(timeout=20 * PATIENCE)
    return one_document(first + rest)


def ports():
    return ("--https", f"127.0.0.1:{free_port()}", "--http", f"127.0.0.1:{free_port()}", "--admin", f"127.0.0.1:{free_port()}")


def up(place):
    assert listening("up", "--data", place.files / "new", *ports())["data"] == str(place.files / "new")


def init(place):
    assert one_document(run(BINARY, "init", "--data", place.files / "new", "-o", "json").stdout)["root_key"]


def serve(place):
    assert listening("serve", "--data", place.stopped().data, *ports())["root_sha256"]


def issue(place):
    (place.files / "request.pem").write_text(new_csr("DNS:given.internal"))
    assert place.run("issue", "api.internal", "--out", place.files)["key_file"] == str(place.files / "api.internal.key")
    assert place.run("issue", "--csr", place.files / "request.pem", "--out", place.files)["serial"]


def renew(place):
    assert place.run("renew", place.web.certificate)["replaces"] == place.web.serial


def list_(place):
    assert [one["serial"] for one in place.run("list", "--name", "web.internal")["certificates"]] == [place.web.serial]
    assert place.run("list", "--name", "none.internal")["certificates"] == []


def show(place):
    assert place.run("show", place.web.serial)["serial"] == place.web.serial


def events(place):
    lines = place.ca.cli("events", "--type", "certificate.issued", "--limit", "1", "-o", "json").stdout.splitlines()
    (event,) = map(one_document, lines)
    assert event["data"]["serial"] == place.web.serial, "one event a line"


def verify(place):
    assert place.run("verify", place.web.certificate)["status"] == "good"


def revoke(place):
    place.ca.issue("web.internal")
    answer = place.run("revoke", place.web.serial, "--reason", "keyCompromise", "--same-key", "--with-successors")
    assert answer["status"] == "revoked"
    again = place.ca.issue("all.internal")
    assert [one["serial"] for one in place.run("revoke", "--all", "all.internal")["revocations"]] == [again.serial]


def hold(place):
    assert place.run("hold", "web.internal")["status"] == "held"


def release(place):
    place.run("hold", place.web.serial)
    assert place.run("release", place.web.serial)["status"] == "good"


def login(place):
    assert place.signed_in()["user"] == "local:alice"
    assert place.run("login", "--url")["one_time_url"].startswith("https://")


def logout(place):
    assert place.run("logout") == {}
    place.signed_in()
    assert place.run("logout")["user"] == "local:alice"


def whoami(place):
    assert place.run("whoami")["role"] == "administrator"
    place.signed_in()
    assert place.there("whoami")["session"]["method"] == "one-time"


def user_create(place):
    assert place.run("user", "create", "alice", "--role", "auditor")["one_time_url"]


def user_list(place):
    place.signed_in()
    assert [one["user"] for one in place.run("user", "list")["users"]] == ["local:alice"]


def user_show(place):
    place.signed_in()
    assert place.run("user", "show", "alice")["role"] == "auditor"


def user_disable(place):
    place.signed_in()
    assert place.run("user", "disable", "alice")["enabled"] is False


def user_enable(place):
    user_disable(place)
    assert place.run("user", "enable", "alice")["enabled"] is True


def user_password(place):
    place.signed_in()
    assert place.there("user", "password", "--password-file", place.secret_file())["has_password"] is True


def user_grant(place):
    place.signed_in()
    assert place.run("user", "grant", "alice", "--role", "agent")["role"] == "agent"


def user_one_time(place):
    place.signed_in()
    assert place.run("user", "one-time", "alice")["one_time_url"]


def session_list(place):
    place.signed_in()
    assert [one["user"] for one in place.run("session", "list")["sessions"]] == ["local:alice"]


def session_end(place):
    assert place.run("session", "end", place.signed_in()["session"])["status"] == "ended"


def rule_set(place):
    rule = place.run("rule", "set", "web", "--provider", "certificate", "--when", "name=DNS:web.internal", "--role", "agent")
    assert rule["rule"] == "web"


def rule_list(place):
    rule_set(place)
    assert [one["rule"] for one in place.run("rule", "list")["rules"]] == ["web"]


def rule_remove(place):
    rule_set(place)
    assert place.run("rule", "remove", "web")["rule"] == "web"


def rule_test(place):
    rule_set(place)
    assert place.run("rule", "test", "--provider", "certificate", "--claim", "name=DNS:web.internal")["matches"] == ["web"]


def token_create(place):
    assert place.run("token", "create", "ci", "--names", "*.internal")["token"].startswith("qlk_")


def token_bootstrap(place):
    first = place.run("token", "bootstrap")["tokens"]
    again = place.run("token", "bootstrap", "ocsp", "--into", place.files / "for-ocsp", "--revoke-older")["tokens"]
    assert [one["role"] for one in again] == ["ocsp"] and again[0]["file"] == str(place.files / "for-ocsp/ocsp.token")
    assert [one["id"] for one in first if one["role"] == "ocsp"] == again[0]["revoked"]
    assert "qlk_" not in json.dumps([first, again]), "their text stands in their files alone"


def token_list(place):
    assert place.run("token", "list")["tokens"] == []


def token_revoke(place):
    place.run("token", "create", "ci")
    assert place.run("token", "revoke", "ci")["status"] == "revoked"


def ca_sign_crl(place):
    request, crl = place.files / "request.json", place.files / "root-1.crl"
    assert place.run("ca", "sign-crl")["authority"] == "root-1"
    number = place.run("ca", "sign-crl", "--request", request)["number"]
    assert place.run("ca", "sign-crl", "--sign", request, "--key", place.ca.data / "ca/root.key", "--out", crl)["number"] == number
    assert place.run("ca", "sign-crl", "--import", crl)["number"] == number


def ca_revoke(place):
    assert place.run("ca", "revoke", "issuing-1", "--reason", "superseded")["authority"] == "issuing-1"


def ca_show(place):
    assert place.run("ca", "show", "issuing-1")["parent"] == "root-1"


def ca_add(place):
    assert place.run("ca", "add")["authority"] == "issuing-2"
    assert place.run("ca", "add", "--request", place.files / "issuing.csr")["authority"] == "issuing-3"


def ca_retire(place):
    ca_add(place)
    assert place.run("ca", "retire", "issuing-1")["already"] is False


def ca_compromise(place):
    assert place.run("ca", "compromise", "issuing-1")["successor"] == "issuing-2"


def ca_bundle(place):
    assert place.run("ca", "bundle")["certificates"].startswith("-----BEGIN CERTIFICATE-----")


def ca_list(place):
    assert [one["id"] for one in place.run("ca", "list")["authorities"]] == ["root-1", "issuing-1"]


def ca_rotate_revocation_key(place):
    place.stopped()
    assert place.run("ca", "rotate-revocation-key")["previous"]


def log_tail(place):
    lines = place.ca.cli("log", "tail", "-n", "3", "-o", "json").stdout.splitlines()
    assert len([one_document(line)["schema"] for line in lines]) == 3, "one event a line, as it was written"


def log_verify(place):
    assert place.run("log", "verify")["failure"] == ""


def log_seal(place):
    place.stopped()
    assert place.run("log", "seal")["sealed"]
    assert place.run("log", "seal", "--undo")["opened"]


def log_export(place):
    place.stopped()
    assert place.run("log", "export", place.files / "log.jsonl", "--seal")["file"] == str(place.files / "log.jsonl")


def without_log(place):
    for file in place.stopped().data.glob("log.db*"):
        file.rename(place.files / file.name)


def log_import(place):
    place.stopped()
    events = place.run("log", "export", place.files / "log.jsonl", "--seal")["events"]
    without_log(place)
    for had_been in (False, True):
        imported = place.run("log", "import", place.files / "log.jsonl")
        assert (imported["events"], imported["had_been_imported"]) == (events, had_been)


def log_backup(place):
    place.stopped()
    assert place.run("log", "backup", place.files / "backup.jsonl")["events"] > 3


def log_restore(place):
    place.stopped()
    events = place.run("log", "backup", place.files / "backup.jsonl")["events"]
    without_log(place)
    assert place.run("log", "restore", place.files / "backup.jsonl")["events"] == events


def views_status(place):
    assert "ocsp" in [one["view"] for one in place.run("views", "status")["views"]]


def views_rebuild(place):
    place.stopped()
    assert "ocsp" in [one["view"] for one in place.run("views", "rebuild")["views"]]


def views_dump(place):
    place.stopped()
    text = place.ca.cli("views", "dump").stdout
    assert "".join(f"view {one['view']} version {one['version']}\n{one['dump']}" for one in place.run("views", "dump")["views"]) == text


def version(place):
    assert place.run("version") == place.run("version", "--running")


def reference(place):
    assert {one["name"] for one in place.run("reference")["commands"]} == set(COMMANDS)
    # What a shell reads is what stands there as JSON.
    lines = [line.split() for line in run(BINARY, "reference", "services").stdout.splitlines()]
    assert lines == [[one["name"], one["view"], ",".join(one["keys"]) or "-", "token" if one["bootstrap_token"] else "listener"]
                     for one in services()]


STORIES = {story.__name__.strip("_"): story for story in (
    up, init, serve, issue, renew, list_, show, events, verify, revoke, hold, release, login, logout, whoami,
    user_create, user_list, user_show, user_disable, user_enable, user_password, user_grant, user_one_time, session_list, session_end,
    rule_set, rule_list, rule_remove, rule_test, token_create, token_bootstrap, token_list, token_revoke, ca_sign_crl, ca_revoke, ca_list, ca_show, ca_add, ca_retire, ca_compromise, ca_bundle,
    ca_rotate_revocation_key, log_tail, log_verify, log_seal, log_export, log_import, log_backup, log_restore, views_status, views_rebuild, views_dump,
    version, reference)}


def story_of(command):
    return command.replace(" ", "_").replace("-", "_")


def test_every_command_has_its_story_here():
    assert {story_of(command) for command in COMMANDS} == set(STORIES)


@pytest.mark.parametrize("command", COMMANDS)
def test_json_is_all_that_a_command_writes(command, make_ca, tmp_path):
    STORIES[story_of(command)](Place(make_ca, tmp_path))


@pytest.mark.parametrize("command", COMMANDS)
def test_wrong_use_is_a_problem_document(command, tmp_path):
    done = run(BINARY, *command.split(), "--no-such-option", "--data", tmp_path / "none", "-o", "json", check=False)
    assert done.returncode == 2 and done.stdout == ""
    assert one_document(done.stderr)["type"].endswith("#usage")
