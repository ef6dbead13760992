#!/bin/sh
# A daemon or projector in a container: its directory is made of the files that were handed to it, which it only reads, and lives as long as its
# container. compose.yaml hands it a volume, Kubernetes one with its settings and secrets (process/) and one with the files of the CA (ca/).
# Keys that come later, by a Secret that was changed, are brought there while it runs; the process looks for them there.
set -eu
umask 077
take() { # from, into
  [ -d "$1" ] || return 0
  mkdir -p "$2"
  for file in "$1"/*; do
    if [ -f "$file" ]; then cp -f "$file" "$2"; fi # -f: in the same pod once more, over what only may be read
  done
}
# Whole or not at all, since somebody reads it; what is gone from the Secret stays until the container ends.
follow() { # from, into
  for file in "$1"/*; do
    [ -f "$file" ] || continue
    if cmp -s "$file" "$2/${file##*/}"; then continue; fi
    cp -f "$file" "$2/.${file##*/}" && mv -f "$2/.${file##*/}" "$2/${file##*/}"
  done
}
take /etc/quicklime "$QUICKLIME_DATA"
take /etc/quicklime/process "$QUICKLIME_DATA"
take /etc/quicklime/ca "$QUICKLIME_DATA/ca"
if [ -d /etc/quicklime/ca ]; then
  # As long as the process, which has this shell's number.
  while sleep "${QUICKLIME_POLL:-10}" && kill -0 $$ 2>/dev/null; do follow /etc/quicklime/ca "$QUICKLIME_DATA/ca"; done </dev/null >/dev/null 2>&1 &
fi
# One file of settings serves all processes; each has its own Redis user, who is called as the process.
process=${1##*/}
sed -i "s/\$PROCESS/${process#quicklime-}/" "$QUICKLIME_DATA/quicklime.toml"
exec "$@"
