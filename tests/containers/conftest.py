import pathlib
import sys

for folder in ("integration", "support", "kubernetes", "soak"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / folder))

import pytest  # noqa: E402
from load import Shape  # noqa: E402
from pods import Pods, start_all  # noqa: E402
from running_ca import wait_until  # noqa: E402
from soak import Client  # noqa: E402


@pytest.fixture
def pods(tmp_path):
    """A maker of overlays whose pods run under podman; they are gone after the test."""
    made = []

    def make(overlay):
        made.append(Pods(overlay, tmp_path))
        return made[-1]

    yield make
    for one in made:
        one.remove()


@pytest.fixture
def dev(pods):
    """As `kubectl apply -k` would: everything at once. Pods whose Secrets are not there yet wait for them."""
    running = pods("dev")
    running.configure('format = "json"', 'format = "json"\nlevel = "debug"')
    running.configure('host = "redis"', 'host = "redis"\nread_deadline = "1s"')  # one machine runs all of it: its processes wait for each other
    broker = running.start("kafka")
    running.ready(broker)
    bootstrap = running.start("bootstrap")

    def made():
        assert running.is_running(bootstrap), running.log(bootstrap)
        return ("ConfigMap", "roots") in running.api.objects

    wait_until(made, within=120, what="the CA")
    start_all(running)
    return running


@pytest.fixture
def shape(dev, tmp_path):
    made = Shape(dev, tmp_path)

    def known():
        return Client(made).post("/v1/certificates", {}, {"Authorization": f"Bearer {made.token}"})[0] in (400, 422)

    wait_until(known, within=60, what="the token")
    yield made
    made.close()
