#!/usr/bin/env bash
# A domain of libvirt's behind the guard, beside libvirt's own labelling. (virsh save is denied here with and without
# the guard: the policy lets libvirt execute no libvirt_iohelper. The long form has a policy that does, as a module of its own.)
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"
# shellcheck source-path=SCRIPTDIR source=libvirt.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/libvirt.sh"

readonly images=$libvirt_images

clean_up() {
	rm -f /etc/labeler/hook.conf /etc/labeler/emulators.conf
	semodule --remove=acceptance_iohelper >/dev/null 2>&1 || true
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
	equal "type of the emulator" qemu_exec_t "$(type_of "$(label_of "$product/libexec/labeler-emulator")")"
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

# With a screen, and a bus whose disks leave without the guest's doing.
define() {
	libvirt_xml guest "$images/web1.qcow2" |
		sed 's|<memballoon|<video><model type="vga"/></video><controller type="scsi" model="virtio-scsi"/><memballoon|' \
			>"$place/guest.xml"
	virsh --quiet define "$place/guest.xml"
}

# has_open FILE: whether qemu has it open.
has_open() {
	grep -qF "$images/$1" <<<"$(virsh qemu-monitor-command guest '{"execute":"query-named-block-nodes"}')"
}

attach_and_detach() {
	virsh --quiet attach-disk guest "$images/spare.qcow2" sdb --targetbus scsi --driver qemu --subdriver qcow2
	has_open spare.qcow2 || wrong "qemu does not have it"
	virsh --quiet detach-disk guest sdb
	has_open spare.qcow2 && wrong "qemu has it still"
	return 0
}

# libvirt makes a file in its cache, and names it to qemu.
picture() {
	virsh --quiet screenshot guest "$images/screen"
	[ -s "$images/screen" ] || wrong "the picture is empty"
}

copy_and_pivot() {
	virsh --quiet blockcopy guest vda "$images/copy.qcow2" --wait --pivot --transient-job
	has_open copy.qcow2 || wrong "the domain does not run on the copy"
}

# Denied to libvirt, whoever stands before the monitor. The domain runs on, and nothing is left.
save() {
	local said
	said=$(virsh --quiet save guest "$images/saved" 2>&1) && wrong "it was saved: this fact is out of date"
	grep -q 'Permission denied' <<<"$said" || wrong "not saved, but for another reason: $said"
	its_monitor_answers
	equal "state of the domain" paused "$(virsh domstate guest | head -n 1)"
}

# The rules that Debian's policy lacks: libvirt's helper, and the pipe to it, which gets the label of the VM's images.
let_libvirt_save() {
	local daemon helper vm module=/root/acceptance_iohelper.cil type
	daemon=$(type_of "$(ps --no-headers -o label -C libvirtd,virtqemud | head -n 1)")
	helper=$(type_of "$(label_of /usr/lib/libvirt/libvirt_iohelper)")
	vm=$(type_of "$(context_of "$(libvirt_pid guest)")")
	{
		for type in "$daemon" "$helper" "$vm" svirt_image_t; do
			printf '(typeattributeset cil_gen_require %s)\n' "$type"
		done
		printf '(allow %s %s (file (read getattr open map execute execute_no_trans)))\n' "$daemon" "$helper"
		printf '(allow %s self (fifo_file (relabelfrom)))\n' "$daemon"
		printf '(allow %s svirt_image_t (fifo_file (relabelto getattr read write ioctl)))\n' "$daemon"
		printf '(allow %s svirt_image_t (fifo_file (getattr read write append ioctl lock)))\n' "$vm"
	} >"$module"
	exits_with 0 semodule --install="$module"
}

# The commit with pivot has gone down to the base, so that is its disk now.
save_and_restore() {
	local disk=$images/base.qcow2
	virsh --quiet save guest "$images/saved"
	within 180 vm_gone guest
	equal "level of the saved state" s0 "$(level_of "$(label_of "$images/saved")")"
	equal "level of the disk" s0 "$(level_of "$(label_of "$disk")")"
	virsh --quiet restore --paused "$images/saved"
	# qemu takes the images over when it goes on; nothing can be built on them before.
	virsh --quiet resume guest
	virsh --quiet suspend guest
	qemu_is_confined
	its_monitor_is_the_services
	its_monitor_answers
	equal "level of the saved state" s0 "$(level_of "$(label_of "$images/saved")")"
	equal "level of the disk" "$(level_of "$(context_of "$(libvirt_pid guest)")")" "$(level_of "$(label_of "$disk")")"
	rm "$images/saved"
}

its_monitor_answers() {
	local answer
	answer=$(virsh qemu-monitor-command guest '{"execute":"query-status"}')
	grep -q '"status":"\(paused\|prelaunch\|running\)"' <<<"$answer" || wrong "it says: $answer"
}

# kept_by_systemd N: descriptors in the service's store.
kept_by_systemd() {
	[ "$(systemctl show --property=NFileDescriptorStore --value labelerd.service)" -eq "$1" ]
}

# qemu goes on as the same process, and libvirt notices nothing.
outlives() {
	local pid
	pid=$(libvirt_pid guest)
	within 60 kept_by_systemd 3 || wrong "systemd keeps other descriptors: $(systemctl show labelerd.service | grep Store)"
	"$@"
	within 180 systemctl --quiet is-active labelerd.service
	equal "state of the domain" paused "$(virsh domstate guest | head -n 1)"
	equal "process of the domain" "$pid" "$(libvirt_pid guest)"
	its_monitor_answers
	its_monitor_is_the_services
}

stop_and_start_service() {
	systemctl stop labelerd.service
	systemctl start labelerd.service
}

# The service reads and writes nothing at the monitor, and has not for two seconds. It looks at qemu by itself after its own
# start and after commands; a kill in the middle of that ends libvirt's connection, and so the domain.
rests() {
	local looks state
	for ((looks = 0; looks < 20; looks++)); do
		for state in /run/labeler/guard/*/streams; do
			[ "$(head -c 1 "$state")" = + ] || return 1
		done
		sleep 0.1
	done
}

kill_service() {
	local pid
	within 60 rests || wrong "the service is never at rest"
	pid=$(systemctl show --property=MainPID --value labelerd.service)
	systemctl kill --signal=SIGKILL --kill-whom=main labelerd.service
	within 60 is_another_service "$pid"
}

is_another_service() {
	local pid
	pid=$(systemctl show --property=MainPID --value labelerd.service)
	[ "$pid" -ne 0 ] && [ "$pid" -ne "$1" ]
}

snapshot_and_commit_after_it() {
	rm -f "$images/top.qcow2"
	snapshot_and_commit
}

# FileDescriptorStorePreserve= is known since then.
systemd_keeps_over_a_stop() {
	[ "$(systemctl --version | sed -n '1s/^systemd \([0-9]*\).*/\1/p')" -ge 254 ]
}

# By two files that did not exist: both are made here as an administrator makes them.
starts_without_the_service() {
	local since=$EPOCHSECONDS
	virsh --quiet destroy guest
	within 180 vm_gone guest
	echo 'service optional' >/etc/labeler/hook.conf
	echo 'guard optional' >/etc/labeler/emulators.conf
	systemctl stop labelerd.socket labelerd.service
	start_guest
	qemu_is_confined
	grep -q 'VM guest starts, and labeler does nothing for it' \
		<<<"$(journalctl --quiet --no-pager --identifier=labeler --since="@$since")" || wrong "the log does not say so"
	virsh --quiet destroy guest
	rm /etc/labeler/hook.conf /etc/labeler/emulators.conf
	systemctl start labelerd.socket labelerd.service
	within 300 recovered
	start_guest
}

release() {
	virsh --quiet destroy guest
	within 180 vm_gone guest
	within 60 kept_by_systemd 0 || wrong "systemd still keeps descriptors: $(systemctl show labelerd.service | grep Store)"
	exits_with 0 labeler libvirt release guest
	start_guest
	virsh --quiet destroy guest
}

images_make "$images"
restorecon -F "$images/base.qcow2"
chmod -R a+rX "$images"
fact "the hook is installed" install_hook
fact "a VM is defined" define
fact "the policy is told that VMs of libvirt's may hand their monitor over" allow
fact "it is adopted" adopt
fact "virsh starts it" start_guest
fact "its qemu is at svirt_t and a category pair" qemu_is_confined
fact "its monitor is the service's" its_monitor_is_the_services
fact "a snapshot, and its commit with pivot" snapshot_and_commit
fact "a disk is attached and detached" attach_and_detach
fact "libvirt takes a picture of its screen" picture
fact "a save is denied by the policy, and the domain runs on" save
long_fact "a policy lets libvirt execute its helper" let_libvirt_save
long_fact "it is saved and restored, behind the guard as before" save_and_restore
fact "a restart of the service: the domain runs on, and its monitor answers" outlives systemctl restart labelerd.service
fact "a snapshot, and its commit with pivot, after that" snapshot_and_commit_after_it
if systemd_keeps_over_a_stop; then
	long_fact "a stop of the service, and a start: the same" outlives stop_and_start_service
fi
fact "the service is killed: the same" outlives kill_service
fact "a copy, to which it pivots" copy_and_pivot
long_fact "hook.conf and emulators.conf let it start without the service" starts_without_the_service
fact "the release, after which libvirt starts it alone" release
done_with_facts
