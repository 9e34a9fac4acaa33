# shellcheck shell=bash
# shellcheck disable=SC2154  # root, cache and dist come from the script
# ./dev demo: two real qemu processes, and the labels of their files before, while and after they run.

demo_usage() {
	cat <<'END'
usage: ./dev demo [DIRECTORY]

Builds, then in a new directory below DIRECTORY (default: $TMPDIR or /tmp) makes four disk images with qemu-img,
starts a service of its own with its own socket and state, and lets two qemu processes run on the images. Shows the
label of each file at each step: one qemu asks for the other's disk and the kernel denies it, a third VM that wants a
disk in use is refused, one qemu is killed with SIGKILL, the other one is stopped, and in the end every extended
attribute must be as before. Exits with 1 if one is not.

Needs root (security.* attributes), and a file system with extended attributes. Removes its files, and ends only its
own processes.
END
}

demo_place='' demo_service=''
declare -A demo_vms=()

demo_colours() {
	if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
		heading=$'\e[1m' dim=$'\e[2m' written=$'\e[32m' shared=$'\e[36m' wrong=$'\e[31m' off=$'\e[0m'
	else
		heading='' dim='' written='' shared='' wrong='' off=''
	fi
}

demo_step() {
	printf '\n%s%s%s\n' "$heading" "$1" "$off"
}

# Shows a command as a person would type it.
demo_prompt() {
	printf '%s$%s %s\n' "$dim" "$off" "$*"
}

demo_fail() {
	printf '%sdemo: %s%s\n' "$wrong" "$1" "$off" >&2
	if [ -s "$demo_place/labelerd.log" ]; then
		printf 'the last lines of the service:\n' >&2
		tail -n 15 "$demo_place/labelerd.log" >&2
	fi
	exit 1
}

demo_clean_up() {
	local pid
	for pid in "${demo_vms[@]}" $demo_service; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	[ -z "$demo_place" ] || rm -rf -- "$demo_place"
}

# demo_label FILE: the content of security.selinux, or nothing.
demo_label() {
	getfattr --absolute-names --only-values -n security.selinux -- "$1" 2>/dev/null | tr -d '\0' || true
}

# All attributes of all images, to be compared.
demo_attributes() {
	find images -type f | LC_ALL=C sort | xargs getfattr -d -m - --
}

demo_show() {
	local file label colour last=base.qcow2
	printf '%simages/%s\n' "$dim" "$off"
	for file in db1.data db1.qcow2 web1.qcow2 base.qcow2; do
		label=$(demo_label "images/$file")
		case $label in
		*:svirt_image_t:*) colour=$written ;;
		*:virt_content_t:*) colour=$shared ;;
		*) colour=$dim ;;
		esac
		[ "$file" = "$last" ] && printf '└── ' || printf '├── '
		printf '%-11s %s%s%s\n' "$file" "$colour" "${label:-(no label)}" "$off"
	done
}

# Whether files here can carry labels at all, and whether we may set them.
demo_check_place() {
	local probe=$demo_place/probe
	: >"$probe"
	if [ "$EUID" -ne 0 ]; then
		die 1 "the demo sets security.* attributes, which takes root: sudo ./dev demo"
	fi
	setfattr -n security.selinux -v system_u:object_r:virt_content_t:s0 "$probe" 2>/dev/null ||
		die 1 "$demo_place is on a file system that does not store security.* attributes; name another: ./dev demo DIRECTORY"
	rm -f "$probe"
}

demo_images() {
	demo_step "Four images: a base, two overlays of it, one of them with a data file of its own"
	mkdir images
	local command
	for command in \
		"qemu-img create -q -f qcow2 images/base.qcow2 64M" \
		"qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 images/web1.qcow2" \
		"qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 -o data_file=images/db1.data,data_file_raw=off images/db1.qcow2" \
		"setfattr -n security.selinux -v system_u:object_r:user_home_t:s0 images/base.qcow2"; do
		demo_prompt "$command"
		$command
	done
	demo_show
}

