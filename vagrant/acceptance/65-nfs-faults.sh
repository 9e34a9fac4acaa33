#!/usr/bin/env bash
# Faults of an NFS server: it squashes root, goes away, and comes back.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"
# shellcheck source-path=SCRIPTDIR source=nfs.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/nfs.sh"

readonly images=$place/nfs-faults-vm
readonly exported=$place/squashed
readonly mounted=$place/hard
readonly soft=$place/soft
readonly settings=/etc/labeler/labeler.toml
readonly settings_before=$place/labeler.toml.before
example=/usr/share/doc/labeler/examples/root-squash-owner.conf
[ -e "$example" ] || example=/opt/labeler/systemd/root-squash-owner.conf
readonly example
readonly drop_in=/etc/systemd/system/labelerd.service.d/root-squash-owner.conf

clean_up() {
	systemctl start nfs-server.service 2>/dev/null || true
	vms_end
	umount --force "$mounted" "$soft" 2>/dev/null || umount --lazy "$mounted" "$soft" 2>/dev/null || true
	exportfs -u "127.0.0.1:$exported" 2>/dev/null || true
	systemctl stop nfs-server.service 2>/dev/null || true
	rm -f "$nfs_settings"
	nfs_boolean_back
	setsebool labeler_open_as_user off
	if [ -e "$settings_before" ]; then
		mv "$settings_before" "$settings"
		rm -f "$drop_in"
		systemctl daemon-reload
		systemctl restart labelerd.service
	fi
}
trap clean_up EXIT

