#!/usr/bin/env bash
# The gateway's certificate: its own key, certified by issuance for its bootstrap token. What is there stays.
#   scripts/gateway_certificate.sh HOME ISSUANCE-URL TOKEN-FILE     HOME holds roots.pem; gateway.key and gateway.crt are made there
set -euo pipefail
home=$1 issuance_url=$2 token=$3
[ ! -s "$home/gateway.crt" ] || exit 0
openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$home/gateway.key" -out "$home/gateway.csr" -subj / \
  -addext "subjectAltName=URI:quicklime:role/gateway,DNS:gateway,DNS:localhost,IP:127.0.0.1" 2>/dev/null
chmod 600 "$home/gateway.key"
# The token does not stand in the command line, which everyone on the machine can see.
printf 'Authorization: Bearer %s\n' "$(cat "$token")" |
  curl -sSf --cacert "$home/roots.pem" -H @- -H "Accept: application/pem-certificate-chain" --data-binary @"$home/gateway.csr" \
    -H "Content-Type: application/pkcs10" "$issuance_url/v1/certificates?profile=role-peer" -o "$home/gateway.crt.new"
mv "$home/gateway.crt.new" "$home/gateway.crt"
