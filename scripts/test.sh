#!/usr/bin/env bash
# Everything: packages, checks, a release build; unit, contract, integration and cluster tests; unit and contract tests again
# under the address, undefined-behaviour and thread sanitizers; every fuzz target briefly.
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s (%s s)\n' "$*" "$SECONDS"; }

step "packages"
scripts/install-deps.sh --test

step "check"
scripts/check.sh

step "release build"
cmake --preset release >/dev/null
cmake --build --preset release

step "unit and contract tests"
ctest --test-dir build/release --output-on-failure -j 2

step "integration tests against the release build"
QUICKLIME_BINARY=$PWD/build/release/bin/quicklime /usr/bin/python3 -m pytest -q -p no:cacheprovider tests/integration

step "a cluster of real processes: Kafka, Redis, daemons, projectors, nginx"
QUICKLIME_PROGRAMS=$PWD/build/release/bin /usr/bin/python3 -m pytest -q -p no:cacheprovider tests/cluster

step "address and undefined-behaviour sanitizers"
cmake --preset asan >/dev/null
cmake --build --preset asan --target test_programs
ctest --test-dir build/asan --output-on-failure -j 2 -LE fault_kafka  # brokers that die are slow enough once

step "thread sanitizer, where there are threads"
threaded=(unit_async unit_http unit_views unit_ocsp unit_ca contract_eventlog contract_views)
cmake --preset tsan >/dev/null
cmake --build --preset tsan --target "${threaded[@]}"
ctest --test-dir build/tsan --output-on-failure -j 2 -L "^($(IFS='|' && echo "${threaded[*]}"))\$"

step "fuzzing, briefly"
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz
for target in build/fuzz/bin/*_fuzz; do
  name=$(basename "$target")
  mkdir -p "build/fuzz/$name-found"
  "$target" -max_total_time=15 -timeout=1 -rss_limit_mb=2048 -print_final_stats=0 "build/fuzz/$name-found" "tests/fuzz/corpus/$name" 2>&1 | tail -1
done

step "done"
