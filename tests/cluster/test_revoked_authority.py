"""An authority that is revoked, in a cluster whose every process has its certificate from it: clients learn of it all the same."""

import pytest
from running_ca import new_csr, openssl, wait_until
from running_cluster import Peer, RunningCluster


@pytest.fixture
def of_its_own():
    """Nothing makes an authority good again."""
    running = RunningCluster()
    yield running
    running.remove()


def test_certificates_end_and_answers_about_them_go_on(of_its_own, tmp_path):
    cluster = of_its_own
    web, other = (cluster.issue(name).json for name in ("web.internal", "other.internal"))
    cluster.cli("ca", "revoke", "issuing-1", "--reason", "cACompromise", data="crl-1")

    def ended(answer):
        return answer.status == 409 and answer.reason == "authority-revoked" and "issuing-1" in answer.json["detail"]

    challenge = f"/v1/certificates/{web['serial']}/renew"
    wait_until(lambda: ended(cluster.post_csr(new_csr("DNS:new.internal"))), what="the end of issuing")
    wait_until(lambda: ended(cluster.request("GET", challenge)), what="the end of renewing: of its peers already")
    for role, target in (("issuance", "/v1/certificates"), ("renewal", challenge)):
        for replica in (1, 2):
            wait_until(lambda role=role, target=target, replica=replica: ended(Peer(cluster, role, replica).post(target, {})), what=f"{role}-{replica}")

    assert {one["serial"] for one in cluster.request("GET", "/v1/certificates").json["certificates"]} >= {web["serial"], other["serial"]}
    wait_until(lambda: any("revoked_at" in one for one in cluster.request("GET", "/v1/authorities").json["authorities"]), what="the list of authorities")
    cluster.revoke(web["serial"])
    wait_until(lambda: cluster.ocsp(web["serial"]) == "revoked", what="OCSP")
    assert cluster.ocsp(other["serial"]) == "good"
    wait_until(lambda: web["serial"] in cluster.crl_serials(), what="its CRL")

    cluster.cli("ca", "sign-crl", "--key", cluster.directory / "ca/ca/root.key", data="crl-2")
    leaf, chain, crls = (tmp_path / name for name in ("leaf.crt", "chain.pem", "crls.pem"))
    leaf.write_text(other["certificate"])
    chain.write_text(other["chain"])

    def judged():
        parts = []
        for authority in ("root-1", "issuing-1"):
            der = tmp_path / f"{authority}.crl"
            der.write_bytes(cluster.fetch(f"/crl/{authority}.crl").body)
            parts.append(openssl("crl", "-inform", "DER", "-in", der).stdout)
        crls.write_text("".join(parts))
        done = openssl("verify", "-crl_check_all", "-CAfile", cluster.roots, "-untrusted", chain, "-CRLfile", crls, leaf, check=False)
        return done.stdout + done.stderr

    wait_until(lambda: "certificate revoked" in judged(), what="the root's CRL")

    # A daemon that has lost its certificate gets another one for its bootstrap token, and the cluster starts again.
    cluster.kill("ocsp-1")
    for file in (cluster.directory / "ocsp-1/own").iterdir():
        file.unlink()
    cluster.up()
    assert cluster.is_ready("ocsp", 1) and cluster.ocsp(web["serial"]) == "revoked"
