"""What other people's tools send: the files of tests/data/other_peoples_requests, and the right answer to each."""

import pathlib
import re
import subprocess

import pytest
from running_ca import new_csr, openssl

FILES = pathlib.Path(__file__).parent.parent / "data" / "other_peoples_requests"
ISSUED = ""

# What follows the name of a file: issued, or what the refusal says.
RIGHT = {
    "01a-rsa-signature-without-null.csr": ISSUED,
    "01b-same-and-bmpstring-cn.csr": ISSUED,
    "01f-rsa-key-without-null.csr": "the parameters of an RSA key must be NULL",
    "02a-no-attributes-field.csr": ISSUED,
    "02d-empty-value-set.csr": "extensionRequest",
    "02h-windows-certreq-default.csr": ISSUED,
    "02j-uuid-oid-attribute.csr": ISSUED,
    "03-version-2.csr": "version 2",
    "04a-utf16le-bom.csr": "UTF-16",
    "04b-utf8-bom.csr": ISSUED,
    "04e-indented.csr": ISSUED,
    "05a-curl-d-one-line.csr": ISSUED,
    "05b-blanks-for-newlines.csr": ISSUED,
    "05c-backslash-n.csr": ISSUED,
    "05f-base64-only.csr": ISSUED,
    "06b-keyusage-030307a000.csr": ISSUED,
    "21a-uppercase-and-duplicate.csr": ISSUED,
    "22a-ipv4-mapped.csr": "stands for an IPv4 address",
    "30-bom-two.csr": "more than one PEM block",
}


def test_every_file_has_its_answer():
    assert {file.name for file in FILES.iterdir()} == set(RIGHT)


@pytest.mark.parametrize("file", RIGHT)
@pytest.mark.parametrize("content_type", ["application/pkcs10", "text/plain", "application/x-www-form-urlencoded"])
def test_a_bare_request(shared_ca, file, content_type):
    answer = shared_ca.request("POST", "/v1/certificates", (FILES / file).read_bytes(), {"Content-Type": content_type})
    if RIGHT[file] == ISSUED:
        assert answer.status == 201, answer.body
        certificate = openssl("x509", "-noout", "-text", input=answer.json["certificate"]).stdout
        assert "load.internal" in certificate
    elif file == "04a-utf16le-bom.csr" and content_type != "application/pkcs10":
        assert answer.status == 415, "bytes that are no text"
    else:
        assert answer.status in (400, 403), answer.body
        assert RIGHT[file] in answer.json["detail"], answer.body


@pytest.mark.parametrize("file", [file for file, right in RIGHT.items() if right == ISSUED])
def test_the_command_line_reads_it_too(shared_ca, file, tmp_path):
    shared_ca.cli("issue", "--csr", FILES / file, "--out", tmp_path)
    (certificate,) = tmp_path.glob("*.crt")
    assert "load.internal" in openssl("x509", "-in", certificate, "-noout", "-text").stdout


def test_a_name_that_stands_twice_is_certified_once(shared_ca):
    answer = shared_ca.request("POST", "/v1/certificates", (FILES / "21a-uppercase-and-duplicate.csr").read_bytes(),
                               {"Content-Type": "application/pkcs10"})
    assert len(answer.json["names"]) == len(set(answer.json["names"])), answer.body


def test_a_private_key_is_refused_and_kept_nowhere(shared_ca, tmp_path):
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", tmp_path / "key.pem")
    key, csr = (tmp_path / "key.pem").read_text(), new_csr("DNS:web.load.internal")
    for answer in (shared_ca.request("POST", "/v1/certificates", (key + csr).encode(), {"Content-Type": "application/pkcs10"}),
                   shared_ca.post_json("/v1/certificates", {"csr": csr + key}),
                   shared_ca.post_json("/v1/certificates", {"csr": key})):
        assert answer.status == 400 and answer.reason == "private-key-sent", answer.body
        assert "compromised" in answer.json["detail"]
        assert key.splitlines()[1] not in answer.body.decode()
    kept = subprocess.run(["grep", "-rlF", key.splitlines()[1], shared_ca.data], capture_output=True, text=True).stdout
    assert kept == "", kept


def test_the_first_of_a_bundle_is_never_passed_over(shared_ca, tmp_path):
    """A byte order mark hid the first certificate of a file, and the second was revoked."""
    first, second = shared_ca.issue("first.internal"), shared_ca.issue("second.internal")
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(b"\xef\xbb\xbf" + first.certificate.read_bytes() + second.certificate.read_bytes())
    done = shared_ca.cli("revoke", bundle, "--reason", "superseded", check=False)
    assert shared_ca.ocsp(second) == "good", done.stdout + done.stderr


# As cryptography 35 and old Java send it: the octets of the nonce, without their OCTET STRING.
def bare_nonce(request):
    value = re.search(rb"\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x02\x04\x12\x04\x10(.{16})", request, re.DOTALL)
    assert value, "openssl writes nonces otherwise"
    # Two octets less, in each of the six lengths around it.
    nonce = value.group(1)
    start = request.index(value.group(0))
    shorter = bytearray(request[:start] + value.group(0)[:11] + b"\x04\x10" + nonce + request[value.end():])
    at, outer = 0, []
    while at < start:  # the constructed ones that hold it
        length, header = (shorter[at + 1], 2) if shorter[at + 1] < 128 else (shorter[at + 2], 3)
        if at + header + length >= start and shorter[at] in (0x30, 0xa2):
            outer.append(at + header - 1)
            at += header
        else:
            at += header + length
    for place in outer:
        shorter[place] -= 2
    return bytes(shorter), nonce


def test_ocsp_as_others_ask_it(shared_ca, tmp_path):
    web = shared_ca.issue("web.load.internal")
    request = tmp_path / "request.der"

    def ask(body, target="/ocsp"):
        answer = shared_ca.plain("POST", target, body, {"Content-Type": "application/ocsp-request"})
        (tmp_path / "answer.der").write_bytes(answer.body)
        return openssl("ocsp", "-respin", tmp_path / "answer.der", "-resp_text", "-noverify", check=False).stdout

    openssl("ocsp", "-issuer", shared_ca.issuing(), "-cert", web.certificate, "-nonce", "-reqout", request)
    assert "Cert Status: good" in ask(request.read_bytes(), "/ocsp/"), "a slash behind the URL"
    shorter, nonce = bare_nonce(request.read_bytes())
    said = ask(shorter)
    assert "Cert Status: good" in said, said
    assert nonce in (tmp_path / "answer.der").read_bytes(), "the nonce comes back as it came"
    for digest in ("-sha384", "-sha512"):
        openssl("ocsp", "-issuer", shared_ca.issuing(), digest, "-cert", web.certificate, "-no_nonce", "-reqout", request)
        assert "unauthorized" in ask(request.read_bytes()), digest
