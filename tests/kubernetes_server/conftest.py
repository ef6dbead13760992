import os
import pathlib
import sys

for folder in ("integration", "support", "kubernetes"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / folder))

import pytest  # noqa: E402
import yaml  # noqa: E402
from rendered import Rendered  # noqa: E402
from running_ca import REPOSITORY  # noqa: E402
from server import Server  # noqa: E402

KINDS = ("podmonitors", "prometheusrules", "httproutes", "crd-certificates", "crd-certificaterequests")


@pytest.fixture(scope="session")
def server():
    """The API server that scripts/test-kubernetes.sh started, which knows the kinds of the operators that our manifests speak to."""
    running = Server()
    for directory in os.environ["QUICKLIME_DEFINITIONS"].split(":"):
        for file in pathlib.Path(directory).glob("*.yaml"):
            if any(file.stem == kind or file.name.endswith(f"_{kind}.yaml") for kind in KINDS):
                definition = yaml.safe_load(file.read_text())
                definition["metadata"].pop("labels", None)  # which a chart would fill in
                running.define(definition)
    for file in (REPOSITORY / "deploy/k8s/cluster").glob("*/kustomization.yaml"):
        for one in Rendered(file.parent).objects:
            running.define(one) if one["kind"] == "CustomResourceDefinition" else running.apply([one])
    return running


@pytest.fixture
def namespaces(server):
    """A maker of overlays in namespaces of their own: their names are gone after the test."""
    made = []

    def make(name):
        made.append(name)
        return name

    yield make
    for name in made:
        server.remove(name)
