"""The embedded and the dev shape really run, as their manifests say, and answer."""

import json
import os
import shlex
import shutil

from pods import start_all
from running_ca import REPOSITORY, free_port, run, services, wait_until

PLAIN = {"embedded": "http://quicklime:8080", "dev": "http://gateway:8080"}

# What a client sees: a certificate issued, renewed, revoked; OCSP, the CRL, the dashboard.
STORY = r"""
curl -sSf "$PLAIN/ca/roots.pem" -o roots.pem
curl -sSf "$PLAIN/ca/issuing-1.pem" -o issuing.pem
export QUICKLIME_ROOTS=/work/roots.pem
says() {
  for _ in $(seq 100); do
    openssl ocsp -issuer issuing.pem -cert api.crt -url "$PLAIN/ocsp" -CAfile roots.pem -verify_other issuing.pem 2>&1 | grep -q "api.crt: $1" && echo "$1" && return
    sleep 0.2
  done
  exit 1
}
patiently() { # until every role has met the token; and a 503 decides nothing
  for _ in $(seq 100); do
    if "$@" 2>refused; then return; fi
    sleep 0.2
  done
  cat refused
  exit 1
}
issue() { rm -f api.internal.* && quicklime issue api.internal --out .; }
patiently issue
mv api.internal.crt api.crt && mv api.internal.key api.key
openssl verify -CAfile roots.pem -untrusted issuing.pem api.crt
says good
patiently quicklime renew api.crt
openssl verify -CAfile roots.pem -untrusted issuing.pem api.crt
says good
patiently quicklime revoke api.crt --reason superseded
says revoked
serial=$(openssl x509 -in api.crt -noout -serial | cut -d= -f2)
for _ in $(seq 100); do
  curl -sSf "$PLAIN/crl/issuing-1.crl" | openssl crl -inform DER -noout -text | grep -qi "$serial" && echo listed && break
  sleep 0.2
done
listed() { quicklime list >inventory && grep -q api.internal inventory; }
patiently listed && echo inventory
page() { curl -sSf --cacert roots.pem "$QUICKLIME_SERVER/ui/" -o page && grep -qi "<html" page; }
patiently page && echo dashboard
"""


def tell(running, identity, server, plain):
    token = json.loads(running.execute(identity, "quicklime", "token", "create", "ops", "--role", "administrator", "-o", "json"))["token"]
    running.administrator = {"QUICKLIME_TOKEN": token, "QUICKLIME_SERVER": server, "PLAIN": plain}
    said = running.client(STORY, **running.administrator)
    for word in ("good", "revoked", "listed", "inventory", "dashboard"):
        assert word in said.splitlines(), said
    return said


def test_the_embedded_shape(pods, tmp_path):
    running = pods("embedded")
    container = running.start("quicklime")
    running.ready(container)
    tell(running, container, "https://quicklime.quicklime.svc:8443", "http://quicklime:8080")
    deploy(running, "embedded", tmp_path / "root.key", tmp_path)
    assert "not here (any more)" in running.complaint(container, "root-key.sh")
    # Its pod goes, its volume stays.
    (before,) = running.client("curl -sSf http://quicklime:8080/ca/roots.pem | sha256sum").splitlines()
    running.stop(container)
    again = running.start("quicklime", replica=1)
    running.ready(again)
    assert running.client("curl -sSf http://quicklime:8080/ca/roots.pem | sha256sum").splitlines() == [before]
    tell(running, again, "https://quicklime.quicklime.svc:8443", "http://quicklime:8080")


def deploy(running, overlay, root_key, roots):
    """scripts/kubernetes/deploy.sh, to which these containers are a cluster"""
    ports = {"QUICKLIME_HTTPS_PORT": str(free_port()), "QUICKLIME_HTTP_PORT": str(free_port())}
    environment = {**os.environ, **ports, "KUBECTL": str(REPOSITORY / "tests/containers/kubectl"), "POD_PREFIX": running.network, "ROOTS": str(roots)}
    said = run(REPOSITORY / "scripts/kubernetes/deploy.sh", REPOSITORY / "deploy/k8s/overlays" / overlay, root_key, env=environment, timeout=300).stderr
    assert "== done" in said, said
    public = running.client(f"printf %s {shlex.quote(root_key.read_text())} | openssl pkey -pubout")
    assert public == running.client(f"curl -sSf {PLAIN[overlay]}/ca/roots.pem | openssl x509 -noout -pubkey")
    assert root_key.stat().st_mode & 0o777 == 0o600


