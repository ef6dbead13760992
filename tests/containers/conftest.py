import pathlib
import sys

for folder in ("integration", "support", "kubernetes"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / folder))

import pytest  # noqa: E402
from pods import Pods  # noqa: E402


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
