#!/usr/bin/env python3
"""What stands in docker/compose.yaml and docs/cluster.md for each role, between `begin` and `end`, written anew for the roles that the
program has.

    scripts/write_roles.py [--check] build/release/bin/quicklime      --check: writes nothing, and fails where something would change"""

import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
START = "/usr/local/share/quicklime/docker/start.sh"


def service(name, kind):
    return f"""  {name}:
    <<: *{kind}
    command: ["{START}", "quicklime-{name}"]
    volumes: ["{name}:/etc/quicklime:ro"]
"""


def compose(services):
    """{block: lines}"""
    roles = [one["name"] for one in services]
    projectors = [f"projector-{role}" for role in roles]
    return {"directories": "".join(f"      - {name}:/cluster/{name}\n" for name in roles + projectors),
            "processes": "".join(service(name, "process") for name in projectors) + "".join(service(name, "daemon") for name in roles),
            "upstreams": "".join(f"      {name}: {{condition: service_healthy}}\n" for name in roles),
            "volumes": "".join(f"  {name}:\n" for name in roles + projectors)}


def held(one):
    things = [f"{key} key{'s' if key == 'revocation' else ''}" for key in one["keys"]]
    return ", ".join(things + ["a responder certificate of its own"] * one["ocsp_responder"]) or "nothing"


def page(services):
    rows = "".join(f"| `{one['program']}` | its view | {'the log' if one['log'] else 'nothing'} | {held(one)} |\n" for one in services)
    return {"programs": "| program | reads | writes | holds |\n|---|---|---|---|\n"
                        "| `quicklime-projector-<role>` | the log | the view of its role in Redis | nothing |\n" + rows}


def written(text, blocks):
    for name, lines in blocks.items():
        text, found = re.subn(rf"(.*\bbegin {name}\b.*\n)[\s\S]*?(.*\bend {name}\b.*\n)", lambda block, lines=lines: block[1] + lines + block[2], text)
        if found != 1:
            sys.exit(f"write_roles.py: {found} blocks {name}")
    return text


def main():
    program = sys.argv[-1]
    services = json.loads(subprocess.run([program, "reference", "services", "-o", "json"], capture_output=True, check=True).stdout)
    stale = []
    for file, blocks in (("docker/compose.yaml", compose(services)), ("docs/cluster.md", page(services))):
        before = (ROOT / file).read_text(encoding="utf-8")
        after = written(before, blocks)
        if after != before:
            stale.append(file)
            if "--check" not in sys.argv:
                (ROOT / file).write_text(after, encoding="utf-8")
    if stale and "--check" in sys.argv:
        sys.exit(f"not as the program says: {', '.join(stale)}; scripts/write_roles.py {program} writes it anew")


if __name__ == "__main__":
    main()
