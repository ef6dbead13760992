"""docs/authorities.md in a cluster: both roll-overs while every daemon runs on, and `renew --daemon` goes on through the gateway."""

import os
import pathlib
import re
import shutil
import signal
import subprocess

import pytest
from running_ca import PATIENCE, REPOSITORY, openssl, wait_until
from running_cluster import RunningCluster

PAGE = (REPOSITORY / "docs/authorities.md").read_text(encoding="utf-8")
SIGNING = ("issuance", "renewal", "crl")


@pytest.fixture
def of_its_own():
    running = RunningCluster()
    yield running
    running.remove()


def boxes(title):
    section = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)[1]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


def homes(cluster, *roles):
    return [home for home in cluster.directory.iterdir() if home.is_dir() and re.fullmatch(rf"({'|'.join(roles)})-\d", home.name)]


class Page:
    def __init__(self, cluster):
        self.cluster, self.stick = cluster, cluster.directory / "stick"
        self.stick.mkdir()
        shutil.copy(cluster.directory / "ca/ca/root.key", self.stick / "root.key")
        self.here = cluster.directory / "crl-1"
        self.processes = {home.name: cluster.pid(home.name) for home in homes(cluster, *SIGNING, "ocsp", "revocation", "identity", "dashboard-api")}

    def run(self, box):
        environment = dict(os.environ, QUICKLIME_DATA=str(self.here), PATH=f"{self.cluster.programs}:{os.environ['PATH']}")
        done = subprocess.run(["bash", "-c", "set -eu\n" + box.replace("/media/stick", str(self.stick))], cwd=self.cluster.directory, env=environment,
                              capture_output=True, text=True, check=False, timeout=120 * PATIENCE)
        assert done.returncode == 0, f"{box}\n{done.stdout}{done.stderr}"
        return done.stdout

    def hand_out(self, name):
        """The key, to every process that signs: what a Secret does when it is mounted."""
        for home in homes(self.cluster, *SIGNING):
            target = home / "ca" / name
            if not target.exists():
                shutil.copy(self.here / "ca" / name, home / "ca/.new")
                os.chmod(home / "ca/.new", 0o600)
                (home / "ca/.new").rename(target)

    def trust_everywhere(self, bundle):
        for file in [self.cluster.roots, *(home / "ca/root.crt" for home in homes(self.cluster, r"[a-z-]+")), self.cluster.directory / "gateway/roots.pem"]:
            if pathlib.Path(file).exists():
                fresh = pathlib.Path(f"{file}.new")
                shutil.copy(bundle, fresh)
                fresh.rename(file)


def authority_of(cluster, serial):
    return cluster.request("GET", f"/v1/certificates/{serial}").json.get("authority")


def issued_by(cluster, name, authority):
    def issued():
        answer = cluster.issue(name)
        return answer.status == 201 and f"Issuing CA {authority[-1]}" in text_of(answer.json["certificate"]) and answer.json
    return wait_until(issued, within=60, what=f"a certificate of {authority}")


def text_of(pem):
    return openssl("x509", "-noout", "-issuer", input=pem).stdout


def good(cluster, tmp_path, issued, authority):
    """By openssl, through the gateway: the responder's certificate is of this very authority."""
    leaf, issuer = tmp_path / "leaf.crt", tmp_path / "issuer.pem"
    leaf.write_text(issued["certificate"])
    issuer.write_bytes(cluster.fetch(f"/ca/{authority}.pem").body)
    done = openssl("ocsp", "-issuer", issuer, "-cert", leaf, "-url", f"http://127.0.0.1:{cluster.http}/ocsp", "-CAfile", issuer, "-no_nonce", check=False)
    return "Response verify OK" in done.stdout + done.stderr and ": good" in done.stdout


def test_both_roll_overs(of_its_own, tmp_path):
    cluster, page = of_its_own, Page(of_its_own)
    old = cluster.issue("old.internal").json
    key, certificate = tmp_path / "web.internal.key", tmp_path / "web.internal.crt"
    environment = dict(os.environ, QUICKLIME_SERVER=f"https://localhost:{cluster.https}", QUICKLIME_TOKEN=cluster.token, QUICKLIME_ROOTS=str(cluster.roots))
    program = f"{cluster.programs}/quicklime"
    done = subprocess.run([program, "issue", "web.internal", "--lifetime", "150s", "--out", tmp_path], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with open(tmp_path / "daemon.log", "wb") as log:
        daemon = subprocess.Popen([program, "renew", "--daemon", certificate], stderr=log, env={**environment, "QUICKLIME_TOKEN": ""})
    try:
        add, retire = boxes("Roll over the issuing authority")
        assert "Added issuing-2" in page.run(add)
        page.hand_out("issuing-2.key")
        new = issued_by(cluster, "new.internal", "issuing-2")
        for issued, authority in ((old, "issuing-1"), (new, "issuing-2")):
            wait_until(lambda issued=issued, authority=authority: good(cluster, tmp_path, issued, authority), within=60, what=f"OCSP by {authority}")
        page.run(retire)

        root, below, retire = boxes("Roll over the root")
        page.run(root.replace("quicklime ca bundle --out roots.pem\n", ""))
        wait_until(lambda: cluster.fetch("/ca/roots.pem").body.count(b"BEGIN CERTIFICATE") == 2, what="the bundle")
        bundle = tmp_path / "roots.pem"
        bundle.write_bytes(cluster.fetch("/ca/roots.pem").body)
        page.trust_everywhere(bundle)
        page.run(below)
        page.hand_out("issuing-3.key")
        newest = issued_by(cluster, "newest.internal", "issuing-3")
        for issued, authority in ((old, "issuing-1"), (new, "issuing-2"), (newest, "issuing-3")):
            wait_until(lambda issued=issued, authority=authority: good(cluster, tmp_path, issued, authority), within=60, what=f"OCSP by {authority}")
        wait_until(lambda: "Issuing CA 3" in text_of(certificate.read_text()), within=200, what="a renewal that crosses")
        openssl("verify", "-CAfile", bundle, "-untrusted", certificate, certificate)
        page.run("\n".join(line for line in retire.splitlines() if "retire" in line))
        wait_until(lambda: cluster.fetch("/ca/roots.pem").body.count(b"BEGIN CERTIFICATE") == 1, what="the new root alone")
        assert authority_of(cluster, newest["serial"]) == "issuing-3"
        assert {home: cluster.pid(home) for home in page.processes} == page.processes and all(cluster.is_running(home) for home in page.processes), "no restart"
        assert key.exists() and "not renewed" not in (tmp_path / "daemon.log").read_text()
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(timeout=30 * PATIENCE)
