#!/usr/bin/env python3
"""g++ 12 destroys twice what an argument of co_await makes in braces, or only sometimes (behind ?:): each gets a name first."""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
# Types whose destructors do something are those that do harm; numbers and positions do not. Braces without a type may be of any.
harmful = re.compile(r"""\bError\{|\bevents::[A-Z]\w*\{|\bstd::(string|vector|optional)\b[^;]*?\{|[,(]\s*\{[^}]|\?[^;]*?:\s*(std::|")""")
complaints = []
for source in sorted([*root.glob("libs/*/*.cpp"), *root.glob("services/*/*.cpp")]):
    text = source.read_text()
    for awaited in re.finditer(r"co_await [^;]*?;", text):
        # Not what stands behind an assignment within a lambda that is handed over: up to the first brace of a body.
        if harmful.search(awaited.group(0).split(") {")[0]):
            line = text.count("\n", 0, awaited.start()) + 1
            complaints.append(f"{source.relative_to(root)}:{line}: give what is made in an argument of co_await a name first")

for complaint in complaints:
    print("check:", complaint, file=sys.stderr)
sys.exit(1 if complaints else 0)
