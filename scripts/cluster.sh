#!/usr/bin/env bash
# A whole cluster on this machine: Kafka, Redis, every daemon and projector as a process of its own, and the gateway.
#   scripts/cluster.sh up [--replicas N] [--no-demonstration]
#                                          starts what is not running, then shows what it can do
#   scripts/cluster.sh status              every address, and what is ready
#   scripts/cluster.sh down [--remove]     stops everything; --remove forgets it too
# In ${QUICKLIME_CLUSTER:-build/cluster}; ports from ${QUICKLIME_CLUSTER_PORT:-19000} on; programs from
# ${QUICKLIME_PROGRAMS:-build/release/bin}. BROKERS=3 makes a cluster that outlives a broker. REDIS_OPERATOR=1: with a Redis user
# `operator` that may do everything. QUICKLIME_CLUSTER_PATIENCE: seconds until a process must be ready, 60.
set -euo pipefail
cd "$(dirname "$0")/.."

directory=$(realpath -m "${QUICKLIME_CLUSTER:-build/cluster}")
port=${QUICKLIME_CLUSTER_PORT:-19000}
programs=$(realpath -m "${QUICKLIME_PROGRAMS:-build/release/bin}")
brokers=${BROKERS:-1}
patience=${QUICKLIME_CLUSTER_PATIENCE:-60}
replicas=2
roles=(issuance renewal revocation ocsp crl dashboard-api)
https=$((port + 443)) http=$((port + 80)) redis=$((port + 379)) bootstrap=$((port + 444))
say() { printf '\n== %s\n' "$*"; }
give_up() {
  echo "cluster: $*" >&2
  exit 1
}

# Names and numbers: replica N of role R serves peers on port+100+10*R+N and /readyz on 200 further on.
index_of() {
  local index
  for index in "${!roles[@]}"; do [ "${roles[index]}" = "$1" ] && echo "$index"; done
}
peer_port() { echo $((port + 100 + 10 * $(index_of "$1") + $2)); }
admin_port() { echo $((port + 300 + 10 * $(index_of "$1") + $2)); } # replica 0: the projector

