"""A log that stands still holds up nobody but those who write."""

import statistics
import threading
import time

from running_ca import PATIENCE, new_csr, openssl, wait_until

WAITING = 500


def ocsp_request(ca, serial):
    path = ca.base / "request.der"
    openssl("ocsp", "-issuer", ca.issuing(), "-serial", "0x" + serial, "-no_nonce", "-reqout", path, "-noverify", check=False)
    return path.read_bytes()


def took(work):
    begun = time.monotonic()
    answer = work()
    return answer, time.monotonic() - begun


def test_500_waiting_appends_leave_livez_and_ocsp_fast(make_ca):
    ca = make_ca(environment={"QUICKLIME_TEST_HOOKS": "1"})
    web = ca.issue("web.internal")
    request, csr = ocsp_request(ca, web.serial), new_csr("DNS:waiting.internal")
    headers = {"Content-Type": "application/ocsp-request"}
    ca.hook("stall-log")

    statuses = []
    writers = [threading.Thread(target=lambda: statuses.append(ca.post_csr(csr).status)) for _ in range(WAITING)]
    for writer in writers:
        writer.start()
    wait_until(lambda: waiting_appends(ca) >= WAITING, within=30, what="500 waiting appends")
    assert not statuses, "an append was answered by a log that stands still"

    times = []
    for _ in range(50):
        livez, seconds = took(lambda: ca.plain("GET", "/livez", port=ca.admin))
        assert livez.status == 200
        times.append(seconds)
        answer, seconds = took(lambda: ca.plain("POST", "/ocsp", request, headers))
        assert answer.status == 200 and len(answer.body) > 100
        times.append(seconds)
    assert statistics.quantiles(times, n=100)[98] < 0.050 * PATIENCE, f"slowest {max(times):.3f} s"

    ca.hook("unstall-log")
    for writer in writers:
        writer.join()
    assert statuses == [201] * WAITING


def waiting_appends(ca):
    for line in ca.plain("GET", "/metrics", port=ca.admin).body.decode().splitlines():
        if line.startswith("quicklime_log_waiting_appends"):
            return float(line.rsplit(" ", 1)[1])
    raise AssertionError("no metric quicklime_log_waiting_appends")
