"""What the program says of its roles, and who goes by it: documents, and the files of a deployment."""

import re

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


def gateway(roles, *more):
    given = ("--https", "8443", "--http", "8080", "--directory", "/tmp", *(f"{name}=here:1" for name in roles))
    return run("/usr/bin/python3", REPOSITORY / "scripts/gateway.py", "--program", BINARY, *given, *more, check=False)


def test_a_gateway_is_told_of_every_role_and_of_no_other():
    first, *rest = SERVICES
    assert gateway([first, *rest]).returncode == 0
    refused = gateway(rest)
    assert refused.returncode == 2 and f"no replicas of {first}" in refused.stderr
    refused = gateway(SERVICES, "--openapi", REPOSITORY / "tests/toy_role/toy/openapi.yaml")
    assert refused.returncode == 1 and "POST /v1/toy is of the role toy, which the program does not have" in refused.stderr


def test_over_plain_http_the_gateway_leads_to_the_public_roles_alone():
    public = re.search(r"\$public_role \{(.*?)\n  \}", gateway(SERVICES).stdout, re.DOTALL)[1]
    assert set(re.findall(r'" ([a-z-]+);', public)) == {name for name, one in SERVICES.items() if one["over_plain_http"]} == {"ocsp", "crl"}
