#!/usr/bin/env bash
# Static labels in libvirt's definitions, from their adoption to their release: libvirt-labels.sh DIST
#
# Runs in namespaces of its own, as libvirt-domain.sh. libvirt does not start such a domain on a host without SELinux. So
# libvirt's hook is called as libvirt calls it, with libvirt's own XML.
set -uo pipefail

# shellcheck source-path=SCRIPTDIR source=libvirt-private.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/libvirt-private.sh" "$1"

level() {
	virsh dumpxml --inactive "$1" | sed -n 's:.*<label>.*\(s0\:c[0-9]*,c[0-9]*\)</label>:\1:p'
}

# hook NAME OPERATION SUB-OPERATION: with the definition on its input.
hook() {
	/etc/libvirt/hooks/qemu.d/labeler "$1" "$2" "$3" -
}

begins() {
	virsh dumpxml "$1" | hook "$1" start begin
}

ends() {
	virsh dumpxml "$1" | hook "$1" release end
}

# dynamic NAME LEVEL: the XML of a start for which libvirt has chosen the level.
dynamic() {
	virsh dumpxml "$1" | sed "s|</domain>|<seclabel type='dynamic' model='selinux' relabel='yes'><label>system_u:system_r:svirt_t:$2</label></seclabel></domain>|"
}

begins_at() {
	dynamic "$1" "$2" | hook "$1" start begin
}

both_adopted() {
	labeler libvirt adopt web2 --label &
	local one=$!
	labeler libvirt adopt web3 --label || return 1
	wait "$one"
}

# Each of two commands for one domain says what is in its definition in the end.
one_after_the_other() {
	labeler libvirt adopt web1 --label >/run/one.log &
	local one=$!
	labeler libvirt adopt web1 --label >/run/other.log || return 1
	wait "$one" || return 1
	grep -F ":$(level web1)" /run/one.log && grep -F ":$(level web1)" /run/other.log
}

# The kernel marks who waits for a lock.
is_waiting() {
	grep -qE -- "-> .*WRITE $1 " /proc/locks
}

# Another command has the lock for as long as this one runs.
waits_for_another() {
	python3 -c 'import fcntl, sys, time
lock = open("/etc/labeler/emulators/.lock", "w")
fcntl.lockf(lock, fcntl.LOCK_EX)
open("/run/locked", "w").close()
sys.stdin.read()' < <(within test -e /run/release) &
	local holder=$! adopting
	within test -e /run/locked
	labeler libvirt release web1 &
	adopting=$!
	within is_waiting "$adopting" || return 1
	[ -n "$(level web1)" ] || return 1
	: >/run/release
	wait "$holder" "$adopting"
	[ -z "$(level web1)" ]
}

# exits CODE COMMAND…
exits() {
	local wanted=$1 code=0
	shift
	"$@" || code=$?
	[ "$code" = "$wanted" ]
}

again_and_again() {
	local i
	for ((i = 0; i < 3; i++)); do
		begins web1 || return 1
		[ "$(label "$images/web1.qcow2")" = "system_u:object_r:svirt_image_t:$chosen" ] || return 1
		ends web1
		[ "$(label "$images/web1.qcow2")" = none ] || return 1
	done
}

# As virt-clone does it: name, uuid and disks are others, and label and metadata the same.
cloned() {
	virsh dumpxml --inactive web1 | sed "s/web1/copy/; /<uuid>/d" >/run/copy.xml
	qemu-img create -q -f qcow2 "$images/copy.qcow2" 16M
	virsh --quiet define /run/copy.xml
	[ "$(level copy)" = "$chosen" ]
}

same_emulator() {
	virsh dumpxml "$@" web3 | grep '<emulator>/usr/bin/qemu-system-x86_64</emulator>'
}

edited() {
	virsh dumpxml --inactive web1 | sed "/<label>/s/$(level web1)/s0:c1022,c1023/" >/run/edited.xml
	virsh define /run/edited.xml
}

attribute() {
	python3 -c 'import os, sys; os.setxattr(sys.argv[1], sys.argv[2], sys.argv[3].encode())' "$@"
}

# What libvirt notes beside a file that it has labelled.
remembered() {
	attribute "$1" trusted.libvirt.security.selinux system_u:object_r:virt_image_t:s0
	attribute "$1" trusted.libvirt.security.ref_selinux 1
	attribute "$1" trusted.libvirt.security.timestamp_selinux "$(sed -n 's/^btime //p' /proc/stat)"
}

memory() {
	python3 -c 'import os, sys
print(sorted((name, os.getxattr(sys.argv[1], name)) for name in os.listxattr(sys.argv[1]) if name.startswith("trusted.")))' "$1"
}

# The labels of a file whose label is libvirt's own, before and after a start, with libvirt's memory beside it or without.
left_by_libvirt() {
	attribute "$images/web2.qcow2" security.selinux "system_u:object_r:$1"
	begins web2 2>&1 | sed 's/.*\(does not explain\).*/\1/'
	# The level is another at each start.
	label "$images/web2.qcow2" | sed 's/c[0-9]*,c[0-9]*$/PAIR/'
	ends web2
	label "$images/web2.qcow2"
}

private
# It is there before the service.
mkdir -p /etc/libvirt/qemu
echo '<domain' >/etc/libvirt/qemu/odd.xml
start_labelerd
fact "what cannot be understood is told before the first start" grep -F /etc/libvirt/qemu/odd.xml /run/labelerd.log
rm /etc/libvirt/qemu/odd.xml
start_libvirt
labeler hook install libvirt >/dev/null
restart_libvirt
for name in web1 web2 web3; do
	define "$name"
