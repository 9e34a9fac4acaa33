#!/usr/bin/env bash
# The first minutes of a person who has a fresh Debian, the package and the README: first-minutes.sh README
# The commands of "Install" and of "Quick start" are pasted into a shell, word by word. apt brings what the package needs.
set -euo pipefail

readonly readme=$1

# shellcheck source=labeler/src/test/packaging/facts.sh
source "${BASH_SOURCE[0]%/*}/facts.sh"

# paste SECTION INTO: all that is said goes there.
paste() {
	bash "${BASH_SOURCE[0]%/*}/paste_readme.sh" "$readme" "$1" >"$2" || true
	cat "$2"
}

# only_failed FILE COMMAND: this command of those in the file, and no other.
only_failed() {
	[ "$(sed -n 's/^failed: //p' "$1")" = "$2" ]
}

both() {
	command -v "$1" && command -v "$2"
}

# runs_behind WALL FILE: by the text of the status, which has walls below the name and the state.
runs_behind() {
	awk -v wall="$1" '/^web1  (starting|running)/ { shown = 1 } shown && $1 == "walls" { exit $2 == wall ? 0 : 1 } END { exit !shown }' "$2"
}

cd /root
# A person says yes, and is not root.
printf 'APT::Get::Assume-Yes "true";\n' >/etc/apt/apt.conf.d/yes
printf '#!/bin/sh\nexec "$@"\n' >/usr/local/bin/sudo
chmod 755 /usr/local/bin/sudo
fact "there is no Java" not command -v java
fact "and no qemu" not command -v qemu-system-x86_64
paste Install /tmp/install
fact "apt installs the package, and Java with it" both labeler java
fact "nothing fails there but the hook" only_failed /tmp/install 'sudo labeler hook install libvirt'
fact "which says that libvirt is not here" grep -q '^labeler: .*libvirt must be installed' /tmp/install
fact "the service runs" systemctl is-active labelerd.service
apt-get install -q qemu-system-x86 qemu-utils >/tmp/apt.log 2>&1 || fail "apt-get install: $(cat /tmp/apt.log)"
mkdir vms
cd vms
paste 'Quick start' /tmp/quick-start
fact "no command of the quick start fails but the one for libvirt" only_failed /tmp/quick-start 'labeler plan --libvirt-all'
fact "which says so" grep -q '^labeler: virsh is not installed' /tmp/quick-start
fact "a VM ran behind Landlock, since SELinux is not active here" runs_behind landlock /tmp/quick-start
fact "and its disk's label was given back" grep -q 'web1: stopped; 1 labels given back' /tmp/quick-start
fact "the doctor finds no fault" labeler doctor
