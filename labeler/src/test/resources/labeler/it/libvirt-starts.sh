#!/usr/bin/env bash
# Starts of a domain behind the guard and of one without it, in turn: libvirt-starts.sh DIST EARLY PAIRS
#
# Prints a line for each pair, in milliseconds: "early GUARDED ALONE" for the first ones, in which the JVM still compiles what
# the guard does, and "start GUARDED ALONE" for the rest. Needs namespaces of its own, as libvirt-domain.sh.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=libvirt-private.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/libvirt-private.sh" "$1"

# milliseconds DOMAIN: of its start. The domain is ended after it.
milliseconds() {
	local began
	began=$(date +%s%N)
	virsh --quiet start "$1"
	echo $((($(date +%s%N) - began) / 1000000))
	virsh --quiet destroy "$1"
}

private
start_labelerd
start_libvirt
labeler hook install libvirt >/dev/null
restart_libvirt
define guarded
define alone
labeler libvirt adopt guarded >/dev/null
# The first starts have libvirt ask qemu for its capabilities, and the service load its classes.
for _ in 1 2 3; do
	milliseconds guarded >/dev/null
	milliseconds alone >/dev/null
done
for ((pair = 0; pair < $2 + $3; pair++)); do
	guarded=$(milliseconds guarded)
	printf '%s %s %s\n' "$([ "$pair" -lt "$2" ] && echo early || echo start)" "$guarded" "$(milliseconds alone)"
done
