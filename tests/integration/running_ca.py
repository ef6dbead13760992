"""A small language for tests against the real binary.

    ca = RunningCA()             # init and serve, in a directory of its own
    web = ca.issue("web.internal")
    ca.revoke(web)
    assert ca.ocsp(web) == "revoked"
"""

import hashlib
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import tempfile
import threading
import time
import uuid

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("QUICKLIME_BINARY", str(REPOSITORY / "build/release/bin/quicklime"))
# Sanitizers make everything slower; deadlines of tests that measure nothing stretch with this.
PATIENCE = float(os.environ.get("QUICKLIME_PATIENCE", "1"))


def run(*command, check=True, timeout=60, **more):
    """A command to its end; its output as text."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=timeout * PATIENCE, check=False, **more)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}\nexit {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


def openssl(*arguments, **more):
    return run("openssl", *arguments, **more)


PORTS = random.sample(range(10_000, 15_000), 5_000)  # clients are given higher ones, clusters and scripts/kafka.sh take higher ones


def services(program=BINARY):
    """[what the program says of one role]"""
    return json.loads(run(program, "reference", "services", "-o", "json").stdout)


def free_port():
    """Nobody's for as long as the test lasts, also while the server that has it is down."""
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port := PORTS.pop()))
            except OSError:
                continue
            return port


def wait_until(holds, within=30.0, what="it"):
    """Polls; returns the first true value."""
    end = time.monotonic() + within * PATIENCE
    while True:
        value = holds()
        if value:
            return value
        assert time.monotonic() < end, f"{what} did not come within {within} s"
        time.sleep(0.02)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def reason(self):
        """The slug of a problem; below CFSSL's paths it begins the message."""
        if "type" in self.json:
            return self.json["type"].rsplit("#", 1)[1]
        return self.json["errors"][0]["message"].split(":")[0]

    @property
    def position(self):
        return self.headers["Quicklime-Position"]


class Issued:
    """What `quicklime issue` made."""

    def __init__(self, answer):
        self.answer = answer
        self.serial = answer["serial"]
        self.certificate = pathlib.Path(answer["certificate_file"])
        self.key = pathlib.Path(answer["key_file"]) if "key_file" in answer else None
        self.secret = answer["revocation_secret"]


