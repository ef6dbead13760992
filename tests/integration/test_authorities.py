"""Authorities are a living set: added, followed, retired and constrained while the CA serves, with openssl and curl as judges."""

import json
import os
import types

import pytest
from running_ca import RunningCA, log_events, new_csr, new_key, openssl, run, schema, wait_until


def chain_of(issued):
    """The leaf, and the chain that stands behind it in its file."""
    text = issued.certificate.read_text()
    first = text.index("-----END CERTIFICATE-----") + len("-----END CERTIFICATE-----\n")
    rest = issued.certificate.with_suffix(".chain")
    rest.write_text(text[first:])
    return issued.certificate, rest


def issuer_of(certificate):
    return openssl("x509", "-in", certificate, "-noout", "-issuer", "-nameopt", "RFC2253").stdout


def verify(ca, issued, roots=None, *options):
    leaf, rest = chain_of(issued)
    done = openssl("verify", "-x509_strict", "-CAfile", roots or ca.roots(), "-untrusted", rest, *options, leaf, check=False)
    return done.stdout + done.stderr


def with_crls(ca, issued, *authorities):
    for one in authorities:
        wait_until(lambda one=one: ca.plain("GET", f"/crl/{one}.crl").status == 200, what=f"the CRL of {one}")
    crls = ca.base / "crls.pem"
    crls.write_text("".join(openssl("crl", "-inform", "DER", "-in", ca.file(f"/crl/{one}.crl")).stdout for one in authorities))
    return verify(ca, issued, None, "-crl_check_all", "-CRLfile", str(crls))


def ocsp(ca, issued, authority):
    """What openssl makes of the answer; the responder's certificate is checked against this very authority."""
    chain = ca.file(f"/ca/{authority}.pem")
    done = openssl("ocsp", "-issuer", chain, "-verify_other", chain, "-cert", issued.certificate, "-url", f"http://127.0.0.1:{ca.http}/ocsp", "-CAfile",
                   ca.roots(), "-no_nonce", check=False)
    return done.stdout + done.stderr


def authorities(ca):
    return {one["id"]: one for one in ca.request("GET", "/v1/authorities").json["authorities"]}


def authority_of(ca, serial):
    ca.settled()
    return ca.request("GET", f"/v1/certificates/{serial}").json["authority"]


def good_by(ca, issued, authority):
    return wait_until(lambda: "Response verify OK" in (text := ocsp(ca, issued, authority)) and ": good" in text, what=f"OCSP by {authority}")


def test_a_further_issuing_authority_takes_over_and_the_first_is_answered_for(ca):
    old = ca.issue("old.internal")
    said = ca.cli("ca", "add").stdout
    assert said.startswith("Added issuing-2, ") and "issuing-2.key" in said
    assert oct(os.stat(ca.data / "ca/issuing-2.key").st_mode)[-3:] == "600"
    new = ca.issue("new.internal")
    assert "Issuing CA 2" in issuer_of(new.certificate) and "Issuing CA 1" in issuer_of(old.certificate)
    assert authority_of(ca, new.serial) == "issuing-2"
    wait_until(lambda: ca.plain("GET", "/crl/issuing-2.crl").status == 200, what="its CRL")
    for issued, authority in ((old, "issuing-1"), (new, "issuing-2")):
        assert ": OK" in with_crls(ca, issued, "root-1", authority)
        good_by(ca, issued, authority)

    # Renewal crosses, by the old key; and who is named issues.
    ca.cli("renew", old.certificate)
    assert "Issuing CA 2" in issuer_of(old.certificate) and ": OK" in verify(ca, old)
    named = ca.post_csr(new_csr("DNS:named.internal"), authority="issuing-1")
    assert named.status == 201 and authority_of(ca, named.json["serial"]) == "issuing-1"
    for authority, why in (("issuing-9", "authority-unknown"), ("root-1", "authority-not-issuing")):
        assert ca.post_csr(new_csr("DNS:named.internal"), authority=authority).reason == why

    # Retired: issues nothing more, and what it has issued stays good.
    assert "is retired" in ca.cli("ca", "retire", "issuing-1").stdout
    assert authorities(ca)["issuing-1"]["retired"] and "retired" in ca.cli("ca", "list").stdout
    assert ca.post_csr(new_csr("DNS:named.internal"), authority="issuing-1").reason == "authority-not-issuing"
    first = ca.post_csr(new_csr("DNS:third.internal")).json["serial"]
    assert authority_of(ca, first) == "issuing-2"
    last = ca.cli("ca", "retire", "issuing-2", check=False)
    assert last.returncode == 1 and "last one that issues" in last.stderr
    root = ca.cli("ca", "retire", "root-1", check=False)
    assert root.returncode == 1 and "issuing-2 below root-1" in root.stderr
    ca.revoke(named.json["serial"])
    wait_until(lambda: named.json["serial"] in ca.revoked_serials("issuing-1"), what="the CRL of the retired one")

    # The same set after a restart, from the log alone.
    before = authorities(ca)
    ca.stop()
    for file in (ca.data / "views").iterdir():
        file.unlink()
    ca.start()
    assert authorities(ca) == before
    assert authority_of(ca, ca.issue("again.internal").serial) == "issuing-2"
    events = [schema(event) for _, event in log_events(ca.data)]
    assert events.count("authority.added") == 3 and events.count("authority.retired") == 1


