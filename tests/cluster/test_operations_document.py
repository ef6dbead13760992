"""The commands of docs/operations.md as they stand there, on one CA: it begins on one machine, moves up, is watched, backed up,
rebuilt, upgraded, rolled back, lost and restored. In the order of this file."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import textwrap
import threading
import urllib.request
import uuid

import pytest
from running_ca import PATIENCE, REPOSITORY, RunningCA, new_csr, openssl, run, wait_until
from running_cluster import PROGRAMS, ROLES, RunningCluster, until_answered

PAGE = (REPOSITORY / "docs/operations.md").read_text(encoding="utf-8")


def section(title):
    return re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)[1]


def commands(title):
    blocks = re.findall(r"^( *)```sh\n(.*?)^ *```", section(title), re.MULTILINE | re.DOTALL)
    assert blocks, title
    return "".join(textwrap.dedent(block) for _, block in blocks)


class OperatedCluster(RunningCluster):
    """Its CA was embedded, and came here by the commands of the page."""

    def prepare(self):
        self.backup = self.directory / "backup"
        self.backup.mkdir()
        self.program_places = {"/opt/quicklime/bin": pathlib.Path(PROGRAMS), "/opt/quicklime-next/bin": self.directory / "next"}
        self.program_places["/opt/quicklime-next/bin"].mkdir()
        for program in pathlib.Path(PROGRAMS).glob("quicklime*"):
            shutil.copy(program, self.program_places["/opt/quicklime-next/bin"])
        servers = run(REPOSITORY / "scripts/kafka.sh", "start", self.directory / "kafka", "--port", str(self.port + 92), timeout=240).stdout.strip()

        self.embedded = RunningCA()
        self.old = self.embedded.issue("old.internal").serial
        self.page("Back up", "Restore")
        shutil.rmtree(self.backup)  # the page's next parts begin with an empty one
        self.backup.mkdir()
        stop = self.directory / "systemctl"
        stop.write_text(f"#!/bin/sh\n[ \"$*\" = 'stop quicklime' ] && kill {self.embedded.pid()} && tail --pid={self.embedded.pid()} -f /dev/null\n")
        stop.chmod(0o755)
        seal, copy, bring = re.findall(r"^ +```sh\n.*?^ +```\n", section("Moving up from one machine"), re.MULTILINE | re.DOTALL)
        as_commands = [textwrap.dedent(re.sub(r" +```(sh)?\n", "", block)) for block in (seal, copy, bring)]
        waited = threading.Thread(target=self.embedded.process.wait)  # a process that nobody waits for is still there for `tail --pid`
        waited.start()
        self.moved = self.shell(as_commands[0] + as_commands[1])
        waited.join()
        self.embedded.data, left = self.directory / "ca", self.embedded.data
        self.embedded.configure(kafka__bootstrap_servers=servers, kafka__allow_single_replica=True)
        self.embedded.data = left
        self.moved += self.shell(as_commands[2])

    def shell(self, script):
        for place, here in {"build/cluster": self.directory, "/etc/quicklime": self.directory / "ca", "/var/lib/quicklime": self.embedded.data,
                            "/backup": self.backup, **self.program_places}.items():
            script = re.sub(rf"(?<![\w.]){re.escape(place)}\b", str(here), script)
        script = re.sub(r"\b19(\d{3})\b", lambda port: str(self.port + int(port[1])), script)
        environment = {**self.environment, "PATH": f"{PROGRAMS}:{self.directory}:{os.environ['PATH']}"}
        done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=REPOSITORY, env=environment, capture_output=True, text=True,
                              check=False, timeout=240 * PATIENCE)
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def page(self, *titles):
        return self.shell("".join(commands(title) for title in titles))

    def program(self, home):
        return pathlib.Path(os.readlink(f"/proc/{self.pid(home)}/exe")).parent

    def scrape(self, role, replica):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port(role, replica)}/metrics", timeout=30) as answer:
            return answer.read().decode()

    def crl_number(self):
        der = self.directory / "number.crl"
        der.write_bytes(self.fetch("/crl/issuing-1.crl").body)
        return int(openssl("crl", "-inform", "DER", "-in", der, "-noout", "-crlnumber").stdout.strip().split("=")[1], 16)

    def answers_throughout(self, title, at_least=4):
        """Runs the commands of a section while OCSP is asked and certificates are issued: all of it must be answered. Only the request
        on whose connection a replica ends may have to be made again."""
        done, answers, again = threading.Event(), [], []
        csr = new_csr("DNS:meanwhile.internal")

        def issue():
            key = {"Idempotency-Key": str(uuid.uuid4())}
            while (answer := until_answered(lambda: self.post_csr(csr, key))).status == 502 and len(again) < 10:
                again.append(answer)
            return answer.status

        def ask():
            while not done.is_set():
                answers.append((self.ocsp(self.old), issue()))

        asking = threading.Thread(target=ask)
        asking.start()
        try:
            said = self.page(title)
        finally:
            done.set()
            asking.join()
        assert len(answers) >= at_least and set(answers) == {("good", 201)} and len(again) <= 3, (answers, len(again))
        return said

    def remove(self):
        super().remove()
        if hasattr(self, "embedded"):
            self.embedded.remove()


@pytest.fixture(scope="module")
def operated():
    cluster = OperatedCluster()
    yield cluster
    cluster.remove()


def test_a_ca_of_one_machine_is_backed_up_restored_and_moved_up(operated):
    restored = pathlib.Path(f"{operated.embedded.data}.new")
    tail = run(f"{PROGRAMS}/quicklime", "log", "tail", "-n", "1", "-o", "json", "--data", restored).stdout
    assert json.loads(tail)["schema"].startswith("log.restored/")
    assert "1 log.sealed/" in operated.moved and "The log is here" in operated.moved
    assert operated.ocsp(operated.old) == "good"


def test_run(operated):
    status = operated.page("Run a cluster")
    assert status.count(" ready\n") == 3 * len(ROLES) and "not ready" not in status


def test_watch(operated):
    said = operated.page("Watch a cluster")
    assert "ok  view issuance" in said and 'quicklime_view_stopped{view="ocsp"} 0' in said
    # Every metric of the alarms is one that somebody tells, with the labels that the page says.
    told = "".join(operated.scrape(role, replica) for role in ROLES for replica in range(2))
    table = "".join(line for line in section("Watch a cluster").splitlines() if line.startswith("|"))
    named = re.findall(r"(quicklime_\w+)(\{[^}]*\})?", table)
    assert len({name for name, _ in named}) > 8
    for name, labels in named:
        lines = [line for line in told.splitlines() if re.match(rf"{name}(\{{| )", line)]
        assert lines, f"nobody tells {name}"
        if labels and "=~" not in labels:
            assert any(labels.strip("{}") in line for line in lines), name + labels


def test_back_up(operated):
    operated.revoked = operated.issue("revoked.internal").json["serial"]
    operated.revoke(operated.revoked)
    operated.answers_throughout("Back up a cluster", at_least=1)  # which is quick
    (file,) = operated.backup.glob("log-????-??-??.jsonl")
    lines = file.read_text().splitlines()
    assert json.loads(lines[0])["events"] == len(lines) - 1
    events = [json.dumps(event) for _, event in operated.events()][:len(lines) - 1]
    assert [json.dumps(json.loads(line)) for line in lines[1:]] == events
    assert (operated.backup / "ca/ca/issuing-1.key").exists()


def test_rebuild_a_view(operated):
    operated.answers_throughout("Rebuild a view of a cluster")


def test_upgrade(operated):
    operated.answers_throughout("Upgrade a cluster")
    homes = [home for role in ROLES for home in (f"projector-{role}", f"{role}-1", f"{role}-2")]
    assert {operated.program(home) for home in homes} == {operated.directory / "next"}


def test_roll_back(operated):
    operated.answers_throughout("Roll back a cluster")
    homes = [home for role in ROLES for home in (f"projector-{role}", f"{role}-1", f"{role}-2")]
    assert {operated.program(home) for home in homes} == {pathlib.Path(PROGRAMS).resolve()}


def test_restore(operated):
    forgotten = operated.issue("forgotten.internal").json["serial"]
    operated.revoke(forgotten)
    wait_until(lambda: forgotten.lstrip("0") in {one.lstrip("0") for one in operated.crl_serials()}, what="the CRL")
    number = operated.crl_number()
    said = operated.page("Restore a cluster")
    assert "The log is here" in said
    wait_until(lambda: operated.ocsp(operated.old) == "good", what="OCSP")
    assert operated.ocsp(operated.revoked) == "revoked"
    assert operated.ocsp(forgotten) == "unknown"
    assert operated.post_json(f"/v1/certificates/{forgotten}/revoke", {"reason": "superseded"}).status == 404
    answer = wait_until(lambda: operated.issue("after.internal"), what="a certificate")
    assert answer.position.startswith("1.")
    operated.revoke(answer.json["serial"])
    serial = answer.json["serial"].lstrip("0")
    wait_until(lambda: serial in {one.lstrip("0") for one in operated.crl_serials()}, what="the CRL")
    assert operated.crl_number() > max(number, 1 << 64)
