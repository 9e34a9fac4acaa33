#!/usr/bin/env bash
# Every use of a file goes through one door: pid files, sockets, secrets, links, shareable images. And the accesses that
# the walls deny a program in qemu's place, each wall alone: SELinux with Landlock switched off in the settings,
# Landlock with the whole host permissive while that VM lives.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"
# shellcheck source-path=SCRIPTDIR source=walls.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/walls.sh"

readonly images=$place/uses
# Named as qemu and labelled as qemu, as after an attack on the host's packages.
readonly program=/usr/local/libexec/uses/qemu-system-x86_64
readonly headless=/usr/local/libexec/uses/headless/qemu-system-x86_64
readonly output=$vm_logs/uses.log
# A user who is not root and owns only the files that this theme gives him.
readonly user=1

clean_up() {
	setenforce 1
	end_program || true
	end_headless || true
	end_terminal
	typing_as_before || true
	vms_end
	rm -f "$program" "$headless"
	settings_again
}
trap clean_up EXIT

make_files() {
	images_make "$images"
	dd if=/dev/urandom of="$images/key" bs=32 count=1 status=none
	chmod 600 "$images/key"
	mkfifo "$images/pipe"
	ln -s web1.qcow2 "$images/to-web1"
	mkdir "$images/home"
	ln -s "$images/key" "$images/home/key"
	ln -s "$images/web1.qcow2" "$images/home/disk"
	ln -s "$images" "$images/home/images"
	chown -h "$user:$user" "$images"/home/*
	chown "$user:$user" "$images/home"
}

# content_of FILE…
content_of() {
	sha256sum -- "$@"
}

# refused STATUS ARGUMENT…: a VM vb with db1's disk and these arguments does not start.
refused() {
	local status=$1
	shift
	exits_with "$status" labeler run vb -- "${qemu[@]}" -drive "file=$images/db1.qcow2,format=qcow2,if=virtio" "$@"
	vm_gone vb || wrong "the service holds vb"
}

# another_vms_disk_as ARGUMENT…: NAME stands for the file, which is a conflict by its name and by a link of root's.
another_vms_disk_as() {
	local name argument arguments
	for name in web1.qcow2 to-web1; do
		arguments=()
		for argument in "$@"; do
			arguments+=("${argument//NAME/$images/$name}")
		done
		refused 4 "${arguments[@]}"
	done
}

a_pid_file_is_no_way_to_a_disk() {
	local before
	before=$(content_of "$images/web1.qcow2")
	another_vms_disk_as -pidfile NAME
	equal "web1's disk" "$before" "$(content_of "$images/web1.qcow2")"
}

nor_is_a_log() {
	another_vms_disk_as -D NAME
	another_vms_disk_as -chardev file,id=c,path=NAME
	another_vms_disk_as -chardev null,id=c,logfile=NAME
	another_vms_disk_as -object memory-backend-file,id=m,size=1M,mem-path=NAME
}

nor_is_a_disk_in_another_format() {
	another_vms_disk_as -drive file=NAME,format=raw,if=virtio
}

a_socket_does_not_take_a_disks_place() {
	local inode
	inode=$(stat --format=%i "$images/web1.qcow2")
	refused 3 -qmp "unix:$images/web1.qcow2,server=on,wait=off"
	refused 3 -vnc "unix:$images/web1.qcow2"
	equal "what has the name" "$inode" "$(stat --format=%i "$images/web1.qcow2")"
}

what_is_no_file_is_refused() {
	refused 3 -pidfile "$images/pipe"
	refused 3 -D "$images/pipe"
	refused 3 -qmp "unix:$images/pipe,server=on,wait=off"
}

a_users_link_is_refused() {
	local before
	before=$(label_of "$images/key")
	refused 3 -drive "file=$images/home/key,format=raw,if=virtio"
	refused 3 -drive "file=$images/home/images/spare.qcow2,format=qcow2,if=virtio"
	refused 3 -kernel "$images/home/key"
	refused 3 -pidfile "$images/home/disk"
	equal "label of what is not his" "$before" "$(label_of "$images/key")"
}

a_link_of_roots_is_followed() {
	ln -sfn "$images" "$place/uses-by-root"
	# Of a type whose links VMs may read; those of this directory's own type the policy keeps from them.
	chcon -h -t mnt_t "$place/uses-by-root"
	vm_run linked -drive "file=$place/uses-by-root/spare.qcow2,format=qcow2,if=virtio"
	vm_kill linked
	rm -f "$place/uses-by-root"
}

a_shareable_qcow2_is_refused() {
	refused 3 -drive "file=$images/spare.qcow2,format=qcow2,if=none,id=s" -device virtio-blk-pci,drive=s,share-rw=on
}

# all_refusals MODE-OF-SELINUX LANDLOCK: the service refuses before any wall stands, so no wall may matter to it.
all_refusals() {
	equal "SELinux" "$1" "$(getenforce)"
	equal "Landlock is off in the settings" "$2" "$(grep -qx 'landlock = "off"' "$settings" && echo off || echo on)"
	a_pid_file_is_no_way_to_a_disk
	nor_is_a_log
	nor_is_a_disk_in_another_format
	a_socket_does_not_take_a_disks_place
	what_is_no_file_is_refused
	a_users_link_is_refused
	a_shareable_qcow2_is_refused
	nobody_else_gets_the_secret
}

holder_has_its_secret() {
	vm_run holder -drive "file=$images/web1.qcow2,format=qcow2,if=virtio" -object "secret,id=s,file=$images/key"
	equal "level of the secret" "$(status_of holder .level)" "$(level_of "$(label_of "$images/key")")"
	matches "its type" '.*_image_t' "$(type_of "$(label_of "$images/key")")"
}

nobody_else_gets_the_secret() {
	refused 4 -object "secret,id=s,file=$images/key"
	refused 4 -fw_cfg "name=opt/key,file=$images/key"
}

program_has_tried() {
	grep -q '^done$' "$output"
}

# targets TERMINAL…: the secret, and files that no VM has. Terminals, and other processes' files in /proc, only for
# Landlock alone: if there is a policy, it decides which of them a VM may use.
targets() {
	jq -nc --arg i "$images" --argjson holder "$(vm_pid holder)" \
		--argjson service "$(systemctl show --property=MainPID --value labelerd.service)" '{
			own: "\($i)/db1.qcow2",
			files: (["\($i)/key", "\($i)/web1.qcow2", "\($i)/spare.qcow2", "/etc/shadow", "/var/lib/labeler/journal.db"]
				+ if $ARGS.positional == [] then [] else ["/proc/1/cmdline", "/proc/\($holder)/cmdline"] end),
			terminals: $ARGS.positional,
			processes: [1, $holder, $service]
		}' --args "$@"
}

# run_program [TERMINAL]
run_program() {
	: >"$output"
	USES=$(targets "$@") labeler run evil -- "$program" -accel tcg -M q35 -m 32 -nodefaults -display none \
		-drive "file=$images/db1.qcow2,format=qcow2,if=virtio" >>"$output" 2>&1 </dev/null &
	printf '%s\n' "$!" >"$vms/uses-process"
	disown
	within 300 program_has_tried || {
		cat "$output"
		wrong "it did not come to its end"
	}
}

end_program() {
	[ -e "$vms/uses-process" ] || return 0
	kill -9 "$(cat "$vms/uses-process")" 2>/dev/null
	rm -f "$vms/uses-process"
	within 180 vm_gone evil
}

# gets_nowhere WALL LEAST: only this wall stands, and denies all of at least so many attempts.
gets_nowhere() {
	equal walls "$1" "$(status_of evil '.walls | join(" ")')"
	cat "$output"
	none '^GOT IN' "$output" || wrong "it got in"
	grep '^denied ' "$output" | none -vE ': (Permission denied|Operation not permitted)$' ||
		wrong "something failed for another reason than a wall"
	[ "$(grep -c '^denied ' "$output")" -ge "$2" ] || wrong "too few attempts"
	equal "what it may do" 3 "$(grep -c '^allowed ' "$output")"
}

# Which terminals a VM may open, the policy decides. No VM types into one: that takes CAP_SYS_ADMIN, or the kernel's leave to
# do so in one's own terminal (since Linux 6.2 a host can switch that off; here it is on, so that the wall alone answers).
run_program_with_a_terminal() {
	sysctl --values dev.tty.legacy_tiocsti >"$place/uses.typing"
	sysctl --quiet --write dev.tty.legacy_tiocsti=1
	run_program "$(cat "$place/uses.terminal")"
}

# Also for a clean-up: does nothing where the kernel's setting is as it was.
typing_as_before() {
	[ -s "$place/uses.typing" ] || return 0
	sysctl --quiet --write "dev.tty.legacy_tiocsti=$(cat "$place/uses.typing")"
	rm -f "$place/uses.typing"
}

types_nowhere() {
	equal walls selinux "$(status_of evil '.walls | join(" ")')"
	cat "$output"
	none '^GOT IN type into' "$output" || wrong "it typed into the terminal"
	grep -qE '^denied type into .*: (Permission denied|Operation not permitted)$' "$output" || wrong "it has not tried"
}

# A terminal of somebody else's, whose name is printed.
begin_terminal() {
	python3 -c 'import os, pty, time
main, other = pty.openpty()
print(os.ttyname(other), flush=True)
time.sleep(1800)' >"$place/uses.terminal" 2>/dev/null </dev/null &
	printf '%s\n' "$!" >"$vms/uses-terminal"
	disown
	within 60 test -s "$place/uses.terminal"
}

end_terminal() {
	[ -e "$vms/uses-terminal" ] || return 0
	kill -9 "$(cat "$vms/uses-terminal")" 2>/dev/null || true
	rm -f "$vms/uses-terminal"
}

run_program_with_landlock_alone() {
	landlock_alone
	run_program "$(cat "$place/uses.terminal")"
}

# Its first thread ends, while another has the disk open.
headless_runs() {
	HEADLESS=$images/spare.qcow2 labeler run headless -- "$headless" -accel tcg -M q35 -m 32 -nodefaults -display none \
		-drive "file=$images/spare.qcow2,format=qcow2,if=virtio" >"$output" 2>&1 </dev/null &
	printf '%s\n' "$!" >"$vms/headless-process"
	disown
	within 300 first_thread_has_ended || {
		cat "$output"
		wrong "its first thread lives"
	}
}

first_thread_has_ended() {
	local stat
	stat=$(cat "/proc/$(cat "$vms/headless-process")/stat") || return 1
	[[ $stat == *') Z '* ]]
}

headless_is_no_ended_vm() {
	exits_with 0 labeler recover
	refused 4 -drive "file=$images/spare.qcow2,format=qcow2,if=none,id=s"
	restart_service
	exits_with 0 labeler recover
	refused 4 -drive "file=$images/spare.qcow2,format=qcow2,if=none,id=s"
	equal "level of the disk" "$(status_of headless .level)" "$(level_of "$(label_of "$images/spare.qcow2")")"
}

end_headless() {
	[ -e "$vms/headless-process" ] || return 0
	kill -9 "$(cat "$vms/headless-process")" 2>/dev/null
	rm -f "$vms/headless-process"
	within 180 vm_gone headless
}

# With one wall alone it is not the wall that tells whether it lives.
headless_with_landlock_alone() {
	landlock_alone
	headless_runs
	equal walls landlock "$(status_of headless '.walls | join(" ")')"
}

headless_with_selinux_alone() {
	headless_runs
	equal walls selinux "$(status_of headless '.walls | join(" ")')"
}

fact "images, a key, a pipe and links of root's and of a user's are made" make_files
install -D -m 755 "$(dirname -- "${BASH_SOURCE[0]}")/programs/uses.py" "$program"
install -D -m 755 "$(dirname -- "${BASH_SOURCE[0]}")/programs/headless.py" "$headless"
chcon -t qemu_exec_t "$program" "$headless"

fact "web1 runs" vm_start "$images" web1
fact "another VM's disk is a conflict as a pid file, and stays what it is" a_pid_file_is_no_way_to_a_disk
fact "it is a conflict as a log, a character device and guest memory" nor_is_a_log
fact "it is a conflict as a disk in another format" nor_is_a_disk_in_another_format
fact "no socket takes its place" a_socket_does_not_take_a_disks_place
fact "a pipe is refused wherever qemu would write a file" what_is_no_file_is_refused
fact "a user's link to what is not his is refused, also on the way" a_users_link_is_refused
fact "a link of root's is followed" a_link_of_roots_is_followed
fact "a shareable qcow2 is refused" a_shareable_qcow2_is_refused
fact "web1 ends" vm_kill web1

# A refused start with web1's disk has not changed which references of that disk are believed: the next VM may use it.
fact "a VM's secret is at the VM's level" holder_has_its_secret
fact "nobody else gets the secret" nobody_else_gets_the_secret

fact "the service restarts with Landlock switched off" selinux_alone
mark=$(audit_mark)
fact "a program in another VM's place runs with SELinux alone" run_program
fact "SELinux alone denies it the secret and all else" gets_nowhere selinux 15
fact "the audit log has what it tried" denied_since "$mark" 'denied .*scontext=system_u:system_r:svirt(_tcg)?_t:'
fact "it ends" end_program
fact "somebody has a terminal" begin_terminal
fact "the program runs with SELinux alone and knows that terminal" run_program_with_a_terminal
fact "SELinux alone keeps it from typing there" types_nowhere
fact "it ends again" end_program
fact "the kernel's setting for terminals is as before" typing_as_before
long_fact "all these uses are refused with SELinux alone" all_refusals Enforcing off
fact "a process whose first thread has ended, with SELinux alone" headless_with_selinux_alone
fact "has its disk still, over recovery and restart" headless_is_no_ended_vm
fact "it ends, too" end_headless
fact "all that it provoked is claimed" nothing_of_that_is_a_fault "$mark"
fact "the service restarts with its own settings" settings_again

mark=$(audit_mark)
fact "the program runs with Landlock alone, on a permissive host" run_program_with_landlock_alone
fact "Landlock alone denies it the secret, the terminal, other processes and all else" gets_nowhere landlock 20
fact "that one ends" end_program
long_fact "a process whose first thread has ended, with Landlock alone" headless_with_landlock_alone
long_fact "has its disk still, over recovery and restart, on a permissive host" headless_is_no_ended_vm
long_fact "it ends" end_headless
long_fact "all these uses are refused with Landlock alone" all_refusals Permissive on
fact "the host enforces again" selinux_again
fact "what a permissive host logged is claimed" nothing_of_that_is_a_fault "$mark"

fact "the VM with the secret ends" vm_kill holder
done_with_facts
