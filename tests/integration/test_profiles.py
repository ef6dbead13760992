"""Profiles with names of one's own, in quicklime.toml."""

import datetime
import re

import pytest
from running_ca import RunningCA, openssl, run

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
