"""The API server of scripts/kubernetes/up.sh, asked by its own kubectl."""

import json
import os
import pathlib

import yaml
from rendered import Rendered, write_optional
from running_ca import REPOSITORY, run, wait_until

BUILT = pathlib.Path(os.environ.get("KUBE_BIN", pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "quicklime/kubernetes"))
RUN = pathlib.Path(os.environ.get("KUBE_RUN", REPOSITORY / "build/kubernetes"))
STRIMZI = ("Kafka", "KafkaNodePool")  # their definitions are to be had from their operator alone


class Server:
    url = f"https://127.0.0.1:{os.environ['KUBE_PORT']}"
    roots = RUN / "pki/ca.crt"

    def kubectl(self, *arguments, **more):
        return run(BUILT / "kubectl", "--kubeconfig", RUN / "admin.kubeconfig", *arguments, **more)

    def get(self, *arguments):
        return json.loads(self.kubectl("get", "-o", "json", *arguments).stdout)

    def apply(self, objects, *arguments, check=True):
        """Nothing unknown, nothing doubtful: a warning is an error."""
        return self.kubectl("apply", "--validate=strict", "--warnings-as-errors", *arguments, "-f", "-", input=yaml.safe_dump_all(objects), check=check)

    def define(self, definition):
        """A CustomResourceDefinition, until its kind is served."""
        self.kubectl("apply", "--server-side", "-f", "-", input=yaml.safe_dump(definition))
        self.kubectl("wait", "--for=condition=established", "--timeout=60s", "crd", definition["metadata"]["name"])

    def remove(self, namespace):
        """There is no kubelet that would end its pods."""
        self.kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=false")

        def is_gone():
            self.kubectl("delete", "pods", "--all", "--force", "--grace-period=0", "--wait=false", "-n", namespace)
            return not self.kubectl("get", "namespace", namespace, "--ignore-not-found", "-o", "name").stdout

        wait_until(is_gone, within=60, what=f"the end of {namespace}")

    def may(self, account, verb, what, namespace):
        said = self.kubectl("auth", "can-i", verb, what, "-n", namespace, f"--as=system:serviceaccount:{namespace}:{account}", check=False).stdout
        assert said in ("yes\n", "no\n"), said
        return said == "yes\n"


def in_namespace(overlay, namespace, directory):
    """The overlay, in a namespace of another name"""
    directory.mkdir()
    base = write_optional(directory / "of") if overlay == "optional" else REPOSITORY / "deploy/k8s/overlays" / overlay
    (directory / "kustomization.yaml").write_text("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
                                                  f"namespace: {namespace}\nresources: [{os.path.relpath(base, os.path.realpath(directory))}]\n")
    return Rendered(directory)


def known(rendered):
    return [one for one in rendered.objects if one["kind"] not in STRIMZI]
