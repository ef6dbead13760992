"""The root's CRL, whose key is not where the CA is: warned of, signed here or on another machine, brought back. openssl is the judge."""

import json
import os
import re
import subprocess
import time

import pytest
from clock import Clock, set_clock
from running_ca import BINARY, PATIENCE, REPOSITORY, log_events, openssl, run, schema, wait_until
from test_clocks import patiently

PAGE = (REPOSITORY / "docs/operations.md").read_text(encoding="utf-8")


def ready(ca):
    answer = ca.plain("GET", "/readyz?verbose", port=ca.admin)
    return answer.status, [line for line in answer.body.decode().splitlines() if "crl root-1" in line]


def due(ca, what):
    metrics = ca.plain("GET", "/metrics", port=ca.admin).body.decode()
    found = re.search(rf'quicklime_expiry_due{{what="{what}"}} (\d)', metrics)
    return found and found[1]


def whole_chain(ca, issued, ahead=0, fetch=True):
    """What a client says that asks for every CRL, by a clock that is ahead; without fetch, with those that it has."""
    crls = ca.base / "crls.pem"
    if fetch:
        crls.write_text("".join(openssl("crl", "-inform", "DER", "-in", ca.file(f"/crl/{authority}.crl")).stdout for authority in ("root-1", "issuing-1")))
    done = openssl("verify", "-crl_check_all", "-attime", str(int(time.time()) + ahead), "-CAfile", ca.roots(), "-untrusted", ca.issuing(),
                   "-CRLfile", crls, issued.certificate, check=False)
    return done.stdout + done.stderr


def assert_issuing_is_revoked(ca, issued):
    """By `verify`, of a certificate that is good itself, with its chain in the file and without."""
    leaf = ca.base / "leaf.crt"
    leaf.write_text(openssl("x509", "-in", issued.certificate).stdout)
    for file in (issued.certificate, leaf):
        done = ca.cli("verify", file, check=False)
        assert done.returncode == 6 and not done.stdout, done.stdout + done.stderr
        assert re.search(r"its authority issuing-1 is revoked since \d{4}-\d\d-\d\dT[\d:]+Z \(cACompromise\)$", done.stderr.strip()), done.stderr
    problem = json.loads(ca.cli("verify", leaf, "-o", "json", check=False).stderr)
    assert problem["type"].endswith("#certificate-revoked") and "issuing-1" in problem["detail"]


def root_publications(ca):
    return [event for _, event in log_events(ca.data) if schema(event) == "crl.published" and event["subject"] == "root-1"]


def test_a_crl_near_its_end_is_warned_of_and_signed_anew(make_ca):
    ca = make_ca(start=False)
    ca.clock = Clock(ca.base / "clock")
    ca.start(ca.clock.environment())
    web = ca.issue("web.internal")
    assert ": OK" in whole_chain(ca, web)
    until = ca.cli_json("ca", "sign-crl", "--lifetime", "2h")["next_update"]
    wait_until(lambda: ready(ca)[1] == [f"ok  crl root-1 until {until}"], what="its line")
    assert due(ca, "crl root-1") == "0"
    assert ": OK" in whole_chain(ca, web)
    set_clock(ca, 6600)
    wait_until(lambda: due(ca, "crl root-1") == "1", what="two thirds of its life")
    status, lines = ready(ca)
    assert status == 200 and len(lines) == 1
    assert lines[0] == f"warn crl root-1 is past two thirds of its life, which ends on {until}: bring its key and run `quicklime ca sign-crl`"
    set_clock(ca, 7260)
    assert "CRL has expired" in whole_chain(ca, web, ahead=7260, fetch=False)
    wait_until(lambda: "ended on" in ready(ca)[1][0], what="its line")
    assert ready(ca)[0] == 200
    answer = ca.ocsp_text(web.serial, "-attime", str(int(time.time()) + 7260), "-validity_period", "7300")
    assert "Response verify OK" in answer and ": good" in answer, "an old CRL of the root takes nothing else away"
    time.sleep(1.5)
    told = [line for line in ca.messages().splitlines() if "crl root-1" in line]
    assert len(told) <= 2 and "ended on" in told[-1], told

    said = ca.cli("ca", "sign-crl").stdout
    assert "CRL" in said and "of root-1 is published" in said
    wait_until(patiently(lambda: ": OK" in whole_chain(ca, web, ahead=7260)), what="the next one")
    judged = openssl("crl", "-verify", "-inform", "DER", "-in", ca.file("/crl/root-1.crl"), "-CAfile", ca.roots(), "-noout")
    assert "verify OK" in judged.stdout + judged.stderr
    wait_until(lambda: due(ca, "crl root-1") == "0", what="the end of the warning")
    assert ready(ca)[1][0].startswith("ok  crl root-1 until ")


def test_a_lifetime_is_given_or_refused(ca):
    published = len(root_publications(ca))
    for asked in (("--lifetime", "1s"), ("--days", "100000"), ("--days", "0")):
        refused = ca.cli("ca", "sign-crl", *asked, check=False)
        assert refused.returncode == 1 and "root-1 itself ends on" in refused.stderr, refused.stderr
    assert len(root_publications(ca)) == published


