"""A CSR that asks for more than the profile gives is refused whole; what openssl asks for by habit is not."""

import pytest
from running_ca import new_key, openssl


def asking(tmp_path, usage):
    key = new_key(tmp_path / "key")
    return openssl("req", "-new", "-key", key, "-subj", "/CN=a.internal", "-addext", "subjectAltName=DNS:a.internal", "-addext", usage).stdout


@pytest.mark.parametrize("usage, reason", [
    ("keyUsage=critical,digitalSignature,keyCertSign", "csr-key-usage"),
    ("keyUsage=cRLSign", "csr-key-usage"),
    ("extendedKeyUsage=OCSPSigning", "csr-key-usage"),
    ("basicConstraints=critical,CA:TRUE", "csr-asks-for-ca"),
])
def test_more_than_the_profile_gives_is_refused(shared_ca, tmp_path, usage, reason):
    answer = shared_ca.post_csr(asking(tmp_path, usage))
    assert answer.status == 400 and answer.reason == reason


@pytest.mark.parametrize("usage", ["keyUsage=digitalSignature,keyEncipherment", "extendedKeyUsage=serverAuth", "basicConstraints=CA:FALSE"])
def test_what_the_profile_gives_anyway_may_be_asked_for(shared_ca, tmp_path, usage):
    assert shared_ca.post_csr(asking(tmp_path, usage)).status == 201
