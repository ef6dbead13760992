#!/usr/bin/env bash
# The gateway: nginx, with a certificate of its own that is renewed while it runs.
#   docker/gateway.sh [nginx.conf]
set -euo pipefail
cd "$(dirname "$0")/.."

home=/var/lib/quicklime/gateway
nginx=(nginx -e stderr -p "$home" -c "$PWD/${1:-nginx.conf}")
install -d -m 700 "$home"
cp -f /etc/quicklime/roots.pem "$home"
until scripts/gateway_certificate.sh "$home" https://issuance:8444 /etc/quicklime/bootstrap.token; do sleep 1; done
quicklime renew --daemon --server https://localhost:8443 --roots "$home/roots.pem" --exec "${nginx[*]} -s reload" "$home/gateway.crt" &
"${nginx[@]}" -g "daemon off;" &
serving=$!
# The container ends with its first process: what is under way is answered before.
trap 'kill -QUIT "$serving"; wait "$serving"; exit 0' TERM
# One without the other is no gateway: the container ends, and is started again.
wait -n
