#!/usr/bin/env bash
# An LDAP directory on this machine, OpenLDAP's slapd from the packages of this Debian. For tests and for trying out.
#   scripts/slapd.sh fetch                    the packages into the cache, once (2 MB); nothing is installed
#   scripts/slapd.sh start DIR [--port P]     makes the directory in DIR with the people below, or starts again what is there; prints its URL
#   scripts/slapd.sh modify DIR               changes it, by LDIF on standard input (ldapmodify -a)
#   scripts/slapd.sh stop DIR                 ends it and keeps what it holds
# DIR holds url (ldap://, where it demands StartTLS of whoever shows a password), ldaps-url, roots.pem (of its certificate), other-roots.pem
# (of none), bind-password (of the service account cn=quicklime,dc=acme), slapd.pid, and slapd.log with every question that it was asked.
# Below dc=acme: ou=people, everybody with "<uid>-password", and ou=groups; `people` and `groups` in this file say who they are.
# Without --port free ports are taken: P for ldap://, P + 1 for ldaps://.
set -euo pipefail

# shellcheck source=/dev/null
programs=${XDG_CACHE_HOME:-$HOME/.cache}/quicklime/slapd-$(. /etc/os-release && echo "${ID:-linux}${VERSION_ID:-}")

say() { echo "slapd: $*" >&2; }
give_up() {
  say "$*"
  exit 1
}

