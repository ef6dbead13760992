"""A small language for tests against a cluster of real processes: Kafka, Redis, daemons, projectors, nginx.

    cluster = RunningCluster()                # scripts/cluster.sh up
    web = cluster.issue("web.internal")
    cluster.kill("ocsp-1")
    assert cluster.ocsp(web.json["serial"]) == "good"
    cluster.up()                              # what is not running is started
"""

import contextlib
import http.client
import json
import os
import pathlib
import random
import signal
import socket
import ssl
import subprocess
import tempfile
import urllib.error
import urllib.request

from check_cluster import kind
from running_ca import PATIENCE, REPOSITORY, Answer, new_csr, openssl, run, services, wait_until
from cluster_directory import port_of
from view_dump import Redis

PROGRAMS = os.environ.get("QUICKLIME_PROGRAMS", str(REPOSITORY / "build/release/bin"))
SERVICES = services(f"{PROGRAMS}/quicklime")
ROLES = tuple(one["name"] for one in SERVICES)


def free_base():
    """A thousand ports, as far as their ends tell."""
    while True:
        base = random.randrange(20, 29) * 1000
        try:
            for offset in (80, 92, 379, 443, 444, 111, 301):
                with socket.socket() as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind(("127.0.0.1", base + offset))
            return base
        except OSError:
            continue


def until_answered(send, wanted=None, within=30):
    """503 decides nothing: the same again, until there is another answer."""
    answers = []

    def answered():
        answers.append(send())
        return answers[-1].status != 503

    try:
        wait_until(answered, within, what="an answer")
    except AssertionError as late:
        raise AssertionError(f"{late}; the last: {answers[-1].body}") from None
    assert wanted in (None, answers[-1].status), (answers[-1].status, answers[-1].body)
    return answers[-1]


