#!/usr/bin/env bash
# Real kube-apiserver (+ etcd, + a few kube-controller-manager loops) on loopback, for tests.
# Idempotent: builds once, starts what is not running, prints where things are.
#   scripts/kubernetes/up.sh [--build]     --build: and starts nothing
#   KUBE_BIN=DIR         where the program is built once, for all work trees: ~/.cache/quicklime/kubernetes
#   KUBE_RUN=DIR         where its data, keys and logs are: build/kubernetes
#   KUBE_PORT=26443 ETCD_PORT=22379 ETCD_PEER_PORT=22380 KCM_PORT=26257
#   KUBE_KCM=1           0 = no controller manager (then make ServiceAccount "default" yourself)
#   KUBE_NODES="node-a node-b"     Node objects and kubelet-like identities to make
#   KUBE_APISERVER_ARGS="..."      appended to kube-apiserver (e.g. --runtime-config=... --feature-gates=...)
set -euo pipefail
umask 077
D=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PORT=${KUBE_PORT:-26443} EP=${ETCD_PORT:-22379} PP=${ETCD_PEER_PORT:-22380} KP=${KCM_PORT:-26257}
KCM=${KUBE_KCM:-1} NODES=${KUBE_NODES:-node-a node-b}
B=$(realpath -m "${KUBE_BIN:-${XDG_CACHE_HOME:-$HOME/.cache}/quicklime/kubernetes}")
R=$(realpath -m "${KUBE_RUN:-$D/../../build/kubernetes}") V=1.37.1
mkdir -p "$B" "$R"
exec 9>"$R/.lock"; flock 9
log() { echo "up.sh: $*" >&2; }

# ---- 1. build (once; again only if go.mod, go.sum or main.go change) ------------------------------------
# go.mod was made so (for another version: set V, take etcd's version from $GM, then go mod tidy):
#   GM=$(go mod download -json k8s.io/kubernetes@v$V | jq -r .GoMod)
#   require k8s.io/kubernetes v$V, k8s.io/{kubectl,client-go,component-base} v0.${V#1.}, go.etcd.io/etcd/server/v3
#   replace: sed -n "s|^\s*\(k8s.io/[^ ]*\) => ./staging.*|\1 => \1 v0.${V#1.}|p" $GM
want=$(cat "$D/go.mod" "$D/go.sum" "$D/main.go" | sha256sum | cut -c1-16)
if [ "$(cat "$B/kube.stamp" 2>/dev/null)" != "$want" ] || [ ! -x "$B/kube" ]; then
  log "building kube-apiserver + kube-controller-manager + kubectl + etcd into $B/kube (cold: minutes)"
  X=""; for p in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    X="$X -X $p.gitVersion=v$V -X $p.gitMajor=1 -X $p.gitMinor=37 -X $p.gitTreeState=clean"; done
  # No ",direct": only the module proxy is ever asked. -mod=readonly: go.sum is the lock file.
  ( cd "$D" && GOPROXY="$(go env GOPROXY | cut -d, -f1)" GOTOOLCHAIN=local GOWORK=off CGO_ENABLED=0 \
      go build -mod=readonly -trimpath -buildvcs=false -ldflags "-s -w $X" -o "$B/kube.new" . )
  mv "$B/kube.new" "$B/kube"; echo "$want" >"$B/kube.stamp"
fi
for n in kubectl etcd kube-apiserver kube-controller-manager; do ln -sfn kube "$B/$n"; done
[ "${1:-}" != --build ] || exit 0

# ---- 2. already up? -------------------------------------------------------------------------------------
alive() { [ -s "$R/$1.pid" ] && [ "$(readlink "/proc/$(cat "$R/$1.pid")/exe" 2>/dev/null)" = "$B/kube" ]; }
ready() { curl -fsS --max-time 2 --cacert "$R/pki/ca.crt" "https://127.0.0.1:$PORT/readyz" >/dev/null 2>&1; }
show() { cat <<T
KUBECONFIG=$R/admin.kubeconfig   (cluster-admin)
nodes:      $(for n in $NODES; do printf '%s ' "$R/$n.kubeconfig"; done) (system:node:NAME)
server:     https://127.0.0.1:$PORT   CA $R/pki/ca.crt   kubectl $B/kubectl
T
}
if alive etcd && alive apiserver && { [ "$KCM" = 0 ] || alive kcm; } && ready; then log "already running"; show; exit 0; fi
"$D/down.sh" --quiet

# ---- 3. keys and kubeconfigs (kept between starts; remade when missing or within 2 days of expiry) ------
P=$R/pki
if ! openssl x509 -checkend 172800 -noout -in "$P/ca.crt" >/dev/null 2>&1; then
  rm -rf "$P"; mkdir -p "$P"
  key() { openssl ecparam -name prime256v1 -genkey -noout -out "$P/$1.key"; }
  key ca; openssl req -x509 -new -key "$P/ca.key" -subj /CN=kubetest-ca -days 30 -out "$P/ca.crt" \
    -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
  key sa
