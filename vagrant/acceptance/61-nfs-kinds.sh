#!/usr/bin/env bash
# The kinds of NFS for SELinux: without labels, with labels (NFS 4.2), with one label for all (context=); one after the
# other under the same name. With SELinux alone, so that Landlock hides no hole in the policy.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"
# shellcheck source-path=SCRIPTDIR source=libvirt.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/libvirt.sh"
# shellcheck source-path=SCRIPTDIR source=nfs.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/nfs.sh"

readonly near=$place/nfs-kinds
readonly exported=$place/kinds-exported
readonly mounted=$place/kinds
readonly content=system_u:object_r:virt_content_t:s0
readonly program=/usr/local/libexec/hostile-nfs/qemu-system-x86_64
readonly output=$vm_logs/evil-nfs.log
readonly settings=/etc/labeler/labeler.toml

clean_up() {
	vms_end
	libvirt_forget guest
	labeler hook remove libvirt >/dev/null 2>&1 || true
	restart_libvirt >/dev/null 2>&1 || true
	nfs_end "$exported" "$mounted"
	rm -rf "$(dirname -- "$program")"
	if [ -e "$place/labeler.toml" ]; then
		cat "$place/labeler.toml" >"$settings"
		rm "$place/labeler.toml"
		systemctl restart labelerd.service
	fi
}
trap clean_up EXIT

# SELinux is the only wall, and headers may name images on either side.
with_selinux_alone() {
	cat "$settings" >"$place/labeler.toml"
	sed -i '/^\[launch\]/a landlock = "off"' "$settings"
	sed -i "/^\[image\]/a roots = [ \"$near\", \"$mounted\" ]" "$settings"
	grep -q '^roots = ' "$settings" || wrong "the settings have no [image]"
	grep -qx 'landlock = "off"' "$settings" || wrong "the settings have no [launch]"
	systemctl restart labelerd.service
	within 300 api /v1/health
}

# Images on the server, and some here: a base on either side, a disk of each base on the other.
make_images() {
	rm -rf "$exported" "$near"
	mkdir -p "$exported" "$near"
	(
		cd "$exported" || exit
		qemu-img create -q -f qcow2 base.qcow2 16M
		qemu-io -c 'write -P 171 0 64k' base.qcow2 >/dev/null
		qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 one.qcow2
		qemu-img create -q -f qcow2 -b base.qcow2 -F qcow2 two.qcow2
		cp base.qcow2 "$near/base.qcow2"
		# Names are those of the mount: rebasing reads nothing.
		qemu-img create -q -u -f qcow2 -b "$near/base.qcow2" -F qcow2 far-top.qcow2 16M
		cd "$near" || exit
		qemu-img create -q -u -f qcow2 -b "$mounted/base.qcow2" -F qcow2 near-top.qcow2 16M
		chcon -t mnt_t "$near/base.qcow2"
	)
	chmod -R a+rwX "$exported"
	labels_below "$near" >"$place/kinds.before"
}

drive() {
	printf 'if=none,id=disk,format=qcow2,file=%s' "$1"
}

treatment_of() {
	status_of "$1" ".files[] | select(.path == \"$2\") | .treatment"
}

labels_here_are_back() {
	diff "$place/kinds.before" <(labels_below "$near") || wrong "a label is not what it was"
}

# --- without labels

mount_without_labels() {
	nfs_serve
	nfs_mount "$exported" "$mounted" no_root_squash
	[[ ,$(options_of "$mounted"), != *,seclabel,* ]] || wrong "it stores labels: $(options_of "$mounted")"
}

# A monitor for people writes a greeting to its output, which is the file here.
runs_with_a_log_to_be_made() {
	vm_run one -drive "$(drive "$mounted/one.qcow2")" -chardev "file,id=log,path=$mounted/one.log" \
		-mon chardev=log,mode=readline
	equal "treatments" pass "$(status_of one '[.files[] | select(.path | startswith("/run/") | not) | .treatment] | unique | join(" ")')"
	equal "walls" "descriptors selinux" "$(status_of one '.walls | sort | join(" ")')"
	equal "mode and owner of the log" "600 0" "$(stat --format='%a %u' "$mounted/one.log")"
	within 20 grep -q monitor "$mounted/one.log"
	equal "type of the log" nfs_t "$(type_of "$(label_of "$mounted/one.log")")"
}

runs_mixed() {
	vm_run two -drive "$(drive "$near/near-top.qcow2")" -drive "if=none,id=other,format=qcow2,file=$mounted/far-top.qcow2"
	equal "the disk here" label "$(treatment_of two "$near/near-top.qcow2")"
	equal "its base there" pass "$(treatment_of two "$mounted/base.qcow2")"
	equal "the disk there" pass "$(treatment_of two "$mounted/far-top.qcow2")"
	equal "its base here" label "$(treatment_of two "$near/base.qcow2")"
	equal "type of the disk here" svirt_image_t "$(type_of "$(label_of "$near/near-top.qcow2")")"
	equal "label of the base here" "$content" "$(label_of "$near/base.qcow2")"
	vm_io two 'read -P 171 0 64k'
	vm_io two 'write -P 77 64k 64k'
	vm_io two flush
}

