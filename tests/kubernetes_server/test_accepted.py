"""Every object of every overlay, as the API server judges it."""

import copy

import pytest
from rendered import OVERLAYS, Rendered, key, template
from running_ca import REPOSITORY
from server import in_namespace, known


SAMPLES = sorted(file.parent.name for file in (REPOSITORY / "deploy/k8s/samples").glob("*/kustomization.yaml"))


@pytest.fixture(params=(*OVERLAYS, "optional"))
def judged(request, server, namespaces, tmp_path):
    rendered = in_namespace(request.param, namespaces(f"judged-{request.param}"), tmp_path / "overlay")
    server.apply(rendered.all("Namespace"))  # a dry run looks for it
    return rendered


def test_every_overlay_is_accepted_without_a_warning(server, judged):
    said = server.apply(known(judged), "--dry-run=server").stdout
    assert said.count("(server dry run)") == len(known(judged))


def test_every_pod_is_let_into_its_namespace(server, judged):
    """Of a Deployment whose pods are not restricted the server only warns; a pod it refuses."""
    server.apply(judged.all("ServiceAccount"))
    (namespace,) = (one["metadata"]["name"] for one in judged.all("Namespace"))
    pods = []
    for name, (workload, labels, spec) in judged.workloads().items():
        claimed = [{"name": one["metadata"]["name"], "persistentVolumeClaim": {"claimName": "x"}} for one in workload["spec"].get("volumeClaimTemplates", ())]
        spec = {**spec, "volumes": [*spec["volumes"], *claimed]}
        pods.append({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": namespace, "labels": labels}, "spec": spec})
    server.apply(pods, "--dry-run=server")
    worse = copy.deepcopy(pods[0])
    worse["spec"]["containers"][0]["securityContext"].pop("capabilities")
    refused = server.apply([worse], "--dry-run=server", check=False)
    assert refused.returncode != 0 and 'violates PodSecurity "restricted:' in refused.stderr


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_are_accepted(server, namespaces, name):
    server.kubectl("create", "namespace", namespaces("workload"))
    server.kubectl("label", "namespace", "workload", "pod-security.kubernetes.io/enforce=restricted", "pod-security.kubernetes.io/warn=restricted")
    sample = Rendered(REPOSITORY / "deploy/k8s/samples" / name)
    server.apply(sample.objects, "--dry-run=server")


def test_what_collects_logs_is_accepted(server, namespaces):
    namespaces("quicklime-logs")
    collected = Rendered(REPOSITORY / "deploy/k8s/logs")
    server.apply(collected.all("Namespace"))
    server.apply(collected.objects)


def test_two_that_are_applied_do_not_touch_each_other(server, namespaces, tmp_path):
    first, second = (in_namespace("dev", namespaces(name), tmp_path / name) for name in ("first", "second"))
    server.apply(first.objects)
    before = identities(server, "first")
    server.apply(second.objects)
    assert identities(server, "first") == before
    server.apply(first.objects)  # again: nothing changes
    assert identities(server, "first") == before
    server.remove("second")
    assert identities(server, "first") == before
    everywhere = server.get("clusterroles,clusterrolebindings,persistentvolumes,validatingwebhookconfigurations,mutatingwebhookconfigurations")["items"]
    assert not [key(one) for one in everywhere if one["metadata"].get("labels", {}).get("app.kubernetes.io/part-of") == "quicklime"]


def identities(server, namespace):
    kinds = "serviceaccounts,services,deployments,statefulsets,jobs,cronjobs,configmaps,roles,rolebindings,networkpolicies,poddisruptionbudgets,persistentvolumeclaims"
    return {(*key(one), one["metadata"]["uid"], str(one.get("spec"))) for one in server.get("-n", namespace, kinds)["items"]}


def test_a_changed_setting_is_a_new_configmap_and_a_new_pod_template(server, namespaces, tmp_path):
    first = in_namespace("dev", namespaces("settings"), tmp_path / "first")
    server.apply(first.objects)
    before = {one["metadata"]["name"]: one["metadata"]["generation"] for one in server.get("-n", "settings", "deployments")["items"]}
    second = in_namespace("dev", "settings", tmp_path / "second")
    (tmp_path / "second/quicklime.toml").write_text(first.all("ConfigMap")[0]["data"]["quicklime.toml"] + '\n[crl]\nlifetime = "2d"\n')
    with (tmp_path / "second/kustomization.yaml").open("a") as file:
        file.write("configMapGenerator: [{name: quicklime, behavior: replace, files: [quicklime.toml]}]\n")
    second = type(second)(tmp_path / "second")
    assert second.settings()[0] != first.settings()[0]
    server.kubectl("delete", "job", "bootstrap", "-n", "settings")  # which has ended by then, and is gone after ten minutes
    server.apply(second.objects)
    after = {one["metadata"]["name"]: one["metadata"]["generation"] for one in server.get("-n", "settings", "deployments")["items"]}
    changed = {name for name, generation in after.items() if generation > before[name]}
    assert changed == {name for name, (one, labels, _) in first.workloads().items() if labels.get("quicklime.dev/kind")}
    assert template(second.one("Deployment", "redis")) == template(first.one("Deployment", "redis"))
