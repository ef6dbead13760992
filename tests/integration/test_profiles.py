"""Profiles with names of one's own, in quicklime.toml."""

import datetime
import os
import re
import subprocess

import pytest
from running_ca import BINARY, PATIENCE, REPOSITORY, RunningCA, log_events, new_csr, openssl, run, schema, sha256

SHIPPED = sorted(path.stem for path in (REPOSITORY / "share/profiles").glob("*.toml"))
TIME = "%b %d %H:%M:%S %Y GMT"
PRINTERS = """
[profiles.printers]
like = "tls-server"
default_lifetime = "2d"
maximum_lifetime = "1000d"

[profiles.badges]
like = "tls-client"
"""


@pytest.fixture(scope="module")
def ca():
    running = RunningCA(start=False)
    file = running.data / "quicklime.toml"
    client = '[profiles.tls-client]\n'
    assert client in file.read_text()
    file.write_text(file.read_text().replace(client, client + 'default_lifetime = "7d"\nmaximum_lifetime = "30d"\n') + PRINTERS)
    running.start()
    yield running
    running.remove()


def days(certificate):
    """How long it lives, by openssl's reading."""
    text = openssl("x509", "-in", certificate, "-noout", "-text").stdout
    assert "TLS Web Server Authentication" in text and "TLS Web Client Authentication" not in text
    begin, end = (datetime.datetime.strptime(re.search(rf"Not {when}\s*: (.*)", text)[1], TIME) for when in ("Before", "After"))
    return (end - begin).days


def test_a_certificate_is_like_that_of_the_other_profile_and_lives_as_this_one_says(ca):
    printer = ca.issue("printer.internal", more=("--profile", "printers"))
    assert printer.answer["profile"] == "printers" and days(printer.certificate) == 2
    assert days(ca.issue("long.internal", more=("--profile", "printers", "--days", "999")).certificate) == 999
    refused = ca.cli("issue", "longer.internal", "--profile", "printers", "--days", "1001", "--out", ca.out / "longer", check=False)
    assert refused.returncode != 0 and "the profile printers allows at most" in refused.stderr


def test_it_lives_as_the_other_one_is_configured_to(ca):
    assert ca.cli_json("issue", "a.badge.internal", "--profile", "badges", "--out", ca.out / "badge")["profile"] == "badges"
    lives = openssl("x509", "-in", ca.out / "badge/a.badge.internal.crt", "-noout", "-checkend", str(8 * 86_400), check=False)
    assert lives.returncode == 1, "more than the seven days of tls-client"
    refused = ca.cli("issue", "b.badge.internal", "--profile", "badges", "--days", "31", "--out", ca.out / "badge", check=False)
    assert refused.returncode != 0 and "at most" in refused.stderr, refused.stderr


def test_it_is_renewed_as_what_it_is(ca):
    printer = ca.issue("again.internal", more=("--profile", "printers"))
    renewed = ca.cli_json("renew", printer.certificate)
    assert ca.cli_json("show", renewed["serial"])["profile"] == "printers" and days(printer.certificate) == 2


def test_tokens_are_granted_the_profiles_that_there_are(ca):
    token = ca.cli_json("token", "create", "floor 3", "--names", "*.printer.internal", "--profiles", "printers")
    assert token["profiles"] == ["printers"]
    mistyped = ca.cli("token", "create", "floor 4", "--profiles", "printer", check=False)
    assert mistyped.returncode != 0 and 'did you mean "printers"?' in mistyped.stderr and "tls-client" in mistyped.stderr
    unknown = ca.cli("issue", "x.internal", "--profile", "tls-sever", "--out", ca.out / "x", check=False)
    assert unknown.returncode != 0 and 'did you mean "tls-server"?' in unknown.stderr


def test_one_that_is_like_nothing_is_refused_at_the_start(ca):
    bad = ca.base / "bad"
    bad.mkdir()
    run(ca.binary, "init", "--data", bad / "data", "--name", "Test", "--public-url", "http://127.0.0.1:1")
    with open(bad / "data/quicklime.toml", "a", encoding="utf-8") as file:
        file.write('\n[profiles.printers]\ndefault_lifetime = "2d"\n')
    refused = run(ca.binary, "serve", "--data", bad / "data", check=False)
    assert refused.returncode == 1 and "profiles.printers: " in refused.stderr and "line " in refused.stderr, refused.stderr


def with_profiles(*names):
    """A CA with these switched on, not started."""
    running = RunningCA(start=False)
    file = running.data / "quicklime.toml"
    file.write_text(file.read_text().replace("[issuing]\n", f"[issuing]\nprofiles = {list(names)!r}\n".replace("'", '"')))
    return running


