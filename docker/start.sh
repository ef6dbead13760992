#!/bin/sh
# A daemon or projector of compose.yaml: its directory is made of the files that `prepare` handed to it, which it only reads, and
# lives as long as its container.
set -eu
install -d -m 700 "$QUICKLIME_DATA"
cp -r /etc/quicklime/. "$QUICKLIME_DATA"
exec "$@"