# denied_to NAME FILE READ_ONLY: that it may be read, and that it is the opening which is denied, is the audit log's word.
denied_to() {
	local mark answer
	mark=$(audit_mark)
	answer=$(opened_by "$1" "$2" "$3") && wrong "$1 opened $2"
	grep -q 'Permission denied' <<<"$answer" || wrong "$1 did not open $2, but for another reason: $answer"
	denied_since "$mark" "denied +\\{ open \\} .*path=\"$2\" .*scontext=$(context_of "$(vm_pid "$1")") tcontext=[^ ]*:nfs_t:"
}

neither_reads_the_others() {
	denied_to one "$mounted/far-top.qcow2" true
	denied_to one "$mounted/far-top.qcow2" false
	denied_to two "$mounted/one.qcow2" true
	denied_to two "$mounted/one.log" true
}

hostile_has_tried() {
	grep -q '^done$' "$output"
}

# A program in qemu's place, which has descriptors of a chain there, and the names of others.
hostile_gets_nowhere() {
	local mark pid
	install -D -m 755 "$(dirname -- "${BASH_SOURCE[0]}")/programs/hostile_nfs.py" "$program"
	chcon -t qemu_exec_t "$program"
	mark=$(audit_mark)
	: >"$output"
	(cd "$exported" && sha256sum one.qcow2 two.qcow2 base.qcow2) >"$place/kinds.sums"
	HOSTILE=$mounted HOSTILE_FILES='one.qcow2 two.qcow2 base.qcow2 one.log' labeler run evil -- "$program" -accel tcg -M q35 \
		-m 32 -nodefaults -display none -drive "$(drive "$mounted/two.qcow2")" >>"$output" 2>&1 </dev/null &
	pid=$!
	disown
	printf '%s\n' "$pid" >"$vms/evil-process"
	within 300 hostile_has_tried || wrong "it did not come to its end: $(cat "$output")"
	matches "its context" 'system_u:system_r:svirt(_tcg)?_t:s0:c[0-9]+,c[0-9]+' "$(context_of "$pid")"
	none '^GOT IN' "$output" || wrong "it got in"
	[ "$(grep -c '^denied ' "$output")" -ge 30 ] || wrong "too few attempts: $(cat "$output")"
	equal "what it may read" 2 "$(grep -c '^allowed ' "$output")"
	denied_since "$mark" "denied +\\{ open \\} .*path=\"$mounted/one.qcow2\" .*scontext=$(context_of "$pid") tcontext=[^ ]*:nfs_t:"
	audit_settled
	provoked_since "$mark" "denied .*scontext=$(context_of "$pid") "
	kill -9 "$pid"
	within 180 vm_gone evil
	(cd "$exported" && sha256sum --check --quiet "$place/kinds.sums")
}

virt_use_nfs_is_said() {
	setsebool virt_use_nfs on
	vm_run open -drive "$(drive "$mounted/two.qcow2")"
	grep -q 'virt_use_nfs off' "$vm_logs/open.log" || wrong "not said: $(cat "$vm_logs/open.log")"
	equal "walls" selinux "$(status_of open '.walls | sort | join(" ")')"
	vm_kill open
	setsebool virt_use_nfs off
}

both_end() {
	vm_kill one
	vm_kill two
	labels_here_are_back
	[ -s "$mounted/one.log" ] || wrong "the log is gone"
	image_has "$near/near-top.qcow2" '77 64k'
}

# With virt_use_nfs on, without which libvirt itself reads nothing there, and does not get as far as the hook.
libvirts_domain_is_refused() {
	local said before
	setsebool virt_use_nfs on
	exits_with 0 labeler hook install libvirt
	restart_libvirt
	libvirt_define guest "$mounted/two.qcow2"
	before=$(labels_below "$mounted")
	said=$(virsh --quiet start --paused guest 2>&1) && wrong "libvirt started it"
	grep -q "$mounted/" <<<"$said" || wrong "not refused by name: $said"
	grep -q 'labeler run' <<<"$said" || wrong "the way out is not named: $said"
	diff <(printf '%s\n' "$before") <(labels_below "$mounted")
	equal "VMs" '[]' "$(api /v1/vms | jq -c .vms)"
}

