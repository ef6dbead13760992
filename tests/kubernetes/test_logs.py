"""deploy/k8s/logs: what collects lines sees those of our pods and nothing else, and reads of each what our processes write
(tests/integration/test_log_lines.py)."""

import fnmatch
import re

import yaml
from rendered import Rendered
from running_ca import REPOSITORY

LOGS = Rendered(REPOSITORY / "deploy/k8s/logs")
CONFIGURATION = yaml.safe_load((REPOSITORY / "deploy/k8s/logs/configuration.yaml").read_text())
RECEIVER = CONFIGURATION["receivers"]["file_log"]


def test_it_is_in_a_namespace_of_its_own_with_nothing_of_the_ca():
    assert {one["metadata"].get("namespace", one["metadata"]["name"]) for one in LOGS.objects} == {"quicklime-logs"}
    assert {one["kind"] for one in LOGS.objects} == {"Namespace", "ServiceAccount", "ConfigMap", "DaemonSet", "NetworkPolicy"}  # no rights


def test_the_collector_reads_files_of_pods_and_no_more():
    spec = LOGS.one("DaemonSet", "collector")["spec"]["template"]["spec"]
    (container,) = spec["containers"]
    assert spec["automountServiceAccountToken"] is False and not {"hostNetwork", "hostPID", "hostIPC"} & set(spec)
    assert container["securityContext"] == {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    (host,) = (one for one in spec["volumes"] if "hostPath" in one)
    (mount,) = (one for one in container["volumeMounts"] if one["name"] == host["name"])
    assert mount["readOnly"] is True and mount["mountPath"] == host["hostPath"]["path"] == "/var/log/pods"
    assert not re.search(":latest$|/[^:]*$", container["image"])


def test_it_looks_at_our_namespaces_alone():
    (pattern,) = RECEIVER["include"]
    assert fnmatch.fnmatch("/var/log/pods/quicklime_issuance-7d9-x2v_6f0/issuance/0.log", pattern)
    assert not fnmatch.fnmatch("/var/log/pods/shop_web-7d9-x2v_6f0/web/0.log", pattern)
    assert {one["metadata"]["namespace"] for one in Rendered.of("prod").all("Deployment")} == {"quicklime"}


def test_it_takes_a_line_apart_as_it_is_written():
    """The members that each line begins with are those that the collector gives a place of their own."""
    wrote = (REPOSITORY / "libs/base/logging.cpp").read_text()
    members = set(re.findall(r'append_member\(line, "(\w+)"', wrote))
    parser = next(one for one in RECEIVER["operators"] if one["type"] == "json_parser")
    named = {parser["timestamp"]["parse_from"], parser["severity"]["parse_from"]} | {one["from"] for one in RECEIVER["operators"] if one["type"] == "move"}
    assert {name.removeprefix("attributes.") for name in named} == members == {"ts", "level", "service", "msg"}
    for overlay in ("embedded", "dev", "prod"):
        assert Rendered.of(overlay).settings()[1]["log"]["format"] == "json"


def test_records_go_where_the_network_lets_them():
    (endpoint,) = (one["value"] for one in LOGS.one("DaemonSet", "collector")["spec"]["template"]["spec"]["containers"][0]["env"])
    namespace, port = re.search(r"//[a-z]+\.([a-z]+)\.svc:(\d+)/", endpoint).groups()
    rules = LOGS.one("NetworkPolicy", "collector")["spec"]["egress"]
    assert any(rule["to"][0]["namespaceSelector"]["matchLabels"] == {"kubernetes.io/metadata.name": namespace} and {"port": int(port)} in rule["ports"] for rule in rules)
    for pipeline in CONFIGURATION["service"]["pipelines"].values():
        for part in ("receivers", "processors", "exporters"):
            assert set(pipeline[part]) <= set(CONFIGURATION[part])
