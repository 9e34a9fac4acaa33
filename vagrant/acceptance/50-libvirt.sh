#!/usr/bin/env bash
# A VM of libvirt's, with our hook.
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
	restart_libvirt >/dev/null 2>&1 || true
	rm -rf "$images"
	vms_end
}
trap clean_up EXIT

install_hook() {
	exits_with 0 labeler hook install libvirt
	equal "type of the hook" labeler_hook_exec_t "$(type_of "$(label_of /etc/libvirt/hooks/qemu.d/labeler)")"
	restart_libvirt
}

start_guest() {
	virsh --quiet start --paused guest
}

qemu_is_confined() {
	matches "context of the guest" 'system_u:system_r:svirt(_tcg)?_t:s0:c[0-9]+,c[0-9]+' "$(context_of "$(libvirt_pid guest)")"
}

guest_level() {
	level_of "$(context_of "$(libvirt_pid guest)")"
}

service_knows_it() {
	equal "level" "$(guest_level)" "$(status_of guest .level)"
}

files_are_labelled() {
	equal "type of the overlay" svirt_image_t "$(type_of "$(label_of "$images/web1.qcow2")")"
	equal "level of the overlay" "$(guest_level)" "$(level_of "$(label_of "$images/web1.qcow2")")"
	equal "type of the base" virt_content_t "$(type_of "$(label_of "$images/base.qcow2")")"
}

second_vm_is_refused() {
	exits_with 4 labeler run thief -- "${qemu[@]}" -drive "file=$images/web1.qcow2,format=qcow2,if=virtio"
}

stop_guest() {
	virsh --quiet destroy guest
	within 180 vm_gone guest
}

labels_are_as_before() {
	diff "$place/libvirt.before" <(labels_below "$images") || wrong "a label is not what it was"
}

fails_without_the_service() {
	local answer
	systemctl stop labelerd.socket labelerd.service
	answer=$(start_guest 2>&1) && wrong "libvirt started it all the same"
	grep -q 'no labelerd at' <<<"$answer" || wrong "not started, but for another reason than the hook's: $answer"
	systemctl start labelerd.socket labelerd.service
	within 300 api /v1/health
	labels_are_as_before
}

images_make "$images"
# libvirt reads the headers before anything is labelled, and may not read the base with the type of the other themes.
restorecon -F "$images/base.qcow2"
chmod -R a+rX "$images"
labels_below "$images" >"$place/libvirt.before"
fact "the hook is installed, with a type of its own" install_hook
fact "a VM is defined" libvirt_define guest "$images/web1.qcow2"
fact "virsh starts it" start_guest
fact "its qemu is at svirt_t and a category pair" qemu_is_confined
fact "the service holds it, at libvirt's level" service_knows_it
fact "its files carry their labels" files_are_labelled
fact "a VM of ours with its disk is a conflict" second_vm_is_refused
fact "virsh ends it, and the service holds it no longer" stop_guest
fact "every label is as it was before, the base's, too" labels_are_as_before
fact "without the service libvirt does not start it, and no label changes" fails_without_the_service
done_with_facts
