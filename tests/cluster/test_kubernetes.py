"""What containers of deploy/k8s do when they run, without Kubernetes: the Job that makes the CA, how a process begins, a backup, the metrics that
alerts ask for."""

import os
import re
import shutil
import subprocess
import sys
import urllib.request

import pytest
import yaml
from kubernetes_api import KubernetesApi
from running_ca import REPOSITORY, run, wait_until
from running_cluster import PROGRAMS, ROLES, SERVICES

sys.path.insert(0, str(REPOSITORY / "tests/kubernetes"))
from rendered import Rendered, mounted  # noqa: E402

DOCKER = REPOSITORY / "docker"
SETTINGS = REPOSITORY / "deploy/k8s/base/quicklime.toml"


class Pod:
    """What runs docker/bootstrap.sh, with a CA whose first events are in the log already"""

    def __init__(self, cluster, directory):
        self.api = KubernetesApi(directory)
        self.data = directory / "data"
        shutil.copytree(cluster.directory / "ca", self.data / "ca")
        settings = directory / "quicklime.toml"
        settings.write_text(SETTINGS.read_text().replace("kafka:9092", (cluster.directory / "kafka/bootstrap").read_text().strip()))
        self.environment = {**os.environ, **self.api.environment(), "PATH": f"{PROGRAMS}:{os.environ['PATH']}", "QUICKLIME_DATA": str(self.data),
                            "QUICKLIME_SETTINGS": str(settings), "QUICKLIME_POLL": "0.1"}

    def start(self):
        return subprocess.Popen([DOCKER / "bootstrap.sh"], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def root_key(self, *arguments, check=True):
        return run(DOCKER / "root-key.sh", *arguments, env=self.environment, check=check)


@pytest.fixture
def pod(cluster, tmp_path):
    made = Pod(cluster, tmp_path)
    yield made
    made.api.close()


def to_its_end(process):
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def hand_over(pod, process):
    wait_until(lambda: ("ConfigMap", "roots") in pod.api.objects)
    key = pod.root_key().stdout
    pod.root_key("taken")
    status, out, _ = to_its_end(process)
    assert status == 0 and out.endswith("bootstrap: done\n")
    return key


def test_the_job_makes_what_pods_mount_and_hands_the_roots_key_over(pod, cluster):
    key = hand_over(pod, pod.start())
    assert key == (cluster.directory / "ca/ca/root.key").read_text()
    assert not list(pod.data.rglob("root.key")) and pod.root_key(check=False).returncode == 1
    secrets = {name: files for (kind, name), files in pod.api.objects.items() if kind == "Secret"}
    assert "PRIVATE KEY" in key and not any(key.encode() in value for files in secrets.values() for value in files.values())
    for overlay in ("dev", "prod"):
        assert {name for _, _, spec in Rendered.of(overlay).workloads().values() for name in mounted(spec)} == set(secrets)
    # Nothing is made before it is known that nothing of an earlier CA is there; the sign that all is done comes last.
    made = [one for one in pod.api.asked if one[0] in ("try", "make")]
    assert made == [(way, kind, name) for way in ("try", "make") for kind, name in pod.api.objects] and made[-1][1:] == ("ConfigMap", "roots")
    # Each process finds what scripts/cluster.sh gives it.
    users = secrets["redis"]["users.acl"].decode()
    for one in SERVICES:
        role, theirs = one["name"], cluster.directory / f"{one['name']}-1"
        given = dict(secrets[role], **{f"ca/{file}": octets for file, octets in pod.api.objects["ConfigMap", "roots"].items()})
        for held, secret in (("issuing", "issuing-key"), ("revocation", "revocation-keys"), ("access", "access-key")):
            if held in one["keys"]:
                given |= {f"ca/{file}": octets for file, octets in secrets[secret].items()}
        files = {str(file.relative_to(theirs)) for folder in (theirs, theirs / "ca") for file in folder.iterdir() if file.is_file()}
        assert set(given) == files - {"quicklime.toml", "log", "pid", "LOCK", "highest_seen", "control.sock"}
        assert all((theirs / file).read_bytes() == octets for file, octets in given.items() if file != "redis.password")
        assert f"user {role} on >{secrets[role]['redis.password'].decode().strip()} " in users
        assert f"user projector-{role} on >{secrets[f'projector-{role}']['redis.password'].decode().strip()} " in users


def test_the_job_applied_again_does_nothing(pod):
    hand_over(pod, pod.start())
    before = dict(pod.api.objects)
    shutil.rmtree(pod.data)  # another pod
    status, out, _ = to_its_end(pod.start())
    assert status == 0 and "was made before" in out
    assert pod.api.objects == before and pod.api.asked[-1][0] == "GET"


def test_secrets_of_an_earlier_ca_are_not_written_over(pod):
    pod.api.objects["Secret", "renewal"] = {"bootstrap.token": b"of an earlier one"}
    status, _, err = to_its_end(pod.start())
    assert status == 1 and "there is a Secret renewal already, of an earlier CA" in err
    assert list(pod.api.objects) == [("Secret", "renewal")] and not any(one[0] == "make" for one in pod.api.asked)


@pytest.mark.parametrize("refused", [("try", "Secret", "redis"), ("make", "Secret", "issuing-key"), ("make", "Secret", "gateway"), ("make", "ConfigMap", "roots")])
def test_a_job_that_was_interrupted_goes_on_with_the_same_keys(pod, cluster, refused):
    pod.api.fails = [refused]
    status, _, err = to_its_end(pod.start())
    assert status == 1 and "Kubernetes answers 403" in err and "not now" in err
    before = dict(pod.api.objects)
    assert hand_over(pod, pod.start()) == (cluster.directory / "ca/ca/root.key").read_text()  # the container again, in the same pod
    assert {name: pod.api.objects[name] for name in before} == before
    passwords = {one: pod.api.objects["Secret", one]["redis.password"] for role in ROLES for one in (role, f"projector-{role}")}
    assert len(set(passwords.values())) == 2 * len(ROLES)


@pytest.fixture
def anybody(tmp_path):
    """How to run as somebody whom modes of files bind, and a directory of his"""
    directory = tmp_path / "his"
    directory.mkdir()
    if os.geteuid() != 0:
        return [], directory
    os.chown(directory, 65532, 65532)
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(folder.stat().st_mode | 0o011)
    return ["setpriv", "--reuid=65532", "--regid=65532", "--clear-groups"], directory


def test_a_process_begins_with_the_files_of_its_volumes_and_as_its_own_redis_user(tmp_path, anybody):
    """As Kubernetes mounts them: links into a directory whose name begins with two dots, readable by a group. And again in the same pod."""
    (given := tmp_path / "given").mkdir()
    become, his = anybody
    for folder, files in (("process", {"quicklime.toml": SETTINGS.read_text(), "redis.password": "secret\n"}), ("ca", {"root.crt": "root", "issuing-1.key": "key"})):
        (given / folder / "..now").mkdir(parents=True)
        (given / folder / "..data").symlink_to("..now")
        for name, text in files.items():
            file = given / folder / "..now" / name
            file.write_text(text)
            file.chmod(0o440)
            if become:
                os.chown(file, 0, 65532)
            (given / folder / name).symlink_to(f"..data/{name}")
    script = tmp_path / "start.sh"
    script.write_text((DOCKER / "start.sh").read_text().replace("/etc/quicklime", str(given)))
    for process in ("ocsp", "projector-dashboard-api"):
        data = his / process
        program = tmp_path / f"quicklime-{process}"
        program.write_text('#!/bin/sh\necho "$0" "$@"\n')
        program.chmod(0o755)
        for _ in range(2):
            assert run(*become, "sh", script, program, "x", env={**os.environ, "QUICKLIME_DATA": str(data)}).stdout == f"{program} x\n"
        assert {str(file.relative_to(data)) for file in data.rglob("*")} == {"quicklime.toml", "redis.password", "ca", "ca/root.crt", "ca/issuing-1.key"}
        assert all(file.stat().st_mode & 0o077 == 0 for file in data.rglob("*"))
        assert f'user = "{process}"' in (data / "quicklime.toml").read_text()


def test_a_key_that_comes_later_is_brought_to_the_process(tmp_path):
    """Kubernetes changes what is mounted by turning one link to another directory, all files at once."""
    given, data = tmp_path / "given", tmp_path / "data"
    for folder, files in (("process", ["quicklime.toml"]), ("ca", ["root.crt", "issuing-1.key"])):
        (given / folder / "..first").mkdir(parents=True)
        (given / folder / "..data").symlink_to("..first")
        for name in files:
            (given / folder / "..first" / name).write_text("first")
            (given / folder / name).symlink_to(f"..data/{name}")
    script, program = tmp_path / "start.sh", tmp_path / "quicklime-issuance"
    script.write_text((DOCKER / "start.sh").read_text().replace("/etc/quicklime", str(given)))
    program.write_text("#!/bin/sh\nexec sleep 600\n")
    program.chmod(0o755)
    process = subprocess.Popen(["sh", script, program], env={**os.environ, "QUICKLIME_DATA": str(data), "QUICKLIME_POLL": "0.1"})
    try:
        wait_until((data / "ca/issuing-1.key").exists, what="the first key")
        (given / "ca/..second").mkdir()
        for name in ("root.crt", "issuing-1.key", "issuing-2.key"):
            (given / "ca/..second" / name).write_text("second")
        (given / "ca/issuing-2.key").symlink_to("..data/issuing-2.key")
        (given / "ca/..turned").symlink_to("..second")
        (given / "ca/..turned").rename(given / "ca/..data")
        keys = [data / "ca" / name for name in ("root.crt", "issuing-1.key", "issuing-2.key")]
        wait_until(lambda: all(key.exists() and key.read_text() == "second" for key in keys), what="the second key")
        assert all(key.stat().st_mode & 0o777 == 0o600 for key in keys) and set((data / "ca").iterdir()) == set(keys)
    finally:
        process.kill()
        process.wait()


def test_a_backup_is_whole_or_not_there_and_the_newest_stay(cluster, tmp_path):
    environment = {**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}", "QUICKLIME_DATA": str(cluster.directory / "ca"), "KEEP": "2"}
    for name in ("log-2026-01-01T00-00-00Z.jsonl", "log-2026-01-02T00-00-00Z.jsonl", "unfinished-log-2026-01-03T00-00-00Z.jsonl", "somebody's"):
        (tmp_path / name).write_text("")
    run(DOCKER / "backup.sh", tmp_path, env=environment)
    newest, = {file.name for file in tmp_path.iterdir()} - {"log-2026-01-02T00-00-00Z.jsonl", "somebody's"}
    assert re.fullmatch(r"log-[\dTZ-]+\.jsonl", newest)
    assert '"log.created/' in (tmp_path / newest).read_text().splitlines()[1]
    unreachable = tmp_path / "unreachable"
    unreachable.mkdir()
    (unreachable / "quicklime.toml").write_text('[kafka]\nbootstrap_servers = "127.0.0.1:1"\nquestion_timeout = "1s"\n')
    assert run(DOCKER / "backup.sh", tmp_path, env={**environment, "QUICKLIME_DATA": str(unreachable)}, check=False).returncode != 0
    assert {file.name for file in tmp_path.glob("*log-*")} == {newest, "log-2026-01-02T00-00-00Z.jsonl"}


def test_every_metric_that_alerts_ask_for_is_there(cluster):
    rules = yaml.safe_load((REPOSITORY / "deploy/k8s/components/monitoring/rules.yaml").read_text())["spec"]["groups"][0]["rules"]
    asked = {name for rule in rules for name in re.findall(r"\bquicklime_\w+", rule["expr"])}
    scraped = ""
    for role in ROLES:
        for replica in (0, 1):  # 0: the projector
            with urllib.request.urlopen(f"http://127.0.0.1:{cluster.admin_port(role, replica)}/metrics", timeout=30) as answer:
                scraped += answer.read().decode()
    for name in asked:
        assert re.search(rf"^{name}[ {{]", scraped, re.MULTILINE), name
    for name, label, value in re.findall(r'\b(quicklime_\w+)\{(\w+)="(\w+)"', " ".join(rule["expr"] for rule in rules)):
        assert re.search(rf'^{name}{{[^}}]*{label}="{value}"', scraped, re.MULTILINE), (name, label, value)
