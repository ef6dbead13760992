#!/usr/bin/env bash
# For pipelines: applies an overlay, waits until all of it serves, and proves it by a certificate that is issued, checked and revoked.
#   scripts/kubernetes/deploy.sh OVERLAY-DIRECTORY [ROOT-KEY-FILE]
# ROOT-KEY-FILE, default root.key: where the root's key goes when this is the deployment that makes the CA; it is on this machine alone then.
# ${KUBECTL:-kubectl} and its configuration say which cluster. QUICKLIME_PATIENCE: seconds to wait, 600.
set -euo pipefail

[ $# -ge 1 ] || { sed -n '2,5s/^# //p' "$0" && exit 2; }
overlay=$1 root_key=${2:-root.key} patience=${QUICKLIME_PATIENCE:-600}
kubectl=${KUBECTL:-kubectl}
https=${QUICKLIME_HTTPS_PORT:-28443} http=${QUICKLIME_HTTP_PORT:-28080}
work=$(mktemp -d)
forwarding=
trap '[ -z "$forwarding" ] || kill "$forwarding" 2>/dev/null; rm -rf "$work"' EXIT
say() { printf '== %s (%s s)\n' "$*" "$SECONDS" >&2; }
give_up() {
  echo "deploy: $*" >&2
  exit 1
}
wait_for() { # what, command...
  local what=$1
  shift
  until "$@" >"$work/waited" 2>&1; do
    [ "$SECONDS" -lt "$patience" ] || { tail -3 "$work/waited" >&2 && give_up "$what is not there after $patience s"; }
    sleep 1
  done
}

say "rendered"
"$kubectl" kustomize "$overlay" >"$work/rendered.yaml"
namespace=$(awk '/^kind: Namespace$/ { found = 1 } found && /^  name: / { print $2; exit }' "$work/rendered.yaml")
here() { "$kubectl" -n "$namespace" "$@"; }
if grep -q '^  name: bootstrap$' "$work/rendered.yaml"; then
  owner=job/bootstrap administrator=deployment/identity entrance=service/gateway
  # A Job that has ended is made anew, perhaps of another image; it will find the CA and do nothing.
  [ "$(here get job bootstrap --ignore-not-found -o 'jsonpath={.status.succeeded}')" != 1 ] || here delete job bootstrap >/dev/null
else
  owner=statefulset/quicklime administrator=statefulset/quicklime entrance=service/quicklime
fi

say "applied to $namespace"
"$kubectl" apply -k "$overlay" >"$work/applied"

say "the CA"
if [ "$owner" = job/bootstrap ]; then
  wait_for "the ConfigMap roots" here get configmap roots
else
  here rollout status "$owner" --timeout "${patience}s" >/dev/null
fi
if here exec "$owner" -- root-key.sh >"$work/root.key" 2>/dev/null; then
  [ ! -e "$root_key" ] || give_up "$root_key exists: move it away; the root's key of this CA waits in $owner"
  openssl pkey -in "$work/root.key" -noout || give_up "what $owner gave is no key"
  install -m 600 "$work/root.key" "$root_key"
  here exec "$owner" -- root-key.sh taken
  say "the root's key is in $root_key: keep it offline"
fi

say "everything serves"
for workload in $(here get deployments,statefulsets -o name); do here rollout status "$workload" --timeout "${patience}s" >/dev/null; done

say "a certificate is issued, good, and revoked"
"$kubectl" -n "$namespace" port-forward "$entrance" "$https:8443" "$http:8080" >"$work/forwarded" 2>&1 & # not by `here`: whose number would be a shell's
forwarding=$!
wait_for "the way to $entrance" curl -sf -m 5 "http://localhost:$http/ca/roots.pem" -o "$work/roots.pem"
curl -sSf "http://localhost:$http/ca/issuing-1.pem" -o "$work/issuing.pem"
here exec "$administrator" -- quicklime token create "deploy $(date -u +%FT%TZ)" --role administrator --days 1 -o json >"$work/token.json"
{ printf 'Authorization: Bearer ' && sed -nE 's/.*"token": *"([^"]*)".*/\1/p' "$work/token.json"; } >"$work/authorization"
api() { curl -sS --fail-with-body -m 30 --cacert "$work/roots.pem" -H @"$work/authorization" "$@"; }
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/proof.key" -out "$work/proof.csr" -subj / \
  -addext "subjectAltName=DNS:proof.invalid" 2>/dev/null
wait_for "a certificate" api -H "Accept: application/pem-certificate-chain" -H "Content-Type: application/pkcs10" --data-binary @"$work/proof.csr" \
  "https://localhost:$https/v1/certificates?profile=tls-server" -o "$work/proof.crt"
openssl verify -CAfile "$work/roots.pem" -untrusted "$work/issuing.pem" "$work/proof.crt" >/dev/null
says() {
  openssl ocsp -issuer "$work/issuing.pem" -cert "$work/proof.crt" -url "http://localhost:$http/ocsp" -CAfile "$work/roots.pem" \
    -verify_other "$work/issuing.pem" 2>&1 | grep -q "proof.crt: $1"
}
wait_for "OCSP that says good" says good
serial=$(openssl x509 -in "$work/proof.crt" -noout -serial | cut -d= -f2)
api -H "Content-Type: application/json" -d '{"reason":"cessationOfOperation"}' "https://localhost:$https/v1/certificates/$serial/revoke" -o "$work/revoked"
wait_for "OCSP that says revoked" says revoked
id=$(sed -nE 's/.*"id": *"([^"]*)".*/\1/p' "$work/token.json")
api -X DELETE "https://localhost:$https/v1/tokens/$id" -o "$work/token.revoked"
say "done"
