"""One data directory, one process."""

import re

from running_ca import BINARY, run, in_parallel


def test_the_second_server_says_who_holds_the_directory(ca):
    second = run(*ca.serve_command(), check=False)
    assert second.returncode == 1
    assert f"pid {ca.process.pid}, quicklime serve, since 20" in second.stderr, second.stderr
    assert ca.issue("web.internal").serial


def test_commands_without_a_server_take_turns(ca):
    ca.stop()
    serials = in_parallel(4, lambda i: ca.issue(f"host-{i}.internal").serial)
    assert len(set(serials)) == 4
    assert {one["serial"] for one in ca.cli_json("list", "--name", ".internal")["certificates"]} == set(serials)


def test_a_killed_server_leaves_nothing_to_clean_up(ca):
    web = ca.issue("web.internal")
    ca.kill()
    assert (ca.data / "control.sock").exists()
    # Nobody serves: the command opens the directory itself.
    assert ca.cli_json("show", web.serial)["status"] == "good"
    ca.start()
    assert ca.ocsp(web) == "good"


def test_init_does_not_touch_what_is_there(ca):
    before = (ca.data / "ca/root.crt").read_bytes()
    again = ca.cli("init", check=False)
    assert again.returncode == 1 and "is not empty" in again.stderr
    assert (ca.data / "ca/root.crt").read_bytes() == before


def test_two_inits_make_one_ca(tmp_path):
    done = in_parallel(4, lambda _: run(BINARY, "init", "--data", tmp_path / "data", check=False))
    assert sorted(one.returncode for one in done) == [0, 1, 1, 1], [one.stderr for one in done]
    assert not re.findall(r"\.data\.new", " ".join(path.name for path in tmp_path.iterdir()))
