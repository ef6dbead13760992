#!/usr/bin/env bash
# Everything; docs/testing.md says what runs where and why.
#   scripts/test.sh          what CI runs: under an hour on two cores
#   scripts/test.sh --long   and what is too slow for every change
set -euo pipefail
cd "$(dirname "$0")/.."

long=no
if [ "${1:-}" = --long ]; then long=yes; fi

step() { printf '\n== %s (%s s)\n' "$*" "$SECONDS"; }

# What fails is run once more by itself, when nothing else runs: a busy machine can starve a broker for longer than any test waits.
# What passes then is named at the end, for somebody to look at; what fails again fails. A sanitizer's finding stands at once.
again=()

run_ctest() { # DIRECTORY ARGUMENTS...
  local directory=$1
  shift
  ctest --test-dir "$directory" --no-tests=error --output-on-failure -j 2 "$@" && return
  if grep -qE 'Sanitizer:|runtime error:' "$directory/Testing/Temporary/LastTest.log"; then return 1; fi
  local failed
  failed=$(cut -d: -f2- "$directory/Testing/Temporary/LastTestsFailed.log")
  step "once more, what failed"
  ctest --test-dir "$directory" --no-tests=error --output-on-failure --rerun-failed || return
  mapfile -t -O "${#again[@]}" again <<<"$failed"
}

run_pytest() { # ARGUMENTS...
  local cache=build/pytest
  local once=(/usr/bin/python3 -m pytest -q -o cache_dir="$PWD/$cache" "$@")
  rm -rf "$cache"
  "${once[@]}" && return
  local failed
  failed=$(/usr/bin/python3 -c 'import json, sys; print("\n".join(json.load(open(sys.argv[1]))))' "$cache/v/cache/lastfailed") || return
  step "once more, what failed"
  "${once[@]}" --last-failed --last-failed-no-failures=none || return
  mapfile -t -O "${#again[@]}" again <<<"$failed"
}

step "packages"
scripts/install-deps.sh --test
scripts/kafka.sh fetch  # here, where no test's time runs
scripts/slapd.sh fetch

step "check"
scripts/check.sh

step "dashboard: types, lint, tests, sizes, and what the programs carry of it"
scripts/dashboard.sh check

step "release build"
cmake --preset release >/dev/null
cmake --build --preset release

step "unit and contract tests"
run_ctest build/release

step "integration tests against the release build"
without_node=()
if ! node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' 2>/dev/null; then
  echo "left out: what asks a real OpenID Connect provider, for want of Node 20"
  without_node=(-m "not node")
fi
QUICKLIME_BINARY=$PWD/build/release/bin/quicklime run_pytest tests/integration ${without_node[@]+"${without_node[@]}"}

step "manifests for Kubernetes, without one"
# With --long one is built where there is none, by Go and in minutes.
if [ "$long" = yes ] || scripts/kubernetes/kubectl.sh --is-here; then
  QUICKLIME_BINARY=$PWD/build/release/bin/quicklime run_pytest tests/kubernetes
else
  echo "left out: no kubectl with Kustomize 5 in the PATH (scripts/kubernetes/kubectl.sh builds one)"
fi

step "a cluster of real processes: Kafka, Redis, daemons, projectors, nginx"
QUICKLIME_PROGRAMS=$PWD/build/release/bin run_pytest tests/cluster ${without_node[@]+"${without_node[@]}"}

step "each source of libraries and programs by itself"
cmake --preset dev -DQUICKLIME_TESTS=OFF >/dev/null
cmake --build --preset dev

step "address and undefined-behaviour sanitizers"
cmake --preset asan >/dev/null
cmake --build --preset asan --target test_programs
without=(-LE fault_kafka -E '/kafka|^KafkaLogTopic' -FA '^kafka$')  # docs/testing.md says why
if [ "$long" = yes ]; then without=(); fi
run_ctest build/asan "${without[@]}"

step "thread sanitizer, where there are threads"
threaded=(unit_async unit_http unit_views unit_ocsp unit_ca contract_eventlog contract_views)
if [ "$long" = yes ]; then threaded=(test_programs); fi
cmake --preset tsan >/dev/null
cmake --build --preset tsan --target "${threaded[@]}"
chosen=(-L "^($(IFS='|' && echo "${threaded[*]}"))\$")
if [ "$long" = yes ]; then chosen=(); fi
run_ctest build/tsan "${chosen[@]}"

step "fuzzing"
seconds=15
if [ "$long" = yes ]; then seconds=300; fi
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz
for target in build/fuzz/bin/*_fuzz; do
  name=$(basename "$target")
  mkdir -p "build/fuzz/$name-found"
  "$target" -max_total_time=$seconds -timeout=5 -rss_limit_mb=2048 -print_final_stats=0 "build/fuzz/$name-found" "tests/fuzz/corpus/$name" 2>&1 | tail -1
done

if [ "$long" = yes ]; then
  step "the dashboard in a real browser"
  (cd dashboard && CHROMIUM=$(command -v chromium) QUICKLIME_BINARY=$PWD/../build/release/bin/quicklime npm run --silent browser)
  step "a thousand races of each kind"
  QUICKLIME_RACES=1000 QUICKLIME_PROGRAMS=$PWD/build/release/bin /usr/bin/python3 -m pytest -q -p no:cacheprovider tests/cluster/test_races.py
  step "five hundred races of a new password with the old one"
  QUICKLIME_RACES=500 QUICKLIME_PROGRAMS=$PWD/build/release/bin /usr/bin/python3 -m pytest -q -p no:cacheprovider tests/cluster/test_people_races.py
  step "Keycloak, with its people in a directory"
  scripts/keycloak.sh fetch
  QUICKLIME_BINARY=$PWD/build/release/bin/quicklime run_pytest tests/long
  step "whatever the description of the API allows and forbids"
  scripts/schemathesis.sh build/release/bin/quicklime
  step "a soak"
  QUICKLIME_PROGRAMS=$PWD/build/release/bin /usr/bin/python3 tests/soak/soak.py
fi

step "done"
for name in ${again[@]+"${again[@]}"}; do echo "passed only when run once more: $name"; done
