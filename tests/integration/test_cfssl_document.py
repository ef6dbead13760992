"""docs/cfssl.md is executed as it stands."""

import os
import re
import subprocess

from running_ca import BINARY, PATIENCE, REPOSITORY, log_events, schema


def test_every_command_of_the_page_works(ca, tmp_path):
    page = (REPOSITORY / "docs/cfssl.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    assert len(blocks) >= 3
    script = "set -euo pipefail\n" + "\n".join(blocks)
    script = script.replace("http://localhost:8080", f"http://localhost:{ca.http}").replace("https://localhost:8443", f"https://localhost:{ca.https}")
    environment = dict(os.environ, QUICKLIME_DATA=str(ca.data), PATH=os.path.dirname(BINARY) + ":" + os.environ["PATH"])
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60 * PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "a.pem: OK" in done.stdout and '"usages"' in done.stdout
    assert (tmp_path / "again.pem").exists()
    issued = [event["data"]["names"] for _, event in log_events(ca.data) if schema(event) == "certificate.issued"]
    assert issued.count(["DNS:a.shop.internal"]) == 2


def test_the_profile_of_the_page_is_one(make_ca):
    page = (REPOSITORY / "docs/cfssl.md").read_text(encoding="utf-8")
    ca = make_ca(start=False)
    with open(ca.data / "quicklime.toml", "a", encoding="utf-8") as settings:
        settings.write(re.search(r"```toml\n(.*?)```", page, re.DOTALL)[1])
    ca.start()
    made = ca.post_json("/v1/certificates", {"hosts": ["a.internal"], "profile": "handheld"})
    assert made.status == 201 and "PRIVATE KEY" in made.json["private_key"], made.body
