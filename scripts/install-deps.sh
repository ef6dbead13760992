#!/usr/bin/env bash
# Installs, by package name, what Quicklime needs on Debian 12 or 13.
#   scripts/install-deps.sh          to build and run
#   scripts/install-deps.sh --test   and to test (compilers for fuzzing, nginx, Redis, Java for the broker, Node for the OpenID Connect provider, strace, linters)
set -euo pipefail

build=(
  g++ cmake ninja-build pkg-config git ca-certificates
  libssl-dev nlohmann-json3-dev libspdlog-dev libsqlite3-dev libtomlplusplus-dev libexpected-dev
  libcli11-dev prometheus-cpp-dev
  librdkafka-dev libhiredis-dev libargon2-dev libldap-dev
  openssl curl
)
test=(
  libgtest-dev libgmock-dev libvalijson-dev
  clang clang-format shellcheck binutils strace nginx-light curl sqlite3 jq
  faketime redis-server default-jre-headless maven kcat iproute2 procps systemd
  argon2 golang-cfssl
  prometheus
  python3 python3-pytest python3-yaml python3-jsonschema
  ccache mold
)

# Debian 12's default Boost is 1.74; its libboost1.81-dev replaces that. Debian 13 has 1.83.
# shellcheck source=/dev/null
case "$(. /etc/os-release && echo "${VERSION_ID:-}")" in
  12) build+=(libboost1.81-dev); test+=(libclang-rt-14-dev) ;;
  *)
    build+=(libboost-dev)
    test+=(libclang-rt-dev)
    # Node from elsewhere, which brings its own npm, is left as it is. Debian 12's is too old: there it must come from elsewhere.
    command -v npm >/dev/null || test+=(nodejs npm)
    ;;
esac

packages=("${build[@]}")
if [ "${1:-}" = --test ]; then packages+=("${test[@]}"); fi

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "packages: all there"
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "install-deps: not root, and there is no sudo; as root: apt-get install ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "packages: installing ${missing[*]}"
# A mirror that drops a connection, and an upgrade that holds the lock on a fresh machine, are waited for.
patience=(-o Acquire::Retries=5 -o DPkg::Lock::Timeout=300)
"${as_root[@]}" apt-get "${patience[@]}" update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get "${patience[@]}" install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
# Of prometheus the programs are needed; its server, which begins by itself, would have the port of our /metrics.
case " ${missing[*]} " in
  *" prometheus "*)
    for server in prometheus prometheus-node-exporter; do
      "${as_root[@]}" systemctl disable --now "$server" >/dev/null 2>&1 || "${as_root[@]}" service "$server" stop >/dev/null 2>&1 || true
    done
    ;;
esac
