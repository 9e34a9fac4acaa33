#!/usr/bin/env bash
# Two VMs started by `labeler run` from a root shell: their contexts, and the files that they may and may not open.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"
trap vms_end EXIT

readonly images=$place/run

runs_as_its_domain() {
	local context
	context=$(context_of "$(vm_pid "$1")")
	matches "context of $1" 'system_u:system_r:svirt(_tcg)?_t:s0:c[0-9]+,c[0-9]+' "$context"
	equal "context that the service names" "$context" "$(status_of "$1" .processContext)"
}

levels_differ() {
	[ "$(status_of web1 .level)" != "$(status_of db1 .level)" ] || wrong "both at $(status_of web1 .level)"
}

both_walls_stand() {
	equal "walls of $1" "landlock selinux" "$(status_of "$1" '.walls | sort | join(" ")')"
}

# file TYPE LEVEL
carries() {
	equal "type of $1" "$2" "$(type_of "$(label_of "$images/$1")")"
	equal "level of $1" "$3" "$(level_of "$(label_of "$images/$1")")"
}

labels_are_by_use() {
	local web1 db1
	web1=$(status_of web1 .level) db1=$(status_of db1 .level)
	carries web1.qcow2 svirt_image_t "$web1"
	carries web1.fd svirt_image_t "$web1"
	carries db1.qcow2 svirt_image_t "$db1"
	carries db1.data svirt_image_t "$db1"
	carries db1.fd svirt_image_t "$db1"
	carries base.qcow2 virt_content_t s0
	carries code.fd virt_content_t s0
}

directory_is_at_its_level() {
	local directory level
	directory=$(vm_directory web1) level=$(status_of web1 .level)
	equal "level of $directory" "$level" "$(level_of "$(label_of "$directory")")"
	equal "level of its guarded monitor, which is the service's" s0 "$(level_of "$(label_of "$directory/qmp")")"
	equal "pid file" "$(vm_pid web1)" "$(cat "$directory/pid")"
}

directory_is_gone() {
	[ ! -e "$(vm_directory web1)" ] || wrong "it is still there: $(ls -laZ "$(vm_directory web1)")"
}

# reach VM FILE: the matrix's word for it.
reach() {
	jq -er --arg vm "$1" --arg file "$images/$2" '([.vms[].vm] | index($vm)) as $v | ([.files[].path] | index($file)) as $f |
		.access[$v][$f]' "$place/matrix.json"
}

# kernels_word VM FILE: the same, asked of the kernel by another program.
kernels_word() {
	local process label word=none
	process=$(context_of "$(vm_pid "$1")") label=$(label_of "$images/$2")
	if selinux_check_access "$process" "$label" file open && selinux_check_access "$process" "$label" file read; then
		word="read"
		! selinux_check_access "$process" "$label" file write || word=read-write
	fi
	printf '%s' "$word"
}

# Every VM and every file, as it should be, and as the kernel decides it.
matrix_agrees() {
	local vm file expected
	labeler matrix --json >"$place/matrix.json"
	equal "VMs" "db1 web1" "$(jq -r '[.vms[].vm] | sort | join(" ")' "$place/matrix.json")"
	equal "files" "base.qcow2 code.fd db1.data db1.fd db1.qcow2 web1.fd web1.qcow2" \
		"$(jq -r --arg images "$images/" '[.files[].path | select(startswith($images)) | ltrimstr($images)] | sort | join(" ")' \
			"$place/matrix.json")"
	for vm in web1 db1; do
		for file in base.qcow2 code.fd web1.qcow2 web1.fd db1.qcow2 db1.data db1.fd; do
			case $file in
			base.qcow2 | code.fd) expected="read" ;;
			"$vm".*) expected=read-write ;;
			*) expected=none ;;
			esac
			equal "matrix, $vm and $file" "$expected" "$(reach "$vm" "$file")"
			equal "kernel, $vm and $file" "$expected" "$(kernels_word "$vm" "$file")"
		done
	done
	labeler matrix --svg >"$place/results/matrix.svg"
	python3 -c 'import sys, xml.dom.minidom as x; print(x.parse(sys.argv[1]).documentElement.tagName)' \
		"$place/results/matrix.svg" | grep -x svg
	for file in web1 db1 web1.qcow2 db1.data base.qcow2; do
		grep -qF "$file" "$place/results/matrix.svg" || wrong "$file is not in the picture"
	done
}