class RunningCA:
    def __init__(self, init=(), settings=None, environment=None, start=True, serve_with=(), binary=BINARY):
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="ql-", dir="/tmp"))  # short: a unix socket's path has 107 characters
        self.data = self.base / "data"
        self.out = self.base / "out"
        self.out.mkdir()
        self.https, self.http, self.admin = free_port(), free_port(), free_port()
        self.binary = str(binary)
        self.serve_with = tuple(serve_with)  # a program in front: strace
        self.process = None
        self.held_still = False
        self.secrets = set()
        self.log = open(self.base / "serve.log", "ab")
        self.cli("init", "--name", "Test", "--public-url", f"http://127.0.0.1:{self.http}", *init)
        self.bootstrap = (settings or {}).get("listen__bootstrap")
        # One address asks for all tests: how often it may be refused in a second is not their subject.
        self.configure(**{"limits__authentication_failures": 0, **(settings or {})})
        if start:
            self.start(environment)

    # ---- the process

    def configure(self, **settings):
        """ocsp__stale_limit="3s" sets stale_limit in [ocsp]: takes the '#' off its line in quicklime.toml."""
        path = self.data / "quicklime.toml"
        table, lines = "", []
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("["):
                table = line.strip("[]").replace(".", "__").replace("-", "_") + "__"
            name = line.removeprefix("#").split(" = ")[0]
            if " = " in line and table + name in settings:
                line = f"{name} = {json.dumps(settings.pop(table + name))}"
            lines.append(line)
        assert not settings, f"no such setting: {settings}"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def serve_command(self):
        return [*self.serve_with, self.binary, "serve", "--data", str(self.data), "--https", f"127.0.0.1:{self.https}",
                "--http", f"127.0.0.1:{self.http}", "--admin", f"127.0.0.1:{self.admin}", "-o", "json"]

    def start(self, environment=None, wait=True):
        env = dict(os.environ, **(environment or {}))
        self.process = subprocess.Popen(self.serve_command(), stdout=subprocess.PIPE, stderr=self.log, env=env, text=True)
        self.held_still = False
        if wait:
            line = self.process.stdout.readline()
            assert line, f"serve ended before it served:\n{self.messages()}"
            self.listening = json.loads(line)
        return self

    def pid(self):
        """Of the server itself, whatever runs in front of it."""
        holder = (self.data / "LOCK").read_text(encoding="utf-8")
        return int(holder.split(",")[0].removeprefix("pid "))

    def stop(self):
        """As systemd does; the exit code."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            os.kill(self.pid(), signal.SIGTERM)
        code = self.process.wait(timeout=30 * PATIENCE)
        self.process.stdout.close()
        self.process = None
        return code

    def kill(self):
        if self.process is not None:
            if self.serve_with and self.process.poll() is None:
                os.kill(self.pid(), signal.SIGKILL)  # a strace that is killed lets its server go on
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.process = None

    def ended(self, within=30):
        """The exit code of a process that ends by itself."""
        code = self.process.wait(timeout=within * PATIENCE)
        self.process.stdout.close()
        self.process = None
        return code

    def restart(self, environment=None):
        self.stop()
        return self.start(environment)

    def messages(self):
        self.log.flush()
        return (self.base / "serve.log").read_text(errors="replace")

    def remove(self):
        self.kill()
        found = self.secrets_found()
        self.log.close()
        shutil.rmtree(self.base, ignore_errors=True)
        assert not found, f"in the log or in the lines of the process: {found}"

    def saw(self, text):
        """Remembers every token and revocation secret that this CA gave away."""
        self.secrets.update(word.rsplit("_", 1)[1] for word in re.findall(r"ql[krs]_[0-9A-Za-z-]+_[0-9A-Za-z-]+", text))
        return text

    def secrets_found(self):
        """Those that stand where nobody may find them: in an event, or in what the process wrote."""
        try:
            events = [json.dumps(event) for _, event in log_events(self.data)]
        except (sqlite3.Error, ValueError):  # the test damaged or moved it
            events = []
        lines = [*events, *self.messages().splitlines()]
        return [line for line in lines if any(secret in line for secret in self.secrets)]

    def settled(self):
        """Until every view has what the log has: an answer says that it is in the log, and others hear of it a moment later."""
        if self.process is not None and self.process.poll() is None and not self.held_still:
            wait_until(lambda: all(view["behind"] == 0 for view in self.request("GET", "/control/views").json["views"]), what="the views")

    # ---- the command line

    def cli(self, *arguments, check=True, environment=None, **more):
        env = {**os.environ, "XDG_CONFIG_HOME": str(self.base / "home"), **(environment or {})}  # who is signed in on this machine is not our subject
        for name in ("QUICKLIME_DATA", "QUICKLIME_SERVER", "QUICKLIME_TOKEN", "QUICKLIME_ROOTS"):
            if not environment or name not in environment:
                env.pop(name, None)
        here = ["--data", self.data] if "QUICKLIME_SERVER" not in env and "--server" not in arguments else []
        done = run(self.binary, *arguments, *here, check=check, env=env, **more)
        self.saw(done.stdout)
        self.settled()
        return done

    def cli_json(self, *arguments):
        return json.loads(self.cli(*arguments, "-o", "json").stdout)

    def issue(self, *names, more=()):
        out = self.out / uuid.uuid4().hex[:8]
        return Issued(self.cli_json("issue", *names, "--out", out, *more))

    def revoke(self, issued, reason="superseded"):
        serial = issued if isinstance(issued, str) else issued.serial
        return self.cli_json("revoke", serial, "--reason", reason)

    def dump(self):
        """The canonical dump of every view; only when nothing serves."""
        return self.cli("views", "dump").stdout

    # ---- the API

    def request(self, method, target, body=None, headers=None, timeout=30):
        """As administrator, over the control socket."""
        connection = UnixConnection(str(self.data / "control.sock"), timeout * PATIENCE)
        try:
            connection.request(method, target, body=body, headers=headers or {})
            answer = Answer(connection.getresponse())
            self.saw(answer.body.decode(errors="replace"))
            return answer
        finally:
            connection.close()

    def plain(self, method, target, body=None, headers=None, port=None, timeout=30):
        connection = http.client.HTTPConnection("127.0.0.1", port or self.http, timeout=timeout * PATIENCE)
        try:
            connection.request(method, target, body=body, headers=headers or {})
            answer = Answer(connection.getresponse())
            self.saw(answer.body.decode(errors="replace"))
            return answer
        finally:
            connection.close()

    def trusting(self):
        """A TLS context for whom this CA's roots are the only ones."""
        return ssl.create_default_context(cadata=self.fetch("/ca/roots.pem").decode())

    def secure(self, method, target, body=None, headers=None, timeout=30, context=None):
        """Over TLS, the server's certificate checked against the CA's roots."""
        context = context or self.trusting()
        connection = http.client.HTTPSConnection("127.0.0.1", self.https, timeout=timeout * PATIENCE, context=context)
        try:
            connection.request(method, target, body=body, headers=headers or {})
            answer = Answer(connection.getresponse())
            self.saw(answer.body.decode(errors="replace"))
            return answer
        finally:
            connection.close()

    def post_json(self, target, value, headers=None, timeout=30):
        return self.request("POST", target, json.dumps(value), {"Content-Type": "application/json", **(headers or {})}, timeout)

    def post_csr(self, csr, headers=None, timeout=30, **fields):
        return self.post_json("/v1/certificates", {"csr": csr, **fields}, headers, timeout)

    def hook(self, name):
        """pause-projection and stall-log hold it still, until resume-projection and unstall-log."""
        self.settled()
        answer = self.request("POST", f"/test/{name}")
        assert answer.status == 200, answer.body
        self.held_still = name in ("pause-projection", "stall-log")

    def listed(self, after=None, **query):
        """Every certificate, over every page; after: a position that the list must have reached."""
        headers = {"Quicklime-Min-Position": after} if after else {}
        all_of_them, cursor = [], None
        while True:
            parameters = {"limit": "500", **query, **({"cursor": cursor} if cursor else {})}
            target = "/v1/certificates?" + "&".join(f"{name}={value}" for name, value in parameters.items())
            answer = wait_until(lambda target=target: (got := self.request("GET", target, headers=headers)).status != 503 and got, what="the list")
            assert answer.status == 200, answer.body
            all_of_them += answer.json["certificates"]
            cursor = answer.json.get("next")
            if not cursor:
                return all_of_them

    # ---- what openssl makes of it

    def fetch(self, target):
        answer = self.plain("GET", target)
        assert answer.status == 200, f"{target}: {answer.status} {answer.body}"
        return answer.body

    def file(self, target, name=None):
        """A published document as a file."""
        path = self.base / (name or target.strip("/").replace("/", "-"))
        path.write_bytes(self.fetch(target))
        return path

    def roots(self):
        return self.file("/ca/roots.pem")

    def issuing(self):
        return self.file("/ca/issuing-1.pem")

    def ocsp_text(self, serial, *options):
        self.settled()
        done = openssl("ocsp", "-issuer", self.issuing(), "-serial", "0x" + serial, "-url", f"http://127.0.0.1:{self.http}/ocsp",
                       "-CAfile", self.roots(), "-no_nonce", *options, check=False)
        return done.stdout + done.stderr

    def ocsp(self, issued):
        """good, revoked, unknown, or openssl's words for anything else."""
        serial = issued if isinstance(issued, str) else issued.serial
        text = self.ocsp_text(serial)
        for line in text.splitlines():
            if line.startswith("0x") and ": " in line:
                assert "Response verify OK" in text, text
                return line.split(": ", 1)[1]
        return text

    def crl(self, authority="issuing-1"):
        """Serials on the CRL with their reasons, and its number, as openssl reads them; the signature is checked."""
        der = self.file(f"/crl/{authority}.crl")
        text = openssl("crl", "-inform", "DER", "-in", der, "-noout", "-text").stdout
        return text

    def revoked_serials(self, authority="issuing-1"):
        return {line.split(":", 1)[1].strip().lower() for line in self.crl(authority).splitlines() if "Serial Number:" in line}


