"""What the program says of its roles, and who goes by it: documents, and the files of a deployment."""

import re

import yaml
from running_ca import BINARY, REPOSITORY, run, services

SERVICES = {one["name"]: one for one in services()}
PAGE = (REPOSITORY / "docs/cluster.md").read_text(encoding="utf-8")


def cells(first):
    """The rest of the row of a table of docs/cluster.md that begins with this cell."""
    return re.search(rf"^\| {re.escape(first)} \| (.*) \|$", PAGE, re.MULTILINE)[1].split(" | ")


def holders(key):
    return {name for name, one in SERVICES.items() if key in one["keys"]}


def test_the_page_names_what_each_program_writes_and_holds():
    assert set(re.findall(r"^\| `quicklime-([a-z-]+)` \|", PAGE, re.MULTILINE)) == set(SERVICES)
    for name, one in SERVICES.items():
        _, writes, holds = cells(f"`{one['program']}`")
        assert writes.startswith("the log") == one["log"], name
        assert {key for key in ("issuing", "revocation") if f"{key} key" in holds} == set(one["keys"]), name
        assert ("responder certificate" in holds) == one["ocsp_responder"], name


def test_the_page_names_who_has_which_file():
    assert set(cells("`ca/issuing-1.key`")[0].split(", ")) == holders("issuing")
    assert set(cells("`ca/revocation.key`, `ca/revocation-*`")[0].split(", ")) == holders("revocation")
    assert cells("`bootstrap.token`")[0] == "all but " + ", ".join(name for name, one in SERVICES.items() if one["bootstrap_listener"])
    assert f"{2 * len(SERVICES)} daemons, {len(SERVICES)} projectors" in PAGE


def test_every_role_is_described_and_nothing_else():
    description = yaml.safe_load((REPOSITORY / "docs/openapi.yaml").read_text(encoding="utf-8"))
    views = {one["view"] for one in SERVICES.values()}
    assert {tag["name"] for tag in description["tags"]} == views
    assert {tag for path in description["paths"].values() for operation in path.values() for tag in operation.get("tags", ())} <= views


def test_compose_has_the_roles_that_the_program_has():
    text = (REPOSITORY / "docker/compose.yaml").read_text(encoding="utf-8")
    assert run("/usr/bin/python3", REPOSITORY / "docker/roles.py", BINARY, input=text).stdout == text, "docker/roles.py writes it anew"


def test_a_gateway_is_told_of_every_role():
    given = ("--https", "8443", "--http", "8080", "--directory", "/tmp", *(f"{name}=here:1" for name in list(SERVICES)[1:]))
    refused = run("/usr/bin/python3", REPOSITORY / "scripts/gateway.py", "--program", BINARY, *given, check=False)
    assert refused.returncode == 2 and f"no replicas of {next(iter(SERVICES))}" in refused.stderr
