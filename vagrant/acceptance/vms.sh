# shellcheck shell=bash
# shellcheck disable=SC2154  # place comes from lib.sh
# VMs for the themes: real qemu processes, which never leave their first instruction (-S).

# Where each VM's pid is kept, so that a fact, which is a subshell, can start one.
readonly vms=$place/vms
# A place that the policy lets qemu's output go to, appended.
readonly vm_logs=/root/labeler-acceptance-logs

readonly qemu=(qemu-system-x86_64 -accel tcg -M q35 -m 32 -nodefaults -no-user-config -display none -S)

mkdir -p "$vms" "$vm_logs"

# images_make DIRECTORY: a base, two overlays of it (one with a data file of its own), and NVRAM variables for each.
images_make() {
	rm -rf "$1"
	mkdir -p "$1"
	(
		cd "$1" || exit
		qemu-img create -q -f qcow2 base.qcow2 16M
		qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 web1.qcow2
		qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 -o data_file="$1/db1.data",data_file_raw=off db1.qcow2
		qemu-img create -q -f qcow2 spare.qcow2 16M
		# qemu maps flash in steps of 4 KiB, and reads none of it before the first instruction.
		truncate -s 64K code.fd web1.fd db1.fd
		# Something to get back that no policy would have given them.
		chcon -t mnt_t base.qcow2
	)
}

# vm_arguments DIRECTORY NAME: the disk and the flash of a VM.
vm_arguments() {
	printf '%s\n' -drive "file=$1/$2.qcow2,format=qcow2,if=virtio" \
		-drive "if=pflash,unit=0,format=raw,readonly=on,file=$1/code.fd" -drive "if=pflash,unit=1,format=raw,file=$1/$2.fd"
}

vm_pid() {
	cat "$vms/$1.pid"
}

# vm_directory NAME: where the sockets of a VM belong; labeler makes it, at the VM's level.
vm_directory() {
	printf '/run/labeler/vms/%s' "$1"
}

# vm_monitor NAME: arguments for QMP and a pid file in the VM's directory.
vm_monitor() {
	printf '%s\n' -qmp "unix:$(vm_directory "$1")/qmp,server=on,wait=off" -pidfile "$(vm_directory "$1")/pid"
}

vm_is_qemu() {
	[[ $(readlink "/proc/$1/exe") == */qemu-system-* ]]
}

vm_ended_or_is_qemu() {
	vm_is_qemu "$1" || ! kill -0 "$1" 2>/dev/null
}

# vm_run NAME ARGUMENT…: `labeler run`, until the process has become qemu and answers.
vm_run() {
	local name=$1 pid monitor
	shift
	mapfile -t monitor < <(vm_monitor "$name")
	: >"$vms/$name.io"
	: >"$vms/$name.io-failed"
	touch "$vm_logs/$name.log"
	stat --format=%s "$vm_logs/$name.log" >"$vms/$name.log-size"
	labeler run "$name" -- "${qemu[@]}" "${monitor[@]}" "$@" \
		>>"$vm_logs/$name.log" 2>&1 </dev/null &
	pid=$!
	disown
	printf '%s\n' "$pid" >"$vms/$name.pid"
	within 300 vm_ended_or_is_qemu "$pid" || wrong "$name has not become qemu after 300 s"
	vm_is_qemu "$pid" || {
		tail -n 20 "$vm_logs/$name.log"
		wrong "$name did not become qemu"
	}
	within 180 vm_ended_or_answers "$name" "$pid" || wrong "$name's qemu does not answer"
	vm_is_qemu "$pid" || {
		tail -n 20 "$vm_logs/$name.log"
		wrong "$name's qemu ended"
	}
}

vm_ended_or_answers() {
	! vm_is_qemu "$2" || qmp "$1" '{"execute":"query-status"}' >/dev/null
}

# vm_start DIRECTORY NAME: vm_run with the output of vm_arguments.
vm_start() {
	local arguments
	mapfile -t arguments < <(vm_arguments "$1" "$2")
	vm_run "$2" "${arguments[@]}"
}

