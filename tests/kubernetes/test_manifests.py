"""deploy/k8s without a cluster: what every overlay renders to is what the program says of its roles, has no more rights than it needs, and leads
to nothing that is not there. What only an API server can say, scripts/test-kubernetes.sh asks one."""

import re
import tomllib

import pytest
import yaml
from rendered import COMPONENT, KUBECTL, OVERLAYS, Rendered, key, mounted, selects
from running_ca import BINARY, REPOSITORY, run, services

SERVICES = {one["name"]: one for one in services()}
KEYS = {"issuing": "issuing-key", "revocation": "revocation-keys", "access": "access-key"}
SHARE = "/usr/local/share/quicklime/"


def containers(spec):
    return [*spec.get("initContainers", ()), *spec["containers"]]


def test_files_of_each_role_are_as_the_program_says():
    run("/usr/bin/python3", REPOSITORY / "scripts/write_roles.py", "--check", BINARY)


def test_each_role_has_its_daemon_and_its_projector(distributed):
    workloads = distributed.workloads()
    kinds = {name: labels.get("quicklime.dev/kind") for name, (_, labels, _) in workloads.items()}
    assert {name for name, kind in kinds.items() if kind == "daemon"} == set(SERVICES)
    assert {name for name, kind in kinds.items() if kind == "projector"} == {f"projector-{name}" for name in SERVICES}
    for name, one in SERVICES.items():
        for process, program in ((name, one["program"]), (f"projector-{name}", one["projector"])):
            (container,) = workloads[process][2]["containers"]
            assert container["command"] == [f"{SHARE}docker/start.sh", program]
            assert program.removeprefix("quicklime-") == one["redis_user" if process == name else "redis_projector_user"]  # start.sh says so to Redis


def test_keys_of_the_ca_are_where_it_signs_and_nowhere_else(distributed):
    for name, (_, labels, spec) in distributed.workloads().items():
        role = SERVICES.get(name)
        expected = {KEYS[held] for held in role["keys"]} if role else set()
        assert mounted(spec) & set(KEYS.values()) == expected, name
        if labels.get("quicklime.dev/kind"):
            assert mounted(spec) == expected | {name}, name  # and the password and token that are its own
    assert {name for name, role in SERVICES.items() if "issuing" in role["keys"]} == {"issuance", "renewal", "crl"}  # architecture, section 8


def test_secrets_are_files_of_the_reader_alone(overlay):
    assert not overlay.all("Secret")
    for name, (_, _, spec) in overlay.workloads().items():
        for volume in spec.get("volumes", ()):
            for what in ("secret", "configMap", "projected"):
                assert volume.get(what, {}).get("defaultMode", 0o440) == 0o440, name
        for container in containers(spec):
            assert "envFrom" not in container
            for variable in container.get("env", ()):
                assert "valueFrom" not in variable and not re.search("PASSWORD|TOKEN|SECRET|KEY", variable["name"]), name


