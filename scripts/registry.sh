#!/usr/bin/env bash
# A registry on this machine for the images that scripts/images.sh built, and an overlay that takes them from it by digest.
#   scripts/registry.sh up                starts it (Debian's docker-registry) on 127.0.0.1:${REGISTRY_PORT:-5000}, in build/registry
#   scripts/registry.sh push              pushes every image that was built
#   scripts/registry.sh overlay OVERLAY   writes build/registry/overlay: deploy/k8s/overlays/OVERLAY with the images of $REGISTRY, default localhost:5000
#   scripts/registry.sh down
set -euo pipefail
cd "$(dirname "$0")/.."

directory=$PWD/build/registry port=${REGISTRY_PORT:-5000}
registry=${REGISTRY:-localhost:$port}
tag=$(sed -nE 's/^project\(quicklime VERSION ([^ ]+).*/\1/p' CMakeLists.txt)
mapfile -t images < <(sed -nE 's/^FROM runtime AS (.*)/quicklime-\1/p' docker/Dockerfile | sed 's/^quicklime-everything$/quicklime/')
runs() { [ -s "$directory/pid" ] && [ "$(readlink "/proc/$(<"$directory/pid")/exe")" = "$(command -v docker-registry)" ]; }

case ${1:-} in
up)
  runs && exit
  mkdir -p "$directory"
  cat >"$directory/registry.yaml" <<CONFIGURATION
version: 0.1
log: {level: warn}
storage: {filesystem: {rootdirectory: $directory/images}}
http: {addr: "127.0.0.1:$port"}
CONFIGURATION
  setsid nohup docker-registry serve "$directory/registry.yaml" >"$directory/log" 2>&1 </dev/null &
  echo $! >"$directory/pid"
  for _ in $(seq 100); do
    curl -sf -o /dev/null "http://127.0.0.1:$port/v2/" && exit
    sleep 0.1
  done
  echo "registry: it does not answer; $directory/log says why" >&2
  exit 1
  ;;
push)
  mkdir -p "$directory"
  : >"$directory/digests"
  for image in "${images[@]}"; do
    buildah push -q --tls-verify="${REGISTRY_TLS:-false}" --digestfile "$directory/digest" "localhost/$image:$tag" "docker://$registry/$image:$tag"
    echo "$image $(<"$directory/digest")" | tee -a "$directory/digests"
  done
  ;;
overlay)
  overlay=${2:?"which overlay?"}
  mkdir -p "$directory/overlay"
  {
    echo "apiVersion: kustomize.config.k8s.io/v1beta1"
    echo "kind: Kustomization"
    echo "resources: [../../../deploy/k8s/overlays/$overlay]"
    echo "images:"
    while read -r image digest; do echo "  - {name: localhost:5000/$image, newName: $registry/$image, digest: \"$digest\"}"; done <"$directory/digests"
  } >"$directory/overlay/kustomization.yaml"
  echo "kubectl apply -k ${directory#"$PWD"/}/overlay"
  ;;
down)
  if runs; then kill "$(<"$directory/pid")"; fi
  rm -f "$directory/pid"
  ;;
*) sed -n '2,7s/^# //p' "$0" && exit 2 ;;
esac
