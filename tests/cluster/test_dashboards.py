"""Every question of the dashboards, asked of a Prometheus that scrapes a real cluster as deploy/k8s/components/monitoring has it scraped: a question
without an answer is a panel that stays empty."""

import json
import math
import os
import re
import subprocess
import urllib.parse
import urllib.request

import pytest
import yaml
from dashboards import DASHBOARDS, MONITORING, queries
from running_ca import free_port, new_csr, run, wait_until
from running_cluster import ROLES, SERVICES

# What a healthy cluster has nothing of.
MAY_BE_EMPTY = {"What is refused or fails": "4xx are made below", "CRLs that did not arrive": "all do"}
VARIABLES = {"namespace": "quicklime", "__rate_interval": "1m", "__range": "1h"}


class Prometheus:
    """Debian's, with the labels that the PodMonitor would give."""

    def __init__(self, cluster, directory):
        (monitor, _) = yaml.safe_load_all((MONITORING / "scrape.yaml").read_text())
        label = re.sub(r"[^a-zA-Z0-9_]", "_", monitor["spec"]["podTargetLabels"][0])
        path = monitor["spec"]["podMetricsEndpoints"][0]["path"]
        targets = [{"targets": [f"127.0.0.1:{cluster.admin_port(role, replica)}"],
                    "labels": {"namespace": "quicklime", "pod": f"{component}-{replica}", label: component}}
                   for role in ROLES for replica in (0, 1, 2) for component in [role if replica else f"projector-{role}"]]
        self.count = len(targets)
        scrape = {"job_name": "quicklime/quicklime", "metrics_path": path, "static_configs": targets}
        (directory / "prometheus.yaml").write_text(yaml.safe_dump({"global": {"scrape_interval": "1s"}, "scrape_configs": [scrape]}))
        self.url = f"http://127.0.0.1:{free_port()}"
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={directory}/prometheus.yaml", f"--storage.tsdb.path={directory}/data", f"--web.listen-address={self.url[7:]}"],
            stdout=subprocess.DEVNULL, stderr=(directory / "prometheus.log").open("w"))

    def ask(self, expression):
        """[(labels, value)]"""
        asked = f"{self.url}/api/v1/query?{urllib.parse.urlencode({'query': expression})}"
        with urllib.request.urlopen(asked, timeout=30) as answer:
            said = json.load(answer)["data"]
        assert said["resultType"] == "vector", expression
        return [(one["metric"], float(one["value"][1])) for one in said["result"]]

    def is_up(self):
        try:
            return self.ask("sum(up)") == [({}, float(self.count))]
        except OSError:
            return False

    def close(self):
        self.process.terminate()
        self.process.wait()


@pytest.fixture(scope="module")
def prometheus(cluster, tmp_path_factory):
    running = Prometheus(cluster, tmp_path_factory.mktemp("prometheus"))
    try:
        wait_until(running.is_up, within=60, what="a scrape of each process")
        live(cluster)
        yield running
    finally:
        running.close()


def live(cluster):
    """A little of everything that is counted."""
    issued = cluster.issue("dashboards.internal").json["serial"]
    client = {**os.environ, "QUICKLIME_SERVER": f"https://localhost:{cluster.https}", "QUICKLIME_ROOTS": str(cluster.roots), "QUICKLIME_TOKEN": cluster.token}
    run(f"{cluster.programs}/quicklime", "issue", "renewed.internal", "--out", cluster.directory, env=client)
    run(f"{cluster.programs}/quicklime", "renew", cluster.directory / "renewed.internal.crt", env=client)
    cluster.revoke(issued)
    wait_until(lambda: cluster.ocsp(issued) == "revoked", what="OCSP")
    assert cluster.fetch("/crl/issuing-1.crl").status == 200
    assert cluster.request("GET", "/v1/certificates?limit=1", token="nobody's").status == 401
    cluster.post_csr(new_csr("DNS:refused.internal"), profile="none-of-ours")


def test_each_panel_shows_something(prometheus):
    def empty():
        found = []
        for name, dashboard in DASHBOARDS.items():
            for title, expression in queries(dashboard, **VARIABLES):
                values = [value for _, value in prometheus.ask(expression)]
                if title not in MAY_BE_EMPTY and (not values or all(math.isnan(value) for value in values)):
                    found.append((name, title, expression))
        return found

    # A rate needs two scrapes after what it counts.
    wait_until(lambda: not empty(), within=60, what=str(empty()))


def test_each_legend_names_what_its_series_have(prometheus):
    for dashboard in DASHBOARDS.values():
        for panel in dashboard["panels"]:
            for target in panel["targets"]:
                (_, expression), = queries({"panels": [{"title": "", "targets": [target]}]}, **VARIABLES)
                for labels, _ in prometheus.ask(expression):
                    assert set(re.findall(r"\{\{(\w+)\}\}", target.get("legendFormat", ""))) <= set(labels), (panel["title"], labels)


def test_what_is_counted_is_shown(prometheus, cluster):
    """Not only is there an answer: it is the right one."""
    shown = dict(queries(DASHBOARDS["ca"], **VARIABLES))
    assert prometheus.ask(shown["Processes that do not answer"]) == [({}, 0.0)]
    assert prometheus.ask(shown["Alerts"]) == [({}, 0.0)]
    ends = {labels["what"] for labels, _ in prometheus.ask(shown["Until it ends"])}
    assert {"authority root-1", "authority issuing-1", "crl issuing-1", "crl root-1", "own certificate tls"} <= ends
    (events,) = {value for _, value in prometheus.ask(dict(queries(DASHBOARDS["log"], **VARIABLES))["Events in the log"])}
    assert 1 < events <= len(cluster.events()) + 1
    views = {labels["view"] for labels, _ in prometheus.ask(dict(queries(DASHBOARDS["log"], **VARIABLES))["Views behind the log"])}
    assert views == {one["view"] for one in SERVICES}
