"""What openssl, curl and nginx make of it: judges that nobody here wrote."""

import base64
import os
import re
import signal
import subprocess
import urllib.parse

import pytest
from running_ca import PATIENCE, free_port, openssl, run, wait_until


@pytest.fixture(scope="module")
def web(shared_ca):
    return shared_ca.issue("localhost", "web.internal", "*.web.internal", "127.0.0.1", "::1")


def crls(ca):
    """Both CRLs, PEM, in one file."""
    path = ca.base / "crls.pem"
    path.write_text("".join(openssl("crl", "-inform", "DER", "-in", ca.file(f"/crl/{name}.crl")).stdout for name in ("root-1", "issuing-1")))
    return path


def verify(ca, certificate, *options, check=True):
    return openssl("verify", "-x509_strict", "-crl_check_all", "-CRLfile", crls(ca), "-CAfile", ca.roots(), "-untrusted", ca.issuing(),
                   *options, certificate, check=check)


def test_openssl_verifies_the_chain_and_both_crls(shared_ca, web):
    for host in ("localhost", "web.internal", "a.web.internal"):
        verify(shared_ca, web.certificate, "-verify_hostname", host, "-purpose", "sslserver")
    for address in ("127.0.0.1", "::1"):
        verify(shared_ca, web.certificate, "-verify_ip", address)
    wrong = verify(shared_ca, web.certificate, "-verify_hostname", "other.internal", check=False)
    assert wrong.returncode != 0


def test_openssl_refuses_a_revoked_certificate(shared_ca):
    gone = shared_ca.issue("gone.internal")
    shared_ca.revoke(gone, "keyCompromise")
    wait_until(lambda: gone.serial in shared_ca.revoked_serials(), what="the CRL that lists it")
    refused = verify(shared_ca, gone.certificate, check=False)
    assert refused.returncode != 0 and "certificate revoked" in refused.stderr
    assert "Key Compromise" in shared_ca.crl()


def test_the_authorities_verify_strictly(shared_ca):
    openssl("verify", "-x509_strict", "-crl_check", "-CRLfile", crls(shared_ca), "-CAfile", shared_ca.roots(), shared_ca.issuing())
    der = shared_ca.file("/ca/issuing-1.crt")
    openssl("x509", "-inform", "DER", "-in", der, "-noout")


def test_ocsp_by_post_with_both_hashes_and_a_nonce(shared_ca, web):
    for more in ((), ("-sha256",)):
        done = openssl("ocsp", *more, "-issuer", shared_ca.issuing(), "-cert", web.certificate, "-url", f"http://127.0.0.1:{shared_ca.http}/ocsp",
                       "-CAfile", shared_ca.roots())
        text = done.stdout + done.stderr
        assert ": good" in text and "Response verify OK" in text and "WARNING" not in text, text


def test_ocsp_statuses(shared_ca, web):
    gone = shared_ca.issue("gone.internal")
    shared_ca.revoke(gone, "superseded")
    assert shared_ca.ocsp(web) == "good"
    text = shared_ca.ocsp_text(gone.serial)
    assert ": revoked" in text and "Reason: superseded" in text
    assert shared_ca.ocsp("0123456789abcdef0123456789abcdef") == "unknown"


def ocsp_der(ca, certificate):
    path = ca.base / "request.der"
    openssl("ocsp", "-issuer", ca.issuing(), "-cert", certificate, "-no_nonce", "-reqout", path)
    return path


def test_ocsp_by_get_with_curl(shared_ca, web):
    request = urllib.parse.quote(base64.b64encode(ocsp_der(shared_ca, web.certificate).read_bytes()).decode(), safe="")
    out, headers = shared_ca.base / "answer.der", shared_ca.base / "headers"
    run("curl", "-sSf", "-o", out, "-D", headers, f"http://127.0.0.1:{shared_ca.http}/ocsp/{request}")
    read = openssl("ocsp", "-respin", out, "-issuer", shared_ca.issuing(), "-cert", web.certificate, "-CAfile", shared_ca.roots())
    assert ": good" in read.stdout and "Response verify OK" in read.stderr
    text = headers.read_text().lower()
    assert "content-type: application/ocsp-response" in text
    assert re.search(r"cache-control: .*max-age=\d+", text) and "etag:" in text and "expires:" in text


def test_ocsp_by_post_with_curl(shared_ca, web):
    out = shared_ca.base / "answer.der"
    run("curl", "-sSf", "-o", out, "-H", "Content-Type: application/ocsp-request", "--data-binary", f"@{ocsp_der(shared_ca, web.certificate)}",
        f"http://127.0.0.1:{shared_ca.http}/ocsp")
    assert ": good" in openssl("ocsp", "-respin", out, "-issuer", shared_ca.issuing(), "-cert", web.certificate, "-CAfile", shared_ca.roots()).stdout


def test_curl_trusts_the_servers_own_chain(shared_ca):
    for host in ("localhost", "127.0.0.1"):
        done = run("curl", "-sSf", "--cacert", shared_ca.roots(), f"https://{host}:{shared_ca.https}/v1/version")
        assert "version" in done.stdout
    without = run("curl", "-sSf", f"https://localhost:{shared_ca.https}/v1/version", check=False)
    assert without.returncode == 60, "trusted without its root"


def test_tls_versions(shared_ca):
    def connect(*options):
        return openssl("s_client", "-connect", f"127.0.0.1:{shared_ca.https}", "-servername", "localhost", "-CAfile", shared_ca.roots(),
                       "-verify_return_error", *options, check=False, stdin=subprocess.DEVNULL)

    for version in ("-tls1_2", "-tls1_3"):
        done = connect(version)
        assert done.returncode == 0 and "Verify return code: 0 (ok)" in done.stdout, done.stdout + done.stderr
    assert connect("-tls1_1").returncode != 0


NGINX = """
daemon off;
master_process off;
error_log {folder}/error.log;
pid {folder}/nginx.pid;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {certificate};
    ssl_certificate_key {key};
    ssl_stapling on;
    ssl_stapling_verify on;
    ssl_trusted_certificate {trusted};
    location / {{ return 200 "hello\\n"; }}
  }}
}}
"""


@pytest.fixture
def nginx(shared_ca, web):
    """nginx with an issued certificate and stapling on; its port."""
    folder = shared_ca.base / "nginx"
    folder.mkdir()
    port = free_port()
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, certificate=web.certificate, key=web.key, trusted=shared_ca.issuing()))
    process = subprocess.Popen(["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    yield port
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=10 * PATIENCE)
    process.stderr.close()


def staple(ca, port):
    done = openssl("s_client", "-connect", f"127.0.0.1:{port}", "-servername", "localhost", "-CAfile", ca.roots(), "-verify_return_error", "-status",
                   check=False, stdin=subprocess.DEVNULL)
    return done.stdout if "OCSP Response Status: successful" in done.stdout else None


def test_nginx_serves_it_with_a_staple(shared_ca, nginx):
    wait_until(lambda: run("curl", "-s", "--cacert", shared_ca.roots(), f"https://localhost:{nginx}/", check=False).stdout == "hello\n", what="nginx")
    # nginx asks for its staple at the first handshake and has it for a later one.
    text = wait_until(lambda: staple(shared_ca, nginx), what="the staple")
    assert "Cert Status: good" in text and "Verify return code: 0 (ok)" in text


def test_a_private_key_is_private(web):
    assert oct(os.stat(web.key).st_mode)[-3:] == "600"
    openssl("pkey", "-in", web.key, "-noout", "-check")
