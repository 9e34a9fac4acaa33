#!/usr/bin/env bash
# Two hosts that share storage, both enforcing: labelled NFS, which the first exports to both, and a registry on the first. A
# VM that writes all the time moves between them, and back; and each end is killed in the middle of a move. Runs on the
# first, and tells the second by ssh.
# shellcheck disable=SC2154  # first_address and such come from either.sh
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
readonly here
# shellcheck source-path=SCRIPTDIR source=../lib.sh
source "$here/../lib.sh"
# shellcheck source-path=SCRIPTDIR source=../vms.sh
source "$here/../vms.sh"
# shellcheck source-path=SCRIPTDIR source=../nfs.sh
source "$here/../nfs.sh"
# shellcheck source-path=SCRIPTDIR source=either.sh
source "$here/either.sh"
# shellcheck source-path=SCRIPTDIR source=registry.sh
source "$here/registry.sh"

readonly exported=$place/pool-exported

# there COMMAND…: a function of either.sh, vms.sh or lib.sh, or a program, on the second host.
there() {
	ssh -F /dev/null -i /root/bed-key -o BatchMode=yes -o ConnectTimeout=20 -o LogLevel=ERROR -o UserKnownHostsFile=/root/known-hosts \
		-o HostKeyAlias=bed -o ControlMaster=auto -o ControlPath=/run/labeler-second -o ControlPersist=900 \
		"root@$second_address" -- "$(printf '%q ' bash "$here/on.sh" "$@")"
}

clean_up() {
	there vms_end || true
	vms_end
	there umount --lazy "$storage" || true
	nfs_end "$exported" "$storage"
	systemctl stop etcd.service || true
}
trap clean_up EXIT

# --- the hosts

second_answers() {
	printf 'bed %s\n' "$(cut -d' ' -f1,2 /etc/ssh/ssh_host_ed25519_key.pub)" >/root/known-hosts
	within 60 there true
}

they_differ() {
	equal "this host" one "$(uname -n)"
	equal "the other host" two "$(there uname -n)"
	[ "$(cat /etc/machine-id)" != "$(there cat /etc/machine-id)" ] || wrong "both have the machine id $(cat /etc/machine-id)"
}

second_is_as_it_must_be() {
	there bash "$here/../run.sh" host
}

storage_on_both() {
	nfs_serve
	there setsebool virt_use_nfs off
	mkdir -p "$exported"
	exportfs -o "rw,insecure,fsid=0,no_root_squash,security_label" "$first_address:$exported" "$second_address:$exported"
	mount_storage
	there mount_storage
}

make_images() {
	(
		cd "$exported" || exit
		python3 "$here/../programs/counting_disk.py" make guest.raw
		qemu-img convert -f raw -O qcow2 guest.raw base.qcow2
		qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 mover.qcow2
		qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 other.qcow2
		# Something to get back that no policy would have given it.
		chcon -t mnt_t base.qcow2
	)
	attributes >"$place/pool.before"
}

# attributes: of all files of the storage, on the server's own file system, and their labels as each host sees them.
attributes() {
	(cd "$exported" && getfattr --recursive --dump --match=- .)
	labels_of_storage
	there labels_of_storage
}

# --- the registry

both_join() {
	local second status=0
	have_passwords one
	there have_passwords two
	there has_authority "$(cat "$authority")"
	selinux_alone
	there selinux_alone
	there join two &
	second=$!
	join one || status=$?
	wait "$second" || wrong "the second did not join"
	return "$status"
}

storage_is_registered() {
	labeler cluster storage add pool "$storage" --admin root --admin-password-file "$root_password"
	labeler cluster status
	there labeler cluster status | grep -F "$storage" || wrong "the second does not recognise it"
}

hosts_are_heard() {
	[ "$(labeler cluster hosts --json | jq -c '[.hosts[] | select(.heard) | .host]')" = '["one","two"]' ]
}

both_are_heard() {
	within 60 hosts_are_heard || wrong "$(labeler cluster hosts)"
}

# --- how soon a label is seen

# Ways to look at a label, each at a file of its own: label_watch.py has them.
readonly looks=(sync stat open memory)

# stamped LOOK FILE: what the second says of a file's label, each line with this host's time.
stamped() {
	local line
	there timeout 120 python3 "$here/../programs/label_watch.py" "--$1" "$2" 2>&1 |
		while read -r line; do
			printf '%s %s\n' "${EPOCHREALTIME/[.,]/}" "$line"
		done >"$place/seen.$1" &
}

