#!/usr/bin/env bash
# In a fresh Debian that has nothing but the packages in /packages: installed, a CA made, served as its unit says, a certificate issued and revoked; upgraded while
# it serves, and back; removed and installed again, and the CA is the same. The next version is this one by another name.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
say() { printf '== %s\n' "$*"; }
apt_get() { apt-get -qq --no-install-recommends "$@" >/tmp/apt 2>&1 || { tail -20 /tmp/apt && exit 1; }; }
quicklime_user=(setpriv --reuid=quicklime --regid=quicklime --clear-groups --no-new-privs)
as_quicklime() { "${quicklime_user[@]}" "$@"; }
unit() { sed -nE "s/^$1=(.*)/\1/p" "/usr/lib/systemd/system/$2"; }

say "installed"
apt_get update
apt_get install -y /packages/quicklime_*.deb /packages/quicklime-cluster_*.deb curl openssl
[ "$(stat -c '%a %U' /var/lib/quicklime)" = "700 quicklime" ]
[ "$(stat -c '%a %U' /etc/quicklime/renew)" = "755 root" ]
getent passwd quicklime | grep -q ':/usr/sbin/nologin$'
systemd-analyze verify --man=no /usr/lib/systemd/system/quicklime.service
while read -r role _; do
  for process in "$role" "projector-$role"; do
    cp /usr/lib/systemd/system/quicklime@.service "/tmp/quicklime@$process.service"
    systemd-analyze verify --man=no "/tmp/quicklime@$process.service"
  done
done < <(quicklime reference services)

say "a CA, made and served as the unit says"
data=$(unit ConditionPathExists quicklime.service)
data=${data%/quicklime.toml}
as_quicklime quicklime init --name Package --public-url http://localhost:8080 --data "$data" >/tmp/said
serve() {
  # shellcheck disable=SC2046 # a command and its words
  "${quicklime_user[@]}" $(unit ExecStart quicklime.service) >/tmp/served 2>&1 &
  serving=$!
  curl -sSf --retry 60 --retry-delay 1 --retry-all-errors -o "/tmp/roots.pem" http://localhost:8080/ca/roots.pem 2>/tmp/said
}
serve
as_quicklime quicklime issue api.internal --out /tmp --data "$data" >/tmp/said
openssl verify -CAfile /tmp/roots.pem -untrusted /tmp/api.internal.crt /tmp/api.internal.crt
as_quicklime quicklime revoke /tmp/api.internal.crt --data "$data" >/tmp/said
before=$(sha256sum </tmp/roots.pem)
holds() { [ "$(curl -sSf http://localhost:8080/ca/roots.pem | sha256sum)" = "$before" ]; }
restart() { kill "$serving" && wait "$serving" && serve; }

say "upgraded while it serves, and back"
dpkg-deb -R /packages/quicklime_*.deb /tmp/next
sed -i 's/^Version: .*/&+next/' /tmp/next/DEBIAN/control
dpkg-deb -b /tmp/next /tmp/next.deb >/tmp/said
apt_get purge -y quicklime-cluster # which is of one version with it
apt_get install -y /tmp/next.deb
kill -0 "$serving"
holds
restart
holds
apt_get install -y --allow-downgrades /packages/quicklime_*.deb
holds
restart
as_quicklime quicklime list --data "$data" | grep -q api.internal
kill "$serving"
wait "$serving"

say "removed, and installed again"
apt_get purge -y quicklime
if command -v quicklime; then exit 1; fi
[ -e "$data/ca/issuing-1.key" ] # what is removed is the program
apt_get install -y /packages/quicklime_*.deb
serve
holds
as_quicklime quicklime list --data "$data" | grep -q api.internal
kill "$serving"
wait "$serving"
say "done"
