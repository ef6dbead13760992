"""docs/kubernetes.md says what is there."""

import re

from rendered import Rendered
from running_ca import REPOSITORY, services

PAGE = (REPOSITORY / "docs/kubernetes.md").read_text(encoding="utf-8")


def section(heading):
    return re.search(rf"^## {heading}\n(.*?)(?=^## )", PAGE, re.MULTILINE | re.DOTALL)[1]


def test_from_an_empty_cluster_in_at_most_ten_commands():
    (commands,) = re.findall(r"```sh\n(.*?)```", section("From an empty cluster to a pod with a certificate"), re.DOTALL)
    assert len(commands.splitlines()) <= 10
    for word in re.findall(r"(?:scripts|deploy/k8s)/[\w./-]*\w", PAGE):
        assert (REPOSITORY / word).exists(), word


def test_the_table_of_who_holds_what():
    rows = dict(re.findall(r"^\| `([a-z-]+)`.* \| (.*) \|$", section("Who holds what"), re.MULTILINE))
    for key, secret in (("issuing", "issuing-key"), ("revocation", "revocation-keys")):
        assert set(rows[secret].split(", ")) == {one["name"] for one in services() if key in one["keys"]}


def test_everything_that_bootstrap_made_is_found_by_its_label():
    script = (REPOSITORY / "docker/bootstrap.sh").read_text()
    (label,) = re.findall(r"get secret -l ([a-z./-]+)=bootstrap ", PAGE)
    assert f'"{label}": "bootstrap"' in script
    # And what we apply says otherwise, so that it is not kept by mistake.
    assert {one["metadata"]["labels"][label] for one in Rendered.of("dev").objects if one["kind"] != "ConfigMap"} == {"kustomize"}


def test_jobs_that_the_page_starts_are_there():
    named = set(re.findall(r"--from=cronjob/([a-z]+)", PAGE))
    assert named == {one["metadata"]["name"] for one in Rendered.of("prod").all("CronJob")} == {"backup", "restore"}


def test_commands_in_pods_go_to_whom_they_ask():
    """Over the control socket of a role that has one; only its image has the program for it."""
    has = {one["name"] for one in services() if one["control_socket"]}
    pages = {file.name: file.read_text(encoding="utf-8") for file in (REPOSITORY / "docs").glob("*.md")}
    pages["deploy.sh"] = (REPOSITORY / "scripts/kubernetes/deploy.sh").read_text()
    asked = {(name, role) for name, text in pages.items()
             for role in re.findall(r"exec (?:-\w+ )*(?:deploy(?:ment)?/)?([a-z-]+) (?:-- )?quicklime ", text) + re.findall(r"administrator=deployment/([a-z-]+)", text)}
    assert {name for name, _ in asked} >= {"kubernetes.md", "cluster.md", "deploy.sh"}
    assert not [one for one in asked if one[1] not in has]
