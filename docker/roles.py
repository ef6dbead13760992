#!/usr/bin/env python3
"""What stands in compose.yaml for each role, between `# begin` and `# end`, written anew for the roles that the program has.

    docker/roles.py build/release/bin/quicklime <docker/compose.yaml >compose.new && mv compose.new docker/compose.yaml"""

import re
import subprocess
import sys

START = "/usr/local/share/quicklime/docker/start.sh"


def service(name, kind):
    return f"""  {name}:
    <<: *{kind}
    command: ["{START}", "quicklime-{name}"]
    volumes: ["{name}:/etc/quicklime:ro"]
"""


def blocks(roles):
    """{name: lines}"""
    projectors = [f"projector-{role}" for role in roles]
    return {"directories": "".join(f"      - {name}:/cluster/{name}\n" for name in roles + projectors),
            "processes": "".join(service(name, "process") for name in projectors) + "".join(service(name, "daemon") for name in roles),
            "upstreams": "".join(f"      {name}: {{condition: service_healthy}}\n" for name in roles),
            "volumes": "".join(f"  {name}:\n" for name in roles + projectors)}


def main():
    said = subprocess.run([sys.argv[1], "reference", "services"], capture_output=True, text=True, check=True).stdout
    text = sys.stdin.read()
    for name, lines in blocks([line.split()[0] for line in said.splitlines()]).items():
        text, found = re.subn(rf"( *# begin {name}\b.*\n)[\s\S]*?( *# end {name}\n)", lambda block, lines=lines: block[1] + lines + block[2], text)
        if found != 1:
            sys.exit(f"docker/roles.py: compose.yaml has {found} blocks {name}")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