done
virsh dumpxml --inactive web1 >/run/before.xml

fact "a domain is adopted with a label" shows "libvirt labels none of its files" labeler libvirt adopt web1 --label
fact "libvirt has it" shows "<seclabel type='static' model='selinux' relabel='no'>" virsh dumpxml --inactive web1
fact "and is told that this libvirt cannot start it" shows "no driver for SELinux here" labeler libvirt adopt web1 --label
chosen=$(level web1)
fact "at a level of its own" [ -n "$chosen" ]
fact "once more changes nothing" shows '"changed": false' labeler libvirt adopt web1 --label --json
fact "and tells the label" shows ":$chosen\"" labeler libvirt adopt web1 --label --json
restart_libvirt
fact "libvirt reads it from its file" [ "$(level web1)" = "$chosen" ]
fact "a domain that libvirt would start at that level is refused" says "domain web1 keeps the level $chosen" begins_at web2 "$chosen"
fact "and so is another VM" says "domain web1 keeps the level $chosen" labeler start other --level "$chosen" -- qemu-system-x86_64 -M none
fact "two are adopted at one time" both_adopted
fact "and each has its own level" [ "$(printf '%s\n' "$chosen" "$(level web2)" "$(level web3)" | grep -c s0:)" = 3 ]
fact "which no other has" [ "$(printf '%s\n' "$chosen" "$(level web2)" "$(level web3)" | sort -u | wc -l)" = 3 ]

fact "its start by the hook" begins web1
fact "labels its disk, which libvirt would not" [ "$(label "$images/web1.qcow2")" = "system_u:object_r:svirt_image_t:$chosen" ]
fact "and the service knows its level" shows "\"level\": \"$chosen\"" labeler status web1 --json
fact "and its end" ends web1
fact "gives the label back" [ "$(label "$images/web1.qcow2")" = none ]
fact "it starts again as soon as it has ended" again_and_again
fact "a copy of it keeps the same level" cloned
fact "which keeps neither from starting" begins web1
fact "but for one at a time" says "labeler libvirt adopt --label copy" begins copy
ends web1
fact "the copy starts when all of the other is given back" within begins copy
ends copy
fact "and the log warns" grep -F "only one of the two can run at a time" /run/labelerd.log
fact "the copy gets another level" labeler libvirt adopt copy --label
fact "of its own" [ "$(printf '%s\n' "$chosen" "$(level copy)" | sort -u | grep -c s0:)" = 2 ]
# At once, and not with the next round.
labeler recover >/dev/null
fact "the other one starts when all of the copy is given back" begins web1
fact "and the copy beside it" begins copy
ends web1
ends copy
virsh --quiet undefine copy
fact "libvirt itself does not start it without SELinux" says "'selinux' is not available" virsh start web1
fact "and no label stays of that" [ "$(label "$images/web1.qcow2")" = none ]

fact "a label that is there needs no service" exits 0 labeler libvirt adopt web2 --label --socket /run/none.sock
labeler libvirt release web2 >/dev/null
fact "without a service none is chosen" exits 5 labeler libvirt adopt web2 --label --socket /run/none.sock
fact "and nothing has changed" [ -z "$(level web2)" ]

fact "it is released" shows "released" labeler libvirt release web1
virsh dumpxml --inactive web1 >/run/after.xml
fact "and its definition is as before" diff /run/before.xml /run/after.xml
labeler recover >/dev/null
fact "its level is free again when all is given back" begins_at web2 "$chosen"
dynamic web2 "$chosen" | hook web2 release end
fact "two commands for one domain take turns" one_after_the_other
fact "and wait for each other" waits_for_another
labeler libvirt adopt web1 --label >/dev/null
fact "a label that somebody has changed" edited
fact "stays at the release" shows "s0:c1022,c1023" labeler libvirt release web1
fact "and is still reserved" says "keeps the level s0:c1022,c1023" begins_at web2 s0:c1022,c1023

labeler libvirt release web3 >/dev/null
virsh --quiet snapshot-create-as web3 before
labeler libvirt adopt web3 --label >/dev/null
virsh --quiet snapshot-revert web3 before
fact "a snapshot brings back the definition that it has" same_emulator --inactive
fact "without a label" [ -z "$(level web3)" ]
fact "a domain without a label runs" virsh start web3
fact "and is saved" virsh managedsave web3
fact "its managed save is told of" shows "virsh managedsave-remove web3" labeler libvirt adopt web3 --label
fact "it goes on" virsh start web3
fact "with what it had" same_emulator
virsh destroy web3

for stale in svirt_image_t:s0:c900,c901 svirt_image_t:s0 virt_content_t:s0 virt_image_t:s0; do
	without=$(left_by_libvirt "$stale")
	remembered "$images/web2.qcow2"
	before=$(memory "$images/web2.qcow2")
	fact "with libvirt's memory beside a file at $stale all is as without" [ "$(left_by_libvirt "$stale")" = "$without" ]
	fact "and the memory is as before" [ "$(memory "$images/web2.qcow2")" = "$before" ]
	fact "and the file is as before" [ "$(label "$images/web2.qcow2")" = "system_u:object_r:$stale" ]
	python3 -c 'import os, sys
for name in os.listxattr(sys.argv[1]):
    if name.startswith("trusted."): os.removexattr(sys.argv[1], name)' "$images/web2.qcow2"
done
attribute "$images/web2.qcow2" security.selinux system_u:object_r:svirt_image_t:s0:c900,c901
remembered "$images/web2.qcow2"
fact "a pair that libvirt left is not taken for what the file had" says "does not explain" begins web2
fact "and that is the last fact" true
sed 's/^/labelerd: /' /run/labelerd.log
