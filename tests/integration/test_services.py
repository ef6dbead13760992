"""What the program says of its roles, and who goes by it: documents, and the files of a deployment."""

import yaml
from running_ca import BINARY, REPOSITORY, run, services

SERVICES = {one["name"]: one for one in services()}


def test_every_role_is_described_and_nothing_else():
    description = yaml.safe_load((REPOSITORY / "docs/openapi.yaml").read_text(encoding="utf-8"))
    views = {one["view"] for one in SERVICES.values()}
    assert {tag["name"] for tag in description["tags"]} == views
    assert {tag for path in description["paths"].values() for operation in path.values() for tag in operation.get("tags", ())} <= views


def test_compose_and_the_page_of_the_cluster_say_what_the_program_says():
    run("/usr/bin/python3", REPOSITORY / "scripts/write_roles.py", "--check", BINARY)


def test_a_gateway_is_told_of_every_role():
    given = ("--https", "8443", "--http", "8080", "--directory", "/tmp", *(f"{name}=here:1" for name in list(SERVICES)[1:]))
    refused = run("/usr/bin/python3", REPOSITORY / "scripts/gateway.py", "--program", BINARY, *given, check=False)
    assert refused.returncode == 2 and f"no replicas of {next(iter(SERVICES))}" in refused.stderr
