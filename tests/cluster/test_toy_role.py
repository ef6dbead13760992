"""A role that is nothing but its folder, a line and a description, as processes of its own: nobody told the scripts of it."""

import os
import pathlib

import pytest
import yaml
from running_ca import REPOSITORY, openssl, services, wait_until
from running_cluster import PROGRAMS, Peer, RunningCluster, until_answered


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Of the product's programs and the toy's; the gateway goes by both descriptions."""
    programs = tmp_path_factory.mktemp("programs")
    for program in (*pathlib.Path(PROGRAMS).glob("quicklime-*"), *pathlib.Path(PROGRAMS, "toy").iterdir()):
        (programs / program.name).symlink_to(program.resolve())
    description, more = (yaml.safe_load((REPOSITORY / file).read_text(encoding="utf-8")) for file in ("docs/openapi.yaml", "tests/toy_role/toy/openapi.yaml"))
    description["tags"] += more["tags"]
    description["paths"] |= more["paths"]
    (programs / "openapi.yaml").write_text(yaml.safe_dump(description))
    running = RunningCluster(programs=programs, up=("--replicas", "1"), QUICKLIME_OPENAPI=str(programs / "openapi.yaml"))
    yield running
    running.remove()


def test_it_is_one_of_the_roles(cluster):
    assert "toy" in [one["name"] for one in services(cluster.programs / "quicklime")]
    status = cluster.script("status")
    assert "projector-toy" in status and "not ready" not in status
    for home in ("projector-toy", "toy-1"):
        assert os.readlink(f"/proc/{cluster.pid(home)}/exe") == f"{PROGRAMS}/toy/quicklime-{home.removesuffix('-1')}"


def test_requests_go_through_the_gateway_the_log_and_the_view_that_its_projector_folds(cluster):
    played = [until_answered(lambda: cluster.request("POST", "/v1/toy"), 201).json["position"] for _ in range(2)]
    shown = until_answered(lambda: cluster.request("GET", "/v1/toy", headers={"Quicklime-Min-Position": played[-1]}), 200)
    count = shown.json["played"]
    assert count >= 2
    assert [event["schema"] for _, event in cluster.events()].count("toy.played/1-0-0") == count
    assert Peer(cluster, "toy", 1).ask("/v1/toy", headers={"Authorization": f"Bearer {cluster.token}"}).json == {"played": count}
    assert cluster.request("GET", "/v1/toy", headers={"Authorization": "Bearer nobody"}).status == 401
    assert cluster.redis("KEYS", "quicklime:{toy:*:meta")
    # The others fold on past its events.
    serial = cluster.issue("web.internal").json["serial"]
    wait_until(lambda: cluster.ocsp(serial) == "good", what="OCSP")


def test_its_processes_have_what_a_role_without_keys_has(cluster):
    home = cluster.directory / "toy-1"
    assert [file.name for file in (home / "ca").iterdir()] == ["root.crt"]
    assert (home / "bootstrap.token").read_text() == (cluster.directory / "ca/bootstrap/toy.token").read_text()
    shown = openssl("x509", "-in", home / "own/tls.crt", "-noout", "-ext", "subjectAltName").stdout
    assert "URI:quicklime:role/toy" in shown
    users = [user.split()[1].decode() for user in cluster.redis("ACL", "LIST") if b"{toy:" in user]
    assert sorted(users) == ["projector-toy", "toy"]


def test_its_view_is_folded_anew(cluster):
    before = until_answered(lambda: cluster.request("GET", "/v1/toy"), 200).json
    cluster.kill("projector-toy")
    cluster.redis("FLUSHALL")
    cluster.up()
    assert until_answered(lambda: cluster.request("GET", "/v1/toy"), 200).json == before
