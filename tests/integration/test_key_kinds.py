"""Every kind of key, wherever a CA has one: judged by openssl."""

import json

import pytest
from running_ca import RunningCA, new_csr, openssl, run, sign, wait_until

JSON = {"Content-Type": "application/json"}
SIGNATURES = {"P-256": "ecdsa-with-SHA256", "P-384": "ecdsa-with-SHA384", "P-521": "ecdsa-with-SHA512", "Ed25519": "ED25519",
              "RSA-2048": "sha256WithRSAEncryption"}


@pytest.fixture(scope="module", params=list(SIGNATURES))
def ca(request):
    """Authorities, TLS server and OCSP responder of one kind."""
    running = RunningCA(init=("--key-kind", request.param), settings={"own_certificate__key_kind": request.param})
    running.kind = request.param
    yield running
    running.remove()


def text_of(certificate):
    return openssl("x509", "-in", certificate, "-noout", "-text").stdout


def test_a_ca_of_one_kind_serves_its_clients(ca, tmp_path):
    leaf = ca.issue("api.internal", "10.0.0.7", more=("--key-kind", ca.kind))
    openssl("verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", "api.internal", "-CAfile", ca.roots(), "-untrusted", ca.issuing(),
            leaf.certificate)
    for certificate in (leaf.certificate, ca.roots(), ca.issuing()):
        assert f"Signature Algorithm: {SIGNATURES[ca.kind]}" in text_of(certificate)
    encipher = "Key Encipherment" in text_of(leaf.certificate)
    assert encipher == ca.kind.startswith("RSA"), "only RSA keys encipher keys"
    # TLS and OCSP by keys of the process's own, of the same kind.
    assert run("curl", "-sSf", "--cacert", ca.roots(), f"https://localhost:{ca.https}/v1/version").stdout
    assert ca.ocsp(leaf) == "good"
    assert SIGNATURES[ca.kind] in ca.ocsp_text(leaf.serial, "-resp_text")
    assert SIGNATURES[ca.kind] in ca.crl() and SIGNATURES[ca.kind] in ca.crl("root-1")
    # Revoked by its own key, which openssl has.
    proof, signature = tmp_path / "proof", tmp_path / "signature"
    proof.write_text(f"quicklime-revoke-v1\n{leaf.serial}\nsuperseded\n")
    sign(leaf.key, proof, signature)
    body = {"reason": "superseded", "signature": openssl("base64", "-A", "-in", signature).stdout}
    answer = ca.secure("POST", f"/v1/certificates/{leaf.serial}/revoke", json.dumps(body), JSON)
    assert answer.status == 200, answer.body
    wait_until(lambda: ca.ocsp(leaf) == "revoked", what="the revocation")


def test_a_leaf_of_any_kind_is_renewed_by_the_command_line(ca):
    for kind in SIGNATURES:
        leaf = ca.issue(f"{kind.lower()}.internal", more=("--key-kind", kind))
        ca.cli_json("renew", leaf.certificate)
        openssl("verify", "-x509_strict", "-CAfile", ca.roots(), "-untrusted", ca.issuing(), leaf.certificate)
        assert openssl("x509", "-in", leaf.certificate, "-noout", "-pubkey").stdout == openssl("pkey", "-in", leaf.key, "-pubout").stdout


def test_requests_of_openssl(shared_ca, tmp_path):
    for arguments in (("EC", "ec_paramgen_curve:P-384"), ("EC", "ec_paramgen_curve:P-521"), ("ED25519", None), ("RSA", "rsa_keygen_bits:3072")):
        key = tmp_path / "key.pem"
        openssl("genpkey", "-algorithm", arguments[0], *(("-pkeyopt", arguments[1]) if arguments[1] else ()), "-out", key)
        (tmp_path / "request.pem").write_text(new_csr("DNS:a.internal", key=key))
        answer = shared_ca.cli_json("issue", "--csr", tmp_path / "request.pem", "--out", tmp_path / "-".join(a for a in arguments if a))
        openssl("verify", "-x509_strict", "-CAfile", shared_ca.roots(), "-untrusted", shared_ca.issuing(), answer["certificate_file"])


def test_an_unknown_kind_of_ones_own_keys_is_refused_at_the_start():
    running = RunningCA(settings={"own_certificate__key_kind": "P-224"}, start=False)
    refused = run(running.binary, "serve", "--data", running.data, check=False)
    assert refused.returncode == 1 and "own_certificate.key_kind" in refused.stderr and "Ed25519" in refused.stderr
    running.remove()
