"""What Redis may do to a cluster: hold an older copy, be full, be slow; and who may do what to it. Redis killed and empty: test_cluster.py."""

import contextlib
import shutil
import signal
import subprocess
import time

import pytest
from running_ca import PATIENCE, new_csr, wait_until
from running_cluster import PROGRAMS, ROLES
from view_dump import Redis


def says_later(said):
    return "trylater" in said.lower()


@contextlib.contextmanager
def redis_with_the_copy_of(cluster, moment):
    """Saves, lets `moment` happen, then puts a Redis with the saved copy in the place of the one that knows better, while no projector of
    ocsp runs."""
    copy = cluster.directory / "redis/dump.rdb"
    cluster.redis("SAVE")
    try:
        moment()
        kept = cluster.directory / "older.rdb"
        shutil.copy(copy, kept)
        cluster.kill("projector-ocsp")
        cluster.kill("redis")
        shutil.copy(kept, copy)
        folder = cluster.directory / "redis"
        with open(folder / "log", "ab") as log:
            started = subprocess.Popen(["redis-server", "--port", str(cluster.port + 379), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "",
                                        "--aclfile", str(folder / "users.acl"), "--maxmemory-policy", "noeviction"],
                                       stdout=log, stderr=log, start_new_session=True)
        (folder / "pid").write_text(str(started.pid))
        yield
    finally:
        copy.unlink(missing_ok=True)  # whoever kills Redis next finds it empty
        cluster.up()


def test_an_older_copy_of_a_view_is_not_believed(cluster):
    serial = cluster.issue("rolled-back.internal").json["serial"]
    wait_until(lambda: cluster.ocsp(serial) == "good", what="OCSP")

    def moment():
        cluster.revoke(serial)
        for replica in (1, 2):
            wait_until(lambda replica=replica: cluster.ocsp(serial, replica) == "revoked", what="OCSP")

    with redis_with_the_copy_of(cluster, moment):
        end = time.monotonic() + 3
        while time.monotonic() < end:
            said = cluster.ocsp(serial)
            assert says_later(said) or said == "revoked", said  # what a replica keeps is from before
        # Nor is it by those who have not seen the other one.
        for replica in ("ocsp-1", "ocsp-2"):
            cluster.kill(replica)
            cluster.start(replica)
        end = time.monotonic() + 3
        while time.monotonic() < end:
            said = cluster.ocsp(serial)
            assert says_later(said), said
        assert not cluster.is_ready("ocsp", 1) and not cluster.is_ready("ocsp", 2)
    wait_until(lambda: cluster.ocsp(serial) == "revoked", what="OCSP")


def meta_key(cluster, view):
    (meta,) = cluster.redis("KEYS", f"quicklime:{{{view}:*:meta")
    return meta


def test_a_fold_under_way_is_no_answer_to_a_process_that_starts_over_it(cluster):
    serial = cluster.issue("half-folded.internal").json["serial"]
    wait_until(lambda: cluster.ocsp(serial) == "good", what="OCSP")
    roles = ("ocsp", "crl", "dashboard-api")
    homes = [f"{role}-{replica}" for role in roles for replica in (1, 2)]
    try:
        for role in roles:
            cluster.kill(f"projector-{role}")
            # As a projector leaves it that was killed on its way: nobody has said that this is all.
            cluster.redis("HDEL", meta_key(cluster, role.replace("-", "_")), "caught_up_at", "current_since")
        for home in homes:
            cluster.kill(home)
            cluster.start(home)
        end = time.monotonic() + 4
        while time.monotonic() < end:
            said = cluster.ocsp(serial)
            assert says_later(said), said
            assert cluster.fetch("/crl/issuing-1.crl").status in (502, 503, 504)
            assert cluster.request("GET", f"/v1/certificates/{serial}").status in (502, 503, 504)
        for role in roles:
            wait_until(lambda role=role: "never complete" in cluster.log_of(f"{role}-1"), what=f"the words of {role}-1")
            assert not cluster.is_ready(role, 1) and not cluster.is_ready(role, 2)
    finally:
        cluster.up()
    wait_until(lambda: cluster.ocsp(serial) == "good", what="OCSP")
    # The gateway takes a while to believe that they are back.
    wait_until(lambda: cluster.request("GET", f"/v1/certificates/{serial}").status == 200, within=60, what="the inventory")


def test_without_redis_crls_certificates_and_kept_answers_go_on(cluster):
    serials = [cluster.issue(f"kept-{i}.internal").json["serial"] for i in range(2)]
    cluster.revoke(serials[1])
    for replica in (1, 2):  # each keeps what it was asked
        wait_until(lambda replica=replica: [cluster.ocsp(serial, replica) for serial in serials] == ["good", "revoked"], what="OCSP")
        wait_until(lambda replica=replica: serials[1].lstrip("0") in {one.lstrip("0") for one in cluster.crl_serials(replica)}, what="the CRL")
    cluster.kill("redis")
    try:
        end = time.monotonic() + 5
        while time.monotonic() < end:
            assert [cluster.ocsp(serial) for serial in serials] == ["good", "revoked"]
            assert serials[1].lstrip("0") in {one.lstrip("0") for one in cluster.crl_serials()}
            assert cluster.fetch("/ca/issuing-1.crt").status == 200
            assert cluster.post_csr(new_csr("DNS:nobody-knows.internal")).status == 503
        assert all(cluster.is_ready(role, replica) for role in ("ocsp", "crl") for replica in (1, 2))
        assert not cluster.is_ready("issuance", 1)
    finally:
        cluster.up()
    wait_until(lambda: cluster.post_csr(new_csr("DNS:again.internal")).status == 201, what="writes")