class RunningCluster:
    def __init__(self, brokers=1, demonstration=False, programs=PROGRAMS, up=(), **environment):
        self.programs = programs
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="qlc-", dir="/tmp"))
        self.port = free_base()
        self.environment = {**os.environ, "QUICKLIME_CLUSTER": str(self.directory), "QUICKLIME_CLUSTER_PORT": str(self.port),
                            "QUICKLIME_PROGRAMS": str(programs), "BROKERS": str(brokers), "REDIS_OPERATOR": "1", **environment}
        self.https, self.http = self.port + 443, self.port + 80
        try:
            self.prepare()
            self.first_up = self.script("up", *up, *([] if demonstration else ["--no-demonstration"]))
        except BaseException:
            self.remove()
            raise
        self.roots = self.directory / "gateway/roots.pem"
        self.token = json.loads(self.cli("token", "create", "tests", "--role", "administrator", "--days", "1", "-o", "json").stdout)["token"]
        wait_until(lambda: self.request("GET", "/v1/certificates?limit=1").status == 200, what="the token")
        wait_until(lambda: self.post_csr(new_csr("DNS:first.internal")).status == 201, what="the token, at issuance")

    def prepare(self):
        """What stands in the directory before the first start."""

    def script(self, *arguments, timeout=240):
        return run(REPOSITORY / "scripts/cluster.sh", *arguments, env=self.environment, timeout=timeout).stdout

    def up(self):
        """Starts what is not running, and waits until it is ready."""
        return self.script("up", "--no-demonstration")

    def remove(self):
        self.script("down", "--remove")

    def cli(self, *arguments, data="identity-1"):
        return run(f"{self.programs}/quicklime", *arguments, "--data", self.directory / data)

    # ---- processes
    def pid(self, home):
        return int((self.directory / home / "pid").read_text())

    def kill(self, home, how=signal.SIGKILL, within=30):
        os.kill(self.pid(home), how)
        wait_until(lambda: not self.is_running(home), within, what=f"the end of {home}")

    def start(self, home, **environment):
        """One process that was killed, with more in its environment; does not wait until it is ready."""
        program = f"{self.programs}/quicklime-{home.rsplit('-', 1)[0] if home[-1].isdigit() else home}"
        with open(self.directory / home / "log", "ab") as log:
            started = subprocess.Popen([program, "--data", str(self.directory / home)], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                       env={**os.environ, **environment}, start_new_session=True)
        (self.directory / home / "pid").write_text(str(started.pid))
        return started

    def log_of(self, home):
        return (self.directory / home / "log").read_text(errors="replace")

    def peer_port(self, role, replica):
        return port_of(self.directory, f"{role}-{replica}", "https")

    def admin_port(self, role, replica):
        """Replica 0: the projector."""
        return port_of(self.directory, f"{role}-{replica}" if replica else f"projector-{role}", "admin")

    def is_ready(self, role, replica):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port(role, replica)}/readyz", timeout=10 * PATIENCE) as answer:
                return answer.status == 200
        except OSError:
            return False

    def not_ready_for(self, role, replica):
        """{check: why it does not hold}"""
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port(role, replica)}/readyz", timeout=10 * PATIENCE).close()
            return {}
        except urllib.error.HTTPError as refused:
            lines = refused.read().decode().splitlines()
            return dict(line.removeprefix("not ").split(": ", 1) for line in lines if line.startswith("not ") and ": " in line)

    @contextlib.contextmanager
    def frozen(self, *pids):
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def redis(self, *words):
        """A command of the operator."""
        return Redis(self.port + 379, "operator", (self.directory / "passwords/operator").read_text().strip()).ask(*words)

    def is_running(self, home):
        """Until all of its threads have ended: before, its ports are still taken."""
        process = pathlib.Path(f"/proc/{self.pid(home)}")
        try:
            return (process / "stat").read_text().split()[2] != "Z" or len(list((process / "task").iterdir())) > 1
        except (FileNotFoundError, ProcessLookupError):
            return False

    def broker_pid(self, number=1):
        return int((self.directory / f"kafka/broker-{number}.pid").read_text())

    # ---- requests, through the gateway
    def request(self, method, target, body=None, headers=None, timeout=30, token=None):
        context = ssl.create_default_context(cafile=self.roots)
        connection = http.client.HTTPSConnection("localhost", self.https, timeout=timeout * PATIENCE, context=context)
        try:
            connection.request(method, target, body=body, headers={"Authorization": f"Bearer {token or self.token}", **(headers or {})})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def post_json(self, target, value, headers=None):
        return self.request("POST", target, json.dumps(value), {"Content-Type": "application/json", **(headers or {})})

    def post_csr(self, csr, headers=None, **fields):
        return self.post_json("/v1/certificates", {"csr": csr, **fields}, headers)

    def issue(self, *names):
        csr = new_csr(*(f"DNS:{name}" for name in names))
        return until_answered(lambda: self.post_csr(csr), 201)

    def revoke(self, serial, reason="superseded"):
        return until_answered(lambda: self.post_json(f"/v1/certificates/{serial}/revoke", {"reason": reason}), 200)

    def fetch(self, target):
        connection = http.client.HTTPConnection("localhost", self.http, timeout=30 * PATIENCE)
        try:
            connection.request("GET", target)
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def ocsp(self, serial, replica=None):
        """good, revoked, unknown, or openssl's words for anything else: of the replica that the gateway chooses, or of this one."""
        issuing = self.directory / "issuing.pem"
        if not issuing.exists():
            issuing.write_bytes(self.fetch("/ca/issuing-1.pem").body)
        question = ("ocsp", "-issuer", issuing, "-serial", "0x" + serial, "-no_nonce")
        if replica:
            asked, answered = self.directory / "question.der", self.directory / "answer.der"
            openssl(*question, "-reqout", asked)
            answered.write_bytes(Peer(self, "ocsp", replica).ask("/ocsp", asked.read_bytes(), {"Content-Type": "application/ocsp-request"}).body)
            source = ("-respin", answered)
        else:
            source = ("-url", f"http://localhost:{self.http}/ocsp")
        done = openssl(*question, *source, "-CAfile", self.roots, "-verify_other", issuing, check=False)
        for line in done.stdout.splitlines():
            if line.startswith("0x") and ": " in line:
                assert "Response verify OK" in done.stdout + done.stderr
                return line.split(": ", 1)[1]
        return done.stdout + done.stderr

    def crl_serials(self, replica=None):
        der = self.directory / "issuing.crl"
        answer = Peer(self, "crl", replica).ask("/crl/issuing-1.crl") if replica else self.fetch("/crl/issuing-1.crl")
        assert answer.status == 200, (answer.status, answer.body)
        der.write_bytes(answer.body)
        text = openssl("crl", "-inform", "DER", "-in", der, "-noout", "-text").stdout
        return {line.split(":", 1)[1].strip().lower() for line in text.splitlines() if "Serial Number:" in line}

    # ---- the log, read by nobody's code but kcat's
    def events(self):
        """[(offset, event)] of the topic."""
        servers = (self.directory / "kafka/bootstrap").read_text().strip()
        text = run("kcat", "-C", "-q", "-b", servers, "-t", "quicklime", "-p", "0", "-o", "beginning", "-e", "-f", "%o %s\n").stdout
        return [(int(line.split(" ", 1)[0]), json.loads(line.split(" ", 1)[1])) for line in text.splitlines()]

    def standing(self, serial):
        """Of all that was appended for the request that this one answers: what is not revoked. A retry that overtook the projector, or
        an append of unknown outcome, leaves more than one in the log; the first stands, and the sweep revokes the others."""
        events = [event for _, event in self.events()]
        claims = {event["data"]["serial"]: set(event.get("once", [])) for event in events if kind(event) == "certificate.issued"}
        revoked = {event["data"]["serial"] for event in events if kind(event) == "certificate.revoked"}
        asked = [other for other, claimed in claims.items() if claimed & claims[serial]]
        assert asked[0] == serial, f"{serial} was answered, and is not the first of {asked}"
        return set(asked) - revoked


class Peer:
    """One replica, asked as the gateway asks it: its own connection, so that a test chooses who answers."""

    def __init__(self, cluster, role, replica):
        self.token, self.port = cluster.token, cluster.peer_port(role, replica)
        self.context = ssl.create_default_context(cafile=cluster.roots)
        self.context.load_cert_chain(cluster.directory / "gateway/gateway.crt", cluster.directory / "gateway/gateway.key")
        self.connection = None

    def post(self, target, value, headers=None, anonymous=False):
        who = {} if anonymous else {"Authorization": f"Bearer {self.token}"}
        return self.ask(target, json.dumps(value), {"Content-Type": "application/json", **who, **(headers or {})})

    def ask(self, target, body=None, headers=None):
        """A POST if there is a body. Raises OSError or http.client.HTTPException when no answer comes."""
        if self.connection is None:
            self.connection = http.client.HTTPSConnection("localhost", self.port, timeout=30 * PATIENCE, context=self.context)
        try:
            self.connection.request("GET" if body is None else "POST", target, body, headers or {})
            return Answer(self.connection.getresponse())
        except (OSError, http.client.HTTPException):
            self.connection = None
            raise
