import pathlib
import sys

import pytest

for folder in ("integration", "support", "soak"):
    sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / folder))

from running_cluster import PROGRAMS, RunningCluster  # noqa: E402


def pytest_configure(config):
    config.addinivalue_line("markers", "node: needs Node 20, for the OpenID Connect provider")


def pytest_report_header():
    return f"programs: {PROGRAMS}"


@pytest.fixture(scope="session")
def cluster():
    """One for all tests: each leaves it whole."""
    running = RunningCluster(demonstration=True)
    yield running
    running.remove()
