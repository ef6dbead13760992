#!/usr/bin/env bash
# From a fresh Debian to a certificate that openssl trusts: installs packages, builds, makes a CA, serves it, issues a
# certificate for localhost, proves it, and leaves the CA running. Can be run again: what is there is used.
set -euo pipefail
cd "$(dirname "$0")/.."

data=${QUICKLIME_DATA:-$PWD/build/quickstart/data}
out=$PWD/build/quickstart
say() { printf '\n== %s\n' "$*"; }

say "packages"
scripts/install-deps.sh

say "the dashboard"
scripts/dashboard.sh

say "a release build"
cmake --preset release -DQUICKLIME_TESTS=OFF >/dev/null
cmake --build --preset release --target quicklime
quicklime=$PWD/build/release/bin/quicklime
export QUICKLIME_DATA=$data
mkdir -p "$out"

say "a CA, made and served"
if "$quicklime" version --running >/dev/null 2>&1; then
  echo "already running on $data"
else
  nohup "$quicklime" up --name "Quickstart" --public-url http://localhost:8080 >"$out/quicklime.log" 2>&1 &
  for _ in $(seq 100); do
    "$quicklime" version --running >/dev/null 2>&1 && break
    sleep 0.1
  done
  "$quicklime" version --running >/dev/null || { echo "quickstart: the CA did not start:" >&2; tail -20 "$out/quicklime.log" >&2; exit 1; }
  cat "$out/quicklime.log"
fi

say "a certificate for localhost"
work=$(mktemp -d "$out/certificate-XXXXXX")
"$quicklime" issue localhost --out "$work"

say "what openssl says of it"
cd "$work"
curl -sSf http://localhost:8080/ca/roots.pem -o roots.pem
curl -sSf http://localhost:8080/ca/issuing-1.pem -o issuing.pem
openssl verify -x509_strict -CAfile roots.pem -untrusted issuing.pem localhost.crt
openssl ocsp -issuer issuing.pem -cert localhost.crt -url http://localhost:8080/ocsp -CAfile roots.pem -verify_other issuing.pem 2>&1 | grep -v WARNING
curl -sSf --cacert roots.pem https://localhost:8443/v1/version

say "the CA goes on running; next"
cat <<E2
  export QUICKLIME_DATA=$data
  $quicklime issue api.internal            a certificate for a name
  $quicklime list                          every certificate
  $quicklime revoke localhost --reason superseded
  $quicklime log tail                      everything that ever happened
  $quicklime login --url                   another way in, as the one below
  kill $(head -1 "$data/LOCK" | grep -oE '[0-9]+' | head -1)                              stop it
E2
say "the dashboard, for ten minutes and once: make yourself an administrator there"
"$quicklime" login --url