# A disk that its owner alone may open. The server takes root for nobody.
mount_it() {
	mkdir -p "$exported" "$mounted" "$soft"
	nfs_serve
	(
		cd "$exported" || exit
		qemu-img create -q -f qcow2 base.qcow2 16M
		qemu-io -c 'write -P 171 0 64k' base.qcow2 >/dev/null
		qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 disk.qcow2
		cp base.qcow2 other.qcow2
		cp base.qcow2 soft.qcow2
		chown games:games . ./*
		chmod 600 ./*
	)
	exportfs -o rw,root_squash,insecure,fsid=0 "127.0.0.1:$exported"
	within 180 mount -t nfs4 -o vers=4.2,hard 127.0.0.1:/ "$mounted"
	within 180 mount -t nfs4 -o vers=4.2,soft,timeo=20,retrans=1,nosharecache 127.0.0.1:/ "$soft"
	! cat "$mounted/disk.qcow2" >/dev/null 2>&1 || wrong "root is not squashed"
}

drive() {
	printf 'if=none,id=disk,format=qcow2,file=%s' "$1"
}

root_alone_is_denied() {
	local said
	said=$(labeler plan squashed -- "${qemu[@]}" -drive "$(drive "$mounted/disk.qcow2")" 2>&1) && wrong "planned: $said"
	grep -q 'Permission denied' <<<"$said" || wrong "$said"
}

an_owner_is_named() {
	cp "$settings" "$settings_before"
	sed -i 's/^\[launch\]$/&\nroot-squash-owner = "games:games"/' "$settings"
	grep -q '^root-squash-owner' "$settings"
	setsebool labeler_open_as_user on
	install -D -m 644 "$example" "$drop_in"
	systemctl daemon-reload
	systemctl restart labelerd.service
	within 60 api /v1/health
}

runs_traced() {
	vm_run_traced squashed -drive "$(drive "$mounted/disk.qcow2")" -chardev "file,id=log,path=$mounted/squashed.log" \
		-mon chardev=log,mode=readline
}

# Root is nobody there, and could make a file for nobody alone.
log_is_made_as_the_owner() {
	equal "owner and mode of the log" "games:games 600" "$(stat --format='%U:%G %a' "$exported/squashed.log")"
	within 20 grep -q monitor "$exported/squashed.log"
}

reads_and_writes() {
	vm_io squashed 'read -P 171 0 64k'
	vm_io squashed 'write -P 99 64k 64k'
	vm_io squashed flush
}

# The error comes to the guest, and is no end of the VM.
on_the_soft_mount_qemu_gets_an_error() {
	vm_io_fails softly 'read -P 171 0 64k'
	qmp softly '{"execute":"query-status"}'
	equal "state of the VM" running "$(status_of softly .state)"
}

runs_on_the_soft_mount() {
	vm_run softly -drive "$(drive "$soft/soft.qcow2"),cache=none"
	vm_io softly 'read -P 171 0 64k'
	vm_io softly 'write -P 99 64k 64k'
	vm_io softly flush
}

server_stops() {
	systemctl stop nfs-server.service
	equal "state of the VM" running "$(status_of squashed .state)"
	labeler status >/dev/null
}

# The hanging start keeps nobody waiting, and is told who does not answer.
others_start_meanwhile() {
	labeler run waiting -- "${qemu[@]}" -drive "$(drive "$mounted/other.qcow2")" >>"$vm_logs/waiting.log" 2>&1 </dev/null &
	printf '%s\n' "$!" >"$place/waiting"
	vm_start "$images" web1
	vm_kill web1
	within 120 grep -qF "$mounted does not answer" "$vm_logs/waiting.log" || wrong "the start on the server that is gone is not told so"
	equal "state of the VM" running "$(status_of squashed .state)"
}

a_soft_mount_is_refused() {
	local said
	said=$(timeout 240 labeler plan softly -- "${qemu[@]}" -drive "$(drive "$soft/other.qcow2")" 2>&1) &&
		wrong "planned: $said"
	grep -qE "$soft/other.qcow2.*(error|timed out|failed)|$soft does not answer" <<<"$said" || wrong "$said"
}

server_comes_back() {
	local waiting
	waiting=$(cat "$place/waiting")
	systemctl start nfs-server.service
	exportfs -o rw,root_squash,insecure,fsid=0 "127.0.0.1:$exported"
	within 180 stat --format=%s "$mounted/base.qcow2" >/dev/null
	vm_io squashed 'read -P 171 0 64k'
	vm_io squashed 'read -P 99 64k 64k'
	vm_io softly 'read -P 99 64k 64k'
	vm_io softly 'write -P 98 128k 64k'
	# The one that waited has become a VM by now, or has given up, and then nothing is held.
	within 180 vm_ended_or_is_qemu "$waiting"
	# One that has ended may have left its number to another process.
	! vm_is_qemu "$waiting" || kill -9 "$waiting" 2>/dev/null || true
	within 180 vm_gone waiting
}

ends_with_nothing_left() {
	vm_kill squashed
	vm_kill softly
	equal "VMs" '[]' "$(api /v1/vms | jq -c .vms)"
	diff "$place/nfs-faults.before" <(labels_below "$images") || wrong "a label is not what it was"
	nothing_to_recover
	image_has "$exported/disk.qcow2" '99 64k'
	image_has "$exported/soft.qcow2" '99 64k'
	image_has "$exported/soft.qcow2" '98 128k'
}

images_make "$images"
labels_below "$images" >"$place/nfs-faults.before"
fact "an export that squashes root is mounted, hard and soft" mount_it
fact "the service, as root, is denied a disk there, and says so" root_alone_is_denied
fact "the disks' owner is named in the settings, and the policy lets the service act as it" an_owner_is_named
fact "a VM runs with its disk there" runs_traced
fact "its qemu has opened nothing there by name, from its first instruction on" opened_nothing_of squashed "$mounted"
fact "a log there was made for it, as the disks' owner" log_is_made_as_the_owner
fact "it reads its base and writes its disk" reads_and_writes
fact "a VM on the soft mount reads and writes" runs_on_the_soft_mount
fact "the server goes away: the VM is still held, and status answers" server_stops
fact "a start there is told that the server does not answer, and others start meanwhile" others_start_meanwhile
fact "qemu gets an error from the soft mount, and the VM goes on" on_the_soft_mount_qemu_gets_an_error
fact "on a soft mount a plan says that the file cannot be read" a_soft_mount_is_refused
fact "the server is back, and both VMs read what they wrote, and write" server_comes_back
fact "both are ended, and nothing is left" ends_with_nothing_left
done_with_facts