def new_key(path):
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path)
    return path


def new_csr(*names, key=None, subject="/"):
    """A CSR made by openssl, PEM."""
    with tempfile.TemporaryDirectory() as folder:
        key = key or new_key(os.path.join(folder, "key"))
        configuration = pathlib.Path(folder) / "configuration"  # ten thousand names do not fit on a command line
        sections = "[req]\ndistinguished_name = name\n[name]\n[extensions]\n"
        if names and names[0].startswith("DER:"):
            sections += f"subjectAltName = {names[0]}\n"
        elif names:
            sections += "subjectAltName = @names\n[names]\n"
            sections += "".join(f"{name.split(':', 1)[0]}.{i} = {name.split(':', 1)[1]}\n" for i, name in enumerate(names))
        configuration.write_text(sections)
        more = ["-reqexts", "extensions"] if names else []
        return openssl("req", "-new", "-key", key, "-subj", subject, "-config", configuration, *more).stdout


def sign(key, text, signature):
    """A proof by key: signed as keys of its kind sign."""
    about = openssl("pkey", "-in", key, "-noout", "-text").stdout
    if "ED25519" in about:
        openssl("pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", text, "-out", signature)
    else:
        digest = "-sha384" if "(384 bit)" in about else "-sha512" if "(521 bit)" in about else "-sha256"
        openssl("dgst", digest, "-sign", key, "-out", signature, text)


