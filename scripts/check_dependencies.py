#!/usr/bin/env python3
"""A library includes only what its quicklime_library line names (DEPS, transitively), a service no other service (but the command line)."""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
declared: dict[str, set[str]] = {}
folder: dict[str, pathlib.Path] = {}
for cmake in [*root.glob("libs/*/CMakeLists.txt"), *root.glob("services/*/CMakeLists.txt")]:
    for kind, name, arguments in re.findall(r"quicklime_(library|role)\((\w+)([^)]*)\)", cmake.read_text()):
        words = arguments.split()
        dependencies: set[str] = {"runtime"} if kind == "role" else set()
        if "DEPS" in words:
            for word in words[words.index("DEPS") + 1 :]:
                if word.isupper():
                    break
                dependencies.add(word)
        declared[name] = dependencies
        folder[name] = cmake.parent


def reachable(name: str) -> set[str]:
    seen: set[str] = set()
    waiting = [name]
    while waiting:
        for dependency in declared.get(waiting.pop(), set()):
            if dependency not in seen:
                seen.add(dependency)
                waiting.append(dependency)
    return seen


folders = {path.name: name for name, path in folder.items()}
complaints = []
for name, path in folder.items():
    allowed = reachable(name) | {name}
    is_service = path.parent.name == "services"
    for service in declared[name] if is_service and path.name != "command_line" else ():
        if folder.get(service, path).parent.name == "services":
            complaints.append(f"services/{path.name} may not depend on the service {service}")
    for source in [*path.glob("*.hpp"), *path.glob("*.cpp")]:
        for number, line in enumerate(source.read_text().splitlines(), 1):
            include = re.match(r'#include "([a-z_]+)/', line)
            if include and include.group(1) in folders and folders[include.group(1)] not in allowed:
                complaints.append(f"{source.relative_to(root)}:{number}: {name} does not depend on {include.group(1)}")

for complaint in complaints:
    print("check:", complaint, file=sys.stderr)
sys.exit(1 if complaints else 0)