def test_a_key_file_is_taken_up_and_let_go_without_a_restart(ca):
    ca.cli("ca", "add", "--key-out", ca.base / "elsewhere.key")
    assert authority_of(ca, ca.issue("one.internal").serial) == "issuing-1", "its key is not here"
    # As a Secret is mounted: behind links, one of which moves.
    versions = ca.base / "mounted"
    for version in ("1", "2"):
        (versions / version).mkdir(parents=True)
    (ca.base / "elsewhere.key").rename(versions / "2/issuing-2.key")
    (versions / "now").symlink_to("1")
    (ca.data / "ca/issuing-2.key").symlink_to(versions / "now/issuing-2.key")
    (versions / "next").symlink_to("2")
    (versions / "next").rename(versions / "now")
    wait_until(lambda: authority_of(ca, ca.issue("two.internal").serial) == "issuing-2", what="the new key")
    new = ca.issue("three.internal")
    good_by(ca, new, "issuing-2")
    # A wrong key is named and takes nothing away.
    (versions / "2/issuing-2.key").rename(versions / "kept")
    wrong = new_key(versions / "2/issuing-2.key")
    os.chmod(wrong, 0o600)
    wait_until(lambda: "issuing-2.key is not the key" in ca.messages(), what="the line")
    assert authority_of(ca, ca.issue("four.internal").serial) == "issuing-2"
    (versions / "2/issuing-2.key").unlink()
    wait_until(lambda: authority_of(ca, ca.issue("five.internal").serial) == "issuing-1", what="the first again")


def test_a_profile_may_name_its_authority(make_ca):
    ca = make_ca(start=False)
    with open(ca.data / "quicklime.toml", "a", encoding="utf-8") as toml:
        toml.write('\n[profiles.pinned]\nlike = "tls-server"\nauthority = "issuing-1"\n')
    ca.start()
    ca.cli("ca", "add")
    pinned = ca.issue("pinned.internal", more=("--profile", "pinned"))
    assert authority_of(ca, pinned.serial) == "issuing-1"
    assert authority_of(ca, ca.issue("free.internal").serial) == "issuing-2"
    ca.cli("renew", pinned.certificate)
    assert "Issuing CA 1" in issuer_of(pinned.certificate)
    ca.cli("ca", "retire", "issuing-1")
    ca.cli("renew", pinned.certificate)
    assert "Issuing CA 2" in issuer_of(pinned.certificate), "what is renewed goes on, whatever the profile names"
    refused = ca.cli("issue", "late.internal", "--profile", "pinned", check=False)
    assert refused.returncode == 1 and "issuing-1 is retired" in refused.stderr


def test_three_levels_and_a_root_beside(ca):
    old = ca.issue("old.internal")
    ca.cli("ca", "add", "--path-length", "1")
    made = ca.cli_json("ca", "add", "--parent", "intermediate-1")
    assert made["authority"] == "issuing-2" and made["parent"] == "intermediate-1"
    leaf = ca.issue("deep.internal")
    assert authority_of(ca, leaf.serial) == "issuing-2"
    assert leaf.certificate.read_text().count("BEGIN CERTIFICATE") == 3
    wait_until(lambda: ca.plain("GET", "/crl/intermediate-1.crl").status == 200, what="the CRL of the one between")
    wait_until(lambda: ca.plain("GET", "/crl/issuing-2.crl").status == 200, what="the CRL below it")
    assert ": OK" in with_crls(ca, leaf, "root-1", "intermediate-1", "issuing-2")
    good_by(ca, leaf, "issuing-2")
    refused = ca.cli("issue", "no.internal", "--authority", "intermediate-1", check=False)
    assert refused.returncode == 1 and "issues authorities alone" in refused.stderr, refused.stderr
    too_deep = ca.cli("ca", "add", "--parent", "issuing-2", check=False)
    assert too_deep.returncode == 1 and "path length 0" in too_deep.stderr, too_deep.stderr
    assert not (ca.data / "ca/issuing-3.key").exists(), "a key that belongs to nothing"

    # A root that succeeds nobody: another CA, in the same bundle, that renews nothing of the first.
    ca.cli("ca", "add", "--root", "--name", "Laboratory")
    ca.cli("ca", "add", "--parent", "root-2")
    beside = ca.issue("beside.internal")
    assert "Laboratory" in issuer_of(beside.certificate) and ": OK" in verify(ca, beside)
    assert ": OK" in with_crls(ca, beside, "root-2", authority_of(ca, beside.serial))
    ca.cli("renew", old.certificate)
    assert "Laboratory" not in issuer_of(old.certificate) and ": OK" in verify(ca, old)
    assert ca.roots().read_text().count("BEGIN") == 2