# Standard streams, the VM's own files, and files that qemu makes without a name.
no_descriptor_is_left() {
	local pid link listening sockets=()
	pid=$(vm_pid web1)
	for link in "/proc/$pid/fd"/*; do
		case $(readlink "$link") in
		/dev/null | "$vm_logs/web1.log" | "$images"/* | "$(vm_directory web1)/pid" | anon_inode:* | "$PWD") ;;
		socket:*) sockets+=("$(readlink "$link" | tr -cd 0-9)") ;;
		*) wrong "descriptor ${link##*/} is $(readlink "$link")" ;;
		esac
	done
	# It listens at its monitor, and has accepted the guard there: any other would be one too many. The service has made
	# that socket, in its network namespace, where the kernel lists it: the host's, or its own by a drop-in.
	equal "sockets" 2 "${#sockets[@]}"
	listening=$(nsenter --net="/proc/$(systemctl show --property MainPID --value labelerd.service)/ns/net" \
		ss --no-header --unix --listening | awk '$5 ~ "^/run/labeler/guard/" { print $6 }')
	equal "sockets that listen as a monitor" 1 "$(grep -cxFf <(printf '%s\n' "${sockets[@]}") <<<"$listening")"
}

opens_its_own() {
	opened_by web1 "$images/base.qcow2" true
}

# The reference policy denies this without a record in the audit log, so the kernel is asked directly.
denied_writing_of_base() {
	local process label answer
	process=$(context_of "$(vm_pid web1)") label=$(label_of "$images/base.qcow2")
	answer=$(opened_by web1 "$images/base.qcow2" false) && wrong "web1 opened the base for writing"
	grep -q 'Permission denied' <<<"$answer" || wrong "not opened, but for another reason: $answer"
	selinux_check_access "$process" "$label" file read || wrong "the policy denies reading, too"
	! selinux_check_access "$process" "$label" file write || wrong "the policy allows writing"
}

is_still_db1s() {
	carries db1.qcow2 svirt_image_t "$(status_of db1 .level)"
}

verify_agrees() {
	exits_with 0 labeler verify
}

another_start_is_a_conflict() {
	local before
	before=$(labels_below "$images")
	exits_with 4 labeler run third -- "${qemu[@]}" -drive "file=$images/web1.qcow2,format=qcow2,if=virtio"
	equal "labels" "$before" "$(labels_below "$images")"
}

labels_are_as_before() {
	diff "$place/run.before" <(labels_below "$images") || wrong "a label is not what it was"
}

images_make "$images"
labels_below "$images" >"$place/run.before"
chcon_of_base=$(type_of "$(label_of "$images/base.qcow2")")
note "the base is $chcon_of_base before any VM runs"

fact "web1, started from a root shell, becomes qemu with the pid of the command" vm_start "$images" web1
fact "db1 does, too" vm_start "$images" db1
fact "web1's process is at svirt_t and a category pair, as the service says" runs_as_its_domain web1
fact "db1's process is at svirt_t and a category pair, as the service says" runs_as_its_domain db1
fact "their levels differ" levels_differ
fact "SELinux and Landlock both stand around web1" both_walls_stand web1
fact "each file carries the label of its use" labels_are_by_use
fact "no descriptor of the launcher is left in qemu" no_descriptor_is_left
fact "web1 opens its own base for reading" opens_its_own
fact "web1 is denied db1's overlay" refused_to web1 "$images/db1.qcow2" true svirt_image_t db1.qcow2
fact "web1 is denied db1's data file" refused_to web1 "$images/db1.data" true svirt_image_t db1.data
fact "web1 is denied db1's NVRAM variables" refused_to web1 "$images/db1.fd" true svirt_image_t db1.fd
fact "web1 is denied the base for writing" denied_writing_of_base
fact "db1 is denied web1's overlay" refused_to db1 "$images/web1.qcow2" false svirt_image_t web1.qcow2
fact "web1 is denied an image that no VM has" refused_to web1 "$images/spare.qcow2" true var_lib_t spare.qcow2
fact "web1 is denied the journal of labels" refused_to web1 /var/lib/labeler/journal.db true labeler_var_lib_t
fact "web1 is denied /etc/shadow" refused_to web1 /etc/shadow true shadow_t
fact "its sockets and pid file are in a directory at its level" directory_is_at_its_level
fact "the matrix of VMs and files is drawn from the kernel's decisions" matrix_agrees
fact "the service's verify finds nothing wrong" verify_agrees
fact "a third VM with web1's disk is a conflict, and changes nothing" another_start_is_a_conflict
fact "web1 is killed, and db1's files keep their labels" vm_kill web1 KILL
fact "its directory is gone with it" directory_is_gone
fact "db1's overlay still is at db1's level" is_still_db1s
fact "db1 is ended" vm_kill db1
fact "every label is as it was before" labels_are_as_before
done_with_facts