fi
cert() { # name subject eku [san]
  [ -s "$P/$1.crt" ] && openssl x509 -checkend 86400 -noout -in "$P/$1.crt" >/dev/null && return
  openssl ecparam -name prime256v1 -genkey -noout -out "$P/$1.key"
  openssl req -new -key "$P/$1.key" -subj "$2" -out "$P/$1.csr"
  openssl x509 -req -in "$P/$1.csr" -CA "$P/ca.crt" -CAkey "$P/ca.key" -days 20 -out "$P/$1.crt" 2>/dev/null -extfile <(
    echo "basicConstraints=critical,CA:FALSE"; echo "keyUsage=critical,digitalSignature"
    echo "extendedKeyUsage=$3"; [ -z "${4:-}" ] || echo "subjectAltName=$4")
}
kubeconfig() { # name
  cat >"$R/$1.kubeconfig" <<T
apiVersion: v1
kind: Config
clusters: [{name: t, cluster: {server: "https://127.0.0.1:$PORT", certificate-authority: $P/ca.crt}}]
users: [{name: $1, user: {client-certificate: $P/$1.crt, client-key: $P/$1.key}}]
contexts: [{name: t, context: {cluster: t, user: $1}}]
current-context: t
T
}
cert apiserver /CN=kube-apiserver serverAuth "IP:127.0.0.1,IP:10.96.0.1,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc"
cert admin /O=system:masters/CN=admin clientAuth; kubeconfig admin
cert kcm /CN=system:kube-controller-manager clientAuth; kubeconfig kcm
for n in $NODES; do cert "$n" "/O=system:nodes/CN=system:node:$n" clientAuth; kubeconfig "$n"; done

# ---- 4. start -------------------------------------------------------------------------------------------
# A foreign etcd on our port would answer the health check and take our data: refuse instead.
for p in $PORT $EP $PP $([ "$KCM" = 0 ] || echo "$KP"); do
  if (exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null; then log "port $p is already in use"; exit 1; fi
done
start() { # name argv...
  local n=$1; shift
  setsid "$@" >"$R/$n.log" 2>&1 </dev/null 9>&- & echo $! >"$R/$n.pid"
}
wait_for() { # seconds what command...
  local t=$(( $1 * 10 )) w=$2; shift 2
  until alive "$w" && "$@"; do
    t=$((t - 1)); [ $t -gt 0 ] || { log "$w did not come up; tail of its log:"; tail -5 "$R/$w.log" >&2; exit 1; }
    sleep 0.1
    case $(sed 's/.*) //' "/proc/$(cat "$R/$w.pid")/stat" 2>/dev/null) in ''|Z*|X*)
      log "$w died:"; tail -5 "$R/$w.log" >&2; exit 1;; esac
  done
}
T0=$(date +%s%N)
start etcd "$B/etcd" --name t --data-dir "$R/etcd" --unsafe-no-fsync --log-level warn \
  --listen-client-urls "http://127.0.0.1:$EP" --advertise-client-urls "http://127.0.0.1:$EP" \
  --listen-peer-urls "http://127.0.0.1:$PP" --initial-advertise-peer-urls "http://127.0.0.1:$PP" \
  --initial-cluster "t=http://127.0.0.1:$PP"
wait_for 20 etcd curl -fsS --max-time 1 -o /dev/null "http://127.0.0.1:$EP/health" 2>/dev/null
# Everything that decides what is served is left at its default; only NodeRestriction (on in kubeadm
# clusters, off by default) and the Node authorizer are added, because PodCertificateRequests rest on them.
# The issuer is the server's own address so that OIDC discovery and JWKS can be fetched from it.
# shellcheck disable=SC2086
start apiserver "$B/kube-apiserver" --etcd-servers "http://127.0.0.1:$EP" \
  --bind-address 127.0.0.1 --secure-port "$PORT" --advertise-address 127.0.0.1 --endpoint-reconciler-type none \
  --tls-cert-file "$P/apiserver.crt" --tls-private-key-file "$P/apiserver.key" --client-ca-file "$P/ca.crt" \
  --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction \
  --service-account-issuer "https://127.0.0.1:$PORT" --service-account-jwks-uri "https://127.0.0.1:$PORT/openid/v1/jwks" \
  --service-account-key-file "$P/sa.key" --service-account-signing-key-file "$P/sa.key" \
  --service-cluster-ip-range 10.96.0.0/16 --allow-privileged --profiling=false ${KUBE_APISERVER_ARGS:-}
wait_for 90 apiserver ready
if [ "$KCM" != 0 ]; then
  start kcm "$B/kube-controller-manager" --kubeconfig "$R/kcm.kubeconfig" --bind-address 127.0.0.1 --secure-port "$KP" \
    --authentication-kubeconfig "$R/kcm.kubeconfig" --authorization-kubeconfig "$R/kcm.kubeconfig" \
    --leader-elect=false --use-service-account-credentials --service-account-private-key-file "$P/sa.key" \
    --root-ca-file "$P/ca.crt" --profiling=false --controllers="${KUBE_CONTROLLERS:-serviceaccount-controller,serviceaccount-token-controller,root-ca-certificate-publisher-controller,namespace-controller,garbage-collector-controller,deployment-controller,replicaset-controller,statefulset-controller,daemonset-controller,job-controller,disruption-controller,persistentvolumeclaim-protection-controller,endpointslice-controller,certificatesigningrequest-cleaner-controller,podcertificaterequest-cleaner-controller,kube-apiserver-serving-clustertrustbundle-publisher-controller}"
fi
K="$B/kubectl --kubeconfig $R/admin.kubeconfig"
for n in $NODES; do $K get node "$n" >/dev/null 2>&1 || $K create -f - >/dev/null <<T
{"apiVersion":"v1","kind":"Node","metadata":{"name":"$n"}}
T
done
if [ "$KCM" != 0 ]; then wait_for 60 kcm sh -c "$K -n default get sa default >/dev/null 2>&1"
else $K -n default get sa default >/dev/null 2>&1 || $K -n default create sa default >/dev/null; fi
log "up in $(( ($(date +%s%N) - T0) / 1000000 )) ms"
show
