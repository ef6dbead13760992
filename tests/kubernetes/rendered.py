"""What Kustomize makes of an overlay of deploy/k8s."""

import functools
import os
import pathlib
import re
import tempfile
import tomllib

import yaml
from running_ca import REPOSITORY, run

KUBECTL = REPOSITORY / "scripts/kubernetes/kubectl.sh"
OVERLAYS = ("embedded", "dev", "prod")
WORKLOADS = ("Deployment", "StatefulSet", "Job", "CronJob")
OPTIONAL = ("providers", "cert-manager")  # components that no overlay has
COMPONENT = "app.kubernetes.io/component"


def key(one):
    """What makes an object one and the same: two Quicklimes may have none in common."""
    return one["kind"], one["metadata"].get("namespace"), one["metadata"]["name"]


def template(workload):
    """Of a workload: its pods' labels and spec"""
    spec = workload["spec"]["jobTemplate"]["spec"] if workload["kind"] == "CronJob" else workload["spec"]
    return spec["template"]["metadata"]["labels"], spec["template"]["spec"]


def write_optional(directory):
    directory.mkdir()
    text = (REPOSITORY / "deploy/k8s/overlays/dev/kustomization.yaml").read_text()
    text = text.replace("  - ../../components/images\n", "".join(f"  - ../../components/{name}\n" for name in OPTIONAL) + "  - ../../components/images\n")
    (directory / "kustomization.yaml").write_text(text.replace("../../", os.path.relpath(REPOSITORY / "deploy/k8s", os.path.realpath(directory)) + "/"))
    return directory


class Rendered:
    def __init__(self, directory):
        self.name = pathlib.Path(directory).name
        self.objects = list(yaml.safe_load_all(run(KUBECTL, "kustomize", directory).stdout))

    @classmethod
    @functools.cache
    def of(cls, overlay):
        """`optional`: dev with what no overlay has, as somebody adds it to his own"""
        if overlay == "optional":
            with tempfile.TemporaryDirectory() as directory:
                return cls(write_optional(pathlib.Path(directory) / "optional"))
        return cls(REPOSITORY / "deploy/k8s/overlays" / overlay)

    def all(self, *kinds):
        return [one for one in self.objects if one["kind"] in kinds]

    def one(self, kind, name):
        (found,) = (one for one in self.all(kind) if one["metadata"]["name"] == name)
        return found

    def workloads(self):
        """{name: (workload, labels of its pods, their spec)}"""
        return {one["metadata"]["name"]: (one, *template(one)) for one in self.all(*WORKLOADS)}

    def settings(self):
        (found,) = (one for one in self.all("ConfigMap") if re.fullmatch("quicklime-[a-z0-9]+", one["metadata"]["name"]))
        return found["metadata"]["name"], tomllib.loads(found["data"]["quicklime.toml"])


def mounted(spec, kind="secret"):
    """The Secrets (or ConfigMaps) whose files a pod sees"""
    names = set()
    for volume in spec.get("volumes", ()):
        for source in [volume, *volume.get("projected", {}).get("sources", ())]:
            if kind in source:
                names.add(source[kind].get("secretName") or source[kind]["name"])
    return names


def selects(selector, labels):
    """Whether a LabelSelector selects"""
    operators = {"In": lambda value, values: value in values, "NotIn": lambda value, values: value not in values}
    return all(labels.get(name) == value for name, value in selector.get("matchLabels", {}).items()) and all(
        operators[one["operator"]](labels.get(one["key"]), one["values"]) for one in selector.get("matchExpressions", ()))
