#!/usr/bin/env bash
# The container `prepare` of compose.yaml: the CA, whose log is in Kafka, and the directory of each process, each in a volume of
# its own under /cluster. Can be run again: what is there stays, settings are written anew.
set -euo pipefail
cd "$(dirname "$0")/.."

cluster=${QUICKLIME_CLUSTER:-/cluster}
directory=$cluster/ca
# shellcheck disable=SC2034 # read by directories.sh
quicklime=quicklime public_url=$QUICKLIME_PUBLIC_URL bootstrap_servers=kafka:9092 single_replica=true redis_host=redis redis_port=6379 \
  issuance_url=https://issuance:8444 identity_url=https://identity:8443
# shellcheck source=scripts/directories.sh
. scripts/directories.sh

read_roles
make_ca
home=$QUICKLIME_DATA
for role in "${roles[@]}"; do
  configure "$cluster/projector-$role" "$home" "projector-$role" "[listen]" 'admin = ":9090"'
  listen=("[listen]" 'https = ":8443"' 'http = ""' 'admin = ":9090"')
  [ "${certificate_by[$role]}" = listener ] && listen+=('bootstrap = ":8444"')
  configure "$cluster/$role" "$home" "$role" "${listen[@]}"
  hand_keys "$role" "$cluster/$role"
done
(umask 077 && redis_users >"$cluster/redis/users.acl")
cp "$directory/ca/ca/root.crt" "$cluster/gateway/roots.pem"
cp "$directory/ca/bootstrap/gateway.token" "$cluster/gateway/bootstrap.token"
echo "The root's key, not needed by anything that runs, is in the volume ca: $directory/ca/ca/root.key"
