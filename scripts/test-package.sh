#!/usr/bin/env bash
# The Debian packages of a build directory, whose programs were built: made by cpack, without an error of lintian, and lived with in a fresh Debian under podman.
# As root, on the Debian that the programs were built on.   apt-get install --no-install-recommends lintian buildah podman runc debootstrap
#   scripts/test-package.sh [BUILD-DIRECTORY]      default: build/release
set -euo pipefail
cd "$(dirname "$0")/.."

build=$(realpath "${1:-build/release}")
rm -rf "$build/packages"
(cd "$build" && cpack >packages.log) || { tail -20 "$build/packages.log" >&2 && exit 1; }
lintian --allow-root --fail-on error "$build"/packages/*.deb
# shellcheck source=scripts/containers.sh
. scripts/containers.sh
scripts/images.sh --base --debian "$debian"
podman run --rm --network host -v "$build/packages:/packages:ro" -v "$PWD/tests/package/story.sh:/story.sh:ro" "docker.io/library/debian:$debian-slim" bash /story.sh
