#!/usr/bin/env bash
# The dashboard's front end, built into dashboard/dist, from where the next build of the programs takes it.
#   scripts/dashboard.sh          builds it
#   scripts/dashboard.sh check    and checks it before: types, lint, tests, sizes
# Needs Node 20.19 or newer with npm; without them says so and leaves it out: the programs then say how to build it.
set -euo pipefail
cd "$(dirname "$0")/../dashboard"

# shellcheck disable=SC2016 # that is JavaScript
newer='const [major, minor] = process.versions.node.split(".").map(Number); process.exit(major > 20 || (major === 20 && minor >= 19) ? 0 : 1)'
if ! command -v npm >/dev/null || ! node -e "$newer" 2>/dev/null; then
  echo "dashboard: left out, for Node 20.19 or newer is not here ($(node --version 2>/dev/null || echo none))"
  exit 0
fi

# What is there already is taken, when it is what the lock file says.
if ! cmp -s package-lock.json node_modules/.locked; then
  for attempt in 1 2 3; do
    npm ci --no-progress --loglevel=error && break
    [ "$attempt" -lt 3 ] || { echo "dashboard: npm could not fetch its packages" >&2; exit 1; }
    sleep 5
  done
  cp package-lock.json node_modules/.locked
fi
case ${1:-} in
  check) npm run --silent check ;;
  *) npm run --silent build ;;
esac
