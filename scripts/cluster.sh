#!/usr/bin/env bash
# A whole cluster on this machine: Kafka, Redis, every daemon and projector as a process of its own, and the gateway.
#   scripts/cluster.sh up [--replicas N] [--no-demonstration]
#                                          starts what is not running, then shows what it can do
#   scripts/cluster.sh status              every address, and what is ready
#   scripts/cluster.sh restart NAME...     projector-ocsp, ocsp-1, ..., all projectors, all replicas-1: ended, and started with the
#                                          programs that are there now
#   scripts/cluster.sh down [--remove]     stops everything; --remove forgets it too
# In ${QUICKLIME_CLUSTER:-build/cluster}; ports from ${QUICKLIME_CLUSTER_PORT:-19000} on; programs from
# ${QUICKLIME_PROGRAMS:-build/release/bin}. BROKERS=3 makes a cluster that outlives a broker. REDIS_OPERATOR=1: with a Redis user
# `operator` that may do everything. QUICKLIME_CLUSTER_PATIENCE: seconds until a process must be ready, 60. QUICKLIME_OPENAPI: the
# description of the routes, docs/openapi.yaml.
set -euo pipefail
cd "$(dirname "$0")/.."

directory=$(realpath -m "${QUICKLIME_CLUSTER:-build/cluster}")
port=${QUICKLIME_CLUSTER_PORT:-19000}
programs=$(realpath -m "${QUICKLIME_PROGRAMS:-build/release/bin}")
patience=${QUICKLIME_CLUSTER_PATIENCE:-60}
openapi=${QUICKLIME_OPENAPI:-docs/openapi.yaml}
# What a cluster was made as, it stays: brokers, replicas.
[ ! -e "$directory/shape" ] || read -r made_brokers made_replicas <"$directory/shape"
brokers=${made_brokers:-${BROKERS:-1}} replicas=${made_replicas:-2}
https=$((port + 443)) http=$((port + 80)) redis=$((port + 379)) bootstrap=$((port + 444))
# shellcheck disable=SC2034 # read by directories.sh
quicklime=$programs/quicklime public_url=http://localhost:$http server_url=https://localhost:$https redis_host=127.0.0.1 redis_port=$redis
issuance_url=https://localhost:$bootstrap single_replica=$([ "$brokers" = 1 ] && echo true || echo false)
# shellcheck source=scripts/directories.sh
. scripts/directories.sh
say() { printf '\n== %s\n' "$*"; }
give_up() {
  echo "cluster: $*" >&2
  exit 1
}

