"""docs/authorities.md as it stands: both roll-overs with nginx, curl and openssl as clients, and `renew --daemon` going on throughout."""

import os
import re
import signal
import subprocess
import threading
import time

import pytest
from running_ca import BINARY, PATIENCE, REPOSITORY, RunningCA, free_port, log_events, openssl, run, schema, wait_until
from test_authorities import authorities, authority_of, good_by, issuer_of, verify, with_crls
from test_renewal import Daemon

PAGE = (REPOSITORY / "docs/authorities.md").read_text(encoding="utf-8")
NGINX = """
daemon off; master_process on; worker_processes 1; error_log {folder}/error.log; pid {folder}/nginx.pid;
events {{ }}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port} ssl; ssl_certificate {certificate}; ssl_certificate_key {key}; location / {{ return 200 "hello\\n"; }} }}
}}
"""


def boxes(title):
    section = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)[1]
    found = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    assert found, title
    return found


class Page:
    """The boxes of the page, one after the other, on one CA."""

    def __init__(self):
        self.ca = RunningCA(settings={"issuing__backdate": "0s"})
        self.stick = self.ca.base / "stick"
        self.stick.mkdir()
        (self.ca.data / "ca/root.key").rename(self.stick / "root.key")

    def run(self, box):
        environment = dict(os.environ, QUICKLIME_DATA=str(self.ca.data), PATH=os.path.dirname(BINARY) + ":" + os.environ["PATH"])
        done = subprocess.run(["bash", "-c", "set -eu\n" + box.replace("/media/stick", str(self.stick))], cwd=self.ca.base, env=environment,
                              capture_output=True, text=True, check=False, timeout=120 * PATIENCE)
        assert done.returncode == 0, f"{box}\n{done.stdout}{done.stderr}"
        self.ca.settled()
        return done.stdout


@pytest.fixture(scope="module")
def page():
    made = Page()
    yield made
    made.ca.remove()


class Clients:
    """A web server whose certificate `renew --daemon` keeps fresh, and a client that asks it again and again, trusting what it was given."""

    def __init__(self, ca, folder):
        self.ca, self.port, self.trusted = ca, free_port(), folder / "trusted.pem"
        self.web = ca.issue("localhost", more=("--lifetime", "12s"))
        self.trust()
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=self.port, certificate=self.web.certificate, key=self.web.key))
        self.nginx = subprocess.Popen(["nginx", "-e", folder / "error.log", "-c", folder / "nginx.conf", "-p", folder])
        wait_until(lambda: self.ask().returncode == 0, what="nginx")
        self.daemon = Daemon(ca, self.web.certificate, command=f"kill -HUP {self.nginx.pid}")
        self.asked, self.failed, self.ended = 0, [], threading.Event()
        self.client = threading.Thread(target=self.go_on)
        self.client.start()

    def trust(self):
        """The bundle as it is published, taken over in one step."""
        fresh = self.trusted.with_suffix(".new")
        fresh.write_bytes(self.ca.fetch("/ca/roots.pem"))
        fresh.rename(self.trusted)

    def ask(self):
        return run("curl", "-sS", "--cacert", self.trusted, f"https://localhost:{self.port}/", check=False)

    def go_on(self):
        while not self.ended.is_set():
            done = self.ask()
            self.asked += 1
            if done.stdout != "hello\n":
                self.failed.append(done.stderr)
            time.sleep(0.1)

    def served_by(self):
        shown = openssl("s_client", "-connect", f"127.0.0.1:{self.port}", "-servername", "localhost", "-CAfile", self.trusted, "-verify_return_error",
                        check=False, stdin=subprocess.DEVNULL).stdout
        return shown if "Verify return code: 0 (ok)" in shown else ""

    def end(self):
        self.ended.set()
        self.client.join()
        self.daemon.stop()
        self.nginx.send_signal(signal.SIGTERM)
        self.nginx.wait(timeout=20 * PATIENCE)


@pytest.fixture
def clients(page, tmp_path):
    made = Clients(page.ca, tmp_path)
    yield made
    made.end()


def moves_to(clients, authority):
    """By its daemon's renewals alone."""
    wait_until(lambda: authority in clients.served_by(), within=60, what=f"a certificate of {authority}")


