"""Appends that arrive together share a commit."""

from running_ca import in_parallel, new_csr, wait_until
from system_calls import count, strace
from test_stalled_log import waiting_appends

SYNCS = {"fsync", "fdatasync"}


def test_64_concurrent_appends_cause_at_most_8_fsyncs(make_ca):
    ca = make_ca(start=False)
    folder = ca.base / "strace"
    folder.mkdir()
    ca.serve_with = tuple(strace(folder, SYNCS))
    ca.start({"QUICKLIME_TEST_HOOKS": "1"})
    csr = new_csr("DNS:together.internal")
    assert ca.post_csr(csr).status == 201

    # Standing still while they arrive: how fast this machine signs is not what is counted.
    ca.hook("stall-log")
    before = count(folder, SYNCS)

    def write(i):
        if i == 64:
            wait_until(lambda: waiting_appends(ca) >= 64, what="64 waiting appends")
            ca.hook("unstall-log")
            return 201
        return ca.post_csr(csr).status

    assert in_parallel(65, write) == [201] * 65
    syncs = count(folder, SYNCS) - before
    assert 1 <= syncs <= 8, f"{syncs} fsyncs"


def test_a_lone_append_is_synced_before_its_answer(make_ca):
    ca = make_ca(start=False)
    folder = ca.base / "strace"
    folder.mkdir()
    ca.serve_with = tuple(strace(folder, SYNCS))
    ca.start()
    csr = new_csr("DNS:alone.internal")
    for _ in range(5):
        before = count(folder, SYNCS)
        assert ca.post_csr(csr).status == 201
        assert count(folder, SYNCS) > before
