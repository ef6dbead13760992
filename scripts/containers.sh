# shellcheck shell=bash
# Sourced by who runs containers on this machine: engines whose defaults ask for more than a container may give; and which Debian this is.
# shellcheck source=/dev/null
debian=$(. /etc/os-release && echo "$VERSION_CODENAME")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/containers.conf" <<CONFIGURATION
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=1000:1000"]
CONFIGURATION
export CONTAINERS_CONF=$work/containers.conf debian
