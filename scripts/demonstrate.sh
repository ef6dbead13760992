#!/usr/bin/env bash
# What a cluster can do, seen by openssl through its gateway: a certificate issued, renewed, revoked.
#   scripts/demonstrate.sh CLUSTER-DIRECTORY QUICKLIME HTTPS-PORT HTTP-PORT
set -euo pipefail
directory=$1 quicklime=$2 https=$3 http=$4
say() { printf '\n== %s\n' "$*"; }

work=$(mktemp -d "$directory/demonstration-XXXXXX")
cd "$work"
curl -sSf "http://localhost:$http/ca/roots.pem" -o roots.pem
curl -sSf "http://localhost:$http/ca/issuing-1.pem" -o issuing.pem
ocsp() { openssl ocsp -issuer issuing.pem -cert "$1" -url "http://localhost:$http/ocsp" -CAfile roots.pem -verify_other issuing.pem 2>&1 | grep -v WARNING; }
says() { ocsp "$1" | grep -q "$1: $2"; }
is_listed() {
  curl -sSf "http://localhost:$http/crl/issuing-1.crl" -o issuing.crl
  openssl crl -in issuing.crl -inform DER -noout -text | grep -qi "$(openssl x509 -in "$1" -noout -serial | cut -d= -f2)"
}
# The views are moments behind the log.
soon() {
  for _ in $(seq 50); do
    "$@" && return
    sleep 0.1
  done
  echo "demonstrate: not after 5 s: $*" >&2
  exit 1
}

say "a token, over the control socket of identity"
"$quicklime" token create demonstration --role administrator --days 1 --data "$directory/identity-1" -o json >token.json
QUICKLIME_TOKEN=$(sed -n 's/.*"token": *"\([^"]*\)".*/\1/p' token.json)
export QUICKLIME_TOKEN QUICKLIME_SERVER=https://localhost:$https QUICKLIME_ROOTS=$work/roots.pem
rm token.json

say "a certificate for localhost, through the gateway"
issue() { "$quicklime" issue localhost --out .; }
soon issue # every role's view must have met the token
openssl verify -x509_strict -CAfile roots.pem -untrusted issuing.pem localhost.crt
soon says localhost.crt good
ocsp localhost.crt

say "renewed: a fresh key, proved with the old one"
"$quicklime" renew localhost.crt
openssl verify -x509_strict -CAfile roots.pem -untrusted issuing.pem localhost.crt
soon says localhost.crt good
ocsp localhost.crt

say "revoked: OCSP and the CRL say so"
"$quicklime" revoke localhost.crt --reason superseded
soon says localhost.crt revoked
ocsp localhost.crt
soon is_listed localhost.crt
echo "localhost.crt is in http://localhost:$http/crl/issuing-1.crl"
