"""docs/curl.md is executed as it stands."""

import os
import re
import subprocess

from running_ca import BINARY, PATIENCE, REPOSITORY


def test_every_command_of_the_page_works(ca, tmp_path):
    page = (REPOSITORY / "docs/curl.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    assert len(blocks) >= 4
    script = "set -eu\n" + "\n".join(blocks)
    script = script.replace("http://localhost:8080", f"http://localhost:{ca.http}").replace("https://localhost:8443", f"https://localhost:{ca.https}")
    environment = dict(os.environ, QUICKLIME_DATA=str(ca.data), PATH=os.path.dirname(BINARY) + ":" + os.environ["PATH"])
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60 * PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ": good" in done.stdout and ": revoked" in done.stdout
    # Nothing but curl and openssl, after the token was made.
    used = set(re.findall(r"^(\w+) ", "\n".join(blocks), re.MULTILINE)) - {"quicklime"}
    assert used <= {"curl", "openssl", "export", "sed", "printf"}, used
