"""A rendered overlay of deploy/k8s under podman: what a kubelet would do with each pod, as far as it goes without a cluster. Users, read-only roots,
capabilities, mounts with their owners and modes, environment, commands, replicas and probes are the manifests'; a Service is a name for all pods that it
selects. Kafka and Redis, whose images come from a registry, are stood in for by the same programs of this machine in a container of the base image."""

import ipaddress
import itertools
import json
import os
import pathlib
import shutil
import socket
import subprocess
import threading
import urllib.request

from kubernetes_api import KubernetesApi
from rendered import Rendered, selects
from running_ca import run, wait_until

BASE = os.environ.get("QUICKLIME_BASE_IMAGE", "docker.io/library/debian:bookworm-slim")
KAFKA = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "quicklime/kafka-4.2.0"
# As the broker's image does it: its configuration made of the environment, then the broker.
BROKER = """cp=/opt/kafka/libs/*
mkdir -p /tmp/default /tmp/mounted
echo process.roles=controller >/tmp/default/server.properties
for name in log4j2 tools-log4j2; do printf 'Configuration:\\n  Loggers:\\n    Root: {level: WARN}\\n    Logger: [{name: kafka, level: WARN}]\\n' >/tmp/default/$name.yaml; done
java -cp "$cp" kafka.docker.KafkaDockerWrapper setup -D /tmp/default -M /tmp/mounted -F /opt/kafka/config
exec java $KAFKA_HEAP_OPTS -cp "$cp" kafka.Kafka /opt/kafka/config/server.properties"""


def podman(*words, **more):
    return run("podman", *words, timeout=120, **more).stdout.strip()


class Service:
    """A port of this machine that leads to all pods behind a name, as a Service does: each connection to the next one that takes it."""

    def __init__(self, addresses, port):
        self.addresses, self.target, self.turns = addresses, port, itertools.count()
        self.server = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        while True:
            try:
                near, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self.lead, args=(near,), daemon=True).start()

    def lead(self, near):
        for _ in self.addresses:
            try:
                far = socket.create_connection((self.addresses[next(self.turns) % len(self.addresses)], self.target), timeout=2)
            except OSError:
                continue
            far.settimeout(None)
            for pair in ((near, far), (far, near)):
                threading.Thread(target=pump, args=pair, daemon=True).start()
            return
        near.close()

    def close(self):
        self.server.close()


