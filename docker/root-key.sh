#!/usr/bin/env bash
# The root's key, for the operator to take offline:
#   docker/root-key.sh           writes it to standard output
#   docker/root-key.sh taken     removes it here: nothing that runs needs it
set -euo pipefail
for key in "$QUICKLIME_DATA/ca/ca/root.key" "$QUICKLIME_DATA/ca/root.key"; do
  [ -e "$key" ] || continue
  case ${1:-} in
  "") cat "$key" ;;
  taken) rm "$key" && echo "removed: keep your copy offline" >&2 ;;
  *) sed -n '2,4s/^# //p' "$0" && exit 2 ;;
  esac
  exit
done
echo "root-key.sh: the root's key is not here (any more)" >&2
exit 1
