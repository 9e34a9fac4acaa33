# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034  # place, qemu and such come from lib.sh and vms.sh; the theme uses the names
# The theme of two hosts: names that both know, and what either of them does.

# ./dev bed test gives them to the second card, which leads to the other host and nowhere else.
readonly first_address=10.9.0.1
readonly second_address=10.9.0.2
readonly storage=$place/pool
readonly settings=/etc/labeler/labeler.toml
readonly authority=/etc/labeler/etcd-ca.pem
readonly password=/etc/labeler/etcd-password
readonly root_password=/root/etcd-root-password
# Of the range to which the policy lets qemu listen and connect for a migration.
readonly migration_port=49152
readonly uuid=6e8bc430-9c3a-11d9-9669-0800200c9a66
readonly content=system_u:object_r:virt_content_t:s0

# SELinux is the only wall, so that Landlock hides no hole in the policy.
selinux_alone() {
	sed -i '/^landlock = "off"/d; /^\[launch\]/a landlock = "off"' "$settings"
	grep -qx 'landlock = "off"' "$settings" || wrong "the settings have no [launch]"
}

mount_storage() {
	mkdir -p "$storage"
	within 180 mount -t nfs4 -o vers=4.2 "$first_address:/" "$storage"
	[[ ,$(findmnt --noheadings --output=FS-OPTIONS --mountpoint "$storage"), == *,seclabel,* ]] || wrong "it stores no labels"
}

# have_passwords HOST, has_authority TEXT: what an administrator brings to a host before it joins.
have_passwords() {
	(
		umask 077
		printf 'of-%s\n' "$1" >"$password"
		printf 'secret\n' >"$root_password"
	)
}

has_authority() {
	printf '%s\n' "$1" >"$authority"
}

# join NAME: by the commands of docs/cluster.md. A JVM's first connection with TLS takes seconds in a translated guest.
join() {
	labeler cluster join "https://$first_address:2379" --host "$1" --ca "$authority" --user "$1" --password-file "$password" \
		--deadline 30 --admin root --admin-password-file "$root_password" --restart
	within 300 recovered
}

# drive_of NAME: cache=none, as for every disk that two hosts may have open one after the other.
drive_of() {
	printf '%s\n' -drive "if=none,id=disk,format=qcow2,cache=none,file=$storage/$1.qcow2" \
		-device virtio-blk-pci,drive=disk,bootindex=0
}

# run_disk NAME ARGUMENT…: a VM with the disk of its name.
run_disk() {
	local arguments
	mapfile -t arguments < <(drive_of "$1")
	vm_run "$1" "${arguments[@]}" "${@:2}"
}

# continue_vm NAME: the guest goes on; vms.sh starts every VM stopped.
continue_vm() {
	qmp "$1" '{"execute": "cont"}'
}

# arrives ADDRESS: the VM that moves waits here for its guest.
arrives() {
	run_disk mover -uuid "$uuid" -incoming "tcp:$1:$migration_port"
}

# leaves_for ADDRESS: returns at once.
leaves_for() {
	qmp mover "{\"execute\": \"migrate\", \"arguments\": {\"uri\": \"tcp:$1:$migration_port\"}}"
}

migration_is() {
	[ "$(qmp mover '{"execute": "query-migrate"}' | jq -r .return.status)" = "$1" ]
}

# number: the number that the guest wrote last, from its memory.
number() {
	hmp mover 'xp /1dw 0x7df4' | awk 'NR == 1 { print $2 + 0 }'
}

number_is_above() {
	[ "$(number)" -gt "$1" ]
}

# counts_beyond NUMBER: the guest writes here, and has not begun anew.
counts_beyond() {
	local now
	now=$(number)
	[ "$now" -ge "$1" ] || wrong "its number is $now, and was $1 before"
	within 60 number_is_above "$now" || wrong "it stays at $now: $(qmp mover '{"execute": "query-status"}')"
}

# watch_labels: of the mover's files, as this kernel has them, into a file, until watched_labels ends it.
watch_labels() {
	python3 "$here/../programs/label_watch.py" "$storage/mover.qcow2" "$storage/base.qcow2" >"$place/watch" 2>&1 </dev/null &
	disown
	printf '%s\n' $! >"$place/watch.pid"
}

# watched_labels LEVEL: whether there was no other label all the time than the VM's on its disk, and that of the base.
watched_labels() {
	kill "$(cat "$place/watch.pid")" || wrong "nobody watched any more: $(cat "$place/watch")"
	diff <(printf '%s\n' "system_u:object_r:svirt_image_t:$1 $storage/mover.qcow2" "$content $storage/base.qcow2") "$place/watch"
}

# ask_server: this kernel learns the labels that the server has now. Until then it may go by old ones. A client asks only if
# somebody wants an attribute of the file that may have changed.
ask_server() {
	find "$storage" -exec stat --cached=never --format=%Z {} + >/dev/null
}

labels_of_storage() {
	ask_server
	labels_below "$storage"
}

# have_labels LEVEL
have_labels() {
	ask_server
	equal "label of the disk" "system_u:object_r:svirt_image_t:$1" "$(label_of "$storage/mover.qcow2")"
	equal "label of the base" "$content" "$(label_of "$storage/base.qcow2")"
}

# thief_is_refused HOST: a VM that wants the mover's disk.
thief_is_refused() {
	fails_with 4 "on host $1; stop that VM first" labeler run thief -- "${qemu[@]}" \
		-drive "if=none,id=disk,format=qcow2,file=$storage/mover.qcow2"
}
