#!/usr/bin/env bash
# What the log holds now, as a file of its own; the newest $KEEP stay.
#   docker/backup.sh DIRECTORY
set -euo pipefail
directory=$1 keep=${KEEP:-14}
# What was interrupted is no backup: it gets its name when it is whole.
rm -f "$directory"/unfinished-*
name=log-$(date -u +%Y-%m-%dT%H-%M-%SZ).jsonl
quicklime log backup "$directory/unfinished-$name" --log kafka --data "$QUICKLIME_DATA"
mv "$directory/unfinished-$name" "$directory/$name"
mapfile -t old < <(find "$directory" -maxdepth 1 -name 'log-*.jsonl' | sort -r | tail -n +$((keep + 1)))
rm -f "${old[@]}"