@pytest.fixture(scope="module")
def every():
    running = with_profiles(*SHIPPED)
    running.start()
    yield running
    running.remove()


# What each asks for, and what of it openssl shows. Those that are not here: names as TLS has them.
ASKS = {
    "code-signing": ("/C=DE/O=Acme/CN=Acme Release", (), "Code Signing"),
    "timestamping": ("/O=Acme/CN=Stamps", (), "Time Stamping"),
    "smime-sign": ("/CN=Alice", ("email:alice@example.com",), "Non Repudiation"),
    "smime-encrypt": ("/CN=Alice", ("email:alice@example.com",), "Key Agreement"),
    "document-signing": ("/CN=Alice", ("email:alice@example.com",), "1.3.6.1.5.5.7.3.36"),
    "smart-card-logon": ("/CN=Alice", ("otherName:1.3.6.1.4.1.311.20.2.3;UTF8:alice@corp.example",), "Smartcard"),
    "pkinit-client": ("/CN=alice", (), "PKINIT Client Auth"),
    "eap-client": ("/", ("DNS:laptop.internal",), "1.3.6.1.5.5.7.3.14"),
    "openvpn-client": ("/CN=alice", (), "TLS Web Client Authentication"),
    "device-initial": ("/O=Acme/CN=Pump/serialNumber=4711", (), "Digital Signature"),
    "device-local": ("/O=Acme/serialNumber=4711", ("DNS:pump.internal",), "Digital Signature"),
    "spiffe-workload": ("/", ("URI:spiffe://td/billing",), "URI:spiffe://td/billing"),
    "kubernetes-client": ("/O=system:nodes/CN=system:node:a", (), "TLS Web Client Authentication"),
    "database-client": ("/CN=billing", (), "TLS Web Client Authentication"),
    "mqtt-device": ("/CN=sensor-7", (), "TLS Web Client Authentication"),
    "opc-ua-application": ("/CN=Press", ("URI:urn:acme:press", "DNS:press.internal"), "Data Encipherment"),
    "sip-server": ("/", ("URI:sip://acme.internal", "DNS:acme.internal"), "1.3.6.1.5.5.7.3.20"),
    "ipsec-client": ("/", ("DNS:laptop.internal",), "ipsec Internet Key Exchange"),
}


@pytest.mark.parametrize("name", [name for name in SHIPPED if name not in ("sub-ca", "pkinit-client", "pkinit-kdc")])
def test_each_that_comes_along_issues_what_openssl_takes(every, tmp_path, name):
    subject, names, shown = ASKS.get(name, ("/", ("DNS:a.internal",), "Digital Signature"))
    key = tmp_path / "key"
    openssl("genpkey", *(("-algorithm", "RSA") if name == "opc-ua-application" else ("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")), "-out", key)
    (tmp_path / "csr").write_text(new_csr(*names, key=key, subject=subject))
    lifetime = ("--days", "365") if name == "device-initial" else ()
    issued = every.cli_json("issue", "--csr", tmp_path / "csr", "--profile", name, "--out", tmp_path / "out", *lifetime)
    certificate = issued["certificate_file"]
    openssl("verify", "-x509_strict", "-purpose", "any", "-CAfile", every.roots(), "-untrusted", every.issuing(), certificate)
    assert shown in openssl("x509", "-in", certificate, "-noout", "-text").stdout
    # What it was issued under stands before it in the log, and is what its hash says.
    events = log_events(every.data)
    offset, event = next((at, e) for at, e in events if schema(e) == "certificate.issued" and e["subject"] == issued["serial"])
    before = [e["data"] for at, e in events if schema(e) == "profile.defined" and at < offset and e["data"]["profile"] == name]
    assert [d["profile_sha256"] for d in before] == [event["data"]["profile_sha256"]] == [sha256(before[0]["definition"].encode())]
    assert f"[profiles.{name}]" in before[0]["definition"]


def test_rsa_servers_are_given_key_encipherment_and_rsa_clients_are_not(every):
    for profile, given in (("tls-server", True), ("tls-peer", True), ("tls-client", False)):
        leaf = every.issue("rsa.internal", more=("--profile", profile, "--key-kind", "RSA-2048"))
        assert ("Key Encipherment" in openssl("x509", "-in", leaf.certificate, "-noout", "-ext", "keyUsage").stdout) == given, profile


