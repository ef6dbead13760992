"""docker/ without a container engine: what compose.yaml says fits the programs, the scripts, the image, and what docker/prepare.sh writes."""

import os
import pathlib
import re
import shutil
import tomllib

import pytest
import yaml
from running_ca import REPOSITORY, run
from running_cluster import PROGRAMS, ROLES

COMPOSE = yaml.safe_load((REPOSITORY / "docker/compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
DOCKERFILE = (REPOSITORY / "docker/Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
PROCESSES = [name for role in ROLES for name in (role, f"projector-{role}")]
SHARE = "/usr/local/share/quicklime/"


def mounts(service):
    return {volume.split(":")[1]: volume.split(":")[0] for volume in SERVICES[service].get("volumes", [])}


@pytest.fixture(scope="module")
def prepared(cluster, tmp_path_factory):
    """What docker/prepare.sh makes under /cluster, for a CA that is there already."""
    here = tmp_path_factory.mktemp("containers")
    shutil.copytree(cluster.directory / "ca", here / "ca/ca")
    for place in mounts("prepare"):
        (here / pathlib.Path(place).name).mkdir(exist_ok=True)
    run(REPOSITORY / "docker/prepare.sh", env={**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}", "QUICKLIME_CLUSTER": str(here),
                                               "QUICKLIME_DATA": re.search(r"^ENV QUICKLIME_DATA=(\S+)", DOCKERFILE, re.MULTILINE)[1],
                                               "QUICKLIME_PUBLIC_URL": "http://localhost:8080"})
    return here


def settings(prepared, process):
    return tomllib.loads((prepared / process / "quicklime.toml").read_text())


def test_each_role_has_its_two_programs_its_volume_and_nothing_else():
    for process in PROCESSES:
        starter, program = SERVICES[process]["command"]
        assert program == f"quicklime-{process}" and os.access(f"{PROGRAMS}/{program}", os.X_OK)
        assert SERVICES[process]["volumes"] == [f"{process}:/etc/quicklime:ro"]
        assert SERVICES[process].get("deploy", {}).get("replicas", 1) == (1 if process.startswith("projector") else 2)
        assert os.access(REPOSITORY / starter.removeprefix(SHARE), os.X_OK)
    assert set(SERVICES) == {*PROCESSES, "kafka", "redis", "prepare", "gateway"}


def test_volumes_are_declared_and_only_prepare_sees_the_ca():
    used = {volume for service in SERVICES for volume in mounts(service).values()}
    assert used == set(COMPOSE["volumes"])
    assert [service for service in SERVICES if "ca" in mounts(service).values()] == ["prepare"]
    for process in (*PROCESSES, "gateway", "redis"):
        assert mounts("prepare")[f"/cluster/{process}"] == process


def test_what_is_ours_has_no_rights_and_no_secrets_in_its_environment():
    for service, said in SERVICES.items():
        names = " ".join(said.get("environment", {}))
        assert not re.search("PASSWORD|TOKEN|SECRET|KEY", names), names
        if said["image"] == "quicklime:local":
            assert said["read_only"] and said["cap_drop"] == ["ALL"] and said["security_opt"] == ["no-new-privileges:true"]
    for stage in re.split(r"^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]:
        if re.match(r".* AS (runtime|everything)\n", stage):
            assert re.findall(r"^USER (\S+)$", stage, re.MULTILINE)[-1] == "65532:65532"  # by number: Kubernetes believes no name


def test_the_image_has_what_compose_and_its_scripts_name():
    everything = DOCKERFILE.split(" AS everything\n")[1]
    copied = {word for line in re.findall(r"^COPY (.*)$", everything, re.MULTILINE) for word in line.split()[:-1]}
    assert {"docker/*.sh", "/bin/", "/nginx.conf", "/nginx-services.conf"} <= copied
    for script in (REPOSITORY / "docker").glob("*.sh"):
        if script.name != "collect.sh":  # which runs where the programs are built
            for named in re.findall(r"\bscripts/[a-z_.]+", script.read_text(encoding="utf-8")):
                assert named in copied, f"{script.name} needs {named}"
    for line in re.findall(r"^COPY (?!--)(.*)$", DOCKERFILE, re.MULTILINE):
        for source in line.split()[:-1]:
            assert source == "docker/*.sh" or (REPOSITORY / source).exists(), source


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """What docker/collect.sh hands to the images"""
    here = tmp_path_factory.mktemp("collected")
    run(REPOSITORY / "docker/collect.sh", PROGRAMS, here)
    return here


def test_images_get_the_programs_and_the_packages_that_they_need(collected):
    programs = {file.name for file in (collected / "bin").iterdir()}
    assert programs == {"quicklime", *(f"quicklime-{process}" for process in PROCESSES)}
    packages = (collected / "packages").read_text().split()
    for library in ("libssl3", "librdkafka1", "libhiredis", "libsqlite3-0", "libstdc++6"):
        assert any(package.startswith(library) for package in packages), library
    for stage, names in re.findall(r"^FROM runtime AS (\S+)\nCOPY --from=collected (.*) /usr/local/bin/$", DOCKERFILE, re.MULTILINE):
        copied = {name.removeprefix("/bin/") for name in names.split()}
        assert copied <= programs and {f"quicklime-{stage}", f"quicklime-projector-{stage}"} <= copied


def test_directories_hold_what_those_of_cluster_sh_hold(cluster, prepared):
    made = {"LOCK", "control.sock", "highest_seen", "log", "own", "pid"}
    for process in PROCESSES:
        theirs = cluster.directory / (process if process.startswith("projector") else f"{process}-1")
        inside = {str(file.relative_to(prepared / process)) for file in (prepared / process).rglob("*")}
        assert inside == {str(file.relative_to(theirs)) for file in theirs.rglob("*") if file.relative_to(theirs).parts[0] not in made}
        assert (prepared / process / "redis.password").stat().st_mode & 0o77 == 0


def test_settings_are_known_and_lead_to_each_other(prepared):
    known = set(re.findall(r"^\| `([a-z_.-]+)` \|", (REPOSITORY / "docs/configuration.md").read_text(encoding="utf-8"), re.MULTILINE))
    home = re.search(r"^ENV QUICKLIME_DATA=(\S+)", DOCKERFILE, re.MULTILINE)[1]
    for process in PROCESSES:
        said = settings(prepared, process)
        keys = {f"{table}.{key}" for table, inside in said.items() if isinstance(inside, dict) for key in inside} | {"public_url"}
        assert keys <= known, keys - known
        assert said["kafka"]["bootstrap_servers"] == SERVICES["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"].removeprefix("PLAINTEXT://")
        assert said["redis"]["host"] in SERVICES and said["redis"]["port"] == 6379
        assert said["redis"]["password_file"] == f"{home}/redis.password"
        assert any(f"http://127.0.0.1{said['listen']['admin']}/readyz" in word for word in SERVICES[process]["healthcheck"]["test"])
        users = (prepared / "redis/users.acl").read_text()
        assert f"user {said['redis']['user']} on >{(prepared / process / 'redis.password').read_text().strip()} " in users
        bootstrap = settings(prepared, "issuance")["listen"]["bootstrap"]
        assert said["own_certificate"]["issuance_url"] == f"https://issuance{bootstrap}"
        assert f"https://issuance{bootstrap}" in (REPOSITORY / "docker/gateway.sh").read_text(encoding="utf-8")


def test_the_gateway_leads_to_every_role(prepared, collected):
    configuration = (collected / "nginx.conf").read_text()
    led = re.findall(r"upstream (\S+) \{\s+server (\S+?)(:\d+) ", configuration)
    assert sorted(led) == sorted((role, role, settings(prepared, role)["listen"]["https"]) for role in ROLES)
    assert "proxy_next_upstream_tries 2;" in configuration  # one retry: no request goes through all replicas
    listening = re.findall(r"listen (\d+)", configuration)
    assert SERVICES["gateway"]["ports"] == [f"{port}:{port}" for port in listening]
    assert SERVICES["gateway"]["volumes"] == ["gateway:/etc/quicklime:ro"]
    assert {file.name for file in (prepared / "gateway").iterdir()} == {"roots.pem", "bootstrap.token"}
    assert set(SERVICES["gateway"]["depends_on"]) == set(ROLES)
    # A Service of Kubernetes is one address for all replicas: named twice, there is one to ask once more.
    services = re.findall(r"upstream (\S+) \{\s+server (\S+) max_fails=0;\s+server (\S+) max_fails=0;", (collected / "nginx-services.conf").read_text())
    assert sorted(services) == sorted((role, f"{role}:8443", f"{role}:8443") for role in ROLES)
    assert f"pid {re.search(r'^home=(.*)$', (REPOSITORY / 'docker/gateway.sh').read_text(), re.MULTILINE)[1]}/nginx.pid" in configuration


def test_kafka_takes_its_settings(tmp_path):
    """As its image does: Kafka's own program makes server.properties of the environment, and formats the directory with it."""
    libraries = pathlib.Path(os.environ.get("XDG_CACHE_HOME", os.path.expanduser("~/.cache"))) / "quicklime/kafka-4.2.0"
    assert SERVICES["kafka"]["image"].endswith(libraries.name.replace("kafka-", "apache/kafka:"))
    assert mounts("kafka") == {SERVICES["kafka"]["environment"]["KAFKA_LOG_DIRS"]: "kafka"}
    for folder in ("default", "mounted", "final"):
        (tmp_path / folder).mkdir()
    (tmp_path / "default/server.properties").write_text("process.roles=controller\n")
    for name in ("log4j2.yaml", "tools-log4j2.yaml"):
        (tmp_path / "default" / name).write_text("Configuration:\n  Loggers:\n    Root: {level: INFO}\n    Logger: [{name: kafka, level: INFO}]\n")
    environment = {name: str(value) for name, value in SERVICES["kafka"]["environment"].items()}
    environment["KAFKA_LOG_DIRS"] = str(tmp_path / "data")
    run("java", "-cp", f"{libraries}/*", "kafka.docker.KafkaDockerWrapper", "setup", "-D", tmp_path / "default", "-M", tmp_path / "mounted",
        "-F", tmp_path / "final", env={"PATH": os.environ["PATH"], **environment})
    properties = dict(line.split("=", 1) for line in (tmp_path / "final/server.properties").read_text().split("\n") if "=" in line)
    assert properties["advertised.listeners"] == "PLAINTEXT://kafka:9092" and properties["auto.create.topics.enable"] == "false"
    assert f"cluster.id={environment['CLUSTER_ID']}" in (tmp_path / "data/meta.properties").read_text()
