#!/usr/bin/env bash
# A Keycloak on this machine, whose people are those of a directory of scripts/slapd.sh. For tests and for trying out.
#   scripts/keycloak.sh fetch                       Keycloak into the cache, once (176 MB)
#   scripts/keycloak.sh start DIR SLAPD [--server URL] [--port P]
#                                                   makes one in DIR over the directory that runs in SLAPD, or starts again the one that is
#                                                   there, with new keys; prints its issuer
#   scripts/keycloak.sh stop DIR                    ends it
# --server: the CA whose /v1/sign-in/NAME/callback browsers are sent back to, https://127.0.0.1:8443 if nothing is said.
# DIR holds issuer, keycloak.pid and keycloak.log. Its realm is scripts/keycloak/realm.json; what is in it is forgotten when it ends.
# Without --port a free port is taken. Needs Java 17 or newer, and mvn to fetch.
set -euo pipefail

version=26.7.3
program=${XDG_CACHE_HOME:-$HOME/.cache}/quicklime/keycloak-$version
realm=$(dirname "$(realpath "$0")")/keycloak/realm.json

say() { echo "keycloak: $*" >&2; }
give_up() {
  say "$*"
  exit 1
}

fetch() {
  [ -e "$program/complete" ] && return
  command -v mvn >/dev/null || give_up "mvn is missing: scripts/install-deps.sh --test"
  say "fetching Keycloak $version"
  mkdir -p "$program"
  exec 9>"$program/lock"
  flock 9
  [ -e "$program/complete" ] && return
  local downloaded attempt
  downloaded=$(mktemp -d)
  # Maven writes to standard output, colours and progress among it; whoever called reads the issuer there.
  for attempt in 1 2 3; do
    (cd "$downloaded" && mvn -q -B --no-transfer-progress -Dstyle.color=never dependency:copy \
      -Dartifact="org.keycloak:keycloak-quarkus-dist:$version:tar.gz" -DoutputDirectory="$downloaded") >&2 && break
    [ "$attempt" -lt 3 ] || give_up "Maven could not fetch Keycloak"
    sleep 5
  done
  tar -xzf "$downloaded/keycloak-quarkus-dist-$version.tar.gz" -C "$program" --strip-components=1
  rm -r "$downloaded"
  touch "$program/complete"
}

free_port() {
  local port
  for port in $(shuf -i 15000-29999 -n 1000); do
    (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null && continue
    echo "$port"
    return
  done
}

running() {
  local pid
  pid=$(cat "$1/keycloak.pid" 2>/dev/null) && [ -n "$pid" ] && grep -qs "$1/keycloak" "/proc/$pid/cmdline"
}

start() {
  local directory=$1 slapd server=https://127.0.0.1:8443 port='' issuer deadline
  slapd=$(realpath "$2")
  shift 2
  while [ $# -gt 0 ]; do
    case $1 in
      --server) server=$2; shift ;;
      --port) port=$2; shift ;;
      *) give_up "what is $1?" ;;
    esac
    shift
  done
  fetch
  mkdir -p "$directory"
  directory=$(realpath "$directory")
  if [ ! -e "$directory/issuer" ]; then
    # A copy: at its first start it makes programs of what it is configured as, beside its own.
    cp -r "$program" "$directory/keycloak"
    mkdir -p "$directory/keycloak/data/import"
    sed -e "s|@callbacks@|$server/v1/sign-in|; s|@ldap@|$(cat "$slapd/ldaps-url")|; s|@bind_password@|$(cat "$slapd/bind-password")|" "$realm" \
      >"$directory/keycloak/data/import/quicklime-realm.json"
    echo "http://127.0.0.1:${port:-$(free_port)}/realms/quicklime" >"$directory/issuer"
  fi
  issuer=$(cat "$directory/issuer")
  if ! running "$directory"; then
    port=${issuer#http://127.0.0.1:}
    # What kc.sh starts takes its place, so that its number is that of Java.
    JAVA_OPTS_APPEND="-Xmx512m" setsid "$directory/keycloak/bin/kc.sh" start-dev --http-host=127.0.0.1 --http-port="${port%%/*}" --db=dev-mem \
      --cache=local --truststore-paths="$slapd/roots.pem" --import-realm >>"$directory/keycloak.log" 2>&1 </dev/null 9>&- &
    echo $! >"$directory/keycloak.pid"
    deadline=$((SECONDS + 600))
    until curl -sf -m 10 -o /dev/null "$issuer/.well-known/openid-configuration"; do
      running "$directory" || give_up "it ended; see $directory/keycloak.log"
      [ $SECONDS -lt $deadline ] || give_up "it does not answer; see $directory/keycloak.log"
      sleep 0.5
    done
  fi
  echo "$issuer"
}

stop() {
  local directory pid deadline=$((SECONDS + 15))
  directory=$(realpath "$1")
  running "$directory" || return 0
  pid=$(cat "$directory/keycloak.pid")
  kill -TERM "-$pid" 2>/dev/null || true
  while kill -0 "$pid" 2>/dev/null; do
    [ $SECONDS -lt $deadline ] || kill -KILL "-$pid" 2>/dev/null || true
    sleep 0.1
  done
  rm -f "$directory/keycloak.pid"
}

case ${1:-} in
  fetch) fetch ;;
  start) [ $# -ge 3 ] || give_up "start DIR SLAPD"; shift; start "$@" ;;
  stop) [ $# -eq 2 ] || give_up "stop DIR"; stop "$2" ;;
  *) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 1 ;;
esac
