#!/usr/bin/env bash
# Stops what up.sh started (by recorded pid, and only if that pid still runs our binary) and drops the
# etcd data. --purge also drops keys and logs. Safe to run twice.
set -euo pipefail
D=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
B=$(realpath -m "${KUBE_BIN:-${XDG_CACHE_HOME:-$HOME/.cache}/quicklime/kubernetes}")
R=$(realpath -m "${KUBE_RUN:-$D/../../build/kubernetes}")
pids=()
for n in kcm apiserver etcd; do
  [ -s "$R/$n.pid" ] || continue
  p=$(cat "$R/$n.pid"); exe=$(readlink "/proc/$p/exe" 2>/dev/null || true)
  rm -f "$R/$n.pid"
  [ "${exe% (deleted)}" = "$B/kube" ] || continue
  kill -TERM "$p" && pids+=("$p")
  [ "${1:-}" = --quiet ] || echo "down.sh: stopping $n ($p)" >&2
done
# The data is thrown away, so nobody has to drain: one second of grace, then KILL.
for p in ${pids[@]+"${pids[@]}"}; do
  for _ in $(seq 10); do [ -d "/proc/$p" ] || break; sleep 0.1; done
  if [ -d "/proc/$p" ]; then kill -KILL "$p" 2>/dev/null || true; fi
done
for p in ${pids[@]+"${pids[@]}"}; do while [ -d "/proc/$p" ]; do sleep 0.05; done; done
rm -rf "$R/etcd"
if [ "${1:-}" = --purge ]; then rm -rf "$R"; fi
