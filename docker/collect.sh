#!/usr/bin/env bash
# What images take of a build: the programs without symbols, the names of the packages that they need, and the gateway's configurations.
#   docker/collect.sh PROGRAMS DIRECTORY      DIRECTORY is made: bin/, packages, nginx.conf, nginx-services.conf
set -euo pipefail
cd "$(dirname "$0")/.."

programs=$1 made=$2
mkdir -p "$made/bin"
read -ra names <<<"quicklime $("$programs/quicklime" reference services -o json | sed -nE 's/^ *"(program|projector)": "(.*)",$/\2/p' | tr '\n' ' ')"
for name in "${names[@]}"; do strip -o "$made/bin/$name" "$programs/$name"; done

ldd "$made"/bin/* | awk '$2 == "=>" { print $3 }' | sort -u | xargs -n 1 realpath |
  while read -r library; do dpkg -S "*$library" || dpkg -S "*${library#/usr}"; done 2>/dev/null | cut -d: -f1 | sort -u >"$made/packages"

# In compose the name of a role leads to each replica; a Service of Kubernetes stands for all of them: it is named twice so that there is one to
# ask once more, and never left out, since one replica that is gone would take the others with it.
gateway() { # what stands for one role, more of gateway.py...
  local replicas
  mapfile -t replicas < <("$programs/quicklime" reference services | sed -E "s/^([^ ]+).*/$1/")
  shift
  python3 scripts/gateway.py --program "$programs/quicklime" --https 8443 --http 8080 --directory /var/lib/quicklime/gateway \
    --errors stderr --ocsp-timeout 2s "$@" "${replicas[@]}"
}
gateway '\1=\1:8443' >"$made/nginx.conf"
gateway '\1=\1:8443,\1:8443' --left-out 0 >"$made/nginx-services.conf"