# has_lines NUMBER FILE
has_lines() {
	[ "$(wc -l <"$2")" -ge "$1" ]
}

# All files are changed together. Only who asks the server is certain to see it; of the others this is on record.
labels_are_seen() {
	local began look line directory=$storage/looks
	mkdir "$directory"
	for look in "${looks[@]}"; do
		touch "$directory/$look"
		stamped "$look" "$directory/$look"
	done
	for look in "${looks[@]}"; do
		within 60 has_lines 1 "$place/seen.$look"
	done
	began=${EPOCHREALTIME/[.,]/}
	(cd "$directory" && chcon -t svirt_image_t -l s0:c1,c2 "${looks[@]}")
	within 60 has_lines 2 "$place/seen.sync" || wrong "not seen, though the server is asked: $(cat "$place/seen.sync")"
	sleep 60
	for look in "${looks[@]}"; do
		line=$(sed -n '2s/ .*//p' "$place/seen.$look")
		printf '%s: %s\n' "$look" "${line:+$(((line - began) / 1000)) ms}" >>"$place/seen"
	done
	rm -rf "$directory"
}

# --- a VM moves

mover_level() {
	status_of mover .level
}

mover_starts() {
	run_disk mover -uuid "$uuid"
	continue_vm mover
	within 60 number_is_above 0
	counts_beyond 1
	mover_level >"$place/mover.level"
}

level() {
	cat "$place/mover.level"
}

second_sees_the_label() {
	there have_labels "$(level)"
	watch_labels
	there watch_labels
}

other_runs_there() {
	there run_disk other
	[ "$(there status_of other .level)" != "$(level)" ] || wrong "both VMs have the level $(level)"
}

# each_kernel_denies: also what the other host has labelled.
each_kernel_denies() {
	ask_server
	there refused_to other "$storage/mover.qcow2" true svirt_image_t mover.qcow2
	there refused_to other "$storage/mover.qcow2" false svirt_image_t mover.qcow2
	refused_to mover "$storage/other.qcow2" true svirt_image_t other.qcow2
	refused_to mover "$storage/other.qcow2" false svirt_image_t other.qcow2
}

second_refuses_a_thief() {
	there thief_is_refused one
}

first_refuses_a_thief() {
	thief_is_refused two
}

waits_there() {
	there arrives "$second_address"
	equal "its level there" "$(level)" "$(there status_of mover .level)"
	have_labels "$(level)"
	there have_labels "$(level)"
}

waits_here() {
	arrives "$first_address"
	equal "its level here" "$(level)" "$(mover_level)"
	have_labels "$(level)"
	there have_labels "$(level)"
}

moves_there() {
	counts_beyond 1
	leaves_for "$second_address"
	within 120 migration_is completed || wrong "$(qmp mover '{"execute": "query-migrate"}')"
	number >"$place/mover.number"
	there continue_vm mover
	there counts_beyond "$(cat "$place/mover.number")"
}

moves_here() {
	there leaves_for "$first_address"
	there within 120 migration_is completed || wrong "$(there qmp mover '{"execute": "query-migrate"}')"
	there number >"$place/mover.number"
	continue_vm mover
	counts_beyond "$(cat "$place/mover.number")"
}

# stays HOST: labels on both, and the VM holds its files there.
stays_there() {
	have_labels "$(level)"
	there have_labels "$(level)"
	there exits_with 0 labeler verify mover
	there counts_beyond "$(cat "$place/mover.number")"
}

stays_here() {
	have_labels "$(level)"
	there have_labels "$(level)"
	exits_with 0 labeler verify mover
	counts_beyond "$(cat "$place/mover.number")"
}

source_ends() {
	vm_kill mover
	stays_there
}

second_source_ends() {
	there vm_kill mover
	stays_here
}

# under_way: a move that waits in its middle: the memory is there, the disk is not handed over yet.
under_way() {
	there arrives "$second_address"
	qmp mover '{"execute": "migrate-set-capabilities",
		"arguments": {"capabilities": [{"capability": "pause-before-switchover", "state": true}]}}'
	leaves_for "$second_address"
	within 60 migration_is pre-switchover || wrong "$(qmp mover '{"execute": "query-migrate"}')"
}

