"""A role that is nothing but its folder, a line and a description runs in the all-in-one program; docs/adding-a-role.md is its walk."""

import json
import os
import pathlib
import re
import sqlite3
import subprocess

import jsonschema
import pytest
import yaml
from running_ca import BINARY, PATIENCE, REPOSITORY, RunningCA, log_events, services, wait_until

TOY = pathlib.Path(BINARY).parent / "toy/quicklime"
FOLDER = REPOSITORY / "tests/toy_role/toy"
PAGE = (REPOSITORY / "docs/adding-a-role.md").read_text(encoding="utf-8")


@pytest.fixture
def ca():
    running = RunningCA(binary=TOY)
    yield running
    running.remove()


def test_a_request_goes_through_its_routes_its_event_and_its_view(ca):
    token = ca.cli_json("token", "create", "player", "--role", "requester", "--days", "1")["token"]
    auditor = ca.cli_json("token", "create", "onlooker", "--role", "auditor", "--days", "1")["token"]

    def ask(method, bearer=None, **headers):
        return ca.secure(method, "/v1/toy", headers={**({"Authorization": f"Bearer {bearer}"} if bearer else {}), **headers})

    assert ask("GET", token).json == {"played": 0}
    played = [ask("POST", token) for _ in range(3)]
    assert [answer.status for answer in played] == [201] * 3
    last = played[-1].json["position"]
    shown = ask("GET", auditor, **{"Quicklime-Min-Position": last})
    assert (shown.status, shown.json) == (200, {"played": 3})
    assert ask("POST").status == 401 and ask("POST", auditor).status == 403
    again = ask("POST", token, **{"Idempotency-Key": "once"})
    assert again.status == 400, "the route says that it would happen again"

    written = [event for _, event in log_events(ca.data) if event["schema"] == "toy.played/1-0-0"]
    assert len(written) == 3 and {event["actor"]["id"] for event in written} == {token.split("_")[1]}
    described = yaml.safe_load((FOLDER / "openapi.yaml").read_text(encoding="utf-8"))["paths"]["/v1/toy"]
    assert {"201", "400", "401", "403"} <= set(described["post"]["responses"])
    jsonschema.validate(shown.json, described["get"]["responses"]["200"]["content"]["application/json"]["schema"])


def test_its_settings_stand_in_the_one_file(ca):
    """Of the programs that have the role; of others they are as good as mistyped."""
    ca.stop()
    ca.configure(toy__put_away=True)
    ca.start()
    refused = ca.request("POST", "/v1/toy")
    assert (refused.status, refused.reason) == (409, "toy-put-away")
    assert ca.request("GET", "/v1/toy").json == {"played": 0}
    ca.stop()
    ca.binary = BINARY
    unknown = subprocess.run(ca.serve_command(), capture_output=True, text=True, check=False, timeout=60 * PATIENCE)
    assert unknown.returncode == 1 and "there is no setting 'toy.put_away'" in unknown.stderr


def test_every_daemon_reads_the_one_file_with_the_settings_of_all_roles(ca, tmp_path):
    """Of roles that it has no code of, too; a mistyped key is refused by each, with the one that was meant."""
    mistyped = tmp_path / "mistyped"
    mistyped.mkdir()
    (mistyped / "quicklime.toml").write_text('[ocsp]\nlifetme = "1h"\n', encoding="utf-8")
    whole = tmp_path / "whole"
    whole.mkdir()
    text = re.sub(r"^#(\w+ = )", r"\1", (ca.data / "quicklime.toml").read_text(encoding="utf-8"), flags=re.MULTILINE)
    (whole / "quicklime.toml").write_text(text.replace('client = []', 'client = ["no name and no value"]'), encoding="utf-8")
    for program in (TOY.parent / "quicklime-toy", TOY.parent / "quicklime-projector-toy"):
        refused = subprocess.run([program, "serve", "--data", mistyped], capture_output=True, text=True, check=False, timeout=60 * PATIENCE)
        assert refused.returncode == 1 and "did you mean 'ocsp.lifetime'?" in refused.stderr, refused.stderr
        read = subprocess.run([program, "serve", "--data", whole], capture_output=True, text=True, check=False, timeout=60 * PATIENCE)
        assert read.returncode == 1 and "kafka.client: name=value is expected" in read.stderr, read.stderr


def test_its_view_is_a_file_that_is_folded_anew(ca):
    ca.request("POST", "/v1/toy")
    ca.settled()
    ca.stop()
    with sqlite3.connect(f"file:{ca.data}/views/toy.db?mode=ro", uri=True) as database:
        assert database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] > 0
    dump = ca.dump()
    assert "view toy version 1\n" in dump
    (ca.data / "views/toy.db").unlink()
    assert ca.dump() == dump
    ca.start()
    assert ca.request("GET", "/v1/toy").json == {"played": 1}


def test_programs_without_the_role_pass_over_its_events(ca):
    """As the event says that they may: the log goes on being one that the product reads."""
    ca.request("POST", "/v1/toy")
    ca.stop()
    ca.binary = BINARY
    ca.start()
    wait_until(lambda: ca.issue("web.internal").serial, what="a certificate")
    assert ca.cli_json("log", "verify")["failure"] == ""


def test_the_program_has_one_role_more_and_nothing_else_names_it():
    with_toy = {one["name"]: one for one in services(TOY)}
    assert set(with_toy) - {one["name"] for one in services(BINARY)} == {"toy"}
    assert with_toy["toy"]["keys"] == [] and with_toy["toy"]["bootstrap_token"] and with_toy["toy"]["view"] == "toy"
    naming = subprocess.run(["git", "grep", "-liE", r"\btoy\b", "--", "libs", "services", "scripts", "docker", "cmake", "CMakeLists.txt", "docs/openapi.yaml"],
                            cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert naming.returncode == 1, naming.stdout


def test_the_page_names_the_files_of_the_folder_and_each_says_what_the_page_says():
    (rows,) = re.findall(r"\| file of .*\n\|[-|]+\n((?:\|.*\n)+)", PAGE)
    named = [file for row in rows.splitlines() for file in re.findall(r"`([\w.]+)`", row.split("|")[1])]
    assert sorted(named) == sorted(file.name for file in FOLDER.iterdir())
    for path in re.findall(r"`((?:tests|scripts|docker|docs|libs)/[\w./-]+)`", PAGE):
        assert (REPOSITORY / path).exists(), path
    assert re.search(r"`(quicklime_role\(toy\))`", PAGE)[1] == (FOLDER / "CMakeLists.txt").read_text().strip()
    assert re.search(r"`(quicklime_all_in_one\(.*?\))`", PAGE)[1] in (REPOSITORY / "tests/toy_role/CMakeLists.txt").read_text()
    for program in ("quicklime-toy", "quicklime-projector-toy"):
        assert program in PAGE and os.access(TOY.parent / program, os.X_OK)


def test_every_command_of_the_page_works(ca, tmp_path):
    blocks = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 2
    script = "set -eu\n" + "\n".join(blocks)
    script = script.replace("http://localhost:8080", f"http://localhost:{ca.http}").replace("https://localhost:8443", f"https://localhost:{ca.https}")
    environment = dict(os.environ, QUICKLIME_DATA=str(ca.data), PATH=f"{TOY.parent}:{os.environ['PATH']}")
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60 * PATIENCE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '{"played":1}' in done.stdout
    (event,) = re.findall(r'\{"schema":.*', done.stdout)
    assert json.loads(event)["ignorable"] is True
