#!/usr/bin/env bash
# Runs a program beside a service, a Cockpit and VMs of its own: enter.sh PAGE DIST PROGRAM…
# In namespaces of its own (see dev.d/pages.bash), so that what starts here ends with it, listens for nobody else, and the
# directories that the product knows are this one's.
set -euo pipefail

page=$1
tree=$2
shift 2

mount -t proc proc /proc
ip link set lo up
# own DIRECTORY: an empty one in the place of the host's.
own() {
	mount -t tmpfs -o mode=755 tmpfs "$1"
}
work=$(mktemp -d "${TMPDIR:-/tmp}/labeler-pages.XXXXXX")
trap 'rm -rf -- "$work"' EXIT
chmod 755 "$work"
# Neither the host's service nor its bus.
own /run
mkdir -p "$work/data/cockpit" "$work/images" /run/labeler /run/dbus
# A name of a file that people know; tmpfs itself could not stand for a disk.
mount --bind "$work/images" /srv
own /opt
mkdir /opt/labeler
mount --bind "$tree" /opt/labeler
cp -R "$page" "$work/data/cockpit/labeler"
chmod -R a+rX "$work/data"

export LABELER_WORK=$work LABELER_DIST=/opt/labeler XDG_DATA_HOME=$work/data PATH=/opt/labeler/bin:$PATH
# The shell asks the system's bus for many things, and ends where there is none.
dbus-daemon --system --nopidfile --fork
"$@"
