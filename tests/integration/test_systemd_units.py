"""deploy/systemd, judged by systemd: the units are units, shut in as far as the programs allow, and start what there is."""

import re
import subprocess

import pytest
from running_ca import BINARY, REPOSITORY, RunningCA, new_csr, run, services

UNITS = REPOSITORY / "deploy/systemd"
PROGRAMS = [one[kind] for one in services() for kind in ("program", "projector")]


def installed(unit, directory, instance=None):
    """The unit as it would be, with a program that is here"""
    path = directory / (unit.replace("@", f"@{instance}") if instance else unit)
    path.write_text(re.sub(r"/usr/bin/quicklime[\w%-]*", BINARY, (UNITS / unit).read_text(encoding="utf-8")))
    return path


@pytest.mark.parametrize("unit, instance", [("quicklime.service", None), ("quicklime@.service", "projector-ocsp")])
def test_units_are_units_and_shut_in(unit, instance, tmp_path):
    path = installed(unit, tmp_path, instance)
    done = run("systemd-analyze", "verify", "--man=no", path, check=False)
    assert done.returncode == 0 and not done.stderr, done.stderr
    run("systemd-analyze", "security", "--offline=true", "--threshold=20", path)  # 2.0 of 10


def test_one_unit_starts_each_daemon_and_each_projector():
    (line,) = re.findall(r"^ExecStart=/usr/bin/quicklime-%i --data (\S+)$", (UNITS / "quicklime@.service").read_text(), re.MULTILINE)
    assert line == "/var/lib/quicklime/%i"
    assert all(re.fullmatch("quicklime-[a-z-]+", program) for program in PROGRAMS) and len(set(PROGRAMS)) == 2 * len(services())


def test_both_are_shut_in_alike():
    alone, of_many = ((UNITS / name).read_text().split("User=", 1)[1] for name in ("quicklime.service", "quicklime@.service"))
    assert of_many.replace("StateDirectory=quicklime/%i", "StateDirectory=quicklime") == alone


def test_a_process_needs_no_system_call_that_it_does_not_get(tmp_path):
    """Every call that a CA makes while it is made, serves and ends is one that the unit's filter lets through."""
    traced = tmp_path / "calls"
    ca = RunningCA(serve_with=("strace", "-f", "-qq", "-e", "signal=none", "-o", str(traced)))
    try:
        issued = ca.issue("traced.internal")
        assert ca.ocsp(issued) == "good"
        ca.revoke(issued)
        ca.post_csr(new_csr("DNS:more.internal"))
        ca.settled()
        ca.stop()
    finally:
        ca.remove()
    made = set(re.findall(r"^\d+ +(?:<\.\.\. )?(\w+)(?:\(| resumed)", traced.read_text(errors="replace"), re.MULTILINE))
    (name,) = re.findall(r"^SystemCallFilter=(@[a-z-]+)$", (UNITS / "quicklime.service").read_text(), re.MULTILINE)
    assert {"openat", "futex", "epoll_wait"} <= made
    assert made <= group(name), made - group(name)


def group(name):
    """The calls of a group of systemd's"""
    lines = subprocess.run(["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True).stdout.splitlines()[1:]
    found = set()
    for word in (line.strip() for line in lines):
        if word.startswith("@"):
            found |= group(word)
        elif word and not word.startswith("#"):
            found.add(word)
    return found
