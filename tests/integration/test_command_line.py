"""What people type."""

import http.server
import json
import os
import re
import resource
import socket
import ssl
import stat
import subprocess
import threading
import time

import pytest
from running_ca import BINARY, PATIENCE, REPOSITORY, free_port, new_csr, openssl, run, wait_until


def computing():
    """Seconds that the commands which have ended took of a processor."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_two_commands_from_nothing_to_a_certificate(tmp_path):
    ports = [free_port() for _ in range(3)]
    begun, computed = time.monotonic(), computing()
    environment = dict(os.environ, QUICKLIME_DATA=str(tmp_path / "data"))
    up = subprocess.Popen([BINARY, "up", "--name", "Acme Corp", "--public-url", f"http://localhost:{ports[1]}", "--https", f"localhost:{ports[0]}",
                           "--http", f"localhost:{ports[1]}", "--admin", f"127.0.0.1:{ports[2]}"], env=environment, stdout=subprocess.PIPE, text=True)
    said = ""
    while "quicklime issue" not in said:
        line = up.stdout.readline()
        assert line, said
        said += line
    done = run(BINARY, "issue", "localhost", "--out", tmp_path, env=environment)
    assert time.monotonic() - begun < 20 * PATIENCE
    up.terminate()
    assert up.wait(timeout=20 * PATIENCE) == 0
    up.stdout.close()
    assert computing() - computed < 2 * PATIENCE, "seconds, of a machine that may have other work"

    # mkcert's voice: what was made, where, for whom, by whom, until when, what next.
    for words in (f"{tmp_path}/localhost.crt", f"{tmp_path}/localhost.key", "DNS:localhost", "Signed by Acme Corp Issuing CA 1", "until", "Next:", "qlr_"):
        assert words in done.stdout, done.stdout
    for words in ("root.key", "offline", "SHA-256", "https://", "quicklime issue"):
        assert words in said, said


def test_init_writes_what_it_says(make_ca):
    ca = make_ca(start=False)
    assert stat.S_IMODE((ca.data / "ca").stat().st_mode) == 0o700
    for key in ("root.key", "issuing-1.key", "revocation.key"):
        assert stat.S_IMODE((ca.data / "ca" / key).stat().st_mode) == 0o600
    openssl("verify", "-x509_strict", "-CAfile", ca.data / "ca/root.crt", ca.data / "ca/issuing-1.crt")
    configuration = (ca.data / "quicklime.toml").read_text()
    assert f'public_url = "http://127.0.0.1:{ca.http}"' in configuration
    assert re.search(r"^#\s*lifetime = ", configuration, re.MULTILINE)


def test_the_root_key_elsewhere_and_encrypted(make_ca, tmp_path):
    (tmp_path / "passphrase").write_text("correct horse\n")
    ca = make_ca(init=("--root-key-out", tmp_path / "root.key", "--root-key-passphrase-file", tmp_path / "passphrase"))
    assert not (ca.data / "ca/root.key").exists()
    assert "ENCRYPTED" in (tmp_path / "root.key").read_text()
    openssl("pkey", "-in", tmp_path / "root.key", "-passin", "pass:correct horse", "-noout")
    assert ca.issue("web.internal").serial, "serving never needs the root key"


def test_issue_never_overwrites(shared_ca, tmp_path):
    first = shared_ca.cli("issue", "web.internal", "--out", tmp_path)
    key = (tmp_path / "web.internal.key").read_bytes()
    again = shared_ca.cli("issue", "web.internal", "--out", tmp_path, check=False)
    assert again.returncode == 1 and "never overwritten" in again.stderr
    assert (tmp_path / "web.internal.key").read_bytes() == key and first.stdout


def test_issue_that_is_refused_leaves_no_key(shared_ca, tmp_path):
    refused = shared_ca.cli("issue", "web.internal", "--days", "4000", "--out", tmp_path, check=False)
    assert refused.returncode == 1 and "asked were 4000d" in refused.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name, file", [("*.load.internal", "_wildcard.load.internal"), ("10.0.0.7", "10.0.0.7"), ("fd00::1", "fd00__1"),
                                        ("spiffe://td/web", "spiffe___td_web")])
def test_names_as_file_names(shared_ca, tmp_path, name, file):
    profile = ("--profile", "tls-peer")
    shared_ca.cli("issue", "--domain", name, "--out", tmp_path, *profile)
    assert (tmp_path / f"{file}.key").exists() and (tmp_path / f"{file}.crt").exists()


def test_issue_for_a_csr(shared_ca, tmp_path):
    (tmp_path / "request.pem").write_text(new_csr("DNS:given.internal"))
    answer = shared_ca.cli_json("issue", "--csr", tmp_path / "request.pem", "--out", tmp_path, "--service", "given", "--node", "n1")
    assert "key_file" not in answer
    shown = shared_ca.cli_json("show", answer["serial"])
    assert (shown["service"], shown["node"], shown["names"]) == ("given", "n1", ["DNS:given.internal"])
    assert [one["serial"] for one in shared_ca.cli_json("list", "--service", "given")["certificates"]] == [answer["serial"]]


def test_revoke_by_name_asks_which(shared_ca):
    one, two = shared_ca.issue("twice.internal"), shared_ca.issue("twice.internal")
    asked = shared_ca.cli("revoke", "twice.internal", check=False)
    assert asked.returncode == 2 and one.serial in asked.stderr and two.serial in asked.stderr
    shared_ca.cli("revoke", one.certificate, "--reason", "SUPERSEDED")
    shared_ca.cli("revoke", "twice.internal", "--reason", "key-compromise")
    assert shared_ca.cli_json("show", one.serial)["reason"] == "superseded"
    assert shared_ca.cli_json("show", two.serial)["reason"] == "keyCompromise"
    unknown = shared_ca.cli("revoke", "never.internal", check=False)
    assert unknown.returncode == 3


def test_revoke_by_secret_alone(shared_ca, tmp_path):
    web = shared_ca.issue("secret.internal")
    (tmp_path / "secret").write_text(web.secret + "\n")
    shared_ca.cli("revoke", "--secret-file", tmp_path / "secret")
    assert shared_ca.ocsp(web) == "revoked"
    (tmp_path / "secret").write_text(web.secret[:-1] + ("0" if web.secret[-1] != "0" else "1"))
    assert shared_ca.cli("revoke", "--secret-file", tmp_path / "secret", check=False).returncode == 4


def test_list_and_show_for_people(shared_ca):
    web = shared_ca.issue("people.internal")
    listed = shared_ca.cli("list", "--name", "people.internal").stdout
    assert listed.splitlines()[0].split()[:3] == ["SERIAL", "NAMES", "STATUS"]
    assert web.serial in listed and "DNS:people.internal" in listed
    shown = shared_ca.cli("show", ":".join(re.findall("..", web.serial)).upper()).stdout
    assert "BEGIN CERTIFICATE" in shown and "people.internal" in shown
    assert shared_ca.cli("show", "0" * 31 + "1", check=False).returncode == 3


def cut_lifetime(ca):
    """A certificate that has expired: one of a second, waited for."""
    short = ca.issue("short.internal", more=("--lifetime", "1s"))
    time.sleep(2.1)
    return short


@pytest.mark.parametrize("serving", [True, False])
def test_verify(make_ca, serving, tmp_path):
    ca, foreign = make_ca(), make_ca()
    good, revoked, expired = ca.issue("good.internal"), ca.issue("revoked.internal"), cut_lifetime(ca)
    ca.revoke(revoked, "keyCompromise")
    other = foreign.issue("other.internal")
    if not serving:
        ca.stop()

    done = ca.cli("verify", "--cert", good.certificate)
    assert done.stdout.startswith("good: ")
    leaf = tmp_path / "leaf.crt"
    leaf.write_text(openssl("x509", "-in", good.certificate).stdout)
    assert ca.cli("verify", leaf).stdout.startswith("good: "), "a leaf without its chain"
    wrong = tmp_path / "wrong.crt"
    wrong.write_text(leaf.read_text() + other.certificate.read_text())
    for file, word in ((revoked.certificate, "revoked"), (expired.certificate, "expired"), (other.certificate, "")):
        done = ca.cli("verify", "--cert", file, check=False)
        assert done.returncode == 6 and word in done.stderr, done.stdout + done.stderr
    done = ca.cli("verify", "--cert", other.certificate, "-o", "json", check=False)
    assert json.loads(done.stderr)["type"].endswith("#certificate-foreign")


@pytest.mark.parametrize("serving", [True, False])
def test_verify_of_the_authorities_themselves(make_ca, serving):
    ca = make_ca()
    if not serving:
        ca.stop()
    for name in ("issuing-1", "root"):
        done = ca.cli("verify", ca.data / f"ca/{name}.crt")
        assert done.stdout.startswith("good: "), done.stderr


class Between(http.server.BaseHTTPRequestHandler):
    """Whoever stands between a client and the CA with a certificate that the client trusts: it answers OCSP as it likes."""

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = self.server.ca.secure(self.command, self.path, body or None, {"Content-Type": self.headers.get("Content-Type", "")})
        content = answer.body
        if self.path == "/ocsp":
            content = self.server.kept or content
            self.server.seen = answer.body
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


def test_verify_believes_no_old_answer(make_ca, tmp_path):
    ca = make_ca()
    web, own = ca.issue("web.internal"), ca.issue("localhost")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Between)
    server.ca, server.kept, server.seen = ca, b"", b""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own.certificate, own.key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    there = {"QUICKLIME_SERVER": f"https://localhost:{server.server_port}", "QUICKLIME_ROOTS": str(ca.roots())}
    try:
        assert ca.cli("verify", web.certificate, environment=there).stdout.startswith("good: ")
        server.kept = server.seen
        ca.revoke(web)
        replayed = ca.cli("verify", web.certificate, environment=there, check=False)
        assert replayed.returncode == 6 and "nonce" in replayed.stderr, replayed.stdout + replayed.stderr
        server.kept = b"rubbish"
        rubbish = ca.cli("verify", web.certificate, environment=there, check=False)
        assert rubbish.returncode == 6, rubbish.stdout + rubbish.stderr
        server.kept = b""
        assert "revoked" in ca.cli("verify", web.certificate, environment=there, check=False).stderr
    finally:
        server.shutdown()
        server.server_close()


def test_the_ca_that_the_line_names_is_the_one_that_is_asked(make_ca):
    """With $QUICKLIME_SERVER set, `revoke --data` took a certificate back in the other CA."""
    here, there = make_ca(), make_ca()
    environment = dict(os.environ, QUICKLIME_SERVER=f"https://localhost:{there.https}", QUICKLIME_ROOTS=str(there.roots()))
    shown = run(BINARY, "ca", "list", "--data", here.data, env=environment).stdout
    assert "issuing-1" in shown
    web, other = here.issue("web.internal"), there.issue("web.internal")
    run(BINARY, "revoke", "web.internal", "--reason", "superseded", "--data", here.data, env=environment)
    assert here.ocsp(web) == "revoked" and there.ocsp(other) == "good"
    both = run(BINARY, "list", "--data", here.data, "--server", f"https://localhost:{there.https}", env=environment, check=False)
    assert both.returncode == 2 and "each name a CA" in both.stderr
    for command in ("serve", "up", "init"):
        refused = run(BINARY, command, "--server", f"https://localhost:{there.https}", check=False)
        assert refused.returncode == 2 and "data directory" in refused.stderr, refused.stderr


def test_verify_over_plain_http_trusts_the_roots_of_the_caller_alone(make_ca):
    ca, another = make_ca(), make_ca()
    web, foreign = ca.issue("web.internal"), another.issue("web.internal")
    there = {"QUICKLIME_SERVER": f"http://localhost:{another.http}"}
    nobody = ca.cli("verify", foreign.certificate, environment=there, check=False)
    assert nobody.returncode == 2 and "nobody is known" in nobody.stderr, nobody.stdout + nobody.stderr
    refused = ca.cli("verify", foreign.certificate, environment=there | {"QUICKLIME_ROOTS": str(ca.roots())}, check=False)
    assert refused.returncode == 6, refused.stdout + refused.stderr
    here = {"QUICKLIME_SERVER": f"http://localhost:{ca.http}", "QUICKLIME_ROOTS": str(ca.roots())}
    assert ca.cli("verify", web.certificate, environment=here).stdout.startswith("good: ")


def test_no_name_of_a_token_shows_another(shared_ca):
    token = shared_ca.cli("token", "create", "named", "--role", "auditor").stdout.strip()
    refused = shared_ca.cli("token", "create", token, "--role", "auditor", check=False)
    assert refused.returncode == 1 and "shows a secret" in refused.stderr, refused.stderr
    assert token not in (shared_ca.data / "log.db").read_bytes().decode("latin-1")


def test_a_token_is_sent_over_tls_alone(shared_ca):
    token = shared_ca.cli("token", "create", "plain", "--role", "auditor").stdout.strip()
    refused = shared_ca.cli("list", environment={"QUICKLIME_SERVER": f"http://localhost:{shared_ca.http}", "QUICKLIME_TOKEN": token}, check=False)
    assert refused.returncode == 2 and "TLS alone" in refused.stderr, refused.stderr


def test_tokens_over_tls(shared_ca, tmp_path):
    created = shared_ca.cli("token", "create", "load", "--names", "*.load.internal", "--profiles", "tls-server", "--days", "30")
    token = created.stdout.strip()
    assert re.fullmatch(r"qlk_\w+", token) and "only here" in created.stderr
    remote = {"QUICKLIME_SERVER": f"https://localhost:{shared_ca.https}", "QUICKLIME_ROOTS": str(shared_ca.roots()), "QUICKLIME_TOKEN": token}
    issued = json.loads(shared_ca.cli("issue", "a.load.internal", "--out", tmp_path, "-o", "json", environment=remote).stdout)
    assert shared_ca.cli_json("show", issued["serial"])["requester"].startswith("token:")
    assert shared_ca.cli("verify", "--cert", issued["certificate_file"], environment=remote).returncode == 0
    denied = shared_ca.cli("issue", "web.internal", "--out", tmp_path, environment=remote, check=False)
    assert denied.returncode == 4 and "*.load.internal" in denied.stderr
    assert token not in shared_ca.cli("token", "list").stdout + shared_ca.messages()
    assert "request.denied" in shared_ca.cli("log", "tail", "-n", "50").stdout

    shared_ca.cli("token", "revoke", "load")
    refused = shared_ca.cli("issue", "b.load.internal", "--out", tmp_path, environment=remote, check=False)
    assert refused.returncode == 4
    assert [one["status"] for one in shared_ca.cli_json("token", "list")["tokens"] if one["name"] == "load"] == ["revoked"]


def test_no_secret_is_in_the_log_or_the_logs(shared_ca):
    web = shared_ca.issue("quiet.internal")
    token = shared_ca.cli_json("token", "create", "quiet", "--names", "quiet.internal")["token"]
    everything = shared_ca.messages() + (shared_ca.data / "log.db").read_bytes().decode("latin-1")
    for secret in (web.secret, web.secret.rsplit("_", 1)[1], token, token.rsplit("_", 1)[1]):
        assert secret not in everything


def test_exit_codes(shared_ca, tmp_path):
    def code(*arguments, **more):
        return shared_ca.cli(*arguments, check=False, **more).returncode

    assert code("list") == 0
    assert code("issue") == 2 and code("lst") == 2 and code("list", "--nmae", "x") == 2
    assert run(BINARY, "list", "--data", tmp_path / "nothing", check=False).returncode == 3
    assert code("list", environment={"QUICKLIME_SERVER": f"https://localhost:{free_port()}"}) == 5
    assert run(BINARY, "version", "--running", "--data", tmp_path / "nothing", check=False).returncode == 5
    assert code("version", "--running") == 0
    suggestion = shared_ca.cli("isue", "web.internal", check=False)
    assert "issue" in suggestion.stderr


def test_json_output_is_json_alone(shared_ca, tmp_path):
    made = json.loads(run(BINARY, "init", "--data", tmp_path / "data", "-o", "json").stdout)
    assert made["root_key"] == str(tmp_path / "data/ca/root.key") and len(made["root_sha256"]) == 64
    json.loads(run(BINARY, "views", "rebuild", "--data", tmp_path / "data", "-o", "json").stdout)
    for command in (("list",), ("token", "list"), ("views", "status"), ("log", "verify"), ("version",)):
        json.loads(shared_ca.cli(*command, "-o", "json").stdout)


def test_admin_endpoint(shared_ca):
    assert shared_ca.plain("GET", "/livez", port=shared_ca.admin).status == 200
    ready = shared_ca.plain("GET", "/readyz?verbose", port=shared_ca.admin)
    assert ready.status == 200
    for check in ("view ocsp", "log", "own certificate tls", "own certificate ocsp-issuing-1"):
        assert check in ready.body.decode()
    metrics = shared_ca.plain("GET", "/metrics", port=shared_ca.admin).body.decode()
    assert "quicklime_http_request_duration_seconds" in metrics and "quicklime_build_info" in metrics


def test_the_control_socket_looks_at_who_asks_and_not_at_how(ca):
    """Even where the socket can be reached: nothing at all is answered to others, what anybody may ask over HTTP included."""
    stranger = 65534 if os.geteuid() == 0 else None  # only root can try as somebody else
    ca.base.chmod(0o755)
    ca.data.chmod(0o755)
    (ca.data / "control.sock").chmod(0o666)

    def ask(path, user=None):
        done = run("curl", "-s", "-o", "-", "-w", " %{http_code}", "--unix-socket", ca.data / "control.sock", f"http://localhost{path}", user=user)
        return done.stdout

    for path in ("/control/views", "/control/log", "/control/log/verification", "/v1/certificates", "/v1/version", "/ca/roots.pem"):
        assert ask(path).endswith(" 200"), path
        answer = ask(path, stranger)
        assert stranger is None or (answer.endswith(" 403") and "control-socket-denied" in answer), answer


def test_sigterm_answers_what_is_under_way(ca):
    request = (b"POST /ocsp HTTP/1.1\r\nHost: ca\r\nContent-Type: application/ocsp-request\r\nContent-Length: 10\r\n"
               b"Expect: 100-continue\r\n\r\n01234")
    with socket.create_connection(("127.0.0.1", ca.http), timeout=10 * PATIENCE) as connection:
        connection.sendall(request)
        assert connection.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"  # it is under way
        ca.process.terminate()
        wait_until(lambda: refuses(ca.http), what="no new connections")
        connection.sendall(b"56789")
        answer = b""
        while more := connection.recv(4096):
            answer += more
    assert answer.startswith(b"HTTP/1.1 200 ") and b"connection: close" in answer.lower(), answer
    assert ca.ended() == 0
    assert "stopped" in ca.messages()
    assert not (ca.data / "control.sock").exists()


def refuses(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        return False
    except (ConnectionRefusedError, ConnectionResetError):  # reset: it came while the socket closed
        return True


def test_the_reference_is_what_the_program_says():
    said = run(BINARY, "reference").stdout
    assert (REPOSITORY / "docs/command-line.md").read_text(encoding="utf-8") == said, "quicklime reference > docs/command-line.md"


def test_unknown_settings_are_refused(make_ca):
    ca = make_ca(start=False)
    with open(ca.data / "quicklime.toml", "a", encoding="utf-8") as file:
        file.write('\n[ocps]\nlifetime = "1h"\n')
    refused = run(*ca.serve_command(), check=False)
    assert refused.returncode == 1 and "ocps" in refused.stderr and "ocsp" in refused.stderr


# ---- what newcomers met


def test_hold_and_release(shared_ca):
    web = shared_ca.issue("pause.internal")
    held = shared_ca.cli("hold", "pause.internal").stdout
    assert held.startswith(f"On hold: {web.serial}") and f"quicklime release {web.serial}" in held
    assert shared_ca.ocsp(web) == "revoked" and f" held " in shared_ca.cli("list", "--name", "pause.internal").stdout
    assert shared_ca.cli("release", web.certificate).stdout.startswith(f"Good, and not on hold: {web.serial}\n")
    assert shared_ca.ocsp(web) == "good"
    assert shared_ca.cli_json("hold", web.serial)["status"] == "held"
    shared_ca.cli("revoke", web.serial)
    for command in ("hold", "release"):
        refused = shared_ca.cli(command, web.serial, check=False)
        assert refused.returncode == 1 and "revoked is for ever" in refused.stderr
    assert shared_ca.cli("hold", check=False).returncode == 2


def test_without_a_token_a_server_says_what_is_missing_and_where_to_get_it(shared_ca, tmp_path):
    web, other = shared_ca.issue("nobody.internal"), shared_ca.issue("other.internal")
    nobody = {"QUICKLIME_SERVER": f"https://localhost:{shared_ca.https}", "QUICKLIME_ROOTS": str(shared_ca.roots())}
    for command in (("revoke", web.serial), ("revoke", "nobody.internal"), ("hold", web.serial), ("release", web.serial), ("list",),
                    ("issue", "b.internal", "--out", tmp_path), ("token", "create", "ci"), ("show", "nobody.internal")):
        refused = shared_ca.cli(*command, environment=nobody, check=False)
        assert refused.returncode == 4, command
        for words in ("--token-file FILE", "$QUICKLIME_TOKEN", "quicklime token create", "--role administrator"):
            assert words in refused.stderr, (command, refused.stderr)
        assert ("--secret-file FILE" in refused.stderr and "--key FILE" in refused.stderr) == (command[0] == "revoke"), refused.stderr
    # What it says does it.
    (tmp_path / "secret").write_text(web.secret)
    shared_ca.cli("revoke", "--secret-file", tmp_path / "secret", environment=nobody)
    shared_ca.cli("revoke", other.certificate, "--key", other.key, environment=nobody)
    assert shared_ca.ocsp(web) == shared_ca.ocsp(other) == "revoked"
    third = shared_ca.issue("third.internal")
    token = shared_ca.cli("token", "create", "operator", "--role", "administrator").stdout.strip()
    shared_ca.cli("revoke", third.serial, environment={**nobody, "QUICKLIME_TOKEN": token})
    assert shared_ca.ocsp(third) == "revoked"
    wrong = shared_ca.cli("list", environment={**nobody, "QUICKLIME_TOKEN": token[:-1] + "x"}, check=False)
    assert wrong.returncode == 4 and "no token was given" not in wrong.stderr
    # Whose server it is was not said, or was said wrongly.
    for roots in ("", str(web.certificate)):
        refused = shared_ca.cli("list", environment={**nobody, "QUICKLIME_ROOTS": roots}, check=False)
        assert refused.returncode == 5 and ("--roots FILE" in refused.stderr and "/ca/roots.pem" in refused.stderr) == (not roots), refused.stderr


def test_one_thing_at_a_time(shared_ca):
    one, two = shared_ca.issue("first.internal"), shared_ca.issue("second.internal")
    asked = shared_ca.cli("renew", one.certificate, two.certificate, check=False)
    assert asked.returncode == 2 and "one certificate at a time, and these are 2" in asked.stderr and "quicklime renew --daemon FILE..." in asked.stderr
    asked = shared_ca.cli("revoke", one.serial, two.serial, check=False)
    assert asked.returncode == 2 and f"there is no place for '{two.serial}': it takes one SERIAL|NAME|FILE" in asked.stderr
    assert shared_ca.ocsp(one) == shared_ca.ocsp(two) == "good"


def test_a_replaced_certificate_is_good_everywhere(shared_ca):
    old = shared_ca.issue("line.internal")
    new = shared_ca.cli_json("renew", old.certificate)["serial"]
    listed = {line.split()[0]: line for line in shared_ca.cli("list", "--name", "line.internal", "--status", "good").stdout.splitlines()[1:]}
    assert set(listed) == {old.serial, new}
    assert " good (replaced) " in listed[old.serial] and "replaced" not in listed[new]
    summary = {one["serial"]: one for one in shared_ca.cli_json("list", "--name", "line.internal")["certificates"]}
    assert (summary[old.serial]["status"], summary[old.serial]["replaced_by"]) == ("good", new)
    shown = shared_ca.cli("show", old.serial).stdout
    assert re.search(r"^status +good \(replaced\)$", shown, re.MULTILINE) and re.search(rf"^replaced by +{new}$", shown, re.MULTILINE)
    assert shared_ca.ocsp(old) == "good"
    refused = shared_ca.cli("list", "--status", "replaced", check=False)
    assert refused.returncode == 2 and "good, held, revoked, expired" in refused.stderr


def test_a_broken_signing_request_is_named_in_words(shared_ca, tmp_path):
    request = tmp_path / "request.json"
    shared_ca.cli("ca", "sign-crl", "--request", request)
    good = request.read_text()
    for broken in ("", "rubbish", "{}", "[]", "null", good[:-20], good.replace('"number": "', '"number": "x'), re.sub(r'"revoked": \[\]', '"revoked": 7', good)):
        request.write_text(broken)
        refused = shared_ca.cli("ca", "sign-crl", "--sign", request, "--key", shared_ca.data / "ca/root.key", "--out", tmp_path / "crl", check=False)
        assert refused.returncode == 1 and not (tmp_path / "crl").exists()
        assert refused.stderr.startswith(f"quicklime: {request}: this is not what `quicklime ca sign-crl --request` writes: it"), refused.stderr
        assert not re.search("json.exception|parse_error|type_error|syntax error", refused.stderr)
