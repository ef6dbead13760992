"""The Job `bootstrap` with a real API server and a real broker: it may make Secrets, and what every pod mounts is there afterwards."""

import base64
import os
import subprocess

import pytest
from rendered import mounted
from running_ca import REPOSITORY, free_port, run, services, wait_until
from server import Server, in_namespace

PROGRAMS = os.environ["QUICKLIME_PROGRAMS"]
DOCKER = REPOSITORY / "docker"


@pytest.fixture
def broker(tmp_path):
    directory = tmp_path / "kafka"
    run(REPOSITORY / "scripts/kafka.sh", "start", directory, "--brokers", "1", "--port", str(free_port()), timeout=120)
    yield (directory / "bootstrap").read_text().strip()
    run(REPOSITORY / "scripts/kafka.sh", "stop", directory)


@pytest.fixture
def applied(server, namespaces, tmp_path):
    rendered = in_namespace("dev", namespaces("bootstrapped"), tmp_path / "overlay")
    server.apply(rendered.objects)
    return rendered


def job(server, broker, directory):
    """What the Job's pod runs, with the token that it would have"""
    account = directory / "account"
    account.mkdir()
    (account / "ca.crt").write_bytes(server.roots.read_bytes())
    (account / "namespace").write_text("bootstrapped")
    (account / "token").write_text(server.kubectl("create", "token", "bootstrap", "-n", "bootstrapped").stdout.strip())
    settings = directory / "quicklime.toml"
    settings.write_text((REPOSITORY / "deploy/k8s/base/quicklime.toml").read_text().replace("kafka:9092", broker))
    host, port = Server.url.removeprefix("https://").split(":")
    environment = {**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}", "KUBERNETES_ACCOUNT": str(account), "KUBERNETES_SERVICE_HOST": host,
                   "KUBERNETES_SERVICE_PORT": port, "QUICKLIME_DATA": str(directory / "data"), "QUICKLIME_SETTINGS": str(settings), "QUICKLIME_POLL": "0.1"}
    return subprocess.Popen([DOCKER / "bootstrap.sh"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True), environment


def test_an_empty_cluster_becomes_a_ca(server, applied, broker, tmp_path):
    process, environment = job(server, broker, tmp_path)

    def roots():
        if process.poll() not in (None, 0):
            raise AssertionError(process.communicate())
        return any(one["metadata"]["name"] == "roots" for one in server.get("configmaps", "-n", "bootstrapped")["items"])

    wait_until(roots, within=60)
    key = run(DOCKER / "root-key.sh", env=environment).stdout
    run(DOCKER / "root-key.sh", "taken", env=environment)
    assert process.wait(timeout=60) == 0
    certificate = tmp_path / "root.crt"
    certificate.write_text(server.get("configmap", "roots", "-n", "bootstrapped")["data"]["root.crt"])
    (tmp_path / "root.key").write_text(key)
    public = run("openssl", "x509", "-in", certificate, "-noout", "-pubkey").stdout
    assert run("openssl", "pkey", "-in", tmp_path / "root.key", "-pubout").stdout == public  # it is the root's

    secrets = {one["metadata"]["name"]: {file: base64.b64decode(text) for file, text in one["data"].items()}
               for one in server.get("secrets", "-n", "bootstrapped")["items"]}
    assert not any(key.encode() in octets for files in secrets.values() for octets in files.values())
    for _, _, spec in applied.workloads().values():
        assert mounted(spec) <= set(secrets)
        assert mounted(spec, "configMap") <= {one["metadata"]["name"] for one in server.get("configmaps", "-n", "bootstrapped")["items"]}
    issuing = tmp_path / "issuing.key"
    issuing.write_bytes(secrets["issuing-key"]["issuing-1.key"])
    assert run("openssl", "pkey", "-in", issuing, "-noout").returncode == 0

    # Again, as `kubectl apply` makes the Job again when the first one is gone.
    (tmp_path / "again").mkdir()
    process, _ = job(server, broker, tmp_path / "again")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0 and "was made before" in out, err


def test_nobody_may_read_a_secret(server, applied):
    accounts = [one["metadata"]["name"] for one in applied.all("ServiceAccount")]
    assert len(accounts) == 2 * len(services()) + 6
    for account in accounts:
        for verb in ("get", "list", "watch", "update", "patch", "delete"):
            assert not server.may(account, verb, "secrets", "bootstrapped"), (account, verb)
        assert server.may(account, "create", "secrets", "bootstrapped") is (account == "bootstrap")
    assert not server.may("bootstrap", "create", "secrets", "default")
    assert not server.may("bootstrap", "create", "pods", "bootstrapped")