target_is_killed() {
	under_way
	number >"$place/mover.number"
	there vm_kill mover KILL
	qmp mover '{"execute": "migrate_cancel"}'
	within 60 migration_is cancelled || wrong "$(qmp mover '{"execute": "query-migrate"}')"
	stays_here
}

# The target's qemu ends by itself when its source does.
source_is_killed() {
	under_way
	vm_kill mover KILL
	within 180 there vm_gone mover || wrong "the second's service still holds it"
}

watched_on_both() {
	watched_labels "$(level)"
	there watched_labels "$(level)"
}

# is_known_here FILE: this kernel has the label from before. Nobody asks for it here but the service, every ten seconds.
is_known_here() {
	[ "$(label_of "$storage/$1")" = "$(sed -n "s| $storage/$1\$||p" "$place/pool.before" | head -n 1)" ]
}

disk_is_back() {
	ask_server
	is_known_here mover.qcow2
}

base_is_still_read() {
	within 60 disk_is_back || wrong "label of the disk: $(label_of "$storage/mover.qcow2")"
	equal "label of the base" "$content" "$(label_of "$storage/base.qcow2")"
}

last_ends() {
	there vm_kill other
	within 60 is_known_here base.qcow2 || wrong "this kernel goes by $(label_of "$storage/base.qcow2")"
	within 60 attributes_are_back || diff "$place/pool.before" <(attributes)
}

attributes_are_back() {
	attributes | cmp -s - "$place/pool.before"
}

every_number_is_there() {
	local highest
	qemu-img check -q "$storage/mover.qcow2"
	qemu-img convert -f qcow2 -O raw "$storage/mover.qcow2" "$place/mover.raw"
	highest=$(python3 "$here/../programs/counting_disk.py" check "$place/mover.raw")
	[ "$highest" -ge "$(cat "$place/mover.number")" ] || wrong "the highest number is $highest, and was $(cat "$place/mover.number")"
	printf '%s\n' "$highest" >"$place/mover.highest"
}

registry_is_empty() {
	within 60 registry_has_nothing || nothing_in_the_registry
}

nothing_is_left() {
	nothing_to_recover
	there nothing_to_recover
}

second_audit() {
	there bash "$here/../99-audit.sh"
}

fact "the second host answers, on a network of the two" second_answers
fact "they have names and machine ids of their own" they_differ
fact "the second is as it must be: enforcing, with a confined service" second_is_as_it_must_be
fact "both mount a storage that the first exports, NFS 4.2 with labels" storage_on_both
fact "there are images" make_images
fact "a registry runs, with TLS and a user for each host" registry_runs
fact "both join it, and their services start" both_join
fact "the storage is registered, and the second recognises it" storage_is_registered
fact "each hears of the other" both_are_heard
fact "the second's kernel sees a label that the first has set, if it asks the server" labels_are_seen
note "how soon it sees it, by the way of looking (nothing: not within a minute): $(paste -sd ';' "$place/seen" 2>/dev/null)"
fact "a VM starts on the first, and writes" mover_starts
fact "the second's kernel has its labels, once it has asked the server" second_sees_the_label
fact "another VM runs on the second, on the same base" other_runs_there
fact "each host's kernel denies its VM the disk that the other host has labelled" each_kernel_denies
fact "the second refuses the disk to a third VM, by the name of the first" second_refuses_a_thief
fact "the VM's target waits on the second, at the same level" waits_there
fact "the VM moves, and writes on there" moves_there
fact "its source ends, and nothing changes; its target has its files" source_ends
fact "the first refuses the disk to a third VM, by the name of the second" first_refuses_a_thief
fact "a target waits on the first, at the same level" waits_here
fact "the VM moves back, and writes on" moves_here
fact "its source ends, and nothing changes; its target has its files" second_source_ends
fact "a target is killed in the middle of a move: the VM writes on, and nothing changes" target_is_killed
fact "no kernel has had another label all the time" watched_on_both
fact "the source is killed in the middle of a move: both services notice that the VM has ended" source_is_killed
fact "its disk has its label from before, and the base is still the other VM's" base_is_still_read
fact "the last VM ends: each attribute is as it was, on the server and for both kernels" last_ends
fact "the disk has every number that the guest wrote" every_number_is_there
note "numbers: $(cat "$place/mover.highest" 2>/dev/null)"
fact "the registry is empty" registry_is_empty
fact "nothing is left to recover on either host" nothing_is_left
fact "the second's audit log has no other denial of our domains" second_audit
done_with_facts
