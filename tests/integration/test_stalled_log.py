"""A log that stands still holds up nobody but those who write."""

import os
import signal
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
    ca = make_ca(settings={"issuing__unfolded_limit": 2 * WAITING}, environment={"QUICKLIME_TEST_HOOKS": "1"})
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
    # The slowest of a hundred says how busy the machine is; who waits for the log waits until it goes on.
    assert statistics.median(times) < 0.050 * PATIENCE and max(times) < 5 * PATIENCE, f"{statistics.median(times):.3f} s, slowest {max(times):.3f} s"

    ca.hook("unstall-log")
    for writer in writers:
        writer.join()
    assert statuses == [201] * WAITING


def test_writes_beyond_the_limit_wait_and_are_refused_before_anything_is_done(make_ca):
    limit = 8
    ca = make_ca(settings={"issuing__unfolded_limit": limit, "issuing__admission_wait": "500ms"}, environment={"QUICKLIME_TEST_HOOKS": "1"})
    csr = new_csr("DNS:waiting.internal")
    ca.hook("stall-log")
    answers = []
    writers = [threading.Thread(target=lambda: answers.append(ca.post_csr(csr))) for _ in range(3 * limit)]
    for writer in writers:
        writer.start()
    wait_until(lambda: len(answers) == 2 * limit, what="those who are not let in")
    assert {answer.status for answer in answers} == {503}
    assert {answer.reason for answer in answers} == {"overloaded"}
    assert all(1 <= int(answer.headers["Retry-After"]) <= 30 for answer in answers)
    assert waiting_appends(ca) == limit
    ca.hook("unstall-log")
    for writer in writers:
        writer.join()
    assert sorted(answer.status for answer in answers) == [201] * limit + [503] * 2 * limit
    assert ca.post_csr(csr).status == 201


def test_a_process_that_was_stopped_between_its_decision_and_its_append_writes_nothing(make_ca):
    ca = make_ca(settings={"issuing__stale_limit": "3s"}, environment={"QUICKLIME_TEST_HOOKS": "1"})
    csr = new_csr("DNS:frozen.internal")
    ca.hook("stall-log")
    answers = []
    writer = threading.Thread(target=lambda: answers.append(ca.post_csr(csr)))
    writer.start()
    wait_until(lambda: waiting_appends(ca) == 1, what="a decision that waits to be written")
    os.kill(ca.pid(), signal.SIGSTOP)
    time.sleep(4)
    os.kill(ca.pid(), signal.SIGCONT)
    ca.hook("unstall-log")
    writer.join()
    assert (answers[0].status, answers[0].reason) == (503, "view-stale")
    written = wait_until(lambda: (answer := ca.post_csr(csr)).status == 201 and answer, what="a view that is fresh again")
    assert len(ca.listed(after=written.position, name="frozen.internal")) == 1


def waiting_appends(ca):
    for line in ca.plain("GET", "/metrics", port=ca.admin).body.decode().splitlines():
        if line.startswith("quicklime_log_waiting_appends"):
            return float(line.rsplit(" ", 1)[1])
    raise AssertionError("no metric quicklime_log_waiting_appends")