def test_a_revoked_issuing_authority_is_revoked_for_clients_once_it_is_signed(ca):
    web = ca.issue("web.internal")
    said = ca.cli("ca", "revoke", "issuing-1", "--reason", "cACompromise").stdout
    serial = openssl("x509", "-in", ca.issuing(), "-noout", "-serial").stdout.strip().split("=")[1].lower()
    assert "Clients do not know before the CRL of root-1 says so: quicklime ca sign-crl" in said and serial in said
    wait_until(lambda: "lacks what was revoked since" in ca.messages(), what="the warning")
    assert ": OK" in whole_chain(ca, web)
    assert_issuing_is_revoked(ca, web)  # the CA's own list says so already
    shown = ca.cli("ca", "sign-crl").stdout
    assert serial in shown and "cACompromise" in shown
    assert "certificate revoked" in whole_chain(ca, web)
    assert_issuing_is_revoked(ca, web)
    stranger = {"QUICKLIME_SERVER": f"https://localhost:{ca.https}", "QUICKLIME_ROOTS": str(ca.roots())}
    unknown = ca.cli("verify", web.certificate, environment=stranger, check=False)
    assert unknown.returncode == 6 and re.search(r"its authority .* Issuing CA 1 \(....\) is revoked since .* \(cACompromise\)", unknown.stderr), unknown.stderr
    token = ca.cli("token", "create", "judge", "--names", "*.internal", "--profiles", "tls-server", "--days", "1").stdout.strip()
    known = ca.cli("verify", web.certificate, environment={**stranger, "QUICKLIME_TOKEN": token}, check=False)
    assert known.returncode == 6 and "issuing-1 is revoked" in known.stderr
    assert serial in ca.revoked_serials("root-1") and "CA Compromise" in ca.crl("root-1")
    # It stays there when the views are folded anew.
    ca.stop()
    ca.cli("views", "rebuild")
    assert_issuing_is_revoked(ca, web)
    ca.start()
    assert serial in ca.revoked_serials("root-1")
    again = ca.cli_json("ca", "revoke", "issuing-1", "--reason", "superseded")
    assert again["reason"] == "cACompromise"
    assert ca.cli("ca", "revoke", "root-1", "--reason", "cACompromise", check=False).returncode == 1


@pytest.fixture
def with_key_elsewhere(make_ca, tmp_path):
    """Its root key was never in the data directory, and is encrypted."""
    (tmp_path / "passphrase.txt").write_text("correct horse\n")
    ca = make_ca(init=("--root-key-out", tmp_path / "root.key", "--root-key-passphrase-file", tmp_path / "passphrase.txt"))
    ca.stick = tmp_path
    return ca


def sign_elsewhere(ca, request, crl, check=True):
    """On a machine that has the binary, the key and the stick: no data directory, no home, no environment."""
    return run(BINARY, "ca", "sign-crl", "--sign", request, "--key", ca.stick / "root.key", "--passphrase-file", ca.stick / "passphrase.txt",
               "--out", crl, check=check, env={}, cwd="/")


def test_signed_on_another_machine(with_key_elsewhere):
    ca = with_key_elsewhere
    web = ca.issue("web.internal")
    number = len(root_publications(ca))
    for serving in (True, False):
        if not serving:
            ca.stop()
        request, crl = ca.stick / f"request-{serving}.json", ca.stick / f"root-{serving}.crl"
        assert "Next, where the key is: quicklime ca sign-crl --sign" in ca.cli("ca", "sign-crl", "--request", request).stdout
        shown = sign_elsewhere(ca, request, crl).stdout
        assert "revokes nothing" in shown and json.loads(request.read_text())["next_update"] in shown
        done = ca.cli("ca", "sign-crl", "--import", crl)
        again = ca.cli_json("ca", "sign-crl", "--import", crl)  # as after an answer that got lost
        assert "is published" in done.stdout and again["authority"] == "root-1" and again["complete"]
        number += 1
        events = root_publications(ca)
        assert len(events) == number and events[-1]["actor"]["kind"] == "control"
        if not serving:
            ca.start()
        assert openssl("crl", "-inform", "DER", "-in", ca.file("/crl/root-1.crl")).stdout == crl.read_text(), "to the byte"
        assert ": OK" in whole_chain(ca, web)


def test_with_keys_of_rsa(make_ca):
    ca = make_ca(init=("--key-kind", "RSA-2048"))
    web = ca.issue("web.internal")
    assert "of root-1 is published" in ca.cli("ca", "sign-crl").stdout
    assert len(root_publications(ca)) == 2 and ": OK" in whole_chain(ca, web)