# ---- processes: what runs is named in <home>/pid
is_running() { # not one that has ended and that nobody has asked about yet
  local pid stat
  [ -s "$1/pid" ] || return
  read -r pid <"$1/pid"
  [ -e "/proc/$pid/stat" ] && read -r stat <"/proc/$pid/stat" && [[ ${stat##*) } != [ZX]* ]]
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

# ---- configuration: each process gets its own directory, with its own password and only the keys that are its role's
password() { # user: made once
  local file=$directory/passwords/$1
  [ -s "$file" ] || (umask 077 && mkdir -p "$directory/passwords" && openssl rand -hex 24 >"$file")
  cat "$file"
}
configure() { # home, Redis user, more TOML tables...
  local home=$1 user=$2
  shift 2
  mkdir -p "$home/ca"
  chmod 700 "$home"
  (umask 077 && password "$user" >"$home/redis.password")
  cat >"$home/quicklime.toml" <<TOML
public_url = "http://localhost:$http"
[kafka]
bootstrap_servers = "$(cat "$directory/kafka/bootstrap")"
allow_single_replica = $([ "$brokers" = 1 ] && echo true || echo false)
[redis]
port = $redis
user = "$user"
password_file = "$home/redis.password"
# One machine runs all of it: its processes wait for each other.
read_deadline = "1s"
TOML
  printf '%s\n' "$@" >>"$home/quicklime.toml"
  cat >>"$home/quicklime.toml" <<TOML
[own_certificate]
issuance_url = "https://localhost:$bootstrap"
TOML
}
hand_keys() { # role, home
  local ca=$directory/ca/ca
  cp "$ca/root.crt" "$2/ca/"
  case $1 in issuance | renewal | crl) cp "$ca/issuing-1.key" "$2/ca/" ;; esac
  case $1 in issuance | renewal | revocation) cp "$ca/revocation.key" "$2/ca/" ;; esac
  [ "$1" = issuance ] || cp "$directory/ca/bootstrap/$1.token" "$2/bootstrap.token"
  cp scripts/peers.toml "$2/peers.toml"
}

# ---- parts
start_kafka() { scripts/kafka.sh start "$directory/kafka" --brokers "$brokers" --port $((port + 92)) >/dev/null; }
redis_users() {
  local role view connection="+auth +client|setname +time"
  echo "user default off"
  for role in "${roles[@]}"; do
    view=${role//-/_}
    echo "user projector-$role on >$(password "projector-$role") resetkeys ~quicklime:{$view:* resetchannels -@all $connection" \
      "+eval +evalsha +type +hget +hmget +hgetall +hset +hdel +zadd +zrem +zrangebylex +rename +del +unlink"
    echo "user $role on >$(password "$role") resetkeys %R~quicklime:{$view:* resetchannels -@all $connection" \
      "+eval_ro +evalsha_ro +hget +hmget +zrangebylex +zrevrangebylex +zlexcount"
  done
  [ -z "${REDIS_OPERATOR:-}" ] || echo "user operator on >$(password operator) ~* &* +@all"
}
start_redis() {
  is_running "$directory/redis" && return
  mkdir -p "$directory/redis"
  (umask 077 && redis_users >"$directory/redis/users.acl")
  start "$directory/redis" redis-server --port "$redis" --bind 127.0.0.1 --dir "$directory/redis" --save "" --aclfile "$directory/redis/users.acl" \
    --maxmemory-policy noeviction
  wait_for Redis bash -c "exec 3<>/dev/tcp/127.0.0.1/$redis"
}
make_ca() {
  [ -e "$directory/ca/ca/issuing-1.key" ] && [ ! -e "$directory/ca/first-events.jsonl" ] && return
  local single=()
  [ "$brokers" = 1 ] && single=(--allow-single-replica)
  "$programs/quicklime" init --data "$directory/ca" --name "Cluster" --public-url "http://localhost:$http" --log kafka \
    --bootstrap-servers "$(cat "$directory/kafka/bootstrap")" "${single[@]}"
}
start_roles() {
  local role replica home
  for role in "${roles[@]}"; do
    home=$directory/projector-$role
    if ! is_running "$home"; then
      configure "$home" "projector-$role" "[listen]" "admin = \"127.0.0.1:$(admin_port "$role" 0)\""
      start "$home" "$programs/quicklime-projector-$role" --data "$home"
    fi
    for replica in $(seq "$replicas"); do
      home=$directory/$role-$replica
      is_running "$home" && continue
      local listen=("[listen]" "https = \"127.0.0.1:$(peer_port "$role" "$replica")\"" 'http = ""' "admin = \"127.0.0.1:$(admin_port "$role" "$replica")\"")
      # One replica certifies the others; behind a service name it would be any of them.
      [ "$role-$replica" = issuance-1 ] && listen+=("bootstrap = \"127.0.0.1:$bootstrap\"")
      configure "$home" "$role" "${listen[@]}"
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
  if [ ! -s "$home/gateway.crt" ]; then
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$home/gateway.key" -out "$home/gateway.csr" -subj / \
      -addext "subjectAltName=DNS:gateway,DNS:localhost,IP:127.0.0.1" 2>/dev/null
    chmod 600 "$home/gateway.key"
    curl -sSf --cacert "$home/roots.pem" -H "Authorization: Bearer $(cat "$directory/ca/bootstrap/gateway.token")" \
      -H "Accept: application/pem-certificate-chain" --data-binary @"$home/gateway.csr" -H "Content-Type: application/pkcs10" \
      "https://localhost:$bootstrap/v1/certificates?profile=tls-peer" -o "$home/gateway.crt.new"
    mv "$home/gateway.crt.new" "$home/gateway.crt"
  fi
  for role in "${roles[@]}"; do
    addresses=""
    for replica in $(seq "$replicas"); do addresses+=",127.0.0.1:$(peer_port "$role" "$replica")"; done
    all+=("$role=${addresses#,}")
  done
  python3 scripts/gateway.py --https "127.0.0.1:$https" --http "127.0.0.1:$http" --directory "$home" "${all[@]}" >"$home/nginx.conf"
  start "$home" nginx -p "$home" -c "$home/nginx.conf" -g "daemon off;"
  wait_for "the gateway" curl -sf -m 2 "http://127.0.0.1:$http/ca/roots.pem"
}

up() {
  mkdir -p "$directory"
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
up | status | down) "$command" "$@" ;;
*) sed -n '2,10s/^# //p' "$0" && exit 2 ;;
esac
