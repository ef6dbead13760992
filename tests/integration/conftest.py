import pytest
from clock import Clock
from running_ca import BINARY, RunningCA
from running_directory import RunningDirectory
from running_provider import RunningProvider


def pytest_configure(config):
    config.addinivalue_line("markers", "node: needs Node 20, for the OpenID Connect provider")


def pytest_report_header():
    return f"quicklime: {BINARY}"


@pytest.fixture
def make_ca():
    """A maker of CAs that are gone after the test."""
    made = []

    def make(**options):
        ca = RunningCA(**options)
        made.append(ca)
        return ca

    yield make
    for ca in made:
        ca.remove()


@pytest.fixture
def ca(make_ca):
    return make_ca()


@pytest.fixture(scope="module")
def shared_ca():
    """One for all tests of a file that do not disturb each other."""
    ca = RunningCA()
    yield ca
    ca.remove()


@pytest.fixture
def clocked(make_ca):
    """A maker of CAs that serve by a clock of their own. The clocks of openssl and of the test are right."""
    def make(seconds=0, **more):
        ca = make_ca(start=False, **more)
        ca.clock = Clock(ca.base / "clock")
        ca.clock.set(seconds)
        return ca.start(ca.clock.environment())
    return make


@pytest.fixture
def make_provider():
    """A maker of OpenID Connect providers that are gone after the test."""
    made = []

    def make(**options):
        provider = RunningProvider(**options)
        made.append(provider)
        return provider

    yield make
    for provider in made:
        provider.remove()


@pytest.fixture(scope="module")
def directory():
    """A real LDAP directory, for all tests of a file."""
    made = RunningDirectory()
    yield made
    made.remove()