# ---- the log, read by nobody's code but sqlite3's

def log_events(data):
    """[(offset, event)] of log.db."""
    with sqlite3.connect(f"file:{data}/log.db?mode=ro", uri=True) as database:
        return [(offset, json.loads(event)) for offset, event in database.execute("SELECT offset, bytes FROM events ORDER BY offset")]


def schema(event):
    return event["schema"].split("/")[0]


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def in_parallel(count, work):
    """work(i) on `count` threads at once; the results in order, exceptions raised."""
    results, errors = [None] * count, []
    barrier = threading.Barrier(count)

    def one(i):
        try:
            barrier.wait()
            results[i] = work(i)
        except BaseException as error:  # noqa: BLE001: raised below, on the test's thread
            errors.append(error)

    threads = [threading.Thread(target=one, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results


# ---- peers

class Peer:
    """A process of the CA's own: its certificate for a role, made as scripts/gateway_certificate.sh makes the gateway's."""

    def __init__(self, ca, role, directory, token=None):
        directory.mkdir(exist_ok=True)
        self.certificate, self.key, self.csr = directory / f"{role}.crt", directory / f"{role}.key", directory / f"{role}.csr"
        self.token = token or peer_token(ca, role)
        self.url = f"https://{ca.bootstrap}/v1/certificates"
        self.roots = ca.roots()
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", self.key, "-out", self.csr, "-subj", "/",
                "-addext", f"subjectAltName=URI:quicklime:role/{role},DNS:{role},DNS:localhost,IP:127.0.0.1")
        answer = self.ask("-H", f"Authorization: Bearer {self.token}")
        assert "certificate" in answer, answer
        self.certificate.write_text(answer["certificate"] + answer["chain"])
        self.serial = answer["serial"]

    def ask(self, *more, profile="role-peer", csr=None):
        """The answer of issuance where it listens for daemons."""
        return json.loads(run("curl", "-sS", "--cacert", self.roots, "-H", "Content-Type: application/pkcs10", "--data-binary", f"@{csr or self.csr}", *more,
                              f"{self.url}?profile={profile}").stdout)

    def by_certificate(self, **more):
        return self.ask("--cert", self.certificate, "--key", self.key, **more)


def peer_token(ca, role):
    ca.cli("token", "bootstrap", role, "--into", ca.base)
    return (ca.base / f"{role}.token").read_text().strip()


def reason(answer):
    return answer.get("type", "").rsplit("#", 1)[-1]
