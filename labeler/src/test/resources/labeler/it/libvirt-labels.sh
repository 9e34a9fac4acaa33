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
start_labelerd
start_libvirt
labeler hook install libvirt >/dev/null
restart_libvirt
for name in web1 web2 web3; do
	define "$name"
done
virsh dumpxml --inactive web1 >/run/before.xml

fact "a domain is adopted with a label" shows "libvirt labels none of its files" labeler libvirt adopt web1 --label
fact "libvirt has it" shows "<seclabel type='static' model='selinux' relabel='no'>" virsh dumpxml --inactive web1
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
fact "libvirt itself does not start it without SELinux" says "'selinux' is not available" virsh start web1
fact "and no label stays of that" [ "$(label "$images/web1.qcow2")" = none ]

fact "it is released" shows "released" labeler libvirt release web1
virsh dumpxml --inactive web1 >/run/after.xml
fact "and its definition is as before" diff /run/before.xml /run/after.xml
labeler libvirt release web2 >/dev/null
fact "its level is free again" begins_at web2 "$chosen"
dynamic web2 "$chosen" | hook web2 release end
labeler libvirt adopt web1 --label >/dev/null
fact "a label that somebody has changed" edited
fact "stays at the release" shows "s0:c1022,c1023" labeler libvirt release web1
fact "and is still reserved" says "keeps the level s0:c1022,c1023" begins_at web2 s0:c1022,c1023

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
