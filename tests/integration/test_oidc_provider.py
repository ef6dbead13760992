"""The provider of the tests is a provider: what other tests believe of it."""

import base64
import json
import urllib.parse

import pytest

pytestmark = pytest.mark.node
BACK = "https://ca.internal/v1/sign-in/op/callback"
# RFC 7636 appendix B
VERIFIER, CHALLENGE = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def said(token, part=1):
    text = token.split(".")[part]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def authorization(provider, client):
    asked = {
        "response_type": "code",
        "client_id": client,
        "redirect_uri": BACK,
        "scope": "openid profile groups",
        "state": "s",
        "nonce": "n",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return f"{provider.issuer}/auth?{urllib.parse.urlencode(asked)}"


def exchanged(provider, callback):
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(callback).query))
    assert callback.startswith(BACK + "?") and query["state"] == "s" and query["iss"] == provider.issuer
    form = {
        "grant_type": "authorization_code",
        "code": query["code"],
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
        "client_id": "quicklime-public",
    }
    return json.loads(provider.post("/token", urllib.parse.urlencode(form).encode()))


def test_people_sign_in_with_their_groups(make_provider):
    provider = make_provider(redirects=[BACK], claims_in_token=True)
    answer = exchanged(provider, provider.sign_in(authorization(provider, "quicklime-public"), "alice"))
    claims = said(answer["id_token"])
    assert (claims["iss"], claims["sub"], claims["aud"], claims["nonce"]) == (provider.issuer, "alice", "quicklime-public", "n")
    assert claims["groups"] == ["staff", "PKI-Admins"]


def test_programs_have_tokens_and_keys_rotate(make_provider):
    provider = make_provider()
    for algorithm in ("RS256", "ES256", "EdDSA"):
        token = provider.token(algorithm, aud="quicklime", repository_id=74, iat=None)
        assert said(token, 0)["alg"] == algorithm
        claims = said(token)
        assert claims["repository_id"] == 74 and claims["aud"] == "quicklime" and "iat" not in claims
    access = provider.access_token("https://ca.internal")
    assert said(access, 0)["typ"] == "at+jwt" and said(access)["aud"] == "https://ca.internal"
    before = said(access, 0)["kid"]
    provider.rotate()
    assert said(provider.access_token("https://ca.internal"), 0)["kid"] != before
    assert said(provider.token(), 0)["kid"] != before
    provider.stop()
    provider.start()
    assert said(provider.token())["iss"] == provider.issuer
