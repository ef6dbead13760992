#!/usr/bin/env bash
# A whole CA in one process, with the settings that it is handed: made at the first start.
set -euo pipefail
settings=/etc/quicklime/process/quicklime.toml
if [ ! -e "$QUICKLIME_DATA/ca" ]; then
  quicklime init --name "${QUICKLIME_ORGANIZATION:-Quicklime}" --public-url "$(sed -nE 's/^public_url = "(.*)"$/\1/p' "$settings")"
fi
install -m 600 "$settings" "$QUICKLIME_DATA/quicklime.toml"
exec quicklime serve
