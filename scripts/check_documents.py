#!/usr/bin/env python3
"""Every problem slug has a section in docs/errors.md, and every relative link in a document leads to a file."""
import pathlib
import re
import sys

root = pathlib.Path(__file__).resolve().parent.parent
complaints = []

slugs: dict[str, str] = {}
slug_pattern = re.compile(r'(?:ErrorCode::\w+|error\.code|code),\s*\n?\s*"([a-z]+(?:-[a-z]+)+)"')
for source in [*root.glob("libs/*/*.[ch]pp"), *root.glob("services/*/*.[ch]pp")]:
    for slug in slug_pattern.findall(source.read_text()):
        slugs.setdefault(slug, str(source.relative_to(root)))
sections = set(re.findall(r"^## ([a-z-]+)\s*$", (root / "docs/errors.md").read_text(), re.MULTILINE))
for slug, source in sorted(slugs.items()):
    if slug not in sections:
        complaints.append(f"{source}: the problem {slug} has no section in docs/errors.md")

for document in [*root.glob("*.md"), *root.glob("docs/**/*.md")]:
    for target in re.findall(r"\]\(([^)#\s]+)", document.read_text()):
        if "://" not in target and not target.startswith("mailto:") and not (document.parent / target).exists():
            complaints.append(f"{document.relative_to(root)}: the link to {target} leads nowhere")

for complaint in complaints:
    print("check:", complaint, file=sys.stderr)
sys.exit(1 if complaints else 0)
