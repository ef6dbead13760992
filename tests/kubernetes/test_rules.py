"""The alerts of deploy/k8s/components/monitoring, judged by promtool."""

import re
import shutil

import pytest
import yaml
from dashboards import ALERTS, RULES
from running_ca import REPOSITORY, run

STORIES = REPOSITORY / "tests/kubernetes/rules_test.yaml"


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    """The rules file beside its stories"""
    here = tmp_path_factory.mktemp("rules")
    (here / "rules.yaml").write_text(yaml.safe_dump(RULES["spec"]))
    shutil.copy(STORIES, here)
    return here


def test_rules_are_rules(rules):
    assert f"{len(ALERTS)} rules found" in run("promtool", "check", "rules", rules / "rules.yaml").stdout


def test_alerts_fire_when_they_must_and_not_otherwise(rules):
    run("promtool", "test", "rules", STORIES.name, cwd=rules)


def test_each_alert_has_its_stories():
    told = [one for story in yaml.safe_load(STORIES.read_text())["tests"] for one in story["alert_rule_test"]]
    assert {one["alertname"] for one in told if one.get("exp_alerts")} == set(ALERTS)
    assert {one["alertname"] for one in told if not one.get("exp_alerts")} == set(ALERTS)


def test_each_alert_says_where_its_runbook_is():
    page = (REPOSITORY / "docs/kubernetes.md").read_text(encoding="utf-8")
    sections = {"".join(heading.lower().split()): heading for heading in re.findall(r"^### (\S+)$", page, re.MULTILINE)}
    for name, rule in ALERTS.items():
        assert rule["labels"]["severity"] in ("page", "ticket")
        document, section = rule["annotations"]["runbook"].split("#")
        assert document == "docs/kubernetes.md" and sections[section] == name
