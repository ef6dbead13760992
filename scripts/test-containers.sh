#!/usr/bin/env bash
# The images, and the embedded and the dev shape of deploy/k8s really run from them under podman, as root. On the Debian that the programs were built on:
#   apt-get install --no-install-recommends buildah podman runc netavark aardvark-dns catatonit debootstrap iptables
#   scripts/test-containers.sh [PYTEST-ARGUMENTS...]      programs from ${QUICKLIME_PROGRAMS:-build/release/bin}
set -euo pipefail
cd "$(dirname "$0")/.."

programs=$(realpath "${QUICKLIME_PROGRAMS:-build/release/bin}")
# shellcheck source=/dev/null
debian=$(. /etc/os-release && echo "$VERSION_CODENAME")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Engines whose defaults ask for more than a container may give.
cat >"$work/containers.conf" <<CONFIGURATION
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=1000:1000"]
CONFIGURATION
export CONTAINERS_CONF=$work/containers.conf
scripts/kafka.sh fetch
scripts/images.sh --programs "$programs" --debian "$debian"
QUICKLIME_BASE_IMAGE=docker.io/library/debian:$debian-slim QUICKLIME_PROGRAMS=$programs QUICKLIME_BINARY=$programs/quicklime \
  /usr/bin/python3 -m pytest -q -p no:cacheprovider tests/containers "$@"