# Names and numbers: replica N of role R serves peers on port+100+10*R+N and /readyz on 200 further on. The number that a role has it
# keeps, whatever roles come before it in later programs.
index_of() {
  local settings=("$directory"/projector-*/quicklime.toml) own=$directory/projector-$1/quicklime.toml
  if [ -e "$own" ]; then
    echo $((($(sed -nE 's/^admin = .*:([0-9]+)"$/\1/p' "$own") - port - 300) / 10))
  elif [ -e "${settings[0]}" ]; then
    echo ${#settings[@]}
  else
    echo 0
  fi
}
peer_port() { echo $((port + 100 + 10 * $(index_of "$1") + $2)); }
admin_port() { echo $((port + 300 + 10 * $(index_of "$1") + $2)); } # replica 0: the projector

# ---- processes: what runs is named in <home>/pid
is_running() { # not one that has ended, with all its threads: until then its ports are taken
  local pid stat threads
  [ -s "$1/pid" ] || return
  read -r pid <"$1/pid"
  [ -e "/proc/$pid/stat" ] && read -r stat <"/proc/$pid/stat" || return
  threads=("/proc/$pid/task/"*)
  [[ ${stat##*) } != [ZX]* ]] || [ ${#threads[@]} -gt 1 ]
} 2>/dev/null
start() { # home, program, arguments
  local home=$1
  shift
  is_running "$home" && return
  setsid nohup "$@" >>"$home/log" 2>&1 </dev/null &
  echo $! >"$home/pid"
}
stop() { # homes: ended together, then waited for
  local home
  for home in "$@"; do is_running "$home" && kill "$(cat "$home/pid")" 2>/dev/null; done
  for home in "$@"; do
    for _ in $(seq 300); do
      is_running "$home" || break
      sleep 0.1
    done
    is_running "$home" && kill -9 "$(cat "$home/pid")"
    rm -f "$home/pid"
  done
  return 0
}
wait_for() { # what, command...
  local what=$1
  shift
  for _ in $(seq $((patience * 10))); do
    "$@" >/dev/null 2>&1 && return
    sleep 0.1
  done
  give_up "$what is not there after $patience s; the logs are in $directory"
}
is_ready() { curl -sf -m 2 "http://127.0.0.1:$1/readyz"; }

# ---- parts
start_kafka() {
  scripts/kafka.sh start "$directory/kafka" --brokers "$brokers" --port $((port + 92)) >/dev/null
  bootstrap_servers=$(<"$directory/kafka/bootstrap")
}
start_redis() {
  is_running "$directory/redis" && return
  mkdir -p "$directory/redis"
  (umask 077 && redis_users >"$directory/redis/users.acl")
  [ -z "${REDIS_OPERATOR:-}" ] || echo "user operator on >$(password operator) ~* &* +@all" >>"$directory/redis/users.acl"
  start "$directory/redis" redis-server --port "$redis" --bind 127.0.0.1 --dir "$directory/redis" --save "" --aclfile "$directory/redis/users.acl" \
    --maxmemory-policy noeviction
  wait_for Redis bash -c "exec 3<>/dev/tcp/127.0.0.1/$redis"
}
start_roles() {
  local role replica home
  for role in "${roles[@]}"; do
    home=$directory/projector-$role
    if ! is_running "$home"; then
      configure "$home" "$home" "projector-$role" "[listen]" "admin = \"127.0.0.1:$(admin_port "$role" 0)\""
      start "$home" "$programs/quicklime-projector-$role" --data "$home"
    fi
  done
  # One replica is asked; behind a service name it would be any of them. Its port is known from here on.
  # shellcheck disable=SC2034 # read by directories.sh
  identity_url=https://localhost:$(peer_port identity 1)
  for role in "${roles[@]}"; do
    for replica in $(seq "$replicas"); do
      home=$directory/$role-$replica
      is_running "$home" && continue
      local listen=("[listen]" "https = \"127.0.0.1:$(peer_port "$role" "$replica")\"" 'http = ""' "admin = \"127.0.0.1:$(admin_port "$role" "$replica")\"")
      # One replica certifies the others; behind a service name it would be any of them.
      [ "${certificate_by[$role]}-$replica" = listener-1 ] && listen+=("bootstrap = \"127.0.0.1:$bootstrap\"")
      configure "$home" "$home" "$role" "${listen[@]}"
      hand_keys "$role" "$home"
      start "$home" "$programs/quicklime-$role" --data "$home"
    done
  done
}
start_gateway() {
  local home=$directory/gateway role addresses replica all=()
  is_running "$home" && return
  mkdir -p "$home"
  chmod 700 "$home"
  cp "$directory/ca/ca/root.crt" "$home/roots.pem"
  scripts/gateway_certificate.sh "$home" "$issuance_url" "$directory/ca/bootstrap/gateway.token"
  for role in "${roles[@]}"; do
    addresses=""
    for replica in $(seq "$replicas"); do addresses+=",127.0.0.1:$(peer_port "$role" "$replica")"; done
    all+=("$role=${addresses#,}")
  done
  python3 scripts/gateway.py --program "$quicklime" --openapi "$openapi" --https "127.0.0.1:$https" --http "127.0.0.1:$http" --directory "$home" \
    --ocsp-timeout 2s "${all[@]}" >"$home/nginx.conf"
  start "$home" nginx -p "$home" -c "$home/nginx.conf" -g "daemon off;"
  wait_for "the gateway" curl -sf -m 2 "http://127.0.0.1:$http/ca/roots.pem"
}

up() {
  [ ${#roles[@]} -gt 0 ] || read_roles
  mkdir -p "$directory"
  echo "$brokers $replicas" >"$directory/shape"
  say "Kafka, $brokers broker(s)"
  start_kafka
  say "Redis, a user for each view's reader and writer"
  start_redis
  say "a CA whose log is in Kafka"
  make_ca
  say "a projector and $replicas daemons for each role"
  start_roles
  local role replica
  for role in "${roles[@]}"; do
    for replica in $(seq 0 "$replicas"); do wait_for "$role-$replica" is_ready "$(admin_port "$role" "$replica")"; done
  done
  say "the gateway"
  start_gateway
  [ "$demonstration" = yes ] || return 0
  status
  scripts/demonstrate.sh "$directory" "$programs/quicklime" "$https" "$http"
}

status() {
  local role replica
  [ ${#roles[@]} -gt 0 ] || read_roles
  echo "gateway        https://localhost:$https   http://localhost:$http (OCSP, CRLs, CA certificates)"
  echo "Kafka          $(cat "$directory/kafka/bootstrap" 2>/dev/null || echo "not started")"
  echo "Redis          127.0.0.1:$redis"
  for role in "${roles[@]}"; do
    for replica in $(seq 0 "$replicas"); do
      local what=$role-$replica admin
      [ "$replica" = 0 ] && what=projector-$role
      admin=$(admin_port "$role" "$replica")
      printf '%-26s http://127.0.0.1:%s/metrics   %s\n' "$what" "$admin" "$(is_ready "$admin" >/dev/null && echo ready || echo "not ready")"
    done
  done
}

restart() {
  local name names=() homes=() behind_gateway=no
  read_roles
  for name in "$@"; do
    case $name in
    projectors) names+=("${roles[@]/#/projector-}") ;;
    replicas-*) names+=("${roles[@]/%/-${name#replicas-}}") ;;
    *) names+=("$name") ;;
    esac
  done
  for name in "${names[@]}"; do
    [ -e "$directory/$name/pid" ] || give_up "no $name runs in $directory"
    homes+=("$directory/$name")
    [[ $name == projector-* ]] || behind_gateway=yes
  done
  stop "${homes[@]}"
  demonstration=no
  up >/dev/null
  for name in "${names[@]}"; do is_running "$directory/$name" || give_up "$name was ended and is not started again: it is none of the $replicas replicas"; done
  # The gateway leaves out for 2 s whom it has not reached: until it has them back, nobody else may go.
  [ "$behind_gateway" = no ] || sleep 3
}

down() {
  local homes=()
  [ -d "$directory" ] || return 0
  mapfile -t homes < <(find "$directory" -mindepth 2 -maxdepth 2 -name pid -printf '%h\n' | grep -v -e /kafka -e /redis)
  stop "${homes[@]}"
  stop "$directory/redis"
  [ ! -d "$directory/kafka" ] || scripts/kafka.sh stop "$directory/kafka"
  [ "${1:-}" != --remove ] || rm -rf "$directory"
}

command=${1:-}
[ $# -eq 0 ] || shift
demonstration=yes
while :; do
  case ${1:-} in
  --replicas) replicas=$2 && shift 2 ;;
  --no-demonstration) demonstration=no && shift ;;
  *) break ;;
  esac
done
case $command in
up | status | restart | down) "$command" "$@" ;;
*) sed -n '2,13s/^# //p' "$0" && exit 2 ;;
esac
