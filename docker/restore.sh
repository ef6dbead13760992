#!/usr/bin/env bash
# Brings the newest backup of docker/backup.sh to Kafka, where no log is; interrupted, the same command goes on.
#   docker/restore.sh DIRECTORY
set -euo pipefail
newest=$(find "$1" -maxdepth 1 -name 'log-*.jsonl' | sort | tail -n 1)
[ -n "$newest" ] || { echo "restore.sh: no backup is in $1" >&2 && exit 1; }
quicklime log restore "$newest" --log kafka --data "$QUICKLIME_DATA"
