"""Each role answers as soon as its own view is there: one that is folded anew closes its own role and no other."""

import re
import sys

import pytest
from running_ca import REPOSITORY, RunningCA, new_csr, wait_until

sys.path.insert(0, str(REPOSITORY / "tests/support"))
from long_log import append_certificates  # noqa: E402

CERTIFICATES = 10_000  # so many that folding them takes longer than to ask


class LongCA:
    """A CA with a long log, and what openssl needs to ask it before it can be fetched."""

    def __init__(self):
        self.ca = RunningCA()
        self.web = self.ca.issue("web.internal")
        self.files = [self.ca.issuing(), self.ca.roots()]
        self.ca.issuing, self.ca.roots = (lambda: self.files[0]), (lambda: self.files[1])
        self.ca.stop()
        append_certificates(self.ca.data, self.web.serial, CERTIFICATES)
        self.ca.start()

    def start_without(self, view):
        """Folded anew, as it is after its version was raised."""
        self.ca.stop()
        for file in (self.ca.data / "views").glob(f"{view}.db*"):
            file.unlink()
        self.ca.start(wait=False)
        self.ca.held_still = True  # not every view gets to the log's end: nobody waits for that
        return self.ca

    def announced(self):
        assert self.ca.process.stdout.readline(), self.ca.messages()
        self.ca.held_still = False


@pytest.fixture(scope="module")
def long_ca():
    one = LongCA()
    yield one
    one.ca.remove()


def tried(ask):
    """Nothing while nobody listens."""
    try:
        return ask()
    except OSError:
        return None


def inventory(ca):
    return ca.request("GET", "/v1/certificates?limit=1")


def not_ready(answer):
    return answer.status == 503 and answer.reason == "view-not-ready"


def test_a_view_that_is_folded_anew_closes_its_own_role_alone(long_ca):
    ca = long_ca.start_without("dashboard_api")
    wait_until(lambda: ca.ocsp(long_ca.web) == "good", what="OCSP")
    answer = inventory(ca)
    assert not_ready(answer), answer.body
    assert 1 <= int(answer.headers["Retry-After"]) <= 30
    assert re.search(r"view dashboard_api .* holds \d+ of \d+ events", answer.json["detail"]), answer.json
    assert ca.plain("GET", "/crl/issuing-1.crl").status == 200

    # What is new is there for everybody else, and is decided by them, while the old is folded.
    issued = ca.post_csr(new_csr("DNS:new.internal"), profile="tls-server")
    assert issued.status == 201, issued.body
    wait_until(lambda: ca.ocsp(issued.json["serial"]) == "good", what="OCSP of what was issued meanwhile")
    assert not_ready(inventory(ca)), "the log is too short for this test"
    ready = ca.plain("GET", "/readyz", port=ca.admin)
    assert ready.status == 503 and [line.split(":")[0] for line in ready.body.decode().splitlines()] == ["not view dashboard_api", "not ready"]

    long_ca.announced()
    assert inventory(ca).status == 200
    assert ca.request("GET", f"/v1/certificates/{issued.json['serial']}").status == 200
    assert ca.plain("GET", "/readyz", port=ca.admin).status == 200


def test_without_any_view_the_process_is_alive_at_once_and_ocsp_comes_before_the_inventory(long_ca):
    ca = long_ca.start_without("*")
    alive = wait_until(lambda: tried(lambda: ca.plain("GET", "/livez", port=ca.admin)), what="/livez")
    assert alive.status == 200
    ready = ca.plain("GET", "/readyz", port=ca.admin)
    assert ready.status == 503 and "not start: " in ready.body.decode(), ready.body
    assert tried(lambda: ca.plain("GET", "/ca/roots.pem")) is None, "nothing is served before the log was verified"

    wait_until(lambda: ca.ocsp(long_ca.web) == "good", within=120, what="OCSP")
    assert not_ready(inventory(ca)), "the log is too short for this test"
    long_ca.announced()
    assert inventory(ca).status == 200


def test_a_start_is_given_up_while_views_are_folded(long_ca):
    ca = long_ca.start_without("dashboard_api")
    wait_until(lambda: tried(lambda: not_ready(inventory(ca))), what="the control socket")
    assert ca.stop() == 0
    ca.start()
    assert inventory(ca).status == 200