def test_every_pod_is_restricted(overlay):
    for name, (_, _, spec) in overlay.workloads().items():
        pod = spec["securityContext"]
        assert pod["runAsNonRoot"] is True and pod["runAsUser"] > 0 and pod["runAsGroup"] > 0, name
        assert pod["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert not {"hostNetwork", "hostPID", "hostIPC", "hostUsers", "hostAliases"} & set(spec), name
        assert spec["enableServiceLinks"] is False, name
        for volume in spec.get("volumes", ()):
            assert set(volume) - {"name"} <= {"configMap", "secret", "projected", "emptyDir", "persistentVolumeClaim"}, name
            assert "sizeLimit" in volume.get("emptyDir", {"sizeLimit": ""}), name
        for container in containers(spec):
            assert container["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}, name
            for port in container.get("ports", ()):
                assert "hostPort" not in port and port["containerPort"] > 1024, name
            written = {mount["mountPath"] for mount in container["volumeMounts"] if not mount.get("readOnly")}
            assert "/tmp" in written or container["image"].split("/")[-1].startswith("redis:"), name


def test_every_container_says_what_it_needs(overlay):
    for name, (_, _, spec) in overlay.workloads().items():
        for container in containers(spec):
            asked, limits = container["resources"]["requests"], container["resources"]["limits"]
            assert set(asked) == {"cpu", "memory"} and limits == {"memory": asked["memory"]}, name


def test_who_runs_for_long_is_looked_at(overlay):
    for one in overlay.all("Deployment", "StatefulSet"):
        for container in one["spec"]["template"]["spec"]["containers"]:
            assert "livenessProbe" in container and "readinessProbe" in container, one["metadata"]["name"]
            ports = {port["name"] for port in container.get("ports", ())}
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                asked = container.get(probe, {})
                named = (asked.get("httpGet") or asked.get("tcpSocket") or {}).get("port")
                assert named is None or named in ports
            # Whether a process is alive never depends on Kafka or Redis.
            assert container["livenessProbe"].get("httpGet", {"path": "/livez"})["path"] == "/livez"
            assert container["readinessProbe"].get("httpGet", {"path": "/readyz"})["path"] in ("/readyz", "/ca/roots.pem")


def test_each_has_an_account_of_its_own_and_one_of_them_a_right(overlay):
    workloads = overlay.workloads()
    accounts = {one["metadata"]["name"]: one for one in overlay.all("ServiceAccount")}
    assert set(accounts) == set(workloads)
    for name, (_, _, spec) in workloads.items():
        assert spec["serviceAccountName"] == name
        assert accounts[name]["automountServiceAccountToken"] is False
        assert spec["automountServiceAccountToken"] is (name in ("bootstrap", "cert-manager-issuer")), name
    assert not overlay.all("ClusterRole", "ClusterRoleBinding")
    roles = {one["metadata"]["name"]: one["rules"] for one in overlay.all("Role")}
    if overlay.name == "embedded":
        assert not roles and not overlay.all("RoleBinding")
        return
    assert set(roles) == {"bootstrap"}
    # Who makes Secrets cannot read one, not even its own.
    allowed = {(verb, resource, *rule.get("resourceNames", ["*"])) for rule in roles["bootstrap"] for verb in rule["verbs"] for resource in rule["resources"]}
    assert allowed == {("create", "secrets", "*"), ("create", "configmaps", "*"), ("get", "configmaps", "roots")}
    assert overlay.one("RoleBinding", "bootstrap")["subjects"] == [{"kind": "ServiceAccount", "name": "bootstrap", "namespace": "quicklime"}]


def test_images_have_a_version(overlay):
    version = re.search(r"^project\(quicklime VERSION (\S+)", (REPOSITORY / "CMakeLists.txt").read_text(), re.MULTILINE)[1]
    for name, (_, _, spec) in overlay.workloads().items():
        for container in containers(spec):
            image, _, tag = container["image"].rpartition(":")
            assert image and re.fullmatch(r"\d[\d.]*", tag), name
            if "/quicklime" in image:
                assert tag == version
                expected = name.removeprefix("projector-")
                assert image.rsplit("/", 1)[1] == (f"quicklime-{expected}" if expected in SERVICES else "quicklime"), name


def test_every_image_is_built(distributed):
    stages = re.findall(r"^FROM runtime AS (\S+)$", (REPOSITORY / "docker/Dockerfile").read_text(), re.MULTILINE)
    assert stages == [*SERVICES, "everything"]
    used = {container["image"].rsplit("/", 1)[1].split(":")[0] for _, _, spec in distributed.workloads().values() for container in containers(spec)}
    assert {f"quicklime-{stage}" for stage in stages[:-1]} | {"quicklime"} <= used


def test_scripts_that_are_started_are_in_the_image(overlay):
    for name, (_, _, spec) in overlay.workloads().items():
        for container in containers(spec):
            for word in container.get("command", ()):
                if word.startswith(SHARE):
                    assert (REPOSITORY / word.removeprefix(SHARE)).stat().st_mode & 0o111, name


def test_services_lead_to_pods(overlay):
    workloads = overlay.workloads()
    for service in overlay.all("Service"):
        led = [spec for _, labels, spec in workloads.values() if selects({"matchLabels": service["spec"]["selector"]}, labels)]
        assert len(led) == 1, service["metadata"]["name"]
        ports = {port["name"] for container in led[0]["containers"] for port in container.get("ports", ())}
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports
        assert service["spec"].get("type", "ClusterIP") == "ClusterIP"


def test_selectors_are_of_one_workload(overlay):
    workloads = overlay.workloads()
    for one in overlay.all("Deployment", "StatefulSet"):
        selected = [name for name, (_, labels, _) in workloads.items() if selects(one["spec"]["selector"], labels)]
        assert selected == [one["metadata"]["name"]]
        assert one["metadata"]["labels"][COMPONENT] == one["metadata"]["name"]


def test_what_has_replicas_may_lose_one_at_a_time(distributed):
    budgets = {one["metadata"]["name"]: one["spec"] for one in distributed.all("PodDisruptionBudget")}
    several = {one["metadata"]["name"]: one for one in distributed.all("Deployment") if one["spec"].get("replicas", 2) > 1}
    assert set(budgets) == set(several) == {*SERVICES, "gateway"}
    for name, one in several.items():
        assert budgets[name] == {"maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow", "selector": one["spec"]["selector"]}
        assert one["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
        spread = one["spec"]["template"]["spec"]["topologySpreadConstraints"]
        assert {each["topologyKey"] for each in spread} == {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}
        assert all(each["labelSelector"] == one["spec"]["selector"] for each in spread)


def test_the_time_to_end_is_longer_than_the_answers_under_way(overlay):
    drain = int(re.search(r'`http.drain_timeout` \| duration \| `"(\d+)s"`', (REPOSITORY / "docs/configuration.md").read_text())[1])
    for name, (_, labels, spec) in overlay.workloads().items():
        if labels.get("quicklime.dev/kind") == "daemon" or name == "quicklime":
            sleep = spec["containers"][0].get("lifecycle", {"preStop": {"sleep": {"seconds": 0}}})["preStop"]["sleep"]["seconds"]
            assert sleep + drain < spec["terminationGracePeriodSeconds"]


def test_a_changed_setting_is_a_new_configmap_that_every_process_mounts(overlay):
    name, _ = overlay.settings()
    for workload, (_, labels, spec) in overlay.workloads().items():
        if labels.get("quicklime.dev/kind") or workload in ("bootstrap", "backup", "restore", "quicklime"):
            assert name in mounted(spec, "configMap"), workload
    others = {found for _, _, spec in overlay.workloads().values() for found in mounted(spec, "configMap")} - {name}
    assert others <= {"roots"}  # which `bootstrap` makes


def test_settings_are_known_and_lead_to_each_other(overlay):
    _, said = overlay.settings()
    known = set(re.findall(r"^\| `([a-z_.-]+)` \|", (REPOSITORY / "docs/configuration.md").read_text(encoding="utf-8"), re.MULTILINE))
    assert {f"{table}.{each}" for table, inside in said.items() if isinstance(inside, dict) for each in inside} | {"public_url"} <= known
    for name, (_, labels, spec) in overlay.workloads().items():
        if labels.get("quicklime.dev/kind") or name == "quicklime":
            ports = {port["name"]: f":{port['containerPort']}" for port in spec["containers"][0]["ports"]}
            expected = {each: address for each, address in said["listen"].items() if address and each != "bootstrap"}
            if name in SERVICES:
                assert ports == expected | ({"bootstrap": said["listen"]["bootstrap"]} if SERVICES[name]["bootstrap_listener"] else {}), name
            elif name == "quicklime":
                assert ports == expected
            else:
                assert ports == {"admin": expected["admin"]}
    if overlay.name == "embedded":
        return
    ports = {one["metadata"]["name"]: {port["port"] for port in one["spec"]["ports"]} for one in overlay.all("Service")}
    assert said["redis"].get("port", 6379) in ports[said["redis"]["host"]]
    (certifier,) = (name for name, one in SERVICES.items() if one["bootstrap_listener"])
    assert said["own_certificate"]["issuance_url"] == f"https://{certifier}{said['listen']['bootstrap']}"
    for name, one in SERVICES.items():
        if set(one["accepts"]) - {"gateway"}:  # whom other roles call, they find
            assert said[one["view"]]["url"] == f"https://{name}{said['listen']['https']}"
    kafka, port = said["kafka"]["bootstrap_servers"].split(":")
    if overlay.name in ("dev", "optional"):
        assert int(port) in ports[kafka] and said["kafka"]["allow_single_replica"] is True
    else:
        cluster = overlay.one("Kafka", "quicklime")["spec"]["kafka"]
        assert kafka == "quicklime-kafka-bootstrap" and int(port) == cluster["listeners"][0]["port"]
        assert cluster["config"]["min.insync.replicas"] == 2 and overlay.one("KafkaNodePool", "kafka")["spec"]["replicas"] == 3
        assert "allow_single_replica" not in said["kafka"]
    environment = (REPOSITORY / "docker/Dockerfile").read_text()
    assert said["redis"]["password_file"] == re.search(r"^ENV QUICKLIME_DATA=(\S+)", environment, re.MULTILINE)[1] + "/redis.password"


def test_the_broker_is_configured_as_that_of_compose():
    compose = yaml.safe_load((REPOSITORY / "docker/compose.yaml").read_text())["services"]["kafka"]
    (container,) = Rendered.of("dev").workloads()["kafka"][2]["containers"]
    ours = {one["name"]: one["value"] for one in container["env"]}
    theirs = {name: str(value) for name, value in compose["environment"].items()}
    differ = {"KAFKA_HEAP_OPTS", "KAFKA_LISTENERS", "KAFKA_CONTROLLER_QUORUM_VOTERS", "KAFKA_LOG_DIRS"}
    assert {name: ours[name] for name in ours if name not in differ} == {name: theirs[name] for name in theirs if name not in differ}
    assert container["image"] == compose["image"]
    assert any(ours["KAFKA_LOG_DIRS"].startswith(mount["mountPath"]) for mount in container["volumeMounts"] if mount["name"] == "log")


def test_the_log_and_its_backups_outlive_their_pods():
    for name, volume in (("kafka", "log"), ("quicklime", "data")):
        (one,) = (each for overlay in ("dev", "embedded") for each in Rendered.of(overlay).all("StatefulSet") if each["metadata"]["name"] == name)
        assert one["spec"]["persistentVolumeClaimRetentionPolicy"] == {"whenDeleted": "Retain", "whenScaled": "Retain"}
        assert [claim["metadata"]["name"] for claim in one["spec"]["volumeClaimTemplates"]] == [volume]
    assert Rendered.of("prod").one("KafkaNodePool", "kafka")["spec"]["storage"]["deleteClaim"] is False
    backup = Rendered.of("prod").one("CronJob", "backup")
    assert backup["spec"]["concurrencyPolicy"] == "Forbid"
    assert Rendered.of("prod").one("CronJob", "restore")["spec"]["suspend"] is True
    assert "suspend" not in backup["spec"]
    claims = [volume["persistentVolumeClaim"]["claimName"] for volume in Rendered.of("prod").workloads()["backup"][2]["volumes"] if "persistentVolumeClaim" in volume]
    assert claims == [one["metadata"]["name"] for one in Rendered.of("prod").all("PersistentVolumeClaim")] == ["backup"]


def test_the_job_that_holds_the_keys_is_not_given_up():
    job = Rendered.of("dev").one("Job", "bootstrap")["spec"]
    assert job["backoffLimit"] >= 1000 and "activeDeadlineSeconds" not in job  # or Kubernetes takes its pod away, and the root's key with it
    assert job["template"]["spec"]["restartPolicy"] == "OnFailure" and job["ttlSecondsAfterFinished"] > 0


def test_autoscalers_lead_to_deployments_that_do_not_say_how_many_they_are():
    prod = Rendered.of("prod")
    for one in prod.all("HorizontalPodAutoscaler"):
        target = prod.one(one["spec"]["scaleTargetRef"]["kind"], one["spec"]["scaleTargetRef"]["name"])
        assert "replicas" not in target["spec"] and one["spec"]["minReplicas"] >= 2
        assert target["spec"]["template"]["spec"]["containers"][0]["resources"]["requests"]["cpu"]
    assert {one["metadata"]["name"] for one in prod.all("HorizontalPodAutoscaler")} == {"ocsp", "issuance"}


def test_public_routes_lead_to_plain_http():
    (route,) = Rendered.of("prod").all("HTTPRoute")
    service = Rendered.of("prod").one("Service", "gateway")
    named = {port["port"]: port["name"] for port in service["spec"]["ports"]}
    for rule in route["spec"]["rules"]:
        assert "filters" not in rule  # no redirect: who looks up a TLS certificate's status must not need one for it
        assert [named[backend["port"]] for backend in rule["backendRefs"]] == ["http"]
    paths = {match["path"]["value"] for rule in route["spec"]["rules"] for match in rule["matches"]}
    document = yaml.safe_load((REPOSITORY / "docs/openapi.yaml").read_text())
    views = {one["view"] for one in SERVICES.values() if one["over_plain_http"]}
    # What stands in certificates; the clients of an API come by https.
    public = {"/" + path.split("/")[1] for path, said in document["paths"].items() for one in said.values()
              if set(one.get("tags", ())) & views and not path.startswith("/api/")}
    assert paths == public
    public_url = Rendered.of("prod").settings()[1]["public_url"]
    assert public_url.removeprefix("http://") in route["spec"]["hostnames"]


@pytest.mark.parametrize("name", OVERLAYS)
def test_two_in_two_namespaces_have_nothing_in_common(name, tmp_path):
    here = tmp_path / "second"
    here.mkdir()
    base = REPOSITORY / "deploy/k8s/overlays" / name
    (here / "kustomization.yaml").write_text("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: second\n"
                                             f"resources: [{'../' * len(here.parts[1:])}{base.relative_to('/')}]\n")
    first, second = Rendered.of(name), Rendered(here)
    assert {key(one) for one in first.objects} & {key(one) for one in second.objects} == set()
    for rendered, namespace in ((first, "quicklime"), (second, "second")):
        # Nothing of it is the whole cluster's but the namespace itself.
        assert {one["kind"] for one in rendered.objects if "namespace" not in one["metadata"]} == {"Namespace"}
        assert [one["metadata"]["name"] for one in rendered.all("Namespace")] == [namespace]
        assert {one["metadata"]["namespace"] for one in rendered.objects if one["kind"] != "Namespace"} == {namespace}
        for policy in rendered.all("NetworkPolicy"):
            for side in ("ingress", "egress"):
                for rule in policy["spec"].get(side, ()):
                    for peer in rule.get("from", rule.get("to", ())):
                        other = peer.get("namespaceSelector", {}).get("matchLabels", {}).get("kubernetes.io/metadata.name")
                        assert other in (None, "kube-system", "monitoring"), policy["metadata"]["name"]


def test_namespaces_enforce_what_their_pods_keep(overlay):
    (namespace,) = overlay.all("Namespace")
    labels = namespace["metadata"]["labels"]
    for mode in ("enforce", "audit", "warn"):
        assert labels[f"pod-security.kubernetes.io/{mode}"] == "restricted"
        assert re.fullmatch(r"v1\.\d+", labels[f"pod-security.kubernetes.io/{mode}-version"])


def test_every_object_says_what_it_belongs_to(overlay):
    for one in overlay.objects:
        if one["kind"] == "ConfigMap":
            continue
        labels = one["metadata"]["labels"]
        assert labels["app.kubernetes.io/part-of"] == labels["app.kubernetes.io/name"] == "quicklime" or one["kind"] == "Namespace", key(one)


def test_settings_of_prod_differ_from_those_of_dev_where_they_must_alone():
    files = [tomllib.loads((REPOSITORY / f"deploy/k8s/{place}/quicklime.toml").read_text()) for place in ("base", "overlays/prod")]
    for said in files:
        said.pop("public_url")
        said["kafka"] = None
    assert files[0] == files[1]


def test_kubectl_renders():
    assert "kustomize" in run(KUBECTL, "kustomize", "--help").stdout
