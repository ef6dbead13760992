"""scripts/kafka.sh on a clean machine: what fetches the broker may write what it likes, the bootstrap servers are all that is printed.
With stand-ins for Maven, Java and kcat; the real ones: tests/cluster."""

import os

import pytest
from running_ca import REPOSITORY, run

STAND_INS = {
    # Colours, a bell and a progress line, as a Maven that thinks itself on a terminal writes them.
    "mvn": r"""#!/bin/sh
printf '\033[1mDownloading\033[0m from central\r\007[INFO] done\n'
printf '\033[33mWARNING\033[0m\n' >&2
for word; do case $word in -DoutputDirectory=*) touch "${word#*=}/kafka.jar" ;; esac; done
""",
    "java": """#!/bin/bash
case "$*" in
*random-uuid) echo AAAAAAAAAAAAAAAAAAAAAA ;;
*kafka.Kafka*) exec -a "java kafka.Kafka" sleep 60 ;;
esac
""",
    "kcat": "#!/bin/sh\necho '  broker 1 at 127.0.0.1'\n",
}


@pytest.fixture
def clean_machine(tmp_path):
    programs = tmp_path / "programs"
    programs.mkdir()
    for name, text in STAND_INS.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    return {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache"), "PATH": f"{programs}:{os.environ['PATH']}"}


def test_the_first_start_prints_the_bootstrap_servers_and_nothing_else(clean_machine, tmp_path):
    directory = tmp_path / "kafka"
    first = run(REPOSITORY / "scripts/kafka.sh", "start", directory, "--port", "29292", env=clean_machine)
    try:
        assert first.stdout == "127.0.0.1:29292\n"
        assert "Downloading" in first.stderr  # it was fetched, here
        again = run(REPOSITORY / "scripts/kafka.sh", "start", directory, env=clean_machine)
        assert again.stdout == "127.0.0.1:29292\n" and "Downloading" not in again.stderr
    finally:
        run(REPOSITORY / "scripts/kafka.sh", "stop", directory, env=clean_machine)
