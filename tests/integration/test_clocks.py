"""Wrong clocks: what one process does while its clock is ahead or behind is put right when the clock is, and nothing vanishes."""

import datetime
import re
import shutil
import time

import pytest
from clock import set_clock
from running_ca import openssl, wait_until

def patiently(look):
    """While the next CRL is on its way the answer is 503: look again."""
    def again():
        try:
            return look()
        except AssertionError:
            return None
    return again


def verdict(ca, issued):
    """What openssl says of it with CRLs of the whole chain."""
    crls = ca.base / "crls.pem"
    crls.write_text("".join(openssl("crl", "-inform", "DER", "-in", ca.file(f"/crl/{name}.crl")).stdout for name in ("issuing-1", "root-1")))
    done = openssl("verify", "-crl_check_all", "-x509_strict", "-CAfile", ca.roots(), "-untrusted", ca.issuing(), "-CRLfile", crls,
                   issued.certificate, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("ahead", [30, 3600, 86_400 * 400])
def test_a_clock_ahead_and_put_right_takes_no_revocation_and_no_good_one(clocked, ahead):
    ca = clocked()
    good = ca.issue("good.internal", more=["--days", "90"])
    revoked = ca.issue("revoked.internal", more=["--days", "90"])
    ca.revoke(revoked)
    set_clock(ca, ahead)
    # As many CRLs as it took before to make something go.
    for number in range(3):
        meanwhile = ca.issue(f"meanwhile-{number}.internal", more=["--days", "30"])
        wait_until(lambda: ca.request("GET", f"/v1/certificates/{meanwhile.serial}").status == 200)
        ca.revoke(meanwhile)
        wait_until(patiently(lambda: meanwhile.serial in ca.revoked_serials()), what="its CRL")
    set_clock(ca, 0)
    wait_until(patiently(lambda: "certificate revoked" in verdict(ca, revoked)), what="a CRL that is valid today")
    wait_until(patiently(lambda: verdict(ca, good).strip().endswith("OK")), what="openssl's trust")
    wait_until(patiently(lambda: ca.ocsp(revoked) == "revoked"), what="OCSP")
    assert ca.ocsp(good) == "good"
    assert revoked.serial in ca.revoked_serials()
    # A view that is folded again says the same.
    ca.stop()
    shutil.rmtree(ca.data / "views")
    ca.start(ca.clock.environment())
    assert ca.ocsp(revoked) == "revoked" and ca.ocsp(good) == "good"
    assert revoked.serial in ca.revoked_serials()


def test_a_revocation_by_a_clock_ahead_is_believed_now(clocked):
    ca = clocked()
    issued = ca.issue("api.internal")
    set_clock(ca, 90)
    ca.revoke(issued)
    set_clock(ca, 0)
    text = wait_until(patiently(lambda: (found := ca.ocsp_text(issued.serial)) and "Revocation Time" in found and found))
    assert "Response verify OK" in text, text
    made = openssl("ocsp", "-issuer", ca.issuing(), "-serial", "0x" + issued.serial, "-url", f"http://127.0.0.1:{ca.http}/ocsp",
                   "-CAfile", ca.roots(), "-no_nonce", "-resp_text").stdout

    def when(name):
        return datetime.datetime.strptime(re.search(rf"{name}: (.+) GMT", made).group(1), "%b %d %H:%M:%S %Y")
    assert when("Revocation Time") <= when("Produced At"), made
    crl = wait_until(patiently(lambda: issued.serial in ca.revoked_serials() and ca.crl()))
    dates = [datetime.datetime.strptime(date, "%b %d %H:%M:%S %Y") for date in re.findall(r"Revocation Date: (.+) GMT", crl)]
    assert all(date <= datetime.datetime.utcnow() for date in dates), crl


def test_a_client_two_seconds_behind_trusts_a_crl_and_an_answer_of_now(clocked):
    ca = clocked()
    issued = ca.issue("api.internal")
    wait_until(patiently(lambda: ca.fetch("/crl/issuing-1.crl")))
    two_seconds_ago = str(int(time.time()) - 2)
    crl = ca.base / "now.pem"
    crl.write_text(openssl("crl", "-inform", "DER", "-in", ca.file("/crl/issuing-1.crl")).stdout)
    done = openssl("verify", "-crl_check", "-attime", two_seconds_ago, "-CAfile", ca.roots(), "-untrusted", ca.issuing(), "-CRLfile", crl,
                   issued.certificate)
    assert done.stdout.strip().endswith("OK"), done.stdout


def test_a_process_started_ahead_gets_certificates_that_are_valid_when_it_is_put_right(clocked):
    ca = clocked(86_400)
    set_clock(ca, 0)
    ca.issue("api.internal")

    def trusted():
        done = openssl("s_client", "-connect", f"127.0.0.1:{ca.https}", "-CAfile", ca.roots(), "-verify_return_error", check=False, input="")
        return "Verify return code: 0 (ok)" in done.stdout
    wait_until(trusted, within=90, what="a TLS certificate that is valid now")


def test_before_the_cas_beginning_nothing_is_issued_and_the_answer_says_why(clocked):
    ca = clocked()
    set_clock(ca, -86_400)
    answer = ca.cli("issue", "api.internal", "--out", ca.out, check=False)
    assert answer.returncode != 0
    assert "set the clock" in answer.stderr, answer.stderr


def test_a_clock_that_was_set_is_named_by_log_metric_and_readyz(clocked):
    ca = clocked()

    def metric(name):
        return float(re.search(rf"^{name} (.+)$", ca.plain("GET", "/metrics", port=ca.admin).body.decode(), re.MULTILINE).group(1))

    def agreed():
        return metric("quicklime_clocks_agreed_seconds")
    wait_until(lambda: agreed() > 0, what="the first look")
    ca.clock.set(3600)
    wait_until(lambda: "clocks disagree" in ca.messages(), what="the line")
    # Until the next look, which finds it going on evenly.
    assert "warn clocks: " in ca.plain("GET", "/readyz?verbose", port=ca.admin).body.decode()
    assert metric("quicklime_clock_disagreement_seconds") > 3_000
    assert agreed() == 0
    assert ca.messages().count("clocks disagree") == 1
