#!/usr/bin/env bash
# What only Kubernetes can say of deploy/k8s: a real API server with etcd and controller manager, on loopback, judges every object, and the Job that
# makes the CA runs against it and a real broker. Needs Go to build that server: 7 minutes once, then 5 seconds to start.
#   scripts/test-kubernetes.sh [PYTEST-ARGUMENTS...]      programs from ${QUICKLIME_PROGRAMS:-build/release/bin}
set -euo pipefail
cd "$(dirname "$0")/.."

programs=$(realpath "${QUICKLIME_PROGRAMS:-build/release/bin}")
scripts/kafka.sh fetch
scripts/kubernetes/up.sh --build
# Kinds that are not Kubernetes' own, from the modules that define them. Strimzi's do not come this way.
definition() { # module@version, directory in it
  GOPROXY="$(go env GOPROXY | cut -d, -f1)" GOTOOLCHAIN=local GOWORK=off go mod download -json "$1" | sed -nE "s#^\s*\"Dir\": \"(.*)\",#\1/$2#p"
}
definitions=$(definition sigs.k8s.io/gateway-api@v1.4.1 config/crd/standard):$(
  definition github.com/prometheus-operator/prometheus-operator@v0.85.0 example/prometheus-operator-crd):$(
  definition github.com/cert-manager/cert-manager@v1.18.2 deploy/crds)
export QUICKLIME_PROGRAMS=$programs QUICKLIME_BINARY=$programs/quicklime QUICKLIME_DEFINITIONS=$definitions
# Ports that nobody has.
read -r KUBE_PORT ETCD_PORT ETCD_PEER_PORT KCM_PORT < <(/usr/bin/python3 -c '
import socket
probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(4)]
print(*(probe.getsockname()[1] for probe in probes))')
export KUBE_PORT ETCD_PORT ETCD_PEER_PORT KCM_PORT
trap scripts/kubernetes/down.sh EXIT
scripts/kubernetes/down.sh
scripts/kubernetes/up.sh >/dev/null
/usr/bin/python3 -m pytest -q -p no:cacheprovider tests/kubernetes_server "$@"