def test_principals_of_kerberos(every, tmp_path):
    for name, principal in (("pkinit-client", "kerberos:alice@EXAMPLE.COM"), ("pkinit-kdc", "kerberos:krbtgt/EXAMPLE.COM@EXAMPLE.COM")):
        issued = every.cli_json("issue", principal, "--profile", name, "--out", tmp_path)
        assert issued["names"] == [principal]
        lines = openssl("asn1parse", "-in", issued["certificate_file"]).stdout.splitlines()
        at = next(i for i, line in enumerate(lines) if "Subject Alternative Name" in line)
        value = next(line for line in lines[at:] if "OCTET STRING" in line).split(":")[0].strip()
        text = openssl("asn1parse", "-in", issued["certificate_file"], "-strparse", value, "-out", tmp_path / "names").stdout
        # KRB5PrincipalName as openssl reads it: the realm, then the parts of the principal. It shows no GeneralString's content.
        user, realm = principal.split(":", 1)[1].split("@")
        strings = [realm, *user.split("/")]
        assert "OBJECT            :1.3.6.1.5.2.2" in text and text.count("GENERALSTRING") == len(strings), text
        assert f"INTEGER           :0{len(strings) - 1}" in text, "a user is NT-PRINCIPAL, a service NT-SRV-INST"
        read = [int(line.split(":")[0]) for line in text.splitlines() if "GENERALSTRING" in line]
        names = (tmp_path / "names").read_bytes()
        assert [names[at + 2:at + 2 + names[at + 1]].decode() for at in read] == strings
        openssl("verify", "-x509_strict", "-CAfile", every.roots(), "-untrusted", every.issuing(), issued["certificate_file"])


def test_an_authority_below_one_that_has_no_room_is_refused_by_its_rule(every, tmp_path):
    (tmp_path / "csr").write_text(new_csr(subject="/O=Acme/CN=Branch CA"))
    refused = every.cli("issue", "--csr", tmp_path / "csr", "--profile", "sub-ca", "--out", tmp_path, check=False)
    assert refused.returncode != 0 and "rfc5280-4.2.1.9" in refused.stderr, refused.stderr
    token = every.cli_json("token", "create", "branch", "--names", "*", "--profiles", "sub-ca")["token"]
    answer = every.secure("POST", "/v1/certificates?profile=sub-ca", (tmp_path / "csr").read_text(),
                          {"Content-Type": "application/pkcs10", "Authorization": f"Bearer {token}"})
    assert answer.status == 403 and answer.reason == "profile-not-granted", "administrators alone"


def test_a_profile_whose_subject_is_free_must_be_named(every, tmp_path):
    csr = new_csr(subject="/O=Acme/CN=Acme Release")

    def ask(profiles):
        token = every.cli_json("token", "create", "builds", "--names", "*", "--profiles", profiles)["token"]
        return every.secure("POST", "/v1/certificates?profile=code-signing", csr, {"Content-Type": "application/pkcs10", "Authorization": f"Bearer {token}"})

    assert ask("*").reason == "profile-not-granted"
    answer = ask("code-signing")
    assert answer.status == 201, answer.body
    bad = every.cli_json("token", "create", "builds", "--names", "*", "--profiles", "code-signing")["token"]
    refused = every.secure("POST", "/v1/certificates?profile=code-signing", new_csr(subject="/C=de/CN=x"),
                           {"Content-Type": "application/pkcs10", "Authorization": f"Bearer {bad}"})
    assert refused.status == 400 and refused.reason == "lint-failed" and "rfc5280-4.1.2.6" in refused.json["detail"]


def test_it_is_defined_once_for_its_content(every):
    definitions = [event["data"]["profile_sha256"] for _, event in log_events(every.data) if schema(event) == "profile.defined"]
    assert len(definitions) == len(set(definitions))
    every.restart()
    every.issue("again.internal")
    after = [event["data"]["profile_sha256"] for _, event in log_events(every.data) if schema(event) == "profile.defined"]
    assert len(after) == len(set(after)), "a process that begins anew knows what was defined"


def test_every_command_of_the_page_works(tmp_path):
    page = (REPOSITORY / "docs/profiles.md").read_text(encoding="utf-8")
    tables = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    running = RunningCA(start=False)
    file = running.data / "quicklime.toml"
    file.write_text(file.read_text().replace("[issuing]\n", "[issuing]\n" + tables[0]) + "\n" + "\n".join(tables[1:]))
    running.start()
    script = "set -eu\n" + "\n".join(re.findall(r"```sh\n(.*?)```", page, re.DOTALL))
    environment = dict(os.environ, QUICKLIME_DATA=str(running.data), PATH=os.path.dirname(BINARY) + ":" + os.environ["PATH"])
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60 * PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr
    for shown in ("Code Signing", "URI:spiffe://acme.internal/billing", "TLS Web Client Authentication", "[profiles.badge-reader]", "O = Acme Corp"):
        assert shown in done.stdout, done.stdout
    running.remove()
