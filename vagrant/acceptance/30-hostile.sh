#!/usr/bin/env bash
# An attacker's program in qemu's place: which files can it reach at the VM's context? Twice: with both walls, and with
# SELinux alone, so that Landlock hides no hole in the policy.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"
# shellcheck source-path=SCRIPTDIR source=walls.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/walls.sh"

readonly images=$place/hostile
# Named as qemu and labelled as qemu, as after an attack on the host's packages.
readonly program=/usr/local/libexec/hostile/qemu-system-x86_64
readonly output=$vm_logs/evil.log

clean_up() {
	kill_evil || true
	vms_end
	rm -f "$program"
	settings_again
}
trap clean_up EXIT

kill_evil() {
	[ -e "$vms/evil-process" ] || return 0
	kill -9 "$(cat "$vms/evil-process")" 2>/dev/null
	rm -f "$vms/evil-process"
	within 180 vm_gone evil
}

# Targets of another VM, the service and the host. Not libvirt's socket: the reference policy lets every VM's process
# connect to it (allow virt_domain virtd_t:unix_stream_socket connectto), with or without labeler.
targets() {
	jq -nc --arg i "$images" --argjson web1 "$(vm_pid web1)" \
		--argjson service "$(systemctl show --property=MainPID --value labelerd.service)" '{
			own: "\($i)/db1.qcow2", directory: $i,
			files: ["\($i)/web1.qcow2", "\($i)/web1.fd", "\($i)/spare.qcow2", "/var/lib/labeler/journal.db",
				"/etc/shadow", "/etc/labeler/labeler.toml", "/var/log/audit/audit.log", "/root/.ssh/authorized_keys"],
			readonly: ["\($i)/base.qcow2", "\($i)/code.fd", "/usr/bin/qemu-system-x86_64"],
			sockets: ["/run/labeler/labeler.sock", "/run/dbus/system_bus_socket", "/run/systemd/private",
				"/run/labeler/vms/web1/qmp"],
			processes: [1, $web1, $service],
			contexts: ["system_u:system_r:svirt_t:s0", "unconfined_u:unconfined_r:unconfined_t:s0",
				"system_u:system_r:labelerd_t:s0-s0:c0.c1023"]
		}'
}

evil_has_tried() {
	grep -q '^done$' "$output"
}

run_evil() {
	local pid
	: >"$output"
	HOSTILE=$(targets) labeler run evil -- "$program" -accel tcg -M q35 -m 32 -nodefaults -display none \
		-drive "file=$images/db1.qcow2,format=qcow2,if=virtio" >>"$output" 2>&1 </dev/null &
	pid=$!
	disown
	printf '%s\n' "$pid" >"$vms/evil-process"
	within 300 evil_has_tried || {
		cat "$output"
		wrong "it did not come to its end"
	}
	matches "its context" 'system_u:system_r:svirt(_tcg)?_t:s0:c[0-9]+,c[0-9]+' "$(context_of "$pid")"
}

gets_nowhere() {
	local tried
	none '^GOT IN' "$output" || wrong "it got in"
	tried=$(grep -c '^denied ' "$output")
	[ "$tried" -ge 90 ] || wrong "only $tried attempts"
	equal "what it may do with its own disk" 2 "$(grep -c '^allowed ' "$output")"
	cat "$output"
}

# denied_as_expected: an attempt that fails for lack of a file is no attempt.
every_attempt_met_a_wall() {
	grep '^denied ' "$output" | none -vE ': (Permission denied|Operation not permitted|Invalid argument)$' ||
		wrong "something failed for another reason than a wall"
}

# Whatever the program did is in the audit log: all of it was meant.
the_kernel_logged_it() {
	denied_since "$1" 'denied .*scontext=system_u:system_r:svirt(_tcg)?_t:'
	audit_settled
	provoked_since "$1" 'denied .*scontext=system_u:system_r:svirt(_tcg)?_t:'
}

# Beside the same program, started by the same shell without us.
signals_are_clean() {
	local direct
	direct=$(env -u HOSTILE "$program" | grep '^signals')
	# A shell's job in the background ignores two signals, of which the direct one here is none.
	equal "blocked and ignored" "$direct" "$(grep '^signals' "$output" | tr 6 0)"
}

