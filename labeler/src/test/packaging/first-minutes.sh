#!/usr/bin/env bash
# The first minutes of a person who has a fresh Debian, the package and the README: first-minutes.sh README
# The commands of "Install" and of "Quick start" are pasted into a shell, word by word. apt brings what the package needs.
set -euo pipefail

readonly readme=$1

# shellcheck source=labeler/src/test/packaging/facts.sh
source "${BASH_SOURCE[0]%/*}/facts.sh"

# block SECTION: its first block of commands. The package was made elsewhere.
block() {
	awk -v section="## $1" '$0 == section { here = 1 } here && /^```/ { if (inside) exit; inside = 1; next } inside' "$readme" |
		sed 's|^\./dev package deb && ||'
}

# paste SECTION: prints all that is said, and a line for each command that fails.
paste() {
	local commands
	commands=$(block "$1")
	[ -n "$commands" ] || fail "the README has no commands in \"$1\""
	# Root needs no sudo, which is not here.
	bash -c 'sudo() { "$@"; }; trap '\''echo "failed: $BASH_COMMAND"'\'' ERR
		'"$commands"'
		wait' 2>&1
}

# failures SECTION PATTERN: of the commands of that section, without those that match.
failures() {
	sed -n 's/^failed: //p' "/tmp/$1" | grep -vE "$2"
}

cd /root
# A person says yes.
printf 'APT::Get::Assume-Yes "true";\n' >/etc/apt/apt.conf.d/yes
fact "there is neither Java nor qemu" not command -v java qemu-system-x86_64
paste Install >/tmp/Install || true
cat /tmp/Install
fact "apt installs the package, and Java with it" command -v labeler java
fact "nothing else fails there but the hook, since libvirt is not here" not failures Install '^(sudo|"\$@"|labeler hook install libvirt)'
fact "which says so" grep -q 'libvirt' /tmp/Install
fact "the service runs" systemctl is-active labelerd.service
apt-get install -q qemu-system-x86 qemu-utils >/tmp/apt.log 2>&1 || fail "apt-get install: $(cat /tmp/apt.log)"
mkdir vms
cd vms
paste 'Quick start' >'/tmp/Quick start' || true
cat '/tmp/Quick start'
fact "no command of the quick start fails but the one for libvirt" not failures 'Quick start' '^labeler plan --libvirt-all$'
fact "a VM was confined" grep -qE '^ *web1  (starting|running)' '/tmp/Quick start'
fact "by Landlock, since SELinux is not active here" grep -q 'landlock' '/tmp/Quick start'
fact "and its disk's label was given back" grep -q 'web1: stopped; 1 labels given back' '/tmp/Quick start'
fact "the doctor finds no fault" labeler doctor
