"""NetworkPolicies: an edge that is not listed is not there, and one that is listed is open at both of its ends."""

from rendered import COMPONENT, Rendered, selects
from running_ca import services

SERVICES = {one["name"]: one for one in services()}
DNS = ("dns", 53)


def pods(overlay):
    """{component: labels of its pods}; brokers of Strimzi are no pods of ours, but have our label"""
    found = {labels[COMPONENT]: labels for _, labels, _ in overlay.workloads().values()}
    for pool in overlay.all("KafkaNodePool"):
        found["kafka"] = pool["spec"]["template"]["pod"]["metadata"]["labels"] | pool["metadata"]["labels"]
    return found


def edges(overlay, side, ends):
    """{(component whose policy it is, the other component or a word for whoever, port)}"""
    found = set()
    known = pods(overlay)
    for policy in overlay.all("NetworkPolicy"):
        for mine, labels in known.items():
            if not selects(policy["spec"]["podSelector"], labels):
                continue
            for rule in policy["spec"].get(side, ()):
                for port in (port["port"] for port in rule["ports"]):
                    if ends not in rule:
                        found.add((mine, "anybody", port))
                    for peer in rule.get(ends, ()):
                        if "namespaceSelector" in peer:
                            others = ["dns" if port == 53 else next(iter(peer["podSelector"]["matchLabels"].values()))]
                        else:
                            others = [other for other, theirs in known.items() if selects(peer["podSelector"], theirs)]
                            assert others, policy["metadata"]["name"]
                        found |= {(mine, other, port) for other in others}
    return found


def expected(overlay):
    """{(who asks, who is asked, port)} as the program says of its roles"""
    (certifier,) = (name for name, one in SERVICES.items() if one["bootstrap_listener"])
    found = {("gateway", certifier, 8444), ("bootstrap", "kafka", 9092), ("backup", "kafka", 9092), ("restore", "kafka", 9092)}
    for name, one in SERVICES.items():
        found |= {(name, "redis", 6379), (f"projector-{name}", "redis", 6379), (f"projector-{name}", "kafka", 9092)}
        found |= {(caller, name, 8443) for caller in one["accepts"]}
        if one["log"]:
            found.add((name, "kafka", 9092))
        if one["bootstrap_token"]:
            found.add((name, certifier, 8444))
    if overlay.name == "prod":
        found |= {("kafka", "kafka", 9090), ("kafka", "kafka", 9091)}
    return found


def test_nothing_goes_anywhere_by_default(overlay):
    deny = overlay.one("NetworkPolicy", "deny-all")["spec"]
    assert deny == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_each_edge_is_open_at_both_ends_and_there_is_no_other(distributed):
    out = {edge for edge in edges(distributed, "egress", "to") if edge[1:] != DNS}
    into = {(other, mine, port) for mine, other, port in edges(distributed, "ingress", "from")}
    assert out - {("bootstrap", "anybody", 443), ("bootstrap", "anybody", 6443)} == expected(distributed)
    from_outside = {("anybody", "gateway", 8443), ("anybody", "gateway", 8080)}
    if distributed.name == "prod":
        from_outside |= {("prometheus", process, 9090) for name in SERVICES for process in (name, f"projector-{name}")}
        from_outside |= {("cluster-operator", "kafka", port) for port in (8443, 9090, 9091)}
    assert into == expected(distributed) | from_outside


def test_strimzi_opens_the_broker_to_nobody_by_itself():
    (listener,) = Rendered.of("prod").one("Kafka", "quicklime")["spec"]["kafka"]["listeners"]
    assert listener["networkPolicyPeers"] == [{"podSelector": {"matchLabels": {COMPONENT: "kafka"}}}]


def test_policies_say_which_ways_they_are_about(overlay):
    for policy in overlay.all("NetworkPolicy"):
        ways = {"Ingress": "ingress", "Egress": "egress"}
        said = {way for way, side in ways.items() if side in policy["spec"]}
        assert said <= set(policy["spec"]["policyTypes"]), policy["metadata"]["name"]


def test_the_embedded_one_reaches_nobody():
    embedded = Rendered.of("embedded")
    assert edges(embedded, "egress", "to") == set()
    assert edges(embedded, "ingress", "from") == {("quicklime", "anybody", 8443), ("quicklime", "anybody", 8080)}


def test_policies_are_about_pods_that_are_there(overlay):
    known = pods(overlay)
    for policy in overlay.all("NetworkPolicy"):
        assert any(selects(policy["spec"]["podSelector"], labels) for labels in known.values()), policy["metadata"]["name"]