# Its own images are handed over: behind Landlock a guarded VM opens none by its name. So is the socket of its monitor,
# which qemu would listen at.
no_descriptor_is_left() {
	local own="$images/(db1\.qcow2|db1\.data|base\.qcow2)|socket:\[[0-9]+\]"
	grep '^descriptor' "$output" | none -vE "^descriptor [0-9]+ ($output|/dev/null|/proc/[0-9]+/fd|$program|$own)\$" ||
		wrong "it was started with a descriptor of the launcher's"
	equal "sockets" 1 "$(grep -cE '^descriptor [0-9]+ socket:' "$output")"
}

# state_of FILE…: all that an attack could have changed: label, mode, owner, links, inode, size, time, content.
state_of() {
	stat --format='%C %a %u:%g %h %i %s %Y %n' -- "$@"
	sha256sum -- "$@"
}

# The state of the targets of the attempts, and of the files beside them. The logs and the journal change by themselves:
# for them only the name, the label, the mode and the owner. The caller checks that they are no shorter.
targets_state() {
	local file
	find "$images" | LC_ALL=C sort
	state_of "$images"/{web1.qcow2,web1.fd,spare.qcow2,base.qcow2,code.fd,db1.fd} /etc/shadow "$settings" \
		/root/.ssh/authorized_keys "$(readlink -f /usr/bin/qemu-system-x86_64)" "$program"
	for file in /var/lib/labeler/journal.db "$audit_log"; do
		stat --format='%C %a %u:%g %h %i %n' -- "$file"
	done
	stat --format='%C %a %u:%g %n' /run/labeler/labeler.sock "$(vm_directory web1)/qmp" /sys/fs/selinux/enforce
	cat /sys/fs/selinux/enforce
	printf 'VM %s, service %s\n' "$(context_of "$(vm_pid web1)")" \
		"$(systemctl show --property=MainPID,NRestarts --value labelerd.service | tr '\n' ' ')"
}

# The program's own disk, which is labelled while it runs.
own_state() {
	state_of "$images"/db1.qcow2 "$images"/db1.data
}

remember_state() {
	targets_state >"$place/hostile.targets"
	own_state >"$place/hostile.own"
	stat --format=%s "$audit_log" >"$place/hostile.log-size"
}

nothing_was_changed() {
	diff "$place/hostile.targets" <(targets_state) || wrong "what it attacked is not what it was"
	[ "$(stat --format=%s "$audit_log")" -ge "$(cat "$place/hostile.log-size")" ] || wrong "the audit log is shorter"
}

is_killed() {
	kill_evil
	diff "$place/hostile.own" <(own_state) || wrong "its own disk is not what it was"
}

selinux_stands_alone() {
	equal walls selinux "$(status_of evil '.walls | join(" ")')"
}

images_make "$images"
install -D -m 755 "$(dirname -- "${BASH_SOURCE[0]}")/programs/hostile.py" "$program"
chcon -t qemu_exec_t "$program"

fact "web1, the VM to be attacked, runs" vm_start "$images" web1
remember_state
mark=$(audit_mark)
fact "a hostile program runs in qemu's place, at a VM's context" run_evil
fact "with both walls it gets nowhere" gets_nowhere
fact "each of its attempts met a wall" every_attempt_met_a_wall
fact "it was started with no descriptor of the launcher" no_descriptor_is_left
fact "it was started with no signal blocked, and none ignored that the shell does not ignore" signals_are_clean
fact "of what it attacked no name, label, mode, owner, time or byte was changed" nothing_was_changed
fact "the audit log has what it tried" the_kernel_logged_it "$mark"
fact "it is killed, and its own disk is as it was before" is_killed

fact "the service restarts with Landlock switched off" selinux_alone
remember_state
mark=$(audit_mark)
fact "the hostile program runs once more" run_evil
fact "only SELinux stands around it" selinux_stands_alone
fact "with SELinux alone it gets nowhere" gets_nowhere
fact "each of its attempts met SELinux" every_attempt_met_a_wall
fact "the audit log has what it tried this time" the_kernel_logged_it "$mark"
fact "of what it attacked nothing was changed this time" nothing_was_changed
fact "it is killed, and its own disk is as it was before, too" is_killed
fact "web1 is unharmed" qmp web1 '{"execute":"query-status"}'
fact "web1 is ended" vm_kill web1
fact "the service restarts with its own settings" settings_again
done_with_facts
