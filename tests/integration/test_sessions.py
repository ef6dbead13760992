"""Sessions in a browser: what ends them, who may, and what another site can do with them: nothing."""

import json

import pytest
from browser import Browser
from clock import set_clock
from people import PASSWORD, administrator, person
from running_ca import RunningCA

SESSION = "__Host-quicklime"
MINUTE = 60


@pytest.fixture(name="ca", scope="module")
def one_ca():
    ca = RunningCA()
    yield ca
    ca.remove()


@pytest.fixture(name="root", scope="module")
def first_administrator(ca):
    return administrator(ca)


@pytest.fixture(name="alice", scope="module")
def somebody(ca, root):
    return person(ca, root, "alice", "--names", "*.alice.internal")


def signed_in(ca, user="alice"):
    browser = Browser(ca)
    browser.session = browser.sign_in(user, PASSWORD)
    assert browser.is_in()
    return browser


def test_its_cookie_is_for_this_host_over_tls_and_for_no_script(ca, alice):
    browser = Browser(ca)
    _, said = browser.act("POST", "/v1/sign-in", {"user": "alice", "password": PASSWORD, "cookie": True})
    flags = browser.session_flags.split("; ")
    assert flags[0].startswith(f"{SESSION}=qls_")
    assert sorted(flags[1:]) == ["HttpOnly", "Path=/", "SameSite=Strict", "Secure"], "no Domain, and no longer than the browser runs"
    assert browser.cookies[SESSION] not in json.dumps(said), "no script sees it"
    assert browser.flags.startswith("__Host-quicklime-device=") and "HttpOnly" in browser.flags and "Secure" in browser.flags


@pytest.mark.parametrize("elsewhere", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"}, {"Origin": "https://elsewhere.internal"}, {}])
def test_another_site_changes_nothing_by_it(ca, alice, elsewhere):
    browser = signed_in(ca)
    for method, target, body in (("POST", "/v1/certificates", "{}"), ("DELETE", "/v1/sessions/current", None), ("POST", "/v1/sessions/current/extend", "")):
        status, _, said = browser.ask(method, target, body, **{"Content-Type": "application/json", **elsewhere})
        assert (status, json.loads(said)["type"].rsplit("#", 1)[1]) == (403, "cross-site-refused"), (method, target, said)
    # What a form of another site can send, as it sends it.
    status, _, said = browser.ask("POST", "/v1/certificates", "csr=x", **{"Content-Type": "application/x-www-form-urlencoded", **elsewhere})
    assert status == 403, said
    assert browser.is_in()


def test_this_site_does(ca, alice):
    browser = signed_in(ca)
    assert browser.act("POST", "/v1/sessions/current/extend", {})[0] == 200
    status, _, _ = browser.ask("DELETE", "/v1/sessions/current", None, Origin=f"https://127.0.0.1:{ca.https}")
    assert status == 200, "a browser of before Sec-Fetch-Site says Origin"


def test_whoever_signs_out_is_out_and_stays_out(ca, alice):
    leaving, staying = signed_in(ca), signed_in(ca)
    text = leaving.cookies[SESSION]
    assert leaving.act("DELETE", "/v1/sessions/current")[0] == 200
    assert leaving.cookies[SESSION] == "" and "Max-Age=0" in leaving.flags
    leaving.cookies[SESSION] = text  # a copy of it
    assert not leaving.is_in() and staying.is_in()
    ca.kill()
    ca.start()
    assert not leaving.is_in() and staying.is_in()


def test_an_administrator_ends_those_of_others_and_others_only_their_own(ca, root, alice):
    person(ca, root, "mallory")
    mine, hers = signed_in(ca, "mallory"), signed_in(ca)
    assert mine.act("DELETE", f"/v1/sessions/{hers.session['session']}")[0] == 404, "there is none of that number that is his"
    assert hers.is_in()
    other = signed_in(ca, "mallory")
    assert mine.act("DELETE", f"/v1/sessions/{other.session['session']}")[0] == 200
    assert not other.is_in() and mine.is_in()
    root.run("session", "end", mine.session["session"])
    assert not mine.is_in() and hers.is_in()


def test_another_role_ends_it(ca, root):
    person(ca, root, "rita", "--names", "*.rita.internal")
    browser = signed_in(ca, "rita")
    root.run("user", "grant", "rita", "--role", "auditor")
    assert not browser.is_in()
    assert signed_in(ca, "rita").session["role"] == "auditor"


def test_it_ends_when_nothing_is_done_and_at_its_end_whatever_is_done(clocked):
    ca = clocked(settings={"access__session": "2h", "access__idle": "30m"})
    alice = person(ca, administrator(ca), "alice")
    idle, busy = signed_in(ca), signed_in(ca)
    for minute in (20, 40, 60, 80, 100, 118):
        set_clock(ca, minute * MINUTE)
        assert busy.act("POST", "/v1/sessions/current/extend", {})[0] == 200
        assert idle.is_in() == (minute < 30), "nothing was done in half an hour"
    assert idle.act("POST", "/v1/sessions/current/extend", {})[0] == 401
    assert busy.is_in() and alice.who(), "a command line's has no idling"
    set_clock(ca, 122 * MINUTE)
    assert not busy.is_in() and busy.act("POST", "/v1/sessions/current/extend", {})[0] == 401
    assert alice.refused("whoami")[1] == 4
