#!/usr/bin/env bash
# A domain of libvirt's behind the guard, beside libvirt's own labelling. (virsh save is denied here with and without
# the guard: the policy lets libvirt execute no libvirt_iohelper. labeler's own tests have it.)
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"
# shellcheck source-path=SCRIPTDIR source=libvirt.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/libvirt.sh"

readonly images=$libvirt_images

clean_up() {
	systemctl start labelerd.socket labelerd.service || true
	libvirt_forget guest
	labeler hook remove libvirt >/dev/null 2>&1 || true
	setsebool labeler_libvirt_guard off || true
	restart_libvirt >/dev/null 2>&1 || true
	rm -rf "$images" /etc/labeler/emulators
	vms_end
}
trap clean_up EXIT

install_hook() {
	exits_with 0 labeler hook install libvirt
	restart_libvirt
}

adopt() {
	exits_with 0 labeler libvirt adopt guest
	grep -q '<emulator>/etc/labeler/emulators/' <<<"$(virsh dumpxml --inactive guest)" || wrong "its emulator is another"
	equal "type of the emulator" qemu_exec_t "$(type_of "$(label_of /opt/labeler/libexec/labeler-emulator)")"
	equal "type of its socket" labeler_emulator_socket_t "$(type_of "$(label_of /run/labeler/emulator-labeler.sock)")"
}

start_guest() {
	virsh --quiet start --paused guest
}

allow() {
	setsebool labeler_libvirt_guard on
}

qemu_is_confined() {
	matches "context of the guest" 'system_u:system_r:svirt(_tcg)?_t:s0:c[0-9]+,c[0-9]+' "$(context_of "$(libvirt_pid guest)")"
}

its_monitor_is_the_services() {
	virsh qemu-monitor-command guest '{"execute":"query-chardev"}' | grep '/run/labeler/guard/'
}

snapshot_and_commit() {
	virsh --quiet snapshot-create-as guest one --disk-only --no-metadata --diskspec "vda,file=$images/top.qcow2"
	virsh --quiet blockcommit guest vda --active --pivot --wait
}

release() {
	virsh --quiet destroy guest
	within 180 vm_gone guest
	exits_with 0 labeler libvirt release guest
	start_guest
	virsh --quiet destroy guest
}

images_make "$images"
restorecon -F "$images/base.qcow2"
chmod -R a+rX "$images"
fact "the hook is installed" install_hook
fact "a VM is defined" libvirt_define guest "$images/web1.qcow2"
fact "the policy is told that VMs of libvirt's may hand their monitor over" allow
fact "it is adopted" adopt
fact "virsh starts it" start_guest
fact "its qemu is at svirt_t and a category pair" qemu_is_confined
fact "its monitor is the service's" its_monitor_is_the_services
fact "a snapshot, and its commit with pivot" snapshot_and_commit
fact "the release, after which libvirt starts it alone" release
done_with_facts
