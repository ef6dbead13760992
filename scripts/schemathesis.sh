#!/usr/bin/env bash
# Asks a running `quicklime serve` whatever docs/openapi.yaml allows and what it forbids, as an administrator and as nobody: no status, header,
# type or body may come back that the description does not have. Schemathesis is kept in build/, at the version below.
#   scripts/schemathesis.sh [PROGRAM] [EXAMPLES]     (default: build/dev/bin/quicklime, 50 of each operation: both runs end in about five minutes)
set -euo pipefail
cd "$(dirname "$0")/.."
here=$PWD

version=4.32.5
program=${1:-build/dev/bin/quicklime}
examples=${2:-50}

tools=build/schemathesis
if [ "$("$tools/bin/python" -m pip show schemathesis 2>/dev/null | sed -n 's/^Version: //p')" != "$version" ]; then
  rm -rf "$tools"
  python3 -m venv "$tools"
  "$tools/bin/pip" install -q "schemathesis==$version"
fi

work=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" || true; }; rm -rf "$work"' EXIT

"$program" init --data "$work/ca" --public-url http://localhost >/dev/null
# What is described is looked for, not how often it may be asked.
sed -i 's/^#* *authentication_failures = .*/authentication_failures = 0/' "$work/ca/quicklime.toml"
"$program" serve --data "$work/ca" --https 127.0.0.1:0 --http '' --admin '' -o json >"$work/listening" 2>"$work/log" &
server=$!
for _ in $(seq 300); do
  [ -s "$work/listening" ] && break
  kill -0 "$server" || { cat "$work/log" >&2; exit 1; }
  sleep 0.1
done
address=$(sed -n 's/.*"https":"\([^"]*\)".*/\1/p' "$work/listening")
token=$("$program" token create schemathesis --role administrator --data "$work/ca" -o json | sed -n 's/.*"token":"\([^"]*\)".*/\1/p')
csr=$(openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$work/key" -subj / -addext subjectAltName=DNS:known.internal 2>/dev/null)
for _ in 1 2 3; do
  curl -sf --cacert "$work/ca/ca/root.crt" -H "Authorization: Bearer $token" -H 'Content-Type: application/pkcs10' --data-binary "$csr" \
    "https://$address/v1/certificates" -o /dev/null
done

# Bodies that are octets.
cat >"$work/serializers.py" <<'PYTHON'
import schemathesis


@schemathesis.serializer("application/ocsp-request", "application/pkcs10")
def as_octets(ctx, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
PYTHON

# A 503 is described (a position that no view has reached), so a 500 is found by its status, which is nowhere.
run() {
  (cd "$work" && SCHEMATHESIS_HOOKS=$work/serializers.py "$here/$tools/bin/schemathesis" run "$here/docs/openapi.yaml" --url "https://$address" --tls-verify "$work/ca/ca/root.crt" --request-timeout 30 \
    --seed 9 --no-color --warnings off --continue-on-failure \
    --phases examples,coverage,fuzzing --max-examples "$examples" \
    --checks status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance "$@")
}
found=0
echo "schemathesis: as an administrator"
run -H "Authorization: Bearer $token" || found=1
echo "schemathesis: as nobody"
run || found=1
exit $found