TRACED = r"""
curl -sSf "$PLAIN/ca/roots.pem" -o roots.pem
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout traced.key -out traced.csr -subj / -addext subjectAltName=DNS:traced.internal
curl -sSf --cacert roots.pem -H "Authorization: Bearer $QUICKLIME_TOKEN" -H "X-Request-Id: trace-me" -H "Content-Type: application/pkcs10" \
  --data-binary @traced.csr "$QUICKLIME_SERVER/v1/certificates" -o answer
"""


def one_id_finds_every_line(running):
    """Of one issuance: who wrote its event, and each projector that folded it."""
    running.client(TRACED, **running.administrator)
    expected = {"issuance": ["written"], **{name: ["folded"] for name in running.all_of("projector")}}

    def found():
        told = {name: [one["msg"] for container in running.made[name] for one in running.lines(container) if one.get("request") == "trace-me"]
                for name in running.all_of("projector", "daemon")}
        return {name: lines for name, lines in told.items() if lines}

    wait_until(lambda: found() == expected, within=30, what=f"every line: {found()}")


def test_the_dev_shape(dev, tmp_path):
    deploy(dev, "dev", tmp_path / "root.key", tmp_path / "account")
    wait_until(lambda: not dev.is_running(next(name for name, component in dev.containers.items() if component == "bootstrap")), within=30)
    tell(dev, dev.made["identity"][0], "https://gateway:8443", "http://gateway:8080")
    one_id_finds_every_line(dev)
    # Who does not hold the issuing key has no file of it, and cannot write anywhere but into memory.
    for one in services():
        container = dev.made[one["name"]][0]
        files = dev.execute(container, "ls", "/etc/quicklime/ca", "/var/lib/quicklime/data/ca").split()
        assert ("issuing-1.key" in files) is ("issuing" in one["keys"]), one["name"]
        assert "cannot touch" in dev.complaint(container, "touch", "/usr/local/bin/x")
    # Without the key it does not sign: it does not even begin.
    for role in ("issuance", "renewal", "crl"):
        dev.stop(dev.made[role][1])
        keyless = dev.start(role, 2, without="issuing-key")
        wait_until(lambda keyless=keyless: not dev.is_running(keyless), within=60, what=f"the end of {role}")
        assert "no issuing authority of this log has its key" in dev.log(keyless)
        dev.stop(keyless)
        dev.made[role][1] = dev.start(role, 2)
        dev.ready(dev.made[role][1])
    # Each is killed, and starts again in its pod, over what it had made there.
    for name in [*dev.all_of("projector", "daemon"), "gateway"]:
        for container in dev.made[name]:
            dev.kill_and_start(container)
            dev.ready(container, within=120)
    tell(dev, dev.made["identity"][0], "https://gateway:8443", "http://gateway:8080")
    # One replica of each goes: everything still answers. A Service would lead to what is left; here nginx has to ask for the addresses again.
    for name in dev.all_of("daemon"):
        dev.stop(dev.made[name][1])
    for container in dev.made["gateway"]:
        dev.kill_and_start(container)
    dev.ready(*dev.made["gateway"])
    tell(dev, dev.made["identity"][0], "https://gateway:8443", "http://gateway:8080")
    # The broker's pod goes, its volume stays: what was written is there, no view begins anew.
    dev.stop(next(name for name, component in dev.containers.items() if component == "kafka"))
    dev.ready(dev.start("kafka"))
    dev.ready(*dev.made["issuance"][:1], *dev.made["projector-ocsp"], within=300)
    tell(dev, dev.made["identity"][0], "https://gateway:8443", "http://gateway:8080")
    assert "log-truncated" not in dev.log(dev.made["projector-ocsp"][0])
    # The nightly backup, now.
    backup = dev.start("backup")
    wait_until(lambda: not dev.is_running(backup), within=60)
    assert [file.name for file in dev.directory.glob("claim-backup/log-*.jsonl")], dev.log(backup)
    # All of it is lost but the Secrets and the backup: the drill of docs/kubernetes.md.
    inventory = "curl -sSf $PLAIN/ca/roots.pem -o r; QUICKLIME_ROOTS=r quicklime list --limit 1000 -o json | jq -r '.certificates[].serial' | sort"
    before = dev.client(inventory, **dev.administrator).splitlines()
    for container in [*dev.containers]:
        dev.stop(container)
    shutil.rmtree(dev.directory / "claim-kafka-log")
    dev.ready(dev.start("kafka"))
    restore = dev.start("restore")
    wait_until(lambda: not dev.is_running(restore), within=60)
    assert "The log is here" in dev.log(restore)
    start_all(dev)
    assert len(before) >= 6 and set(before) <= set(dev.client(inventory, **dev.administrator).splitlines())
    tell(dev, dev.made["identity"][0], "https://gateway:8443", "http://gateway:8080")
