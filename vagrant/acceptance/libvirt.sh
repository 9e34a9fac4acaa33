# shellcheck shell=bash
# shellcheck disable=SC2154  # place comes from lib.sh
# The common parts of the themes with libvirt.

# libvirt runs qemu as a user of its own, who has to get through.
# shellcheck disable=SC2034  # for the themes
readonly libvirt_images=/var/lib/libvirt/images/acceptance

# Fedora has a daemon for qemu alone.
restart_libvirt() {
	if systemctl list-unit-files virtqemud.service 2>/dev/null | grep -q '^virtqemud'; then
		systemctl restart virtqemud.service
	else
		systemctl restart libvirtd.service
	fi
	within 300 virsh --quiet list
	domains_are_reconnected
}

# The daemon lists a domain before it has reconnected to its monitor. A destroy meanwhile ends qemu and fails all the
# same: the reconnection finds no monitor, and takes the domain for ended. A question to qemu waits until it is done.
domains_are_reconnected() {
	local name
	while IFS= read -r name; do
		[ -z "$name" ] || virsh --quiet domblkstat "$name" >/dev/null || return 1
	done < <(virsh list --name)
}

libvirt_emulator() {
	command -v qemu-system-x86_64 || command -v qemu-kvm || echo /usr/libexec/qemu-kvm
}

# libvirt_xml NAME IMAGE [ARGUMENT…]: a VM with one disk; further arguments are qemu's own.
libvirt_xml() {
	local name=$1 image=$2 argument
	shift 2
	cat <<-XML
		<domain type="qemu" xmlns:qemu="http://libvirt.org/schemas/domain/qemu/1.0">
		  <name>$name</name>
		  <memory unit="MiB">64</memory>
		  <vcpu>1</vcpu>
		  <os><type arch="x86_64" machine="q35">hvm</type></os>
		  <devices>
		    <emulator>$(libvirt_emulator)</emulator>
		    <disk type="file" device="disk">
		      <driver name="qemu" type="qcow2"/>
		      <source file="$image"/>
		      <target dev="vda" bus="virtio"/>
		    </disk>
		    <memballoon model="none"/>
		  </devices>
	XML
	if [ $# -gt 0 ]; then
		echo '  <qemu:commandline>'
		for argument in "$@"; do
			printf '    <qemu:arg value="%s"/>\n' "$argument"
		done
		echo '  </qemu:commandline>'
	fi
	echo '</domain>'
}

# libvirt_define NAME IMAGE [ARGUMENT…]
libvirt_define() {
	libvirt_xml "$@" >"$place/$1.xml"
	virsh --quiet define "$place/$1.xml"
}

libvirt_pid() {
	cat "/run/libvirt/qemu/$1.pid"
}

# libvirt_forget NAME…: ended and undefined, with the records of its snapshots.
libvirt_forget() {
	local name
	for name in "$@"; do
		virsh --quiet destroy "$name" >/dev/null 2>&1 || true
		virsh --quiet undefine --snapshots-metadata "$name" >/dev/null 2>&1 || true
	done
}
