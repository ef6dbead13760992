#!/usr/bin/env bash
# The issuer that cert-manager's CertificateRequests name as `group: quicklime.dev` (deploy/k8s/components/cert-manager): asks the CA for every one that
# is approved, with the token of its namespace, and writes what the CA says into its status. It holds no key, and decides nothing: which names a
# namespace may have, its token says. $QUICKLIME_NAMESPACES has a file for each namespace, which is named as it is; others are not looked at.
# A request is asked for by its UID as Idempotency-Key: whatever ends between the CA's answer and the status, the same certificate comes again.
set -euo pipefail

account=${KUBERNETES_ACCOUNT:-/var/run/secrets/kubernetes.io/serviceaccount}
api=https://${KUBERNETES_SERVICE_HOST:-kubernetes.default.svc}:${KUBERNETES_SERVICE_PORT:-443}
tokens=$QUICKLIME_NAMESPACES roots=$QUICKLIME_ROOTS server=$QUICKLIME_SERVER
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

ask() { # method, path, more of curl...: prints the status; the answer is in $work/answer
  local method=$1 path=$2
  shift 2
  curl -sS -m 30 -o "$work/answer" -w '%{http_code}' -X "$method" --cacert "$account/ca.crt" -H @<(echo "Authorization: Bearer $(<"$account/token")") "$@" "$api$path" || true
}

# What is left to do of a list: approved or denied, and neither issued nor refused. One a line.
left_to_do() {
  jq -c '.items[]
    | select(.spec.issuerRef.group == "quicklime.dev" and .spec.issuerRef.kind == "Issuer")
    | [.status.conditions[]?] as $said
    | select(all($said[]; .type != "Ready" or (.status != "True" and .reason != "Failed" and .reason != "Denied")))
    | select(any($said[]; (.type == "Approved" or .type == "Denied") and .status == "True"))'
}

# The condition Ready beside those of others, at the version that was read: whoever was faster has the last word.
conclude() { # status, reason, message, [file with the chain]; the request is in $work/request
  local status=$1 reason=$2 message=$3 answered
  jq --arg status "$status" --arg reason "$reason" --arg message "$message" --rawfile chain "${4:-/dev/null}" --rawfile root "$roots" '
    [.status.conditions[]? | select(.type == "Ready")][0] as $before
    | if $before.status == $status and $before.reason == $reason and $before.message == $message then empty else . end
    | (now | todate) as $now
    | {metadata: {resourceVersion: .metadata.resourceVersion},
       status: ({conditions: ([.status.conditions[]? | select(.type != "Ready")]
                              + [{type: "Ready", status: $status, reason: $reason, message: $message, lastTransitionTime: $now}])}
                + (if $reason == "Failed" or $reason == "Denied" then {failureTime: $now} else {} end)
                + (if $status == "True" then {certificate: ($chain | @base64), ca: ($root | @base64)} else {} end))}' "$work/request" >"$work/patch"
  [ -s "$work/patch" ] || return 0
  answered=$(ask PATCH "/apis/cert-manager.io/v1/namespaces/$namespace/certificaterequests/$name/status" -H "Content-Type: application/merge-patch+json" --data-binary @"$work/patch")
  case $answered in
  200) echo "cert-manager-issuer: $namespace/$name: $reason: $message" ;;
  404 | 409) ;; # gone, or another one now: looked at again
  *) echo "cert-manager-issuer: $namespace/$name: its status was not taken ($answered): $(head -c 300 "$work/answer")" >&2 ;;
  esac
}

treat() { # the request is in $work/request
  local issuer answered
  if jq -e 'any(.status.conditions[]?; .type == "Denied" and .status == "True")' "$work/request" >/dev/null; then
    conclude False Denied "It was denied."
    return
  fi
  if jq -e '.spec.isCA == true' "$work/request" >/dev/null; then
    conclude False Failed "A request is not how a CA is made here."
    return
  fi
  issuer=$(jq -r .spec.issuerRef.name "$work/request")
  answered=$(ask GET "/apis/quicklime.dev/v1/namespaces/$namespace/issuers/$issuer")
  if [ "$answered" != 200 ]; then
    conclude False Pending "There is no Issuer $issuer of quicklime.dev here, or it cannot be read ($answered)."
    return
  fi
  jq --slurpfile issuer "$work/answer" '
    {csr: (.spec.request | @base64d), profile: ($issuer[0].spec.profile // "tls-server"), service: $issuer[0].spec.service}
    + (if .spec.duration then
         {lifetime: (.spec.duration | capture("^((?<h>[0-9]+)h)?((?<m>[0-9]+)m)?((?<s>[0-9]+)(\\.[0-9]+)?s)?$")
                     | "\((.h // "0" | tonumber) * 3600 + (.m // "0" | tonumber) * 60 + (.s // "0" | tonumber))s")}
       else {} end)
    | with_entries(select(.value != null))' "$work/request" >"$work/asked"
  answered=$(curl -sS -m 30 -o "$work/chain" -w '%{http_code}' --cacert "$roots" -H @<(echo "Authorization: Bearer $(<"$tokens/$namespace")") \
    -H "Idempotency-Key: $(jq -r .metadata.uid "$work/request")" -H "X-Request-Id: $(jq -r .metadata.uid "$work/request")" \
    -H "Quicklime-On-Behalf-Of: kubernetes:certificaterequest:$namespace/$name" -H "Content-Type: application/json" \
    -H "Accept: application/pem-certificate-chain" --data-binary @"$work/asked" "$server/v1/certificates" 2>"$work/why") || true
  case $answered in
  201) conclude True Issued "Quicklime issued it." "$work/chain" ;;
  # What is asked for is not to be had, and will not be: nobody is to wait for it.
  400 | 403 | 409 | 413 | 415 | 422) conclude False Failed "$(jq -r '"\(.type | split("#")[-1]): \(.detail)"' "$work/chain" | head -c 900)" ;;
  # Everything else is ours or passes: asked again.
  000) conclude False Pending "The CA cannot be reached: $(head -c 300 "$work/why")" ;;
  *) conclude False Pending "The CA answers $answered: $(jq -r '.type | split("#")[-1]' "$work/chain" 2>/dev/null || true)" ;;
  esac
}

while :; do
  for token in "$tokens"/*; do
    [ -f "$token" ] || continue
    namespace=${token##*/} more=
    while :; do
      answered=$(ask GET "/apis/cert-manager.io/v1/namespaces/$namespace/certificaterequests?limit=500&continue=$more")
      if [ "$answered" != 200 ]; then
        echo "cert-manager-issuer: the requests of $namespace cannot be read ($answered)" >&2
        break
      fi
      more=$(jq -r '.metadata.continue // "" | @uri' "$work/answer")
      left_to_do <"$work/answer" >"$work/left"
      while read -r line <&3; do
        printf '%s' "$line" >"$work/request"
        name=$(jq -r .metadata.name "$work/request")
        treat
      done 3<"$work/left"
      [ -n "$more" ] || break
    done
  done
  touch "$work/alive"
  sleep "${QUICKLIME_POLL:-5}"
done