def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    for one in (source, sink):
        try:
            one.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Pods:
    def __init__(self, overlay, directory):
        self.rendered, self.directory = Rendered.of(overlay), directory
        self.network = f"quicklime-{os.getpid()}"
        podman("network", "create", self.network)
        (subnet,) = json.loads(podman("network", "inspect", self.network))[0]["subnets"]
        self.api = KubernetesApi(directory, subnet["gateway"])
        self.containers = {}  # name: component
        # What was found once stays true: a container that starts again in its pod has the address that it had, and so does a successor here.
        self.addresses, self.free = {}, iter([str(one) for one in ipaddress.ip_network(subnet["subnet"]).hosts()][20:])
        for one in self.rendered.all("ConfigMap"):
            self.api.objects["ConfigMap", one["metadata"]["name"]] = {file: text.encode() for file, text in one["data"].items()}

    def configure(self, said, instead):
        """Another setting than the manifests', before anything starts."""
        (settings,) = (files for (kind, _), files in self.api.objects.items() if kind == "ConfigMap" and "quicklime.toml" in files)
        assert settings["quicklime.toml"].count(said.encode()) == 1
        settings["quicklime.toml"] = settings["quicklime.toml"].replace(said.encode(), instead.encode())

    def remove(self):
        if self.containers:
            podman("rm", "-f", "-t", "5", *self.containers, check=False)
        podman("network", "rm", "-f", self.network, check=False)
        self.api.close()

    # ---- volumes, as a kubelet mounts them: root's, readable by the pod's group

    def files(self, name, sources, group, without):
        where = self.directory / name
        where.mkdir(parents=True, exist_ok=True)
        where.chmod(0o755)
        for source in sources:
            for kind, said in (("Secret", source.get("secret")), ("ConfigMap", source.get("configMap"))):
                if said and (said.get("secretName") or said["name"]) != without:
                    held = self.api.objects[kind, said.get("secretName") or said["name"]]
                    paths = {one["key"]: one["path"] for one in said.get("items", ())} or {key: key for key in held}
                    for key, path in paths.items():
                        file = where / path
                        file.write_bytes(held[key])
                        file.chmod(0o440)
                        os.chown(file, 0, group)
        return where

    def volume(self, container, spec, mount, volumes, without):
        said, group = volumes[mount["name"]], spec["securityContext"]["fsGroup"]
        if "emptyDir" in said:
            where = self.directory / f"{container}-{mount['name']}"
            where.mkdir()
            os.chown(where, 0, group)
            where.chmod(0o2777)
            return ["-v", f"{where}:{mount['mountPath']}"]
        if "claim" in said or "persistentVolumeClaim" in said:
            where = self.directory / f"claim-{said.get('claim') or said['persistentVolumeClaim']['claimName']}"
            where.mkdir(exist_ok=True)
            os.chown(where, 0, group)
            where.chmod(0o2775)
            return ["-v", f"{where}:{mount['mountPath']}"]
        where = self.files(f"{container}-{mount['name']}", said.get("projected", {}).get("sources", [said]), group, without)
        return ["-v", f"{where}:{mount['mountPath']}:ro"]

    # ---- pods

    def start(self, component, replica=1, without=None, tag=None):
        """without: a Secret that it does not get; tag: of another image than the manifest's"""
        workload, labels, spec = self.rendered.workloads()[component]
        (container,) = spec["containers"]
        name = f"{self.network}-{component}-{replica}"
        volumes = {one["name"]: one for one in spec["volumes"]} | {
            one["metadata"]["name"]: {"claim": f"{component}-{one['metadata']['name']}"} for one in workload["spec"].get("volumeClaimTemplates", ())}
        if name not in self.addresses:
            self.addresses[name] = next(self.free)
        words = ["run", "-d", "--name", name, "--hostname", f"{component}-{replica - 1}", "--network", self.network, "--ip", self.addresses[name], "--read-only",
                 "--user", f"{spec['securityContext']['runAsUser']}:{spec['securityContext']['runAsGroup']}", "--security-opt", "no-new-privileges"]
        for capability in container["securityContext"]["capabilities"]["drop"]:
            words += ["--cap-drop", capability]
        for service in self.rendered.all("Service"):
            if selects({"matchLabels": service["spec"]["selector"]}, labels):
                name_of = service["metadata"]
                words += ["--network-alias", name_of["name"], "--network-alias", f"{name_of['name']}.{name_of['namespace']}.svc"]
        for variable in container.get("env", ()):
            words += ["--env", f"{variable['name']}={variable['value']}"]
        for mount in container["volumeMounts"]:
            words += self.volume(name, spec, mount, volumes, without)
        if spec["automountServiceAccountToken"]:
            words += ["-v", f"{self.api.account}:/var/run/secrets/kubernetes.io/serviceaccount:ro"]
            for key, value in self.api.environment().items():
                if key != "KUBERNETES_ACCOUNT":
                    words += ["--env", f"{key}={value}"]
        image, command = f"localhost/{container['image'].rsplit('/', 1)[1]}", container.get("command", [])
        if tag:
            image = f"{image.rsplit(':', 1)[0]}:{tag}"
        if component in ("kafka", "redis"):
            image, words = BASE, [*words, "-v", "/usr:/usr:ro"]
            if component == "kafka":
                words += ["-v", "/etc/alternatives:/etc/alternatives:ro", "-v", f"{KAFKA}:/opt/kafka/libs:ro"]
                for settings in pathlib.Path("/etc").glob("java-*-openjdk"):
                    words += ["-v", f"{settings}:{settings}:ro"]
                command = ["sh", "-c", BROKER]
        podman(*words, "--entrypoint", json.dumps(command), image)
        self.containers[name] = component
        return name

    def all_of(self, *kinds):
        return [name for name, (_, labels, _) in self.rendered.workloads().items() if labels.get("quicklime.dev/kind") in kinds]

    def replicas(self, component):
        return self.rendered.workloads()[component][0]["spec"].get("replicas", 1)

    def address(self, container):
        return self.addresses[container]

    def is_running(self, container):
        return podman("inspect", "-f", "{{.State.Running}}", container) == "true"

    def probe(self, container, which="readinessProbe"):
        """What its manifest's probe says"""
        (said,) = self.rendered.workloads()[self.containers[container]][2]["containers"]
        asked, ports = said[which], {port["name"]: port["containerPort"] for port in said["ports"]}
        if "exec" in asked:
            return run("podman", "exec", container, *asked["exec"]["command"], check=False).returncode == 0
        if "tcpSocket" in asked:
            port = ports[asked["tcpSocket"]["port"]]
            return run("bash", "-c", f"exec 3<>/dev/tcp/{self.address(container)}/{port}", check=False).returncode == 0
        try:
            with urllib.request.urlopen(f"http://{self.address(container)}:{ports[asked['httpGet']['port']]}{asked['httpGet']['path']}", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def ready(self, *containers, within=120):
        for container in containers:
            def holds(container=container):
                assert self.is_running(container), self.log(container)
                return self.probe(container)
            wait_until(holds, within=within, what=container)
            assert self.probe(container, "livenessProbe")

    def log(self, container):
        done = run("podman", "logs", "--tail", "30", container, check=False)
        return done.stdout + done.stderr

    def lines(self, container):
        """What it wrote, as the objects that its lines are; other lines are nginx's, Kafka's or Redis'."""
        text = run("podman", "logs", container).stderr
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    def metric(self, container, name):
        with urllib.request.urlopen(f"http://{self.address(container)}:9090/metrics", timeout=5) as answer:
            return sum(float(line.rsplit(" ", 1)[1]) for line in answer.read().decode().splitlines() if line.startswith((f"{name} ", f"{name}{{")))

    def execute(self, container, *command, **more):
        return run("podman", "exec", container, *command, **more).stdout

    def complaint(self, container, *command):
        return run("podman", "exec", container, *command, check=False).stderr

    def stop(self, container):
        podman("rm", "-f", "-t", "30", container)
        del self.containers[container]
        for where in self.directory.glob(f"{container}-*"):
            shutil.rmtree(where)

    def events(self):
        """[(offset, octets)] of the log, read by kcat in a container of its own, since the broker gives its name and no address."""
        text = subprocess.run(["podman", "run", "--rm", "--network", self.network, "-v", "/usr:/usr:ro", BASE, "kcat", "-C", "-q", "-b", "kafka:9092",
                               "-t", "quicklime", "-p", "0", "-o", "beginning", "-e", "-f", "%o %s\n"], capture_output=True, check=True, timeout=120).stdout
        return [(int(line.split(b" ", 1)[0]), line.split(b" ", 1)[1]) for line in text.splitlines()]

    def kill_and_start(self, container):
        podman("kill", container)
        podman("start", container)

    def client(self, script, **environment):
        """A shell script in a container that is nobody's, in the same network, with the programs; what it prints."""
        words = [word for name, value in environment.items() for word in ("--env", f"{name}={value}")]
        (image,) = {spec["containers"][0]["image"].rsplit("/", 1)[1] for _, _, spec in self.rendered.workloads().values()
                    if spec["containers"][0]["image"].rsplit("/", 1)[1].startswith("quicklime:")}
        return podman("run", "--rm", "--network", self.network, "--tmpfs", "/work:rw,mode=1777", "-w", "/work", *words, f"localhost/{image}",
                      "bash", "-euo", "pipefail", "-c", script)


def start_all(running):
    names = ["redis", *running.all_of("projector", "daemon"), "gateway"]
    running.made = {name: [running.start(name, replica + 1) for replica in range(running.replicas(name))] for name in names}
    running.ready(*(container for name in names for container in running.made[name]), within=300)
