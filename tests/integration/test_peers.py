"""Who speaks for the CA: a role in a certificate that no request can ask for, made for a bootstrap token where daemons come, and nowhere else."""

import base64
import datetime
import json

import pytest
from running_ca import Peer, RunningCA, free_port, new_csr, openssl, peer_token, reason, run, services, wait_until

ROLE = "quicklime:role/gateway"


@pytest.fixture(scope="module")
def shared_ca():
    ca = RunningCA(settings={"listen__bootstrap": f"127.0.0.1:{free_port()}"})
    yield ca
    ca.remove()


@pytest.fixture
def gateway(shared_ca, tmp_path):
    return Peer(shared_ca, "gateway", tmp_path)


def renewal_through(ca, shown, old, folder):
    """The reason for which somebody who shows one certificate, and says that another was shown to him, is refused."""
    csr = folder / "thief.csr"
    csr.write_text(new_csr("DNS:behind.internal"))
    openssl("x509", "-in", old.certificate, "-outform", "DER", "-out", folder / "old.der")
    header = base64.b64encode((folder / "old.der").read_bytes()).decode()
    done = run("curl", "-sS", "--cacert", ca.roots(), "--cert", shown.certificate, "--key", shown.key, "-H", f"Client-Cert: :{header}:",
               "-H", "Content-Type: application/pkcs10", "--data-binary", f"@{csr}", f"https://localhost:{ca.https}/v1/certificates/{old.serial}/renew")
    return reason(json.loads(done.stdout))


def test_nobody_is_the_gateway_of_a_ca_of_one_machine(shared_ca, gateway, tmp_path):
    """A tls-client requester with a grant of `*` renewed a stranger's certificate for his own key."""
    old = shared_ca.issue("behind.internal")
    for profile in ("tls-client", "tls-peer"):
        thief = shared_ca.issue("gateway", more=("--profile", profile))
        assert renewal_through(shared_ca, thief, old, tmp_path) == "renewal-proof-wrong", profile
    assert renewal_through(shared_ca, gateway, old, tmp_path) == "renewal-proof-wrong", "a role, and nobody said that it is believed"


def test_no_request_can_ask_for_a_role(shared_ca):
    csr = new_csr(f"URI:{ROLE}", "DNS:gateway")
    everything = shared_ca.cli_json("token", "create", "everything", "--names", "*", "--names", f"uri:{ROLE}", "--profiles", "*")["token"]
    for profile, expected in (("tls-client", "name-reserved"), ("tls-peer", "name-reserved"), ("tls-server", "name-reserved"),
                              ("role-peer", "profile-not-granted")):
        answer = shared_ca.post_csr(csr, profile=profile)
        assert (answer.status, answer.reason) == (403, expected), profile
        answer = shared_ca.secure("POST", f"/v1/certificates?profile={profile}", csr, {"Authorization": f"Bearer {everything}"})
        assert (answer.status, answer.reason) == (403, expected), profile
    body = json.dumps({"name": "mine", "profiles": ["role-peer"], "names": [ROLE]})
    assert shared_ca.request("POST", "/v1/tokens", body, {"Content-Type": "application/json"}).reason == "profile-unknown"


def test_a_bootstrap_token_is_taken_where_daemons_come_and_only_such_are(shared_ca, gateway):
    authorization = {"Authorization": f"Bearer {gateway.token}"}
    for method, path in (("POST", "/v1/certificates?profile=role-peer"), ("GET", "/v1/certificates"), ("POST", "/v1/tokens")):
        answer = shared_ca.secure(method, path, gateway.csr.read_text() if "role-peer" in path else None, authorization)
        assert (answer.status, answer.reason) == (403, "token-not-here"), path
    for role in ("administrator", "requester"):
        token = shared_ca.cli_json("token", "create", role, "--role", role)["token"]
        assert reason(gateway.ask("-H", f"Authorization: Bearer {token}")) == "token-not-here"
    assert reason(gateway.ask()) == "unauthenticated"


def test_a_token_has_its_own_role_and_profiles_and_a_year(shared_ca, gateway, tmp_path):
    other = tmp_path / "other.csr"
    for names, expected in (([f"URI:{ROLE}", "URI:quicklime:role/ocsp"], "names-missing"), (["URI:quicklime:role/ocsp"], "name-not-granted"),
                            (["DNS:gateway"], "names-missing"), ([f"URI:{ROLE}", "DNS:other.internal"], "name-not-granted")):
        other.write_text(new_csr(*names))
        assert reason(gateway.ask("-H", f"Authorization: Bearer {gateway.token}", csr=other)) == expected, names
    for profile in ("tls-client", "ocsp-signing"):
        assert reason(gateway.ask("-H", f"Authorization: Bearer {gateway.token}", profile=profile)) == "profile-not-granted"
    wide = peer_token(shared_ca, "gateway")
    listed = next(token for token in shared_ca.cli_json("token", "list")["tokens"] if token["id"] in wide)
    begins, ends = (datetime.datetime.fromisoformat(listed[name].replace("Z", "+00:00")) for name in ("created", "not_after"))
    assert ends - begins == datetime.timedelta(days=365)
    longer = shared_ca.cli("token", "create", "long", "--role", "process", "--names", ROLE, "--days", "366", check=False)
    assert "at most 365d" in longer.stderr


