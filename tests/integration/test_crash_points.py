"""Killed at every durable step: what was answered is in the log exactly once, nothing is half made, and a retry with the same
Idempotency-Key is answered with the same certificate. The names come from the binary, so none can be forgotten."""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import uuid

import pytest
from running_ca import BINARY, PATIENCE, REPOSITORY, RunningCA, new_csr, run, wait_until
from system_calls import DURABLE, outside_crash_points, strace

CRASHED = 137
CHECKER = REPOSITORY / "tests/support/check_log.py"


def crash_points():
    section = run("readelf", "-p", "quicklime_crash_points", BINARY).stdout
    names = set(re.findall(r"\]\s+([\w.]+)$", section, re.MULTILINE))
    # Those of a view in Redis are the projectors': tests/contract/views kills at each of them.
    return sorted(name for name in names if not name.startswith("redis."))


POINTS = [name for name in crash_points() if not name.startswith("move.")]  # those are test_moving.py's
passed = set()  # at which a process really died, by any of the tests below


@pytest.fixture(scope="module")
def base():
    """A CA with a past: an expired start would be another test's subject."""
    ca = RunningCA()
    ca.issue("past.internal")
    ca.stop()
    yield ca
    ca.remove()


@pytest.fixture
def work(base):
    """A fresh copy of it, served on the same ports."""
    kept = base.base / "kept"
    shutil.copytree(base.data, kept)
    yield base
    base.kill()
    shutil.rmtree(base.data)
    os.rename(kept, base.data)


def check(data, answers=()):
    file = data.parent / "answers.json"
    file.write_text(json.dumps(list(answers)))
    judged = run(sys.executable, CHECKER, data, file, check=False)
    assert judged.returncode == 0, judged.stdout + judged.stderr


@pytest.mark.parametrize("point", POINTS)
def test_init_killed_leaves_a_whole_ca_or_none(point, tmp_path):
    data = tmp_path / "data"
    command = [BINARY, "init", "--name", "Test", "--public-url", "http://127.0.0.1:8080", "--data", str(data)]
    died = subprocess.run(command, env=dict(os.environ, QUICKLIME_CRASH_AT=point), capture_output=True, check=False, timeout=60 * PATIENCE)
    if died.returncode == CRASHED:
        passed.add(point)
    else:
        assert died.returncode == 0, died.stderr  # init does not come by this point
    if not data.exists():
        run(*command)
        assert not list(tmp_path.glob(".data.new-*")), "the half-made CA is still there"
    check(data)
    # And it is a CA: it issues, without any server.
    run(BINARY, "issue", "web.internal", "--data", data, "--out", tmp_path / "out")


def writes_until_death(ca, count=6):
    """Keyed writes, some of them twice, until the process is gone; what was asked and what was answered."""
    asked, answers = [], []
    for i in range(count):
        request = (new_csr(f"DNS:host-{i}.internal", key=ca.base / "host.key"), uuid.uuid4().hex)
        asked.append(request)
        for _ in range(2):
            try:
                answer = ca.post_csr(request[0], {"Idempotency-Key": request[1]}, timeout=30)
            except OSError:
                return asked, answers
            except Exception as error:  # http.client: a connection that ended in the middle of an answer
                assert "HTTPException" in str(type(error).__mro__), error
                return asked, answers
            if answer.status == 201:
                answers.append({"key": request[1], **{name: answer.json[name] for name in ("serial", "certificate")}})
            else:
                assert answer.status == 503, answer.body
    return asked, answers


def new_host_key(ca):
    run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", ca.base / "host.key")


def serve_and_die(ca, point, before=None):
    """Serves with the point armed; what was asked and answered until death, or until all was done and stopped."""
    new_host_key(ca)
    if before:
        before()
    ca.start({"QUICKLIME_CRASH_AT": point}, wait=False)
    asked, answers = [], []
    if ca.process.stdout.readline():
        asked, answers = writes_until_death(ca)
        if ca.process.poll() is None:
            ca.process.send_signal(signal.SIGTERM)
    if ca.ended(20) == CRASHED:
        passed.add(point.split(":")[0])
    return asked, answers


def retry_all(ca, asked, answers):
    """After the crash: every request again, with its key."""
    ca.start()
    position = None  # nothing was asked: it died before it served
    for csr, key in asked:
        answer = wait_until(lambda: (got := ca.post_csr(csr, {"Idempotency-Key": key})).status != 503 and got)
        assert answer.status == 201, answer.body
        position = answer.position
        answers.append({"key": key, **{name: answer.json[name] for name in ("serial", "certificate")}})
    serials = [one["serial"] for one in ca.listed(after=position)]
    assert len(serials) == len(set(serials)), "a certificate is listed twice"
    assert {answer["serial"] for answer in answers} <= set(serials)
    ca.stop()
    ca.cli("log", "verify")


@pytest.mark.parametrize("point", POINTS)
def test_serve_killed_keeps_what_it_answered(point, work):
    asked, answers = serve_and_die(work, point)
    retry_all(work, asked, answers)
    check(work.data, answers)


@pytest.mark.parametrize("point", [f"{name}:{nth}" for name in ("log.commit.before", "log.commit.after", "issue.signed", "issue.appended",
                                                               "view.apply.before", "view.apply.after") for nth in (3, 7)])
def test_killed_in_the_middle_of_its_work(point, work):
    asked, answers = serve_and_die(work, point)
    retry_all(work, asked, answers)
    check(work.data, answers)


@pytest.mark.parametrize("point", [name for name in POINTS if name.startswith(("view.", "sqlite."))])
def test_killed_while_views_are_folded_anew(point, work):
    """Views of another version, and none at all."""
    def age_the_views():
        with sqlite3.connect(work.data / "views" / "ocsp.db") as database:
            database.execute("UPDATE meta SET version = version + 1000")
        for name in ("crl.db", "crl.db-wal", "crl.db-shm"):
            (work.data / "views" / name).unlink(missing_ok=True)

    asked, answers = serve_and_die(work, point, before=age_the_views)
    retry_all(work, asked, answers)
    check(work.data, answers)


@pytest.mark.parametrize("point", [name for name in POINTS if name.startswith(("file.", "issue."))])
def test_own_certificates_killed_half_way_are_made_again(point, work):
    asked, answers = serve_and_die(work, point, before=lambda: shutil.rmtree(work.data / "own"))
    retry_all(work, asked, answers)
    check(work.data, answers)


def test_every_crash_point_was_passed():
    """Last in this file: the tests above died at each of them."""
    assert POINTS and passed == set(POINTS), f"never passed: {sorted(set(POINTS) - passed)}"


def test_no_durable_system_call_stands_outside_a_crash_point(make_ca, tmp_path):
    env = dict(os.environ, QUICKLIME_CRASH_AT="trace")
    folder = tmp_path / "init"
    folder.mkdir()
    subprocess.run([*strace(folder, DURABLE | {"write"}), BINARY, "init", "--data", str(tmp_path / "data"), "--public-url", "http://127.0.0.1:8080"],
                   env=env, check=True, capture_output=True, timeout=60 * PATIENCE)
    assert list(outside_crash_points(folder)) == []

    ca = make_ca(start=False)
    folder = tmp_path / "serve"
    folder.mkdir()
    ca.serve_with = tuple(strace(folder, DURABLE | {"write"}))
    ca.start({"QUICKLIME_CRASH_AT": "trace"})
    web = ca.issue("web.internal")
    ca.revoke(web)
    ca.crl()
    ca.cli("token", "create", "load", "--names", "*.load.internal")
    ca.stop()
    assert list(outside_crash_points(folder)) == []