demo_start_service() {
	local tries
	demo_step "The service, with a socket and a state of its own"
	demo_prompt "labelerd --socket run/labeler.sock --state-dir state --run-dir run --enforcement optional &"
	mkdir -m 755 run
	mkdir -m 700 state
	"$dist/bin/labelerd" --socket "$demo_place/run/labeler.sock" --state-dir "$demo_place/state" \
		--run-dir "$demo_place/run" --enforcement optional >labelerd.log 2>&1 &
	demo_service=$!
	for ((tries = 0; tries < 600; tries++)); do
		kill -0 "$demo_service" 2>/dev/null || demo_fail "the service ended at once"
		if curl -sf --max-time 5 -o /dev/null --unix-socket run/labeler.sock http://labeler/v1/health; then
			[ -e /sys/fs/selinux/enforce ] ||
				printf 'SELinux is not active on this machine: the labels are real, but not enforced.\n'
			return
		fi
		sleep 0.1
	done
	demo_fail "the service does not answer"
}

demo_qemu=(qemu-system-x86_64 -accel tcg -M q35 -m 64 -nodefaults -display none -S)

# demo_run NAME ARGUMENT…: a VM in the background; its pid is that of the command, which became qemu.
demo_run() {
	local name=$1 pid tries
	shift
	demo_prompt "labeler run $name -- ${demo_qemu[*]} $* &"
	"$dist/bin/labeler" run "$name" -- "${demo_qemu[@]}" "$@" >"$name.log" 2>&1 &
	pid=$!
	demo_vms[$name]=$pid
	for ((tries = 0; tries < 1200; tries++)); do
		if ! kill -0 "$pid" 2>/dev/null; then
			cat "$name.log" >&2
			demo_fail "$name did not start"
		fi
		case $(readlink "/proc/$pid/exe") in
		*/qemu-system-*) return ;;
		esac
		sleep 0.05
	done
	demo_fail "$name did not become qemu within a minute"
}

demo_walls() {
	local name
	for name in web1 db1; do
		"$dist/bin/labeler" status "$name" --json |
			jq -r '"\(.vm): pid \(.pid), level \(.level), confined by \(.walls | if length > 0 then join(" and ") else "nothing on this machine: its kernel has neither SELinux nor Landlock active" end)"'
	done
}

# demo_wait_for WHAT COMMAND…: up to a minute. Prints how long it took since $since (in microseconds).
demo_wait_for() {
	local what=$1
	shift
	until "$@"; do
		[ $((${EPOCHREALTIME/[.,]/} - since)) -lt 60000000 ] || demo_fail "$what did not happen within a minute"
		sleep 0.01
	done
	printf '%s after %d ms\n' "$what" $(((${EPOCHREALTIME/[.,]/} - since) / 1000))
}

demo_has_label() {
	[ "$(demo_label "$1")" = "$2" ]
}

# The files that one qemu may open on command, as an attacker who has taken it over would try.
demo_reach() {
	local reply walls
	walls=$("$dist/bin/labeler" status web1 --json | jq -r '.walls | length')
	[ "$walls" -gt 0 ] || return 0
	demo_step "web1's qemu is told to open db1's disk"
	demo_prompt "blockdev-add driver=file filename=$PWD/images/db1.qcow2    (to web1, by QMP)"
	reply=$(demo_qmp "$(jq -nc --arg file "$PWD/images/db1.qcow2" '{execute: "blockdev-add",
		arguments: {driver: "file", "node-name": "theirs", filename: $file}}')")
	printf '%s\n' "$(jq -r '.error.desc // "it opened"' <<<"$reply")"
	jq -e '.error.desc | test("^labeler S1: ")' <<<"$reply" >/dev/null || demo_fail "web1's qemu was not kept from db1's disk"
	demo_prompt "blockdev-add driver=file filename=$PWD/images/base.qcow2 read-only=on    (its own base)"
	reply=$(demo_qmp "$(jq -nc --arg file "$PWD/images/base.qcow2" '{execute: "blockdev-add",
		arguments: {driver: "file", "node-name": "own", filename: $file, "read-only": true}}')")
	jq -e 'has("return")' <<<"$reply" >/dev/null || demo_fail "web1's qemu cannot open its own base: $reply"
	printf 'opened\n'
}

