#!/usr/bin/env python3
"""What stands for each role in docker/, docs/cluster.md and deploy/k8s, written anew for the roles that the program has: blocks between
`begin` and `end`, and the manifests of each role, made from the patterns in deploy/k8s/patterns.

    scripts/write_roles.py [--check] build/release/bin/quicklime      --check: writes nothing, and fails where something would change"""

import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
KUBERNETES = ROOT / "deploy/k8s"
MADE = "# Made by scripts/write_roles.py from deploy/k8s/patterns: change it there.\n"
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


def image(one):
    """Of a role: its programs, and what its control socket is for."""
    programs = [one["program"], one["projector"]] + ["quicklime"] * one["control_socket"]
    return f"""FROM runtime AS {one["name"]}
COPY --from=collected {" ".join(f"/bin/{name}" for name in programs)} /usr/local/bin/
"""


def manifest(pattern, one, certifier):
    """The pattern for this role. A line, or with its separator a whole object, that ends in `# only: WORD` is for roles of which that is true,
    or which hold that key."""

    def is_for(line):
        word = re.search(r" # only: (\w+)$", line)
        return not word or word[1] in one["keys"] or one.get(word[1]) is True

    objects = re.split(r"^(---.*)\n", "---\n" + pattern, flags=re.MULTILINE)[1:]
    kept = [line for start, body in zip(objects[::2], objects[1::2]) if is_for(start) for line in ["---", *body.splitlines()] if is_for(line)]
    text = "\n".join(re.sub(r" # only: \w+$", "", line) for line in kept[1:]) + "\n"
    words = {"ROLE": one["name"], "PROGRAM": one["program"], "PROJECTOR": one["projector"], "CERTIFIER": certifier, "ACCEPTS": ", ".join(one["accepts"])}
    return re.sub(rf"(?<![A-Z])({'|'.join(words)})(?![A-Z])", lambda word: words[word[1]], text)


def manifests(services):
    """{file: text}: of each role its daemon and projector, and who reaches whom"""
    patterns = {name: (KUBERNETES / f"patterns/{name}.yaml").read_text(encoding="utf-8") for name in ("daemon", "projector", "network")}
    (certifier,) = (one["name"] for one in services if one["bootstrap_listener"])
    files = {}
    for one in services:
        parts = {name: manifest(pattern, one, certifier) for name, pattern in patterns.items()}
        files[f"deploy/k8s/base/{one['name']}.yaml"] = MADE + parts["daemon"] + "---\n" + parts["projector"]
        files[f"deploy/k8s/components/networkpolicy/{one['name']}.yaml"] = MADE + parts["network"]
    return files


def kustomization(services):
    version = re.search(r"^project\(quicklime VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8"), re.MULTILINE)[1]
    resources = {"roles": "".join(f"  - {one['name']}.yaml\n" for one in services)}
    images = {"roles": "".join(f"  - {{name: quicklime{suffix}, newName: localhost:5000/quicklime{suffix}, newTag: {version}}}\n"
                               for suffix in ["", *(f"-{one['name']}" for one in services)])}
    # Whom other roles call finds its place in their settings.
    called = "".join(f'[{one["view"]}]\nurl = "https://{one["name"]}:8443"\n' for one in services if set(one["accepts"]) - {"gateway"})
    return {"deploy/k8s/base/quicklime.toml": {"roles": called}, "deploy/k8s/overlays/prod/quicklime.toml": {"roles": called},
            "deploy/k8s/base/kustomization.yaml": resources, "deploy/k8s/components/networkpolicy/kustomization.yaml": resources,
            "deploy/k8s/components/images/kustomization.yaml": images}


def written(text, blocks):
    for name, lines in blocks.items():
        text, found = re.subn(rf"(.*\bbegin {name}\b.*\n)[\s\S]*?(.*\bend {name}\b.*\n)", lambda block, lines=lines: block[1] + lines + block[2], text)
        if found != 1:
            sys.exit(f"write_roles.py: {found} blocks {name}")
    return text


def main():
    program = sys.argv[-1]
    services = json.loads(subprocess.run([program, "reference", "services", "-o", "json"], capture_output=True, check=True).stdout)
    texts = manifests(services)
    blocks = {"docker/compose.yaml": compose(services), "docs/cluster.md": page(services), "docker/Dockerfile": {"images": "".join(map(image, services))},
              **kustomization(services)}
    for file, inside in blocks.items():
        texts[file] = written((ROOT / file).read_text(encoding="utf-8"), inside)
    gone = [file for folder in ("base", "components/networkpolicy") for file in sorted((KUBERNETES / folder).glob("*.yaml"))
            if file.read_text(encoding="utf-8").startswith(MADE) and str(file.relative_to(ROOT)) not in texts]
    stale = [file for file, text in texts.items() if not (ROOT / file).exists() or (ROOT / file).read_text(encoding="utf-8") != text]
    if "--check" not in sys.argv:
        for file in stale:
            (ROOT / file).write_text(texts[file], encoding="utf-8")
        for file in gone:
            file.unlink()
    stale += [str(file.relative_to(ROOT)) for file in gone]
    if stale and "--check" in sys.argv:
        sys.exit(f"not as the program says: {', '.join(stale)}; scripts/write_roles.py {program} writes it anew")


if __name__ == "__main__":
    main()
