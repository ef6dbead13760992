#!/usr/bin/env bash
# The Job `bootstrap` of deploy/k8s: makes the CA, whose log is in Kafka, and a Secret for each process with what is its own; then waits until the
# operator has taken the root's key (root-key.sh). What says that it was done is the ConfigMap `roots`, which is made last.
# It can make Secrets and not read them, so it looks whether there are any of an earlier CA before it makes a key.
set -euo pipefail
cd "$(dirname "$0")/.."

account=${KUBERNETES_ACCOUNT:-/var/run/secrets/kubernetes.io/serviceaccount}
api=https://${KUBERNETES_SERVICE_HOST:-kubernetes.default.svc}:${KUBERNETES_SERVICE_PORT:-443}/api/v1/namespaces/$(<"$account/namespace")
settings=${QUICKLIME_SETTINGS:-/etc/quicklime/process/quicklime.toml}
setting() { sed -nE "s/^$1 = \"?([^\"# ]*).*/\1/p" "$settings"; }
directory=$QUICKLIME_DATA
# shellcheck disable=SC2034 # read by directories.sh
quicklime=quicklime organization=${QUICKLIME_ORGANIZATION:-Quicklime} public_url=$(setting public_url) bootstrap_servers=$(setting bootstrap_servers) single_replica=$(setting allow_single_replica)
# shellcheck source=scripts/directories.sh
. scripts/directories.sh
umask 077
mkdir -p "$directory"

ask() { # method, path, more of curl...: prints the status
  local method=$1 path=$2
  shift 2
  curl -sS -o "$directory/answer" -w '%{http_code}' --retry 5 --retry-connrefused -X "$method" --cacert "$account/ca.crt" \
    -H @- "$@" "$api/$path" <<<"Authorization: Bearer $(<"$account/token")"
}
give_up() {
  echo "bootstrap: $*" >&2
  exit 1
}

# An object of files: kind, name, key=file... Keys need not be text: a Secret holds them in base64.
object() {
  local kind=$1 name=$2 one values=()
  shift 2
  for one in "$@"; do
    if [ "$kind" = Secret ]; then
      base64 -w 0 "${one#*=}" >"$directory/encoded-${one%%=*}"
      values+=(--rawfile "${one%%=*}" "$directory/encoded-${one%%=*}")
    else
      values+=(--rawfile "${one%%=*}" "${one#*=}")
    fi
  done
  jq -n --arg kind "$kind" --arg name "$name" "${values[@]}" '
    {apiVersion: "v1", kind: $kind,
     metadata: {name: $name, labels: {"app.kubernetes.io/name": "quicklime", "app.kubernetes.io/part-of": "quicklime", "app.kubernetes.io/managed-by": "bootstrap"}},
     data: ($ARGS.named | del(.kind, .name))}'
}
place() { if [ "$1" = Secret ]; then echo secrets; else echo configmaps; fi; }

# Everything that is made, in this order: calls its argument with kind, name, key=file...
each() {
  local role given
  given=("issuing-1.key=$directory/ca/ca/issuing-1.key")
  "$1" Secret issuing-key "${given[@]}"
  given=()
  for file in "$directory"/ca/ca/revocation*; do given+=("$(basename "$file")=$file"); done
  "$1" Secret revocation-keys "${given[@]}"
  if [[ " ${keys_of[*]} " == *access* ]]; then "$1" Secret access-key "access.key=$directory/ca/ca/access.key"; fi
  for role in "${roles[@]}"; do
    given=("redis.password=$directory/passwords/$role")
    [ "${certificate_by[$role]}" = listener ] || given+=("bootstrap.token=$directory/ca/bootstrap/$role.token")
    "$1" Secret "$role" "${given[@]}"
    "$1" Secret "projector-$role" "redis.password=$directory/passwords/projector-$role"
  done
  "$1" Secret redis "users.acl=$directory/users.acl"
  "$1" Secret gateway "bootstrap.token=$directory/ca/bootstrap/gateway.token"
  "$1" ConfigMap roots "root.crt=$directory/ca/ca/root.crt"
}
is_free() {
  local status
  status=$(object "$1" "$2" | ask POST "$(place "$1")?dryRun=All" -H "Content-Type: application/json" --data-binary @/dev/fd/4 4<&0)
  case $status in
  201) ;;
  409) give_up "there is a $1 $2 already, of an earlier CA, but no ConfigMap roots: nothing was made. If nobody needs that CA, remove its Secrets and its log, and start this Job anew" ;;
  *) give_up "Kubernetes answers $status: $(<"$directory/answer")" ;;
  esac
}
make() {
  local status
  status=$(object "$@" | ask POST "$(place "$1")" -H "Content-Type: application/json" --data-binary @/dev/fd/4 4<&0)
  # 409: made before this container was started again, of the same files.
  [[ $status = 201 || $status = 409 ]] || give_up "Kubernetes answers $status: $(<"$directory/answer")"
}

read_roles
status=$(ask GET configmaps/roots)
if [ "$status" = 200 ] && [ ! -e "$directory/ca/ca/root.key" ]; then
  echo "bootstrap: this CA was made before; nothing to do"
  exit 0
fi
if [ "$status" != 200 ]; then
  if [ ! -e "$directory/begun" ]; then
    each is_free
    touch "$directory/begun"
  fi
  # The broker may come later than this Job.
  until (for server in ${bootstrap_servers//,/ }; do exec 3<>"/dev/tcp/${server%:*}/${server##*:}" && exit; done 2>/dev/null; exit 1); do
    echo "bootstrap: waiting for Kafka at $bootstrap_servers"
    sleep "${QUICKLIME_POLL:-5}"
  done
  make_ca
  for role in "${roles[@]}"; do
    password "$role" >"$directory/answer"
    password "projector-$role" >"$directory/answer"
  done
  redis_users >"$directory/users.acl"
  each make
  echo "bootstrap: the CA is made, and its processes start"
fi
echo "bootstrap: the root's key is in the memory of this pod and nowhere else. Take it, keep it offline, and say so:"
echo "  kubectl exec -n $(<"$account/namespace") job/bootstrap -- root-key.sh >root.key"
echo "  kubectl exec -n $(<"$account/namespace") job/bootstrap -- root-key.sh taken"
while [ -e "$directory/ca/ca/root.key" ]; do sleep "${QUICKLIME_POLL:-2}"; done
echo "bootstrap: done"