def test_both_roll_overs(page, clients):
    ca = page.ca
    for box in boxes("The set"):
        page.run(box)
    old = ca.issue("old.internal", more=("--days", "30"))

    # The issuing authority: the new one takes over, the old one's certificates stay good and are renewed by the new one.
    add, retire = boxes("Roll over the issuing authority")
    assert "Added issuing-2" in page.run(add)
    moves_to(clients, "Issuing CA 2")
    wait_until(lambda: ca.plain("GET", "/crl/issuing-2.crl").status == 200, what="its CRL")
    new = ca.issue("new.internal")
    for issued, authority in ((old, "issuing-1"), (new, "issuing-2")):
        assert ": OK" in with_crls(ca, issued, "root-1", authority)
        good_by(ca, issued, authority)
    page.run(retire)
    good_by(ca, old, "issuing-1")

    # The root: first the bundle, then what issues below it.
    root, below, retire = boxes("Roll over the root")
    page.run(root)
    assert (ca.base / "roots.pem").read_text().count("BEGIN CERTIFICATE") == 2
    assert authorities(ca)["root-2"]["succeeds"] == "root-1"
    only_old, only_new = ca.base / "old-root.pem", ca.base / "new-root.pem"
    for file, authority in ((only_old, "root-1"), (only_new, "root-2")):
        file.write_bytes(ca.fetch(f"/ca/{authority}.pem"))
    clients.trust()
    page.run(below)
    moves_to(clients, "Issuing CA 3")
    newest = ca.issue("newest.internal")
    assert authority_of(ca, newest.serial) == "issuing-3"
    wait_until(lambda: ca.plain("GET", "/crl/issuing-3.crl").status == 200, what="its CRL")
    for issued, path in ((old, ("root-1", "issuing-1")), (new, ("root-1", "issuing-2")), (newest, ("root-2", "issuing-3"))):
        assert ": OK" in with_crls(ca, issued, *path), "both chains are good"
        good_by(ca, issued, path[1])
    assert ": OK" in verify(ca, newest, only_new) and ": OK" not in verify(ca, newest, only_old)
    ca.cli("renew", old.certificate)
    assert "Issuing CA 3" in issuer_of(old.certificate) and ": OK" in verify(ca, old, only_new)
    page.run(retire)
    assert (ca.base / "roots.pem").read_bytes() == only_new.read_bytes()
    clients.trust()
    before = clients.asked
    wait_until(lambda: clients.asked > before + 20, what="what clients say of it")
    assert clients.failed == [], "nobody noticed"
    assert "not renewed" not in clients.daemon.said() and "fail" not in clients.daemon.said().lower(), clients.daemon.said()
    line = [event for _, event in log_events(ca.data) if schema(event) == "certificate.issued" and event["data"].get("replaces")]
    assert {event["data"]["authority"] for event in line} >= {"issuing-2", "issuing-3"}, "renewals in between and after"


def test_the_rest_of_the_page(page, tmp_path):
    """Behind the roll-overs: three levels, a root beside, below somebody else's root, a stolen key."""
    ca = page.ca
    if "issuing-3" not in authorities(ca):
        pytest.fail("this test goes on where the roll-overs end")
    between, beside = boxes("Three levels, a second root")
    page.run(between)
    assert authority_of(ca, ca.issue("deep.internal").serial) == "issuing-4"
    page.run(beside)
    request, answer = boxes("Below somebody else's root")
    page.run(request)
    theirs = ca.base / "corporate-root"
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{theirs}.key", "-out", f"{theirs}.crt", "-days", "30",
            "-subj", "/O=Corporate/CN=Corporate Root", "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    (tmp_path / "extensions").write_text("basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\n"
                                         "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
    openssl("x509", "-req", "-in", ca.base / "issuing.csr", "-CA", f"{theirs}.crt", "-CAkey", f"{theirs}.key", "-days", "20", "-out", ca.base / "corporate.crt",
            "-extfile", tmp_path / "extensions")
    page.run(answer)
    assert authority_of(ca, ca.issue("corporate.internal", more=("--days", "1")).serial) == "corporate"
    stolen = ca.issue("stolen.internal", more=("--authority", "issuing-3"))
    said = page.run(boxes("A key is stolen")[0])
    assert "Revoked issuing-3" in said and ca.request("GET", f"/v1/certificates/{stolen.serial}").json["status"] == "revoked"
    assert "certificate revoked" in with_crls(ca, stolen, "root-2", "issuing-3")