def test_an_authority_of_somebody_else_below_one_between_is_answered_for(make_ca, tmp_path):
    ca = make_ca(settings={"issuing__profiles": ["sub-ca"]})
    ca.cli("ca", "add", "--path-length", "1")
    csr = new_csr(key=new_key(tmp_path / "theirs.key"), subject="/O=Theirs/CN=Their CA")
    made = ca.request("POST", "/v1/certificates", json.dumps({"csr": csr, "profile": "sub-ca", "authority": "intermediate-1"}), {"Content-Type": "application/json"})
    assert made.status == 201, made.body
    (tmp_path / "theirs.crt").write_text(made.json["certificate"])
    issued = types.SimpleNamespace(certificate=tmp_path / "theirs.crt")
    good_by(ca, issued, "intermediate-1")
    ca.cli("revoke", made.json["serial"], "--yes")
    wait_until(lambda: ": revoked" in ocsp(ca, issued, "intermediate-1"), what="its revocation")


def test_below_somebody_elses_root(ca, tmp_path):
    theirs = tmp_path / "theirs"
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{theirs}.key", "-out", f"{theirs}.crt", "-days", "30",
            "-subj", "/O=Corporate/CN=Corporate Root", "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    csr, answer, extensions = tmp_path / "issuing.csr", tmp_path / "issuing.crt", tmp_path / "extensions"
    said = ca.cli("ca", "add", "--request", csr, "--id", "corporate").stdout
    assert "ca add --import" in said and (ca.data / "ca/corporate.key").exists()
    extensions.write_text("basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"
                          "authorityKeyIdentifier=keyid\n")
    openssl("x509", "-req", "-in", csr, "-CA", f"{theirs}.crt", "-CAkey", f"{theirs}.key", "-days", "20", "-out", answer, "-extfile", extensions)
    alone = ca.cli("ca", "add", "--import", answer, check=False)
    assert alone.returncode != 0 and "--above" in alone.stderr
    ca.cli("ca", "add", "--import", answer, "--above", f"{theirs}.crt")
    assert authorities(ca)["corporate"]["parent"] == "outside-1"
    leaf = ca.issue("web.internal", more=("--days", "5"))
    assert authority_of(ca, leaf.serial) == "corporate"
    assert ": OK" in verify(ca, leaf, f"{theirs}.crt")
    good_by(ca, leaf, "corporate")
    again = ca.cli("ca", "add", "--import", answer, "--above", f"{theirs}.crt")
    assert again.returncode == 0, "the same again is answered the same"
    foreign = tmp_path / "foreign.crt"
    openssl("x509", "-req", "-in", csr, "-signkey", new_key(tmp_path / "foreign.key"), "-out", foreign, "-days", "3", check=False)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{foreign}.key", "-out", f"{foreign}.root", "-days", "30",
            "-subj", "/CN=Foreign Root", "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    extensions.write_text("basicConstraints=critical,CA:FALSE\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n")
    openssl("x509", "-req", "-in", csr, "-CA", f"{foreign}.root", "-CAkey", f"{foreign}.key", "-days", "20", "-out", answer, "-extfile", extensions)
    roots = ca.roots().read_text().count("BEGIN")
    none = ca.cli("ca", "add", "--import", answer, "--above", f"{foreign}.root", "--id", "none", check=False)
    assert none.returncode != 0 and "nothing was added" in none.stderr, none.stderr
    assert ca.plain("GET", "/ca/roots.pem").body.decode().count("BEGIN") == roots, "nor the root above it"
    bad = ca.cli("ca", "add", "--import", ca.issue("no-ca.internal", more=("--days", "1")).certificate, "--id", "sham", check=False)
    assert bad.returncode != 0 and reason_of(bad) == "authority-certificate", bad.stderr


def reason_of(done):
    return "authority-certificate" if "certificate of an authority" in done.stderr or "path does not hold" in done.stderr else done.stderr