# Where the programs in the cache find theirs.
libraries() {
  local found=("$programs"/usr/lib/*-linux-gnu*)
  (IFS=:; echo "${found[*]}")
}

download() {
  # As another user apt may not write there, and says so.
  (cd "$1" && apt-get -qq -o Acquire::Retries=5 -o APT::Sandbox::User=root download "${@:2}") >&2
}

fetch() {
  [ -e "$programs/complete" ] && return
  command -v apt-get >/dev/null || give_up "this is no Debian: no apt-get to fetch slapd by"
  mkdir -p "$programs"
  exec 9>"$programs/lock"
  flock 9
  [ -e "$programs/complete" ] && return
  say "fetching OpenLDAP's slapd"
  local packages=(slapd ldap-utils) package file downloaded
  while read -r package; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || packages+=("$package")
  done < <(apt-cache depends slapd ldap-utils libodbc2 2>/dev/null | sed -n 's/^ *Depends: \(lib[a-z0-9.+-]*\)$/\1/p' | sort -u)
  downloaded=$(mktemp -d)
  if ! download "$downloaded" "${packages[@]}"; then
    local as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get -qq -o Acquire::Retries=5 -o DPkg::Lock::Timeout=300 update >&2
    download "$downloaded" "${packages[@]}" || give_up "apt-get could not download ${packages[*]}"
  fi
  for file in "$downloaded"/*.deb; do dpkg -x "$file" "$programs"; done
  rm -r "$downloaded"
  if LD_LIBRARY_PATH=$(libraries) ldd "$programs/usr/sbin/slapd" | grep 'not found' >&2; then give_up "slapd lacks these libraries"; fi
  touch "$programs/complete"
}

# Two ports in a row that nobody listens on, below those that the kernel gives to clients.
free_port() {
  local port
  for port in $(shuf -i 15000-29998 -n 1000); do
    (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null && continue
    (: <"/dev/tcp/127.0.0.1/$((port + 1))") 2>/dev/null && continue
    echo "$port"
    return
  done
}

running() {
  local pid
  pid=$(cat "$1/slapd.pid" 2>/dev/null) && [ -n "$pid" ] && grep -qs "$1/slapd.conf" "/proc/$pid/cmdline"
}

# A CA with a certificate for 127.0.0.1, and a CA that has nothing to do with it.
make_certificates() {
  local directory=$1 name
  for name in roots other-roots; do
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj "/CN=$name of the directory" \
      -keyout "$directory/$name.key" -out "$directory/$name.pem" 2>/dev/null
  done
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=directory -keyout "$directory/slapd.key" 2>/dev/null |
    openssl x509 -req -CA "$directory/roots.pem" -CAkey "$directory/roots.key" -days 30 -out "$directory/slapd.pem" \
      -extfile <(echo subjectAltName=IP:127.0.0.1,DNS:localhost) 2>/dev/null
}

configure() {
  local directory=$1 port=$2
  mkdir -p "$directory/data"
  make_certificates "$directory"
  openssl rand -hex 16 >"$directory/bind-password"
  openssl rand -hex 16 >"$directory/root-password"
  chmod 600 "$directory"/*-password "$directory"/*.key
  cat >"$directory/slapd.conf" <<CONF
include $programs/etc/ldap/schema/core.schema
include $programs/etc/ldap/schema/cosine.schema
include $programs/etc/ldap/schema/inetorgperson.schema
modulepath $programs/usr/lib/ldap
moduleload back_mdb
moduleload memberof
moduleload ppolicy
pidfile $directory/slapd.pid
TLSCertificateFile $directory/slapd.pem
TLSCertificateKeyFile $directory/slapd.key
security simple_bind=64
sizelimit unlimited
access to attrs=userPassword by anonymous auth by * none
access to * by users read by anonymous auth
database mdb
suffix dc=acme
directory $directory/data
maxsize 67108864
dbnosync
index objectClass,uid,member eq
rootdn cn=root,dc=acme
rootpw $(cat "$directory/root-password")
overlay memberof
overlay ppolicy
ppolicy_hash_cleartext
ppolicy_use_lockout
CONF
  echo "ldaps://127.0.0.1:$((port + 1))" >"$directory/ldaps-url"
  echo "ldap://127.0.0.1:$port" >"$directory/url"
}

# person RDN UID NAME [more lines of LDIF]
person() {
  printf 'dn: %s,dc=acme\nobjectClass: inetOrgPerson\nuid: %s\ncn: %s\nsn: %s\nuserPassword: %s-password\n' "$1" "$2" "$3" "$3" "$2"
  [ $# -lt 4 ] || printf '%s\n' "${@:4}"
  echo
}

# policy NAME line of LDIF...
policy() {
  printf 'dn: cn=%s,dc=acme\nobjectClass: organizationalRole\nobjectClass: pwdPolicy\npwdAttribute: userPassword\n' "$1"
  printf '%s\n' "${@:2}"
  echo
}

# group RDN NAME member...
group() {
  printf 'dn: %s,ou=groups,dc=acme\nobjectClass: groupOfNames\ncn: %s\n' "$1" "$2"
  printf 'member: %s,dc=acme\n' "${@:3}"
  echo
}

people() {
  local unit
  printf 'dn: dc=acme\nobjectClass: domain\ndc: acme\n\n'
  for unit in ou=people ou=contractors,ou=people ou=groups; do
    printf 'dn: %s,dc=acme\nobjectClass: organizationalUnit\n\n' "$unit"
  done
  printf 'dn: cn=quicklime,dc=acme\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\nuserPassword: %s\n\n' "$1"
  policy must-change 'pwdMustChange: TRUE'
  policy three-failures 'pwdLockout: TRUE' 'pwdMaxFailure: 3'

  person uid=alice,ou=people alice "Alice Adams"
  person uid=Bob,ou=people Bob "Bob Brown" # written with a capital there, whoever types what
  person 'cn=Ng\, Wei (Ops),ou=people' wei "Ng, Wei (Ops)"
  person uid=jürgen,ou=people jürgen "Jürgen Groß"
  person uid=twin,ou=people twin "Twin One"
  person uid=twin,ou=contractors,ou=people twin "Twin Two"
  person uid=both,ou=people both "Two Names" "uid: other"
  person uid=deep,ou=people deep "In a chain of groups"
  person uid=many,ou=people many "In many groups"
  person uid=reset,ou=people reset "Reset by an administrator" "pwdPolicySubentry: cn=must-change,dc=acme" "pwdReset: TRUE"
  person uid=strict,ou=people strict "Locked after three" "pwdPolicySubentry: cn=three-failures,dc=acme"
  printf 'dn: ou=abroad,dc=acme\nobjectClass: referral\nobjectClass: extensibleObject\nou: abroad\nref: ldap://elsewhere.invalid/dc=abroad\n\n'
}

groups() {
  local n
  group cn=pki-admins pki-admins cn=Operations,ou=groups
  group cn=Operations Operations uid=alice,ou=people cn=early,ou=groups uid=Bob,ou=people
  # In each other: who asks for the groups of groups must come to an end.
  group cn=early early cn=late,ou=groups
  group cn=late late cn=early,ou=groups uid=alice,ou=people
  group 'cn=Shift\, day (all)' 'Shift, day (all)' 'cn=Ng\, Wei (Ops),ou=people'
  group cn=pki-agents pki-agents 'cn=Shift\, day (all),ou=groups'
  group cn=chain-1 chain-1 uid=deep,ou=people
  for n in {2..40}; do group "cn=chain-$n" "chain-$n" "cn=chain-$((n - 1)),ou=groups"; done
  for n in {1..600}; do group "cn=one-of-many-$n" "one-of-many-$n" uid=many,ou=people; done
}

modify() {
  local directory
  directory=$(realpath "$1")
  LDAPTLS_CACERT="$directory/roots.pem" LD_LIBRARY_PATH=$(libraries) "$programs/usr/bin/ldapmodify" \
    -a -x -ZZ -H "$(cat "$directory/url")" -D cn=root,dc=acme -y <(tr -d '\n' <"$directory/root-password") >/dev/null
}

answers() { (: <"/dev/tcp/127.0.0.1/${1##*:}") 2>/dev/null; }

start() {
  local directory=$1 port='' made='' deadline
  shift
  while [ $# -gt 0 ]; do
    case $1 in
      --port) port=$2; shift ;;
      *) give_up "what is $1?" ;;
    esac
    shift
  done
  fetch
  mkdir -p "$directory"
  directory=$(realpath "$directory")
  if [ ! -e "$directory/url" ]; then
    if [ -z "$port" ]; then # until it listens: who chooses ports next finds these taken
      exec 8>"$programs/ports.lock"
      flock 8
      port=$(free_port)
    fi
    configure "$directory" "$port"
    made=yes
  fi
  if ! running "$directory"; then
    LD_LIBRARY_PATH=$(libraries) setsid "$programs/usr/sbin/slapd" -f "$directory/slapd.conf" -h "$(cat "$directory/url") $(cat "$directory/ldaps-url")" -d stats \
      >>"$directory/slapd.log" 2>&1 </dev/null 8>&- 9>&- &
    deadline=$((SECONDS + 60))
    until answers "$(cat "$directory/url")" && answers "$(cat "$directory/ldaps-url")" && running "$directory"; do
      [ $SECONDS -lt $deadline ] || give_up "it does not answer; see $directory/slapd.log"
      sleep 0.05
    done
  fi
  if [ -n "$made" ] && ! { people "$(cat "$directory/bind-password")"; groups; } | modify "$directory"; then
    stop "$directory"
    rm "$directory/url"
    give_up "it does not take the people; see $directory/slapd.log"
  fi
  cat "$directory/url"
}

stop() {
  local directory pid deadline=$((SECONDS + 15))
  directory=$(realpath "$1")
  running "$directory" || return 0
  pid=$(cat "$directory/slapd.pid")
  kill -CONT "$pid" 2>/dev/null || true
  kill -TERM "$pid" 2>/dev/null || true
  while kill -0 "$pid" 2>/dev/null; do
    [ $SECONDS -lt $deadline ] || kill -KILL "$pid" 2>/dev/null || true
    sleep 0.1
  done
}

case ${1:-} in
  fetch) fetch ;;
  start) [ $# -ge 2 ] || give_up "start DIR"; shift; start "$@" ;;
  modify) [ $# -eq 2 ] || give_up "modify DIR <LDIF"; modify "$2" ;;
  stop) [ $# -eq 2 ] || give_up "stop DIR"; stop "$2" ;;
  *) sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 1 ;;
esac
