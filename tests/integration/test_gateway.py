"""nginx as scripts/gateway.py configures it, before replicas that are slow, frozen, dead or not ready: who is asked twice, and who never."""

import contextlib
import http.client
import http.server
import socket
import ssl
import subprocess
import sys
import threading
import time

import pytest
from running_ca import BINARY, PATIENCE, REPOSITORY, free_port, openssl, run, services, wait_until

ROLES = [one["name"] for one in services()]
TRY_LATER = b"0\x03\n\x01\x03"
NOT_READY = (503, "application/problem+json", b'{"type":"https://quicklime.dev/errors#view-incomplete"}')
GOOD = (200, "text/plain", b"good")


class Replica:
    """One daemon: answers what it is told, or nothing at all, and remembers what it was asked."""

    def __init__(self, certificates, answer=GOOD):
        self.answer, self.asked = answer, []
        replica = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                replica.asked.append((self.command, self.path, body))
                if replica.answer is None:
                    time.sleep(60)
                    return
                if callable(replica.answer):
                    replica.answer(self)
                    return
                status, kind, content = replica.answer
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = handle_any

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates / "gateway.crt", certificates / "gateway.key")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.address = f"127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def end(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """One certificate for everybody, which is its own root."""
    directory = tmp_path_factory.mktemp("certificates")
    names = ",".join(f"DNS:{name}" for name in ("localhost", "gateway", *ROLES))
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=gateway",
            "-addext", f"subjectAltName={names}", "-keyout", directory / "gateway.key", "-out", directory / "gateway.crt")
    (directory / "roots.pem").write_bytes((directory / "gateway.crt").read_bytes())
    return directory


class Gateway:
    def __init__(self, certificates, directory, replicas, **times):
        self.https, self.http, self.roots = free_port(), free_port(), certificates / "roots.pem"
        for file in certificates.iterdir():
            (directory / file.name).write_bytes(file.read_bytes())
        addresses = ",".join(replicas)
        # Patient with replicas that are alive, on a machine that has other work, too.
        times = {"connect-timeout": "10s", "ocsp-timeout": "10s", "read-timeout": "10s", "write-timeout": "10s", "left-out": "1s", **times}
        configuration = run(sys.executable, REPOSITORY / "scripts/gateway.py", "--program", BINARY, "--https", f"127.0.0.1:{self.https}", "--http",
                            f"127.0.0.1:{self.http}", "--directory", directory, *(f"--{name}={value}" for name, value in times.items()),
                            *(f"{role}={addresses}" for role in ROLES)).stdout
        (directory / "nginx.conf").write_text(configuration.replace("worker_processes 2", "worker_processes 1"))
        self.process = subprocess.Popen(["nginx", "-e", directory / "error.log", "-p", directory, "-c", directory / "nginx.conf", "-g", "daemon off;"])
        wait_until(self.listens, what="nginx")

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.https)) == 0

    def ask(self, method, path, body=None, tls=True):
        connection = (http.client.HTTPSConnection("localhost", self.https, timeout=30, context=ssl.create_default_context(cafile=self.roots))
                      if tls else http.client.HTTPConnection("127.0.0.1", self.http, timeout=30))
        with contextlib.closing(connection):
            connection.request(method, path, body)
            answer = connection.getresponse()
            return answer.status, answer.headers["Content-Type"], answer.read()

    def end(self):
        self.process.terminate()
        self.process.wait(timeout=10)


@pytest.fixture
def gateway_before(certificates, tmp_path):
    """gateway_before(GOOD, NOT_READY, None): a gateway, and the replicas of every role, which answer this; None: never."""
    ending = []

    def make(*answers, dead=0, **times):
        replicas = [Replica(certificates, answer) for answer in answers]
        gateway = Gateway(certificates, tmp_path, [*(replica.address for replica in replicas), *(f"127.0.0.1:{free_port()}" for _ in range(dead))],
                          **times)
        ending.extend([*replicas, gateway])
        return gateway, replicas

    yield make
    for one in reversed(ending):
        one.end()


READS = (("GET", "/v1/certificates?limit=1", True), ("GET", "/crl/issuing-1.crl", False), ("GET", "/ca/roots.pem", True))
OCSP = (("POST", "/ocsp", True), ("POST", "/ocsp", False), ("GET", "/ocsp/MEU%2FaGk=", False))
WRITES = (("POST", "/v1/certificates"), ("POST", "/v1/certificates/ab/revoke"), ("DELETE", "/v1/tokens/abcd"), ("PUT", "/v1/anything"))


def test_who_is_not_ready_is_not_believed(gateway_before):
    gateway, replicas = gateway_before(NOT_READY, GOOD)
    for method, path, tls in (*READS, *OCSP):
        for _ in range(4):  # whoever is asked first
            assert gateway.ask(method, path, b"question" if method == "POST" else None, tls) == GOOD, (method, path)
    assert all(replica.asked for replica in replicas)


def test_when_none_is_ready_the_client_hears_why(gateway_before):
    gateway, replicas = gateway_before(NOT_READY, NOT_READY, NOT_READY)
    for method, path, tls in READS:
        assert gateway.ask(method, path, tls=tls) == NOT_READY
    assert sum(len(replica.asked) for replica in replicas) == 2 * len(READS), "asked of one more, and no further"
    for method, path, tls in OCSP:
        assert gateway.ask(method, path, b"question" if method == "POST" else None, tls) == (200, "application/ocsp-response", TRY_LATER)


def test_a_refusal_leaves_nobody_out(gateway_before):
    """Or a stranger who is refused takes a replica from everybody else."""
    gateway, replicas = gateway_before(NOT_READY, NOT_READY)
    for _ in range(5):
        gateway.ask("GET", "/crl/issuing-1.crl", tls=False)
    for replica in replicas:
        replica.answer = GOOD
    for _ in range(5):
        assert gateway.ask("GET", "/crl/issuing-1.crl", tls=False) == GOOD


def test_what_may_write_is_never_asked_twice(gateway_before):
    gateway, replicas = gateway_before(NOT_READY, NOT_READY, **{"write-timeout": "1s"})
    for method, path in WRITES:
        assert gateway.ask(method, path, b"{}") == NOT_READY
    assert sorted(one[:2] for replica in replicas for one in replica.asked) == sorted(WRITES)
    for replica in replicas:
        replica.answer = None
    for method, path in WRITES:
        def was_asked_of_one():  # of none while both are left out
            for replica in replicas:
                replica.asked = []
            assert gateway.ask(method, path, b"{}")[0] in (502, 504)  # it may have happened
            asked = [one for replica in replicas for one in replica.asked]
            assert asked in ([], [(method, path, b"{}")]), asked
            return asked

        wait_until(was_asked_of_one, what=f"{method} {path} asked of a replica")


def test_a_frozen_replica_costs_a_question_one_short_try(gateway_before):
    gateway, replicas = gateway_before(None, GOOD, **{"ocsp-timeout": "1s", "read-timeout": "1s"})
    for method, path, tls in (*READS, *OCSP):
        def asked_of_the_frozen_one():  # when is the gateway's choice: each of its workers leaves it out, and tries it again, by itself
            for replica in replicas:
                replica.asked = []
            begun = time.monotonic()
            assert gateway.ask(method, path, b"question" if method == "POST" else None, tls) == GOOD
            assert time.monotonic() - begun < 10 * PATIENCE, "it is frozen for a minute"
            assert len(replicas[0].asked) <= 1 and len(replicas[1].asked) == 1
            return replicas[0].asked

        wait_until(asked_of_the_frozen_one, what=f"{method} {path} asked of the frozen replica")


def test_a_dead_replica_costs_nothing_not_even_a_write(gateway_before):
    gateway, (alive,) = gateway_before(GOOD, dead=1)
    for method, path in WRITES[:2]:
        for _ in range(3):
            assert gateway.ask(method, path, b"{}") == GOOD
    assert len(alive.asked) == 6


def test_without_any_replica_ocsp_says_later(gateway_before):
    gateway, _ = gateway_before(dead=2)
    for method, path, tls in OCSP:
        assert gateway.ask(method, path, b"question" if method == "POST" else None, tls) == (200, "application/ocsp-response", TRY_LATER)


def test_requests_arrive_as_they_were_sent(gateway_before):
    gateway, (replica,) = gateway_before(GOOD)
    body = bytes(range(256)) * 250
    assert gateway.ask("POST", "/v1/certificates?lifetime=1d&x=%2F", body)[0] == 200
    replica.asked = []
    gateway.ask("POST", "/v1/certificates?lifetime=1d&x=%2F", body)
    gateway.ask("GET", "/ocsp/MEU%2FaG//k=%3D", tls=False)
    gateway.ask("POST", "/ocsp", body[:1000], tls=False)
    assert replica.asked == [("POST", "/v1/certificates?lifetime=1d&x=%2F", body), ("GET", "/ocsp/MEU%2FaG//k=%3D", b""), ("POST", "/ocsp", body[:1000])]


def test_a_long_answer_comes_whole(gateway_before):
    gateway, (replica,) = gateway_before((200, "application/json", b"x" * 3_000_000))
    assert gateway.ask("GET", "/v1/certificates?limit=1000")[2] == replica.answer[2]


def test_what_goes_on_reaches_the_client_as_it_comes(gateway_before):
    """And for longer than any other answer may take."""
    client_has_read = [threading.Event() for _ in range(3)]

    def stream(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Connection", "close")
        handler.end_headers()
        for i, has_read in enumerate(client_has_read):
            handler.wfile.write(f"id: 0.{i}\n\n".encode())
            handler.wfile.flush()
            if not has_read.wait(PATIENCE):
                return
            time.sleep(1.5)  # more than any other question may take
        handler.close_connection = True

    gateway, _ = gateway_before(stream, **{"read-timeout": "1s", "stream-timeout": "20s"})
    with contextlib.closing(http.client.HTTPSConnection("localhost", gateway.https, timeout=30,
                                                        context=ssl.create_default_context(cafile=gateway.roots))) as connection:
        connection.request("GET", "/v1/events?after=0.0", headers={"Accept": "text/event-stream"})
        answer = connection.getresponse()
        for i, has_read in enumerate(client_has_read):
            assert answer.readline() + answer.readline() == f"id: 0.{i}\n\n".encode(), "before the next one is sent"
            has_read.set()
        assert answer.read() == b""