def test_compromise(ca):
    first, second = ca.issue("first.internal"), ca.issue("second.internal")
    done = ca.cli("ca", "compromise", "issuing-1", "--keep-leaves").stdout
    assert "Added issuing-2" in done and "Revoked issuing-1" in done and "The CRL of root-1 says so" in done and first.serial in done
    assert "certificate revoked" in with_crls(ca, first, "root-1", "issuing-1"), "every client that looks at the root's CRL"
    # What the log knows of is renewed by its own key, by the successor; then the rest is taken back.
    ca.cli("renew", second.certificate)
    assert "Issuing CA 2" in issuer_of(second.certificate)
    wait_until(lambda: ca.plain("GET", "/crl/issuing-2.crl").status == 200, what="the CRL of the successor")
    assert ": OK" in with_crls(ca, second, "root-1", "issuing-2")
    again = ca.cli_json("ca", "compromise", "issuing-1")
    assert set(again["leaves"]) == {first.serial, second.serial} and again["revoked"] == 2 and again["successor"] == "issuing-2"
    assert ca.ocsp(first) == "revoked"
    assert ca.request("GET", f"/v1/certificates/{first.serial}").json["reason"] == "cACompromise"
    assert ca.issue("after.internal").serial
    # Its own TLS certificate is of the successor by itself.
    wait_until(lambda: "Issuing CA 2" in openssl("s_client", "-connect", f"127.0.0.1:{ca.https}", "-showcerts", check=False, input="").stdout,
               what="its own certificate")
    assert ca.cli("ca", "compromise", "root-1", check=False).returncode == 1


@pytest.fixture(scope="module")
def constrained():
    ca = RunningCA(init=("--permit-dns", "home.lan", "--permit-dns", "localhost", "--permit-ip", "10.0.0.0/8"))
    yield ca
    ca.remove()


def test_name_constraints_are_critical_in_every_authority(constrained):
    for authority in ("root-1", "issuing-1"):
        text = openssl("x509", "-inform", "DER", "-in", constrained.file(f"/ca/{authority}.crt"), "-noout", "-text").stdout
        assert "X509v3 Name Constraints: critical" in text and "DNS:home.lan" in text and "IP:10.0.0.0/255.0.0.0" in text
    assert "permits DNS:home.lan" in constrained.cli("ca", "show", "issuing-1").stdout
    assert ": OK" in verify(constrained, constrained.issue("web.home.lan", "home.lan", "10.1.2.3"))
    for name in ("web.example", "nothome.lan", "192.168.0.1", "fd00::1"):
        refused = constrained.cli("issue", name, "--out", constrained.out, check=False)
        assert refused.returncode == 4 and "permits DNS:home.lan" in refused.stderr, refused.stderr


def test_what_a_constrained_ca_must_not_have_issued_is_refused(constrained, tmp_path):
    """Signed by its own key, past every rule of ours: what a thief of the key can do."""
    for name, good in (("DNS:web.home.lan", True), ("DNS:web.example", False), ("IP:10.0.0.9", True), ("IP:192.168.0.9", False), ("IP:fd00::9", False)):
        key = new_key(tmp_path / "leaf.key")
        csr, leaf, extensions = tmp_path / "leaf.csr", tmp_path / "leaf.crt", tmp_path / "extensions"
        csr.write_text(new_csr(key=key))
        extensions.write_text(f"subjectAltName=critical,{name}\nextendedKeyUsage=serverAuth\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n")
        openssl("x509", "-req", "-in", csr, "-CA", constrained.issuing(), "-CAkey", constrained.data / "ca/issuing-1.key", "-days", "1", "-out", leaf,
                "-extfile", extensions)
        done = openssl("verify", "-CAfile", constrained.roots(), "-untrusted", constrained.issuing(), leaf, check=False)
        assert ("OK" in done.stdout) == good, f"{name}: {done.stdout}{done.stderr}"
        if not good:
            assert "permitted subtree violation" in done.stderr or "excluded subtree violation" in done.stderr, done.stderr


def test_a_constrained_ca_that_nobody_could_reach_is_not_made(tmp_path, ca):
    refused = run(ca.binary, "init", "--data", tmp_path / "data", "--permit-dns", "home.lan", "--public-url", "http://ca.example:8080", check=False)
    assert refused.returncode == 2 and "--public-url" in refused.stderr
    malformed = run(ca.binary, "init", "--data", tmp_path / "data", "--permit-ip", "10.0.0.1/8", check=False)
    assert malformed.returncode != 0 and "10.0.0.1/8" in malformed.stderr
    assert not (tmp_path / "data").exists()
