"""Pods ask for their certificates by the tokens of their ServiceAccounts, which a real API server signs: what the sample does, with a real CA."""

import json

import pytest
from rendered import Rendered
from running_ca import REPOSITORY, RunningCA, new_csr, run, wait_until

NAME = "api.workload.svc"


@pytest.fixture
def ca(server, tmp_path):
    """Which knows the cluster's keys from a file, as the Secret `providers` mounts it"""
    running = RunningCA(start=False)
    issuer = json.loads(server.kubectl("get", "--raw", "/.well-known/openid-configuration").stdout)["issuer"]
    keys = tmp_path / "cluster.jwks"
    keys.write_text(server.kubectl("get", "--raw", "/openid/v1/jwks").stdout)
    with (running.data / "quicklime.toml").open("a") as settings:
        settings.write(f'\n[oidc.cluster]\nissuer = "{issuer}"\naudience = "quicklime"\nkeys_file = "{keys}"\n')
    running.start()
    running.cli("rule", "set", "api", "--provider", "cluster", "--when", "sub=system:serviceaccount:workload:api", "--role", "requester", "--names", NAME)
    running.settled()
    yield running
    running.remove()


@pytest.fixture
def workload(server, namespaces):
    server.kubectl("create", "namespace", namespaces("workload"))
    sample = Rendered(REPOSITORY / "deploy/k8s/samples/service-account")
    server.apply(sample.all("ServiceAccount"))
    server.kubectl("create", "serviceaccount", "other", "-n", "workload")
    return sample


def token(server, account, audience="quicklime"):
    return server.kubectl("create", "token", account, "-n", "workload", "--audience", audience, "--duration", "3600s").stdout.strip()


def ask(ca, bearer, name=NAME):
    return ca.secure("POST", "/v1/certificates", json.dumps({"csr": new_csr(f"DNS:{name}")}), {"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"})


def test_an_account_gets_the_names_that_its_rule_says(server, workload, ca):
    answer = ask(ca, token(server, "api"))
    assert answer.status == 201, answer.body
    assert answer.json["names"] == [f"DNS:{NAME}"]
    foreign = ask(ca, token(server, "api"), "pay.workload.svc")
    assert (foreign.status, foreign.reason) == (403, "name-not-granted")
    assert ask(ca, token(server, "other")).status in (401, 403)  # no rule says anything of it
    assert ask(ca, token(server, "api", "https://vault.internal")).status == 401  # it is for somebody else
    assert ask(ca, token(server, "default")).status in (401, 403)


def test_the_sample_asks_as_its_pod_would(server, workload, ca, tmp_path):
    spec = workload.one("Deployment", "api")["spec"]["template"]["spec"]
    (projected,) = (source["serviceAccountToken"] for volume in spec["volumes"] for source in volume.get("projected", {}).get("sources", ()) if "serviceAccountToken" in source)
    assert projected == {"path": "token", "audience": "quicklime", "expirationSeconds": 3600} and spec["automountServiceAccountToken"] is False
    (issue,) = (one for one in spec["initContainers"] if one["name"] == "issue")
    mounted, tls = tmp_path / "etc", tmp_path / "tls"
    for directory in (mounted, tls):
        directory.mkdir()
    (mounted / "token").write_text(token(server, spec["serviceAccountName"], projected["audience"]))
    script = issue["command"][-1].replace("/etc/quicklime", str(mounted))
    client = {"PATH": f"{ca.binary.rsplit('/', 1)[0]}:/usr/bin:/bin", "QUICKLIME_SERVER": f"https://localhost:{ca.https}", "QUICKLIME_ROOTS": str(ca.data / "ca/root.crt"),
              "HOME": str(tmp_path)}
    run("bash", "-euc", script, env=client, cwd=tls)
    wait_until((tls / f"{NAME}.crt").exists)
    run(ca.binary, "renew", f"{NAME}.crt", env=client, cwd=tls)  # by the old key: the token has no part in it
