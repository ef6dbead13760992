#!/usr/bin/env bash
# Builds every image of docker/Dockerfile with buildah, without a daemon, and says how large each is.
#   scripts/images.sh [--programs DIRECTORY] [--debian trixie|bookworm] [--tag TAG] [--base | IMAGE...]      --base: nothing but the base image
# --programs: takes them from there instead of compiling them, when they were built on that Debian. IMAGE: quicklime, quicklime-ocsp, ...; default: all.
# Where no registry is at hand, the base image is made by debootstrap of the packages of that Debian.
set -euo pipefail
cd "$(dirname "$0")/.."

programs='' debian=trixie base_alone=no tag=$(sed -nE 's/^project\(quicklime VERSION ([^ ]+).*/\1/p' CMakeLists.txt) images=()
while [ $# -gt 0 ]; do
  case $1 in
  --programs) programs=$2 && shift 2 ;;
  --debian) debian=$2 && shift 2 ;;
  --tag) tag=$2 && shift 2 ;;
  --base) base_alone=yes && shift ;;
  -*) sed -n '2,5s/^# //p' "$0" && exit 2 ;;
  *) images+=("$1") && shift ;;
  esac
done
if [ ${#images[@]} -eq 0 ]; then
  mapfile -t images < <(sed -nE 's/^FROM runtime AS (.*)/quicklime-\1/p' docker/Dockerfile | sed 's/^quicklime-everything$/quicklime/')
fi
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

base=docker.io/library/debian:$debian-slim
if ! buildah inspect --type image "$base" >/dev/null 2>&1 && ! buildah pull -q "$base" 2>/dev/null; then
  echo "images: $base by debootstrap" >&2
  debootstrap --variant=minbase "$debian" "$scratch/base" >"$scratch/debootstrap" || { tail -5 "$scratch/debootstrap" >&2 && exit 1; }
  rm -rf "$scratch"/base/var/cache/apt/* "$scratch"/base/var/lib/apt/lists/* "$scratch"/base/usr/share/{doc,man,locale}/*
  container=$(buildah from scratch)
  buildah add -q "$container" "$scratch/base" / >/dev/null
  buildah commit -q --rm "$container" "$base" >/dev/null
fi

[ "$base_alone" = no ] || exit 0

[ -n "$programs" ] || scripts/dashboard.sh
file=docker/Dockerfile context=()
if [ -n "$programs" ]; then
  docker/collect.sh "$programs" "$scratch/collected"
  file=$scratch/Dockerfile context=(--build-context "collected=$scratch/collected")
  sed '/^# begin compilation/,/^# end compilation/d' docker/Dockerfile >"$file"
fi
for image in "${images[@]}"; do
  target=${image#quicklime-}
  [ "$image" != quicklime ] || target=everything
  buildah build -q --layers --isolation "${BUILDAH_ISOLATION:-chroot}" --build-arg "DEBIAN=$debian" "${context[@]}" --target "$target" -f "$file" -t "localhost/$image:$tag" . >/dev/null
  buildah images --format '{{.Name}}:{{.Tag}}  {{.Size}}' "localhost/$image:$tag"
done
