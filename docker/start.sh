#!/bin/sh
# A daemon or projector in a container: its directory is made of the files that were handed to it, which it only reads, and lives as long as its
# container. compose.yaml hands it a volume, Kubernetes one with its settings and secrets (process/) and one with the files of the CA (ca/).
set -eu
umask 077
take() { # from, into
  [ -d "$1" ] || return 0
  mkdir -p "$2"
  for file in "$1"/*; do
    if [ -f "$file" ]; then cp -f "$file" "$2"; fi # -f: in the same pod once more, over what only may be read
  done
}
take /etc/quicklime "$QUICKLIME_DATA"
take /etc/quicklime/process "$QUICKLIME_DATA"
take /etc/quicklime/ca "$QUICKLIME_DATA/ca"
# One file of settings serves all processes; each has its own Redis user, who is called as the process.
process=${1##*/}
sed -i "s/\$PROCESS/${process#quicklime-}/" "$QUICKLIME_DATA/quicklime.toml"
exec "$@"
