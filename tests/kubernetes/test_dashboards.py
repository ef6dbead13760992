"""The dashboards as files; tests/cluster/test_dashboards.py asks their questions of a real Prometheus."""

import itertools
import json
import re

import yaml
from dashboards import ALERTS, DASHBOARDS, queries
from rendered import Rendered
from running_ca import REPOSITORY, run


def test_grafana_finds_each_by_its_label():
    found = {one["metadata"]["name"]: one for one in Rendered.of("prod").all("ConfigMap") if one["metadata"].get("labels", {}).get("grafana_dashboard") == "1"}
    assert set(found) == {f"dashboard-{name}" for name in DASHBOARDS} and len(DASHBOARDS) == 3
    for name, dashboard in DASHBOARDS.items():
        ((file, text),) = found[f"dashboard-{name}"]["data"].items()
        assert file == f"{name}.json" and json.loads(text) == dashboard
        assert len(text) < 1_000_000  # what a ConfigMap holds


def test_each_works_with_any_prometheus_and_any_namespace():
    assert len({dashboard["uid"] for dashboard in DASHBOARDS.values()}) == len(DASHBOARDS)
    for dashboard in DASHBOARDS.values():
        assert [one["name"] for one in dashboard["templating"]["list"]] == ["datasource", "namespace"]
        for panel in dashboard["panels"]:
            assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
            for target in panel["targets"]:
                assert 'namespace="$namespace"' in target["expr"], panel["title"]


def test_panels_stand_beside_each_other():
    for dashboard in DASHBOARDS.values():
        panels = dashboard["panels"]
        assert len({one["id"] for one in panels}) == len(panels) == len({one["title"] for one in panels})
        for one in panels:
            place = one["gridPos"]
            assert 0 <= place["x"] and place["x"] + place["w"] <= 24 and place["y"] >= 0
        for one, other in itertools.combinations([panel["gridPos"] for panel in panels], 2):
            apart = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
            above = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
            assert apart or above, (one, other)


def test_alerts_that_panels_name_are_there():
    texts = [panel.get("description", "") for dashboard in DASHBOARDS.values() for panel in dashboard["panels"]]
    named = set(re.findall(r"\bQuicklime[A-Z]\w+", " ".join(texts)))
    assert named and named <= set(ALERTS)
    for word in re.findall(r"docs/[\w./-]+\.md", " ".join(texts)):
        assert (REPOSITORY / word).exists()


def test_each_query_is_one(tmp_path):
    """Parsed by promtool, as rules that record."""
    asked = [one for dashboard in DASHBOARDS.values() for one in queries(dashboard, namespace="quicklime", __rate_interval="1m", __range="1h")]
    rules = [{"record": f"panel:{number}", "expr": expression} for number, (_, expression) in enumerate(asked)]
    file = tmp_path / "queries.yaml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    assert f"{len(asked)} rules found" in run("promtool", "check", "rules", file).stdout
    rules[0]["expr"] += ")"
    file.write_text(yaml.safe_dump({"groups": [{"name": "queries", "rules": rules}]}))
    assert "could not parse expression" in run("promtool", "check", "rules", file, check=False).stderr