def test_what_was_not_asked_for_is_refused(with_key_elsewhere):
    ca = with_key_elsewhere
    web = ca.issue("web.internal")
    asked = ca.stick / "request.json"
    ca.cli("ca", "sign-crl", "--request", asked)
    published = len(root_publications(ca))
    tampered = {
        "crl-differs": [{"revoked": [{"serial": web.serial, "since": "2026-01-01T00:00:00Z", "reason": "superseded"}]}, {"number": "4000000"}],
        "crl-overtaken": [{"number": "1"}],
    }
    dates = [{"this_update": "2049-01-01T00:00:00Z", "next_update": "2049-06-01T00:00:00Z"}, {"next_update": "2026-01-02T00:00:00Z"},
             {"next_update": "9999-01-01T00:00:00Z"}]
    for index, change in enumerate(dates):
        request, crl = ca.stick / f"dates-{index}.json", ca.stick / f"dates-{index}.crl"
        request.write_text(json.dumps({**json.loads(asked.read_text()), **change}))
        refused = sign_elsewhere(ca, request, crl, check=False)
        assert refused.returncode == 1 and "Update, " in refused.stderr and not crl.exists(), (change, refused)
    for reason, changes in tampered.items():
        for index, change in enumerate(changes):
            request, crl = ca.stick / f"{reason}-{index}.json", ca.stick / f"{reason}-{index}.crl"
            request.write_text(json.dumps({**json.loads(asked.read_text()), **change}))
            sign_elsewhere(ca, request, crl)
            refused = ca.cli("ca", "sign-crl", "--import", crl, "-o", "json", check=False)
            assert refused.returncode != 0 and json.loads(refused.stderr)["type"].endswith("#" + reason), (change, refused.stderr)
    assert len(root_publications(ca)) == published
    # Nothing is overwritten: not the key by a slip of --out.
    over = run(BINARY, "ca", "sign-crl", "--sign", asked, "--key", ca.stick / "root.key", "--passphrase-file", ca.stick / "passphrase.txt", "--out",
               ca.stick / "root.key", check=False)
    assert over.returncode == 1 and "PRIVATE KEY" in (ca.stick / "root.key").read_text()


def test_wrong_use_says_what_to_do(with_key_elsewhere):
    ca = with_key_elsewhere

    def refused(*arguments):
        done = ca.cli("ca", "sign-crl", *arguments, check=False)
        assert done.returncode != 0 and not done.stdout, arguments
        return done.stderr

    assert "--key FILE" in refused() and "--request FILE" in refused()
    assert "--passphrase-file" in refused("--key", ca.stick / "root.key")
    assert "is not that of root-1" in refused("--key", ca.data / "ca/issuing-1.key")
    assert "signed here by itself" in refused("--key", ca.data / "ca/issuing-1.key", "--authority", "issuing-1")
    assert "--sign needs --key" in refused("--sign", ca.stick / "root.key")
    assert "one at a time" in refused("--sign", ca.stick / "root.key", "--import", ca.stick / "root.key")
    file = ca.stick / "root.key"
    for ignored in (("--days", "30", "--lifetime", "720h"), ("--days", "30", "--sign", file, "--key", file, "--out", ca.stick / "out"),
                    ("--lifetime", "720h", "--import", file), ("--days", "30", "--import", file), ("--key", file, "--import", file),
                    ("--out", ca.stick / "out", "--import", file), ("--out", ca.stick / "out", "--key", file),
                    ("--out", ca.stick / "out", "--request", ca.stick / "new.json"), ("--key", file, "--request", ca.stick / "new.json")):
        done = ca.cli("ca", "sign-crl", *ignored, check=False)
        assert done.returncode == 2 and ignored[0] in done.stderr and not done.stdout, (ignored, done)
    assert not (ca.stick / "out").exists() and not (ca.stick / "new.json").exists()
    assert "no request" not in refused("--import", ca.stick / "passphrase.txt")
    # Not over the network, whoever asks.
    assert ca.secure("GET", "/control/crl").status == 404
    assert ca.plain("GET", "/control/crl").status == 404


def test_the_page(with_key_elsewhere):
    """The commands of docs/operations.md as they stand there."""
    ca = with_key_elsewhere
    script = ""
    for title in ("Sign the root's CRL", "Revoke an issuing authority"):
        section = re.search(rf"^### {title}\n(.*?)(?=^##)", PAGE, re.MULTILINE | re.DOTALL)[1]
        script += "".join(re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL))
    assert script.count("quicklime ca sign-crl") == 4 and script.count("quicklime ca revoke") == 1
    for place, here in {"/var/lib/quicklime": ca.data, "/media/stick": ca.stick, "/root": ca.stick, "ca.internal:8080": f"127.0.0.1:{ca.http}"}.items():
        script = re.sub(rf"(?<![\w.]){re.escape(place)}\b(?!-)", str(here), script)
    environment = dict(os.environ, PATH=os.path.dirname(BINARY) + ":" + os.environ["PATH"])
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], env=environment, cwd=ca.base, capture_output=True, text=True, check=False,
                          timeout=60 * PATIENCE)
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    assert done.stdout.count("is published, until") == 2 and "nextUpdate=" in done.stdout and "Revoked: issuing-1" in done.stdout
