"""cert-manager's CertificateRequests, as its documents say that an external issuer must treat them, answered by docker/cert-manager-issuer.sh with the
rights that the sample gives it, a real API server, and a real CA. cert-manager itself is not here: who approves is this test."""

import base64
import os
import signal
import subprocess

import pytest
from rendered import Rendered
from running_ca import REPOSITORY, RunningCA, new_csr, openssl, run, wait_until
from server import Server

ISSUER = {"group": "quicklime.dev", "kind": "Issuer", "name": "quicklime"}


class Controller:
    """What the pod of the component runs, with the token of its ServiceAccount."""

    def __init__(self, server, ca, directory):
        self.server, self.ca, self.directory, self.process = server, ca, directory, None
        account, self.tokens = directory / "account", directory / "tokens"
        account.mkdir()
        self.tokens.mkdir()
        (account / "ca.crt").write_bytes(server.roots.read_bytes())
        server.kubectl("create", "serviceaccount", "cert-manager-issuer", "-n", "quicklime")
        (account / "token").write_text(server.kubectl("create", "token", "cert-manager-issuer", "-n", "quicklime").stdout.strip())
        host, port = Server.url.removeprefix("https://").split(":")
        self.environment = {**os.environ, "KUBERNETES_ACCOUNT": str(account), "KUBERNETES_SERVICE_HOST": host, "KUBERNETES_SERVICE_PORT": port,
                            "QUICKLIME_SERVER": f"https://localhost:{ca.https}", "QUICKLIME_ROOTS": str(ca.data / "ca/root.crt"),
                            "QUICKLIME_NAMESPACES": str(self.tokens), "QUICKLIME_POLL": "0.2"}

    def start(self):
        with (self.directory / "log").open("a") as log:
            self.process = subprocess.Popen([REPOSITORY / "docker/cert-manager-issuer.sh"], env=self.environment, stdout=log, stderr=log, start_new_session=True)

    def stop(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def log(self):
        return (self.directory / "log").read_text()


@pytest.fixture
def ca():
    running = RunningCA()
    yield running
    running.remove()


@pytest.fixture
def controller(server, namespaces, ca, tmp_path):
    for name in ("quicklime", "workload"):
        server.kubectl("create", "namespace", namespaces(name))
    sample = Rendered(REPOSITORY / "deploy/k8s/samples/cert-manager")
    server.apply(sample.objects)
    running = Controller(server, ca, tmp_path)
    token = ca.cli_json("token", "create", "workload", "--names", "*.workload.svc", "--days", "1")["token"]
    (running.tokens / "workload").write_text(token)
    running.start()
    yield running
    running.stop()


def ask(server, name, namespace="workload", names=("shop.workload.svc",), approve=True, **spec):
    """A CertificateRequest, as cert-manager makes one, and approves it"""
    csr = new_csr(*(f"DNS:{one}" for one in names))
    server.apply([{"apiVersion": "cert-manager.io/v1", "kind": "CertificateRequest", "metadata": {"name": name, "namespace": namespace},
                   "spec": {"request": base64.b64encode(csr.encode()).decode(), "issuerRef": ISSUER, "duration": "24h0m0s", **spec}}])
    if approve:
        condition(server, name, "Approved", namespace)


def condition(server, name, kind, namespace="workload"):
    said = f'[{{"type": "{kind}", "status": "True", "reason": "test", "message": "test", "lastTransitionTime": "2026-01-01T00:00:00Z"}}]'
    server.kubectl("patch", "certificaterequest", name, "-n", namespace, "--subresource=status", "--type=merge", "-p", f'{{"status": {{"conditions": {said}}}}}')


def status(server, name, namespace="workload"):
    found = server.get("certificaterequest", name, "-n", namespace).get("status", {})
    return found, next((one for one in found.get("conditions", ()) if one["type"] == "Ready"), {})


def concluded(server, name, reason, namespace="workload"):
    wait_until(lambda: status(server, name, namespace)[1].get("reason") == reason, within=30, what=f"{reason} of {name}: {status(server, name, namespace)}")
    return status(server, name, namespace)[0]


def test_what_is_approved_is_issued(server, controller, ca, tmp_path):
    ask(server, "shop")
    said = concluded(server, "shop", "Issued")
    assert {one["type"] for one in said["conditions"]} == {"Approved", "Ready"}  # the approval still stands
    chain, root = tmp_path / "chain.pem", tmp_path / "root.pem"
    chain.write_bytes(base64.b64decode(said["certificate"]))
    root.write_bytes(base64.b64decode(said["ca"]))
    openssl("verify", "-CAfile", root, "-untrusted", chain, chain)
    text = openssl("x509", "-in", chain, "-noout", "-ext", "subjectAltName", "-enddate", "-startdate").stdout
    assert "DNS:shop.workload.svc" in text
    (listed,) = [one for one in ca.listed() if one["names"] == ["DNS:shop.workload.svc"]]
    assert listed["requested_for"] == "kubernetes:certificaterequest:workload/shop" and listed["service"] == "shop"


def test_what_is_not_approved_waits_and_what_is_denied_is_denied(server, controller):
    ask(server, "waiting", approve=False)
    ask(server, "denied", approve=False)
    ask(server, "of-others", issuerRef={"group": "cert-manager.io", "kind": "Issuer", "name": "quicklime"})
    condition(server, "denied", "Denied")
    said = concluded(server, "denied", "Denied")
    assert said["failureTime"] and not said.get("certificate")
    ask(server, "after")
    concluded(server, "after", "Issued")  # it has gone round
    for name in ("waiting", "of-others"):
        assert status(server, name)[1] == {}
    condition(server, "waiting", "Approved")
    concluded(server, "waiting", "Issued")


def test_a_name_outside_of_the_namespace_fails_whole(server, controller, ca):
    ask(server, "foreign", names=("shop.workload.svc", "pay.other.svc"))
    said = concluded(server, "foreign", "Failed")
    assert said["failureTime"] and not said.get("certificate")
    assert "pay.other.svc" in said["conditions"][-1]["message"]
    assert not [one for one in ca.listed() if "DNS:shop.workload.svc" in one["names"]]
    ask(server, "authority", isCA=True)
    concluded(server, "authority", "Failed")


def test_an_outage_fails_nobody(server, controller, ca):
    ca.stop()
    ask(server, "patient")
    concluded(server, "patient", "Pending")
    ca.start()
    concluded(server, "patient", "Issued")


def test_one_that_was_answered_and_not_told_is_told_the_same(server, controller, ca):
    """Killed at any moment: one certificate for each request."""
    for number in range(10):
        ask(server, f"interrupted-{number}")
        wait_until(lambda: "Issued" in controller.log() or True, within=1)
        controller.stop()
        controller.start()
    for number in range(10):
        concluded(server, f"interrupted-{number}", "Issued")
    assert len([one for one in ca.listed() if one["names"] == ["DNS:shop.workload.svc"]]) == 10


def test_a_namespace_without_a_token_is_left_alone_and_one_that_gets_one_is_served(server, controller, namespaces, ca):
    server.kubectl("create", "namespace", namespaces("later"))
    for one in Rendered(REPOSITORY / "deploy/k8s/samples/cert-manager").objects:
        if one["kind"] in ("Issuer", "Role", "RoleBinding"):
            server.apply([{**one, "metadata": {**one["metadata"], "namespace": "later"}}])
    ask(server, "late", namespace="later", names=("api.later.svc",))
    ask(server, "shop")
    concluded(server, "shop", "Issued")
    assert status(server, "late", "later")[1] == {}
    token = ca.cli_json("token", "create", "later", "--names", "*.later.svc", "--days", "1")["token"]
    (controller.tokens / "later").write_text(token)
    concluded(server, "late", "Issued", "later")


def test_it_may_do_what_it_does_and_no_more(server, controller):
    for verb, what, allowed in (("list", "certificaterequests.cert-manager.io", True), ("get", "issuers.quicklime.dev", True), ("get", "secrets", False),
                                ("create", "certificaterequests.cert-manager.io", False), ("patch", "certificates.cert-manager.io", False)):
        said = server.kubectl("auth", "can-i", verb, what, "-n", "workload", "--as=system:serviceaccount:quicklime:cert-manager-issuer", check=False).stdout
        assert said == ("yes\n" if allowed else "no\n"), (verb, what)
        assert server.may("cert-manager-issuer", verb, what, "quicklime") is False
    run("bash", "-n", REPOSITORY / "docker/cert-manager-issuer.sh")