# demo_qmp COMMAND: the answer of web1's qemu.
demo_qmp() {
	local line answers=0
	# Tries until it listens.
	coproc demo_monitor { exec socat - UNIX-CONNECT:web1.qmp,retry=600,interval=0.1 2>/dev/null; }
	printf '%s\n' '{"execute":"qmp_capabilities"}' "$1" >&"${demo_monitor[1]}"
	while IFS= read -r -t 60 line; do
		case $line in
		'{"return"'* | '{"error"'*) answers=$((answers + 1)) ;;
		esac
		# The first answer belongs to the capabilities.
		[ "$answers" -lt 2 ] || {
			printf '%s\n' "$line"
			kill "$demo_monitor_PID" 2>/dev/null || true
			return
		}
	done <&"${demo_monitor[0]}"
	kill "$demo_monitor_PID" 2>/dev/null || true
	demo_fail "web1's qemu did not answer"
}

demo_conflict() {
	local status=0
	demo_step "A third VM wants web1's disk"
	demo_prompt "labeler run web2 -- qemu-system-x86_64 … -drive file=images/web1.qcow2,format=qcow2,if=virtio"
	"$dist/bin/labeler" run web2 -- "${demo_qemu[@]}" -drive file=images/web1.qcow2,format=qcow2,if=virtio || status=$?
	printf 'exit code %d\n' "$status"
	[ "$status" -eq 4 ] || demo_fail "expected exit code 4 (conflict)"
}

demo_kill() {
	local since web1_before=$1
	demo_step "web1 is killed with SIGKILL; nobody tells the service"
	demo_prompt "kill -9 ${demo_vms[web1]}"
	since=${EPOCHREALTIME/[.,]/}
	kill -9 "${demo_vms[web1]}"
	wait "${demo_vms[web1]}" 2>/dev/null || true
	unset 'demo_vms[web1]'
	demo_wait_for "images/web1.qcow2 was as before" demo_has_label images/web1.qcow2 "$web1_before"
	demo_show
	printf 'base.qcow2 stays labelled: db1 still reads it.\n'
}

demo_stop() {
	local since
	demo_step "db1 is stopped, the last VM on the base"
	demo_prompt "kill ${demo_vms[db1]}"
	since=${EPOCHREALTIME/[.,]/}
	kill "${demo_vms[db1]}"
	wait "${demo_vms[db1]}" 2>/dev/null || true
	unset 'demo_vms[db1]'
	demo_wait_for "images/base.qcow2 was as before" demo_has_label images/base.qcow2 system_u:object_r:user_home_t:s0
	demo_show
	demo_prompt "labeler status"
	"$dist/bin/labeler" status
}

demo_compare() {
	demo_step "Every attribute of every file, before and after"
	demo_prompt "diff before after"
	demo_attributes >after
	if diff before after; then
		printf 'no difference\n'
	else
		demo_fail "an attribute is not what it was"
	fi
}

demo_main() {
	local parent=${1:-${TMPDIR:-/tmp}} web1_before
	[ $# -le 1 ] || die 2 "demo takes one directory"
	[ -d "$parent" ] || die 2 "no directory $parent"
	# shellcheck source=dev.d/build.bash
	source "$root/dev.d/build.bash"
	build_tree demo
	demo_colours
	trap demo_clean_up EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	demo_place=$(mktemp -d "$(cd -- "$parent" && pwd -P)/labeler-demo.XXXXXX")
	# qemu may run as another user, and needs access.
	chmod 755 "$demo_place"
	demo_check_place
	cd -- "$demo_place" || exit
	export LABELER_SOCKET=$demo_place/run/labeler.sock

	demo_images
	demo_attributes >before
	web1_before=$(demo_label images/web1.qcow2)
	demo_start_service
	demo_step "Two VMs"
	demo_run web1 -drive file=images/web1.qcow2,format=qcow2,if=virtio -qmp unix:web1.qmp,server=on,wait=off
	demo_run db1 -drive file=images/db1.qcow2,format=qcow2,if=virtio
	demo_show
	printf 'Each disk is at the level of its VM; the base, which both only read, is at s0.\n'
	demo_walls
	demo_reach
	demo_conflict
	demo_kill "$web1_before"
	demo_stop
	demo_compare
}
