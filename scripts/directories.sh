# shellcheck shell=bash
# Sourced by scripts/cluster.sh and docker/prepare.sh: the CA of a cluster, and what each of its processes finds in its directory.
# They say before: directory (ca/, that of `quicklime init`, and passwords/ are made there), quicklime (the program), organization, public_url,
# server_url, bootstrap_servers, single_replica (true or false), redis_host, redis_port, issuance_url, identity_url. Then read_roles.
# shellcheck disable=SC2154

# Which roles there are, and of each its view, the keys that it holds, and how it comes by its certificate: as the program says.
roles=()
declare -A view_of keys_of certificate_by
read_roles() {
  local said role view keys certificate
  said=$("$quicklime" reference services)
  while read -r role view keys certificate; do
    roles+=("$role")
    view_of[$role]=$view keys_of[$role]=$keys certificate_by[$role]=$certificate
  done <<<"$said"
}

make_ca() {
  [ -e "$directory/ca/ca/issuing-1.key" ] && [ ! -e "$directory/ca/first-events.jsonl" ] && return
  local single=()
  [ "$single_replica" = true ] && single=(--allow-single-replica)
  "$quicklime" init --data "$directory/ca" --name "${organization:-Cluster}" --public-url "$public_url" --log kafka \
    --bootstrap-servers "$bootstrap_servers" "${single[@]}"
}

password() { # Redis user: made once
  local file=$directory/passwords/$1
  [ -s "$file" ] || (umask 077 && mkdir -p "$directory/passwords" && openssl rand -hex 24 >"$file")
  cat "$file"
}
redis_users() { # the ACL file: each daemon may read its view, each projector may write it
  local role view connection="+auth +client|setname +time"
  echo "user default off"
  for role in "${roles[@]}"; do
    view=${view_of[$role]}
    echo "user projector-$role on >$(password "projector-$role") resetkeys ~quicklime:{$view:* resetchannels -@all $connection" \
      "+eval +evalsha +type +hget +hmget +hgetall +hset +hdel +zadd +zrem +zrangebylex +rename +del +unlink"
    echo "user $role on >$(password "$role") resetkeys %R~quicklime:{$view:* resetchannels -@all $connection" \
      "+eval_ro +evalsha_ro +hget +hmget +zrangebylex +zrevrangebylex"
  done
}

# Each process gets a directory of its own, with its own password and only the keys that are its role's.
configure() { # where, its path when the process runs, Redis user, more TOML tables...
  local here=$1 home=$2 user=$3
  shift 3
  mkdir -p "$here/ca"
  chmod 700 "$here"
  (umask 077 && password "$user" >"$here/redis.password")
  cat >"$here/quicklime.toml" <<TOML
public_url = "$public_url"
server_url = "${server_url:-}"
[kafka]
bootstrap_servers = "$bootstrap_servers"
allow_single_replica = $single_replica
[redis]
host = "$redis_host"
port = $redis_port
user = "$user"
password_file = "$home/redis.password"
# One machine runs all of it: its processes wait for each other.
read_deadline = "1s"
TOML
  printf '%s\n' "$@" >>"$here/quicklime.toml"
  cat >>"$here/quicklime.toml" <<TOML
[own_certificate]
issuance_url = "$issuance_url"
[identity]
url = "${identity_url:-}"
TOML
}
hand_keys() { # role, where
  local ca=$directory/ca/ca
  cp "$ca/root.crt" "$2/ca/"
  case ${keys_of[$1]} in *issuing*) cp "$ca/issuing-1.key" "$2/ca/" ;; esac
  case ${keys_of[$1]} in *revocation*) cp "$ca"/revocation* "$2/ca/" ;; esac
  case ${keys_of[$1]} in *access*) cp "$ca/access.key" "$2/ca/" ;; esac
  [ "${certificate_by[$1]}" = listener ] || cp "$directory/ca/bootstrap/$1.token" "$2/bootstrap.token"
}