def test_a_process_that_has_a_certificate_asks_by_it(shared_ca, gateway, tmp_path):
    again = gateway.by_certificate()
    assert again["profile"] == "role-peer" and f"URI:{ROLE}" in again["names"]
    assert reason(gateway.by_certificate(profile="ocsp-signing")) == "profile-not-granted", "ocsp's alone"
    stranger = shared_ca.issue("gateway", more=("--profile", "tls-client"))
    assert reason(gateway.ask("--cert", stranger.certificate, "--key", stranger.key)) == "unauthenticated"

    # A year is over, or the token was taken back: what runs goes on.
    shared_ca.cli("token", "revoke", gateway.token.split("_")[1])
    assert reason(gateway.ask("-H", f"Authorization: Bearer {gateway.token}")) == "token-revoked"
    assert "certificate" in gateway.by_certificate()

    responder = Peer(shared_ca, "ocsp", tmp_path / "ocsp", peer_token(shared_ca, "ocsp"))
    own = tmp_path / "responder.csr"
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", tmp_path / "r.key", "-out", own, "-subj", "/CN=ocsp-issuing-1")
    assert responder.by_certificate(profile="ocsp-signing", csr=own)["profile"] == "ocsp-signing"

    wait_until(lambda: {gateway.serial, again["serial"]} <= {one["serial"] for one in shared_ca.listed(name=ROLE)},
               what="what must be revoked with a stolen token, in the list")
    shared_ca.revoke(gateway.serial)
    wait_until(lambda: reason(gateway.by_certificate()) == "peer-revoked", within=15, what="the revocation of a peer")


def test_a_process_proves_nothing_by_a_key_that_was_stolen_with_another_certificate(shared_ca, gateway, tmp_path):
    twin = gateway.by_certificate()  # for the same CSR: two certificates, one key
    assert twin["serial"] != gateway.serial
    shared_ca.revoke(twin["serial"], "keyCompromise")
    wait_until(lambda: reason(gateway.by_certificate()) == "peer-revoked", within=15, what="the end of what the key proves")
    assert shared_ca.ocsp(gateway.serial) == "good", "nobody revoked it"
    # The token is what is left, for another key.
    assert reason(gateway.ask("-H", f"Authorization: Bearer {gateway.token}")) == "key-blocked"
    assert Peer(shared_ca, "gateway", tmp_path / "again", gateway.token).by_certificate()["profile"] == "role-peer"


def test_the_roots_own_judges_find_a_peer_for_clients_and_servers(shared_ca, gateway, tmp_path):
    text = openssl("x509", "-in", gateway.certificate, "-noout", "-text").stdout
    assert f"URI:{ROLE}" in text and "TLS Web Client Authentication" in text and "TLS Web Server Authentication" in text
    for purpose in ("sslclient", "sslserver"):
        openssl("verify", "-purpose", purpose, "-CAfile", shared_ca.roots(), "-untrusted", gateway.certificate, gateway.certificate)


def test_bootstrap_tokens_are_replaced_by_one_command(shared_ca, tmp_path):
    into = tmp_path / "bootstrap"
    roles = (*(one["name"] for one in services() if one["bootstrap_token"]), "gateway")

    def live():
        tokens = shared_ca.cli_json("token", "list")["tokens"]
        return {name: [token["id"] for token in tokens if token["name"] == f"bootstrap {name}" and token["status"] == "live"] for name in roles}

    shared_ca.cli("token", "bootstrap", "--into", into)
    first = {role: (into / f"{role}.token").read_text() for role in roles}
    assert all(first[role].split("_")[1] in live()[role] for role in roles)
    shared_ca.cli("token", "bootstrap", "--into", into, "--revoke-older")
    second = {role: (into / f"{role}.token").read_text() for role in roles}
    assert all(first[role] != second[role] and live()[role] == [second[role].split("_")[1]] for role in roles)
    assert {(into / f"{role}.token").stat().st_mode & 0o777 for role in roles} == {0o600}
    assert Peer(shared_ca, "crl", tmp_path / "crl", second["crl"].strip()).serial
    assert "role" in shared_ca.cli("token", "bootstrap", "Not/A/Role", "--into", into, check=False).stderr
    # A slip of the hand makes no token for nobody, and none for those before it; who is named twice gets one.
    before = live()
    mistyped = shared_ca.cli("token", "bootstrap", "ocsp", "renewl", "--into", into, check=False)
    assert mistyped.returncode == 2 and "did you mean 'renewal'?" in mistyped.stderr and live() == before
    shared_ca.cli("token", "bootstrap", "crl", "crl", "--into", into)
    assert len(live()["crl"]) == len(before["crl"]) + 1