and_left_alone_where_the_settings_say_so() {
	local before
	before=$(labels_below "$mounted")
	sed -i '/^unlabelled/d; /^\[label\]/a unlabelled = "leave"' "$settings"
	systemctl restart labelerd.service
	within 300 api /v1/health
	virsh --quiet start --paused guest
	equal "treatments" leave "$(status_of guest "[.files[] | select(.path | startswith(\"$mounted/\")) | .treatment] | unique | join(\" \")")"
	virsh --quiet destroy guest
	within 180 vm_gone guest
	diff <(printf '%s\n' "$before") <(labels_below "$mounted")
	libvirt_forget guest
	labeler hook remove libvirt
	restart_libvirt
	setsebool virt_use_nfs off
}

# --- with labels, under the same name

mount_with_labels() {
	nfs_unmount "$exported" "$mounted"
	nfs_mount "$exported" "$mounted" no_root_squash,security_label
	[[ ,$(options_of "$mounted"), == *,seclabel,* ]] || wrong "it stores no labels: $(options_of "$mounted")"
	chcon -t mnt_t "$mounted/base.qcow2"
	labels_below "$mounted" >"$place/kinds.there"
}

labelled_there() {
	local level
	vm_run labelled -drive "$(drive "$mounted/one.qcow2")"
	level=$(status_of labelled .level)
	equal "treatments" label "$(status_of labelled '[.files[] | select(.path | startswith("/run/") | not) | .treatment] | unique | join(" ")')"
	equal "the disk" "system_u:object_r:svirt_image_t:$level" "$(label_of "$mounted/one.qcow2")"
	equal "its base" "$content" "$(label_of "$mounted/base.qcow2")"
	# The server's own word, past the client's cache.
	equal "the disk on the server" "system_u:object_r:svirt_image_t:$level" "$(label_of "$exported/one.qcow2")"
	vm_io labelled 'read -P 171 0 64k'
	vm_io labelled 'write -P 55 64k 64k'
	exits_with 0 labeler verify labelled
}

# The reference policy does not log it.
may_not_write() {
	local answer
	answer=$(opened_by "$1" "$2" false) && wrong "$1 opened $2 for writing"
	grep -q 'Permission denied' <<<"$answer" || wrong "$1 did not open $2, but for another reason: $answer"
}

set_apart_by_labels() {
	vm_run second -drive "$(drive "$mounted/two.qcow2")"
	refused_to labelled "$mounted/two.qcow2" true svirt_image_t two.qcow2
	refused_to second "$mounted/one.qcow2" false svirt_image_t one.qcow2
	may_not_write second "$mounted/base.qcow2"
	vm_kill second
	equal "the base, which the first VM reads" "$content" "$(label_of "$mounted/base.qcow2")"
}

labels_on_the_server_are_back() {
	diff <(sed "s|$mounted|$exported|" "$place/kinds.there") <(labels_below "$exported") || wrong "a label on the server is not what it was"
}

labels_there_are_back() {
	vm_kill labelled
	diff "$place/kinds.there" <(labels_below "$mounted") || wrong "a label is not what it was"
	labels_on_the_server_are_back
	# Certain to be on disk, before another mount takes its place and shows other labels.
	labeler recover
}

# --- with one label for all

mount_with_one_label() {
	nfs_unmount "$exported" "$mounted"
	nfs_mount "$exported" "$mounted" no_root_squash "context=$content"
	equal "label of a file" "$content" "$(label_of "$mounted/one.qcow2")"
}

base_there_is_left() {
	vm_run based -drive "$(drive "$near/near-top.qcow2")"
	equal "its base" leave "$(treatment_of based "$mounted/base.qcow2")"
	equal "its disk" label "$(treatment_of based "$near/near-top.qcow2")"
	vm_io based 'read -P 171 0 64k'
	may_not_write based "$mounted/base.qcow2"
	vm_kill based
	labels_here_are_back
}

disk_there_is_refused() {
	local said
	said=$(timeout 120 labeler run refused -- "${qemu[@]}" -drive "$(drive "$mounted/one.qcow2")" 2>&1) && wrong "it ran: $said"
	grep -q 'one context for all files' <<<"$said" || wrong "$said"
	grep -q 'without context=' <<<"$said" || wrong "the way out is not named: $said"
}

nothing_is_left() {
	equal "VMs" '[]' "$(api /v1/vms | jq -c .vms)"
	labels_here_are_back
	labels_on_the_server_are_back
	nothing_to_recover
}

fact "the service restarts with Landlock switched off" with_selinux_alone
fact "there are images on a server and here" make_images
fact "NFS 4.2 is mounted, without labels" mount_without_labels
fact "a VM runs by descriptors, and writes a log there that was made for it" runs_with_a_log_to_be_made
fact "another runs with layers there and here, labelled here and handed over there" runs_mixed
fact "neither can open the other's, by the audit log" neither_reads_the_others
fact "a hostile program at a VM's context opens nothing there, by the audit log" hostile_gets_nowhere
fact "with virt_use_nfs on the start says that it protects nothing" virt_use_nfs_is_said
fact "both are ended, the labels here are back, and the log stays" both_end
fact "libvirt's domain with a disk there is refused, with the way out" libvirts_domain_is_refused
fact "or left as it is, where the settings say so" and_left_alone_where_the_settings_say_so
fact "the same export is mounted there with labels (security_label)" mount_with_labels
fact "a VM with its disk there is labelled now, on the server, too" labelled_there
fact "and the labels set it apart from another there" set_apart_by_labels
fact "it is ended, and every label there is back, on the server, too" labels_there_are_back
fact "the same export is mounted there with one context for all" mount_with_one_label
fact "a base there is left as it is, and read" base_there_is_left
fact "a disk there is refused, with the way out" disk_there_is_refused
fact "nothing is left" nothing_is_left
done_with_facts