def test_a_full_redis_stops_the_views_and_nothing_else(cluster):
    old = cluster.issue("before.internal").json["serial"]
    wait_until(lambda: cluster.ocsp(old) == "good", what="OCSP")
    csr = new_csr("DNS:full.internal")
    cluster.redis("CONFIG", "SET", "maxmemory", "1mb")
    try:
        new = cluster.issue("unseen.internal").json["serial"]  # durable all the same
        time.sleep(1)
        assert cluster.ocsp(old) == "good"
        assert cluster.ocsp(new) == "unknown"  # not yet, and said to last a minute at most
        wait_until(lambda: cluster.post_csr(csr).status == 503, what="a refusal to decide by an old view")
    finally:
        cluster.redis("CONFIG", "SET", "maxmemory", "0")
    wait_until(lambda: cluster.ocsp(new) == "good", what="OCSP")
    wait_until(lambda: cluster.post_csr(csr).status == 201, what="writes")


def test_a_slow_redis_is_what_was_known_or_later_never_unknown(cluster):
    serial = cluster.issue("slow.internal").json["serial"]
    wait_until(lambda: cluster.ocsp(serial) == "good", what="OCSP")
    cluster.redis("CLIENT", "PAUSE", "3000", "ALL")
    begun = time.monotonic()
    heard = []
    while time.monotonic() < begun + 2.5:
        asked = time.monotonic()
        heard.append(cluster.ocsp(serial))
        assert time.monotonic() - asked < 15 * PATIENCE
    assert all(says_later(said) or said == "good" for said in heard), heard
    wait_until(lambda: cluster.ocsp(serial) == "good", what="OCSP")


def test_two_projectors_of_one_view_do_the_work_of_one(cluster):
    second = cluster.directory / "projector-ocsp-second"
    shutil.copytree(cluster.directory / "projector-ocsp", second, ignore=shutil.ignore_patterns("pid", "log", "LOCK"))
    settings = (second / "quicklime.toml").read_text()
    here = f"127.0.0.1:{cluster.admin_port('ocsp', 0)}"
    assert here in settings
    (second / "quicklime.toml").write_text(settings.replace(here, f"127.0.0.1:{cluster.port + 399}").replace(
        str(cluster.directory / "projector-ocsp"), str(second)))
    with open(second / "log", "wb") as log:
        started = subprocess.Popen([f"{PROGRAMS}/quicklime-projector-ocsp", "--data", str(second)], stdout=log, stderr=log, start_new_session=True)
    try:
        serials = [cluster.issue(f"twice-{i}.internal").json["serial"] for i in range(20)]
        for serial in serials[::2]:
            cluster.revoke(serial)
        wait_until(lambda: cluster.ocsp(serials[18]) == "revoked", what="OCSP")
        assert [cluster.ocsp(serial) for serial in serials] == ["revoked", "good"] * 10
        assert started.poll() is None
        assert "has stopped" not in (second / "log").read_text() and "has stopped" not in cluster.log_of("projector-ocsp")
        # The one that is left goes on alone.
        cluster.kill("projector-ocsp")
        serial = cluster.issue("alone.internal").json["serial"]
        wait_until(lambda: cluster.ocsp(serial) == "good", what="OCSP")
    finally:
        started.send_signal(signal.SIGTERM)
        assert started.wait(timeout=30) == 0
        shutil.rmtree(second)
        cluster.up()


FORBIDDEN = (
    ("SET", "{view}:x", "1"), ("HSET", "{view}:meta", "position", "0.0"), ("DEL", "{view}:meta"), ("UNLINK", "{view}:meta"),
    ("RENAME", "{view}:meta", "{view}:y"), ("EXPIRE", "{view}:meta", "1"), ("ZADD", "{view}:z", "0", "a"), ("FLUSHALL",), ("FLUSHDB",),
    ("EVAL", "return redis.call('DEL', KEYS[1])", "1", "{view}:meta"), ("EVAL_RO", "return redis.call('DEL', KEYS[1])", "1", "{view}:meta"),
    ("CONFIG", "SET", "maxmemory", "1"), ("ACL", "SETUSER", "ocsp", "+@all"), ("SCRIPT", "FLUSH"), ("SHUTDOWN",),
    ("RESTORE", "{view}:x", "0", ""), ("COPY", "{view}:meta", "{view}:y"), ("KEYS", "*"), ("SUBSCRIBE", "x"), ("PUBLISH", "x", "y"),
    ("CLIENT", "KILL", "TYPE", "normal"), ("MIGRATE", "127.0.0.1", "1", "{view}:meta", "0", "1"), ("HGETALL", "{other}:meta"),
    ("HMGET", "{other}:meta", "position"), ("EVAL_RO", "return redis.call('HGET', KEYS[1], 'position')", "1", "{other}:meta"),
)


@pytest.mark.parametrize("role", ROLES)
def test_a_reader_can_neither_write_nor_look_elsewhere(cluster, role):
    view = f"quicklime:{{{role.replace('-', '_')}:v1}}"
    other = "quicklime:{revocation:v1}" if role != "revocation" else "quicklime:{ocsp:v1}"
    reader = Redis(cluster.port + 379, role, (cluster.directory / "passwords" / role).read_text().strip())
    for words in FORBIDDEN:
        said = None
        try:
            said = reader.ask(*(word.replace("{view}", view).replace("{other}", other) for word in words))
        except RuntimeError as refused:
            # Scripts say what was refused inside them.
            assert "NOPERM" in str(refused) or "can't run this command" in str(refused), (words, refused)
            continue
        raise AssertionError(f"{role}: {words} was answered {said!r}")
