#!/usr/bin/env bash
# A VM's own process writes the name of another file into the header of its image: does the next start hand that over?
# And under libvirt: is a format that libvirt has guessed believed?
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"
# shellcheck source-path=SCRIPTDIR source=walls.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/walls.sh"
# shellcheck source-path=SCRIPTDIR source=libvirt.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/libvirt.sh"

readonly images=$place/references
readonly of_libvirt=$libvirt_images/references
# Named as qemu and labelled as qemu, as after an attack on the host's packages.
readonly program=/usr/local/libexec/references/qemu-system-x86_64
readonly output=$vm_logs/writer.log

clean_up() {
	setenforce 1
	settings_again
	libvirt_forget guessed
	labeler hook remove libvirt >/dev/null 2>&1 || true
	restart_libvirt >/dev/null 2>&1 || true
	rm -rf "$of_libvirt" "$(dirname "$program")"
	vms_end
}
trap clean_up EXIT

# header_naming FILE: the first cluster of a qcow2 image whose data file that is, in base64. qemu-img would make the file
# anew, so another one of as long a name comes first.
header_naming() {
	local directory name
	directory=$(mktemp -d)
	name=$(printf '%*s' "${#1}" '' | tr ' ' x)
	(
		cd "$directory"
		qemu-img create -q -f qcow2 -o "data_file=$name,data_file_raw=off" made 16M
		head -c 65536 made | LC_ALL=C sed "s|$name|$1|" | base64 -w 0
	)
	rm -rf "$directory"
}

# writer_runs FILE: it writes that file's name into the header of web1's image.
writer_runs() {
	: >"$output"
	REFERENCES=$(jq -nc --arg image "$images/web1.qcow2" --arg header "$(header_naming "$1")" --arg other "$1" \
		'{image: $image, header: $header, other: $other}') \
		timeout --kill-after=10 300 labeler run writer -- "$program" -accel tcg -M q35 -m 32 -nodefaults -display none \
		-drive "file=$images/web1.qcow2,format=qcow2,if=virtio" >>"$output" 2>&1 </dev/null || {
		cat "$output"
		wrong "it did not come to its end"
	}
	within 180 vm_gone writer
	none '^GOT IN' "$output" || wrong "it reads the file at once"
	grep -qx denied "$output" || wrong "it has not tried the file: $(cat "$output")"
	grep -qx written "$output" || wrong "it has not written the header: $(cat "$output")"
	grep -q "$1" <<<"$(qemu-img info "$images/web1.qcow2")" || wrong "the header does not name the file"
}

refused() {
	local said
	said=$(exits_with 3 labeler plan web1 -- "${qemu[@]}" -drive "file=$images/web1.qcow2,format=qcow2,if=virtio" 2>&1) ||
		wrong "$said"
	grep -q "$1" <<<"$said" || wrong "no $1: $said"
	said=$(exits_with 3 labeler run web1 -- "${qemu[@]}" -drive "file=$images/web1.qcow2,format=qcow2,if=virtio" 2>&1) ||
		wrong "$said"
}

is_logged() {
	within 60 some_line_of_the_log
}

some_line_of_the_log() {
	grep -q 'VM writer: NEW_REFERENCE' <<<"$(journalctl --boot --unit=labelerd.service --output=cat)"
}

secret_is_as_before() {
	equal "the other file" "$(cat "$place/references.secret")" "$(state_of "$images/secret.raw")"
}

state_of() {
	stat --format='%C %a %u:%g %h %i %s %n' -- "$1"
}

is_trusted() {
	exits_with 0 labeler trust "$images/web1.qcow2"
	exits_with 0 labeler plan web1 -- "${qemu[@]}" -drive "file=$images/web1.qcow2,format=qcow2,if=virtio"
}

is_not_trusted() {
	exits_with 3 labeler trust "$images/web1.qcow2"
}

# The writer, and the start after it.
with_one_wall() {
	make_again
	writer_runs "$images/secret.raw"
	refused NEW_REFERENCE
	secret_is_as_before
}

with_landlock_alone() {
	landlock_alone
	with_one_wall
}

make_again() {
	images_make "$images"
	truncate -s 1M "$images/secret.raw"
	chmod 600 "$images/secret.raw"
	state_of "$images/secret.raw" >"$place/references.secret"
}

install_hook() {
	exits_with 0 labeler hook install libvirt
	restart_libvirt
}

# The header extension "backing format" (0xE2792ACA) becomes one that nobody knows and everybody may skip.
without_backing_format() {
	local at
	at=$(LC_ALL=C grep -abo -m 1 -P '\xe2\x79\x2a\xca' "$1" | head -n 1 | cut -d: -f1)
	[ -n "$at" ] || wrong "the header has no backing format"
	printf '\x11' | dd of="$1" bs=1 seek="$at" conv=notrunc status=none
}

guessed_is_refused() {
	local answer
	answer=$(virsh --quiet start --paused guessed 2>&1) && wrong "libvirt started it"
	grep -q 'does not record the format' <<<"$answer" || wrong "not started, but for another reason: $answer"
	diff "$place/references.before" <(labels_below "$of_libvirt") || wrong "a label is not what it was"
}

declared_starts() {
	local below="<backingStore type=\"file\"><format type=\"qcow2\"/><source file=\"$of_libvirt/base.qcow2\"/></backingStore>"
	libvirt_xml guessed "$of_libvirt/web1.qcow2" | sed "s|<target |$below<target |" >"$place/guessed.xml"
	virsh --quiet undefine guessed
	virsh --quiet define "$place/guessed.xml"
	virsh --quiet start --paused guessed
	virsh --quiet destroy guessed
	within 180 vm_gone guessed
}

make_again
install -D -m 755 "$(dirname -- "${BASH_SOURCE[0]}")/programs/references.py" "$program"
chcon -t qemu_exec_t "$program"

mark=$(audit_mark)
fact "a VM's process writes the name of another file into its image's header" writer_runs "$images/secret.raw"
fact "the next start is refused" refused NEW_REFERENCE
fact "it is in the log" is_logged
fact "the other file is as it was" secret_is_as_before
fact "an administrator trusts the image, and it starts" is_trusted
fact "a VM's process writes the name of the service's journal" writer_runs /var/lib/labeler/journal.db
fact "the next start is refused that" refused NOT_FROM_HEADER
fact "nobody can trust that" is_not_trusted
fact "the audit log has what it tried" denied_since "$mark" 'denied .*scontext=system_u:system_r:svirt(_tcg)?_t:'

fact "the service restarts with Landlock switched off" selinux_alone
mark=$(audit_mark)
fact "with SELinux alone the file is denied as well, and the next start refused" with_one_wall
fact "the audit log has what it tried this time" denied_since "$mark" 'denied .*scontext=system_u:system_r:svirt(_tcg)?_t:'
fact "the service restarts with its own settings" settings_again
mark=$(audit_mark)
fact "with Landlock alone, on a permissive host, too" with_landlock_alone
fact "the host enforces again" selinux_again
fact "what a permissive host logged is claimed" nothing_of_that_is_a_fault "$mark"

images_make "$of_libvirt"
restorecon -F "$of_libvirt/base.qcow2"
chmod -R a+rX "$of_libvirt"
without_backing_format "$of_libvirt/web1.qcow2"
labels_below "$of_libvirt" >"$place/references.before"
fact "the hook is installed" install_hook
fact "a domain is defined whose overlay records no format" libvirt_define guessed "$of_libvirt/web1.qcow2"
fact "libvirt guesses the format, and the start is refused" guessed_is_refused
fact "with the chain in its definition the domain starts" declared_starts
done_with_facts
