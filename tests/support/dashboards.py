"""The dashboards of deploy/k8s/components/monitoring, and what they and the alerts ask of Prometheus."""

import json
import pathlib

import yaml

MONITORING = pathlib.Path(__file__).resolve().parents[2] / "deploy/k8s/components/monitoring"
DASHBOARDS = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted((MONITORING / "dashboards").glob("*.json"))}
RULES = yaml.safe_load((MONITORING / "rules.yaml").read_text(encoding="utf-8"))
ALERTS = {rule["alert"]: rule for group in RULES["spec"]["groups"] for rule in group["rules"]}


def queries(dashboard, **variables):
    """[(title of the panel, expression)] as Grafana sends them, with these values of its variables: namespace, __rate_interval, __range"""
    found = []
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            text = target["expr"]
            for name, value in variables.items():
                text = text.replace(f"${name}", value)
            found.append((panel["title"], text))
    return found
