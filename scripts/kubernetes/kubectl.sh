#!/usr/bin/env bash
# kubectl with Kustomize 5 or later: that of the PATH, else the one that up.sh builds.   scripts/kubernetes/kubectl.sh ARGUMENTS...
set -euo pipefail
cd "$(dirname "$0")"
built=${XDG_CACHE_HOME:-$HOME/.cache}/quicklime/kubernetes/kubectl
# --is-here: whether nothing has to be built
in_path() { kubectl version --client 2>/dev/null | grep -qE '^Kustomize Version: v([5-9]|[1-9][0-9])'; }
if [ "${1:-}" = --is-here ]; then
  if in_path || [ -x "$built" ]; then exit 0; else exit 1; fi
fi
if in_path; then exec kubectl "$@"; fi
if [ ! -x "$built" ] && ! command -v go >/dev/null; then
  echo "kubectl.sh: no kubectl with Kustomize 5 in the PATH, and no Go to build one: install either" >&2
  exit 1
fi
[ -x "$built" ] || ./up.sh --build >&2
exec "$built" "$@"
