#!/usr/bin/env bash
# The images, and the embedded and the dev shape of deploy/k8s really run from them under podman, as root. On the Debian that the programs were built on:
#   apt-get install --no-install-recommends buildah podman runc netavark aardvark-dns catatonit debootstrap iptables
#   scripts/test-containers.sh [--long] [PYTEST-ARGUMENTS...]      programs from ${QUICKLIME_PROGRAMS:-build/release/bin}
# --long: under load each container is killed ten times instead of once, which takes an hour; and all of it is rolled to a next version and back, which is
# compiled for that (QUICKLIME_NEXT_PROGRAMS, where it was before).
set -euo pipefail
cd "$(dirname "$0")/.."

long=no without=(--ignore tests/containers/test_next_version.py)
if [ "${1:-}" = --long ]; then shift && long=yes without=() && export QUICKLIME_KILLS="${QUICKLIME_KILLS:-10}"; fi
programs=$(realpath "${QUICKLIME_PROGRAMS:-build/release/bin}")
# shellcheck source=scripts/containers.sh
. scripts/containers.sh
scripts/kafka.sh fetch
scripts/images.sh --programs "$programs" --debian "$debian"
if [ "$long" = yes ]; then scripts/images.sh --programs "${QUICKLIME_NEXT_PROGRAMS:-$(scripts/next_version.sh)}" --debian "$debian" --tag next; fi
QUICKLIME_BASE_IMAGE=docker.io/library/debian:$debian-slim QUICKLIME_PROGRAMS=$programs QUICKLIME_BINARY=$programs/quicklime \
  /usr/bin/python3 -m pytest -q -p no:cacheprovider tests/containers ${without[@]+"${without[@]}"} "$@"