# vm_gone NAME: whether the service has noticed the end of the VM's process and given the labels back.
# No answer at all is not that answer.
vm_gone() {
	[ "$(curl --silent --max-time 60 --output /dev/null --write-out '%{http_code}' \
		--unix-socket /run/labeler/labeler.sock "http://labeler/v1/vms/$1")" = 404 ]
}

# vm_kill NAME [SIGNAL]
vm_kill() {
	kill "-${2:-TERM}" "$(vm_pid "$1")"
	within 180 vm_gone "$1" || wrong "the service still holds $1"
	rm -f "$vms/$1.pid"
	if [ -s "$vms/$1.io" ] && [ "${2:-TERM}" = TERM ]; then
		vm_io_held "$1"
	fi
}

# Ends the VMs that a theme left; for its EXIT trap.
vms_end() {
	local file pid
	for file in "$vms"/*.pid; do
		[ -e "$file" ] || continue
		pid=$(cat "$file")
		if vm_is_qemu "$pid"; then
			kill -9 "$pid" 2>/dev/null || true
		fi
		rm -f "$file"
	done
}

# qmp NAME COMMAND [FILE r|rw]: the answer, one line of JSON. Fails where the answer is an error. At the VM's level: an
# accepted connection has the level of the process that connects, and qemu may use only its own level.
qmp() {
	runcon -l "$(level_of "$(context_of "$(vm_pid "$1")")")" \
		python3 "$(dirname -- "${BASH_SOURCE[0]}")/programs/qmp.py" "$(vm_directory "$1")/qmp" "${@:2}"
}

# vm_io NAME COMMAND [ON]: qemu-io's, on the disk named "disk" of a running VM, on a node, or through a device ("-d ID").
# Its output goes to qemu's standard output, which is written at qemu's end: there vm_kill checks the result of each
# command.
vm_io() {
	vm_io_done "$@"
	printf '%s\n' "$2" >>"$vms/$1.io"
}

# vm_io_fails NAME COMMAND: the same of one that has to fail.
vm_io_fails() {
	vm_io_done "$@"
	printf '%s\n' "$2" >>"$vms/$1.io-failed"
}

vm_io_done() {
	local answer
	answer=$(qmp "$1" "$(jq -nc --arg line "qemu-io ${3:-disk} \"$2\"" \
		'{execute: "human-monitor-command", arguments: {"command-line": $line}}')")
	equal "what qemu says to $2" '""' "$(jq -c .return <<<"$answer")"
}

# vm_io_held NAME: of a VM that has ended in good order.
vm_io_held() {
	local said=$place/io-said
	tail -c "+$(($(cat "$vms/$1.log-size") + 1))" "$vm_logs/$1.log" >"$said"
	none 'Pattern verification failed' "$said" || wrong "$1 did not find what it should: $(cat "$vms/$1.io")"
	equal "commands of $1 that failed" "$(wc -l <"$vms/$1.io-failed")" "$(lines_of '^(read|write|flush) failed' "$said")"
	equal "reads and writes of $1" "$(lines_of '^(read|write) ' "$vms/$1.io")" \
		"$(lines_of '^(read|wrote) ([0-9]+)/\2 bytes at offset' "$said")"
}

# lines_of PATTERN FILE: how many.
lines_of() {
	some_or_none -cE -- "$1" "$2"
}

# image_has IMAGE PATTERN: 64 KiB of a byte at an offset, as in '171 0'. qemu-io's status shows the result; it always
# reports the bytes that it read.
image_has() {
	qemu-io -c "read -P $2 64k" "$1" || wrong "$1 does not have the pattern $2"
}

# opened_by NAME FILE READ_ONLY: has a VM's qemu open a file, as somebody who took it over could; true|false. By its human
# monitor, which the bed's settings let pass: the guard would refuse it, and the kernel's answer is what is asked for.
opened_by() {
	local node=probe$RANDOM readonly=off,auto-read-only=off answer
	[ "$3" = false ] || readonly=on
	answer=$(hmp "$1" "drive_add 0 if=none,id=$node,file=$2,format=raw,readonly=$readonly")
	printf '%s\n' "$answer"
	[[ $answer == OK* ]] || return 1
	hmp "$1" "drive_del $node"
}

# hmp NAME LINE: what the human monitor says.
hmp() {
	qmp "$1" "$(jq -nc --arg line "$2" '{execute: "human-monitor-command", arguments: {"command-line": $line}}')" |
		jq -r .return
}

# refused_to NAME FILE READ_ONLY TYPE [FILE_NAME]: qemu is told to open it and is denied, and the audit log has the
# denial, of something of that type (and name): the kernel's word, not qemu's.
refused_to() {
	local mark answer level
	level=$(level_of "$(context_of "$(vm_pid "$1")")")
	mark=$(audit_mark)
	if answer=$(opened_by "$1" "$2" "$3"); then
		wrong "$1 opened $2"
	fi
	grep -q 'Permission denied' <<<"$answer" || wrong "$1 did not open $2, but for another reason: $answer"
	denied_since "$mark" "denied .*name=\"?${5:-.*}\"? .*scontext=system_u:system_r:svirt(_tcg)?_t:$level tcontext=[^ ]*:$4:"
	# By its human monitor qemu asks several times, also what kind of file it is. All of these are meant.
	audit_settled
	provoked_since "$mark" "denied .*scontext=system_u:system_r:svirt(_tcg)?_t:$level tcontext=[^ ]*:$4:"
}

# api PATH: the service's answer.
api() {
	curl --silent --fail --max-time 60 --unix-socket /run/labeler/labeler.sock "http://labeler$1"
}

# The service listens before it has handled the files that an earlier service left.
recovered() {
	[ "$(api /v1/health | jq .recovered)" = true ]
}

# status_of NAME FILTER: of the service's answer, by jq.
status_of() {
	api "/v1/vms/$1" | jq -r "$2"
}

# nothing_to_recover: labels that were given back in the last half minute are not certain to be on the disk. The first
# recovery writes them, and reports it. It would also mend a label that was left, so the labels are checked before.
nothing_to_recover() {
	exits_with 0 labeler recover
	equal "what is left" '[]' "$(labeler recover --json | jq -c .stale)"
}
