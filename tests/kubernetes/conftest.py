import pathlib
import sys

for folder in ("integration", "support"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / folder))

import pytest  # noqa: E402
from rendered import OVERLAYS, Rendered  # noqa: E402


@pytest.fixture(scope="session", params=(*OVERLAYS, "optional"))
def overlay(request):
    return Rendered.of(request.param)


@pytest.fixture(scope="session", params=("dev", "prod"))
def distributed(request):
    return Rendered.of(request.param)
