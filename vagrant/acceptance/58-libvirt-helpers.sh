#!/usr/bin/env bash
# libvirt starts some programs for a domain before it calls our hook, at the domain's level: here swtpm, for an emulated
# TPM. On a permissive host, since this distribution's policy keeps libvirt from the log of swtpm.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"
# shellcheck source-path=SCRIPTDIR source=walls.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/walls.sh"
# shellcheck source-path=SCRIPTDIR source=libvirt.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/libvirt.sh"

readonly images=$libvirt_images/helpers
readonly taken=s0:c1011,c1012

clean_up() {
	setenforce 1
	settings_again
	end_stranger
	virsh --quiet destroy measured >/dev/null 2>&1 || true
	virsh --quiet undefine --tpm measured >/dev/null 2>&1 || true
	libvirt_forget fixed
	labeler hook remove libvirt >/dev/null 2>&1 || true
	restart_libvirt >/dev/null 2>&1 || true
	rm -rf "$images"
	vms_end
}
trap clean_up EXIT

install_hook() {
	exits_with 0 labeler hook install libvirt
	restart_libvirt
}

with_tpm() {
	sed 's|<memballoon|<tpm model="tpm-crb"><backend type="emulator" version="2.0"/></tpm><memballoon|'
}

define() {
	libvirt_xml measured "$images/web1.qcow2" | with_tpm >"$place/measured.xml"
	virsh --quiet define "$place/measured.xml"
	labels_below "$images" >"$place/helpers.before"
}

helper_pid() {
	pgrep --full '^/usr/bin/swtpm .*measured-swtpm'
}

start() {
	virsh --quiet start --paused measured
	equal "level of the helper" "$(status_of measured .level)" "$(level_of "$(context_of "$(helper_pid)")")"
	equal "level of qemu" "$(status_of measured .level)" "$(level_of "$(context_of "$(libvirt_pid measured)")")"
}

ends() {
	virsh --quiet destroy measured
	within 180 vm_gone measured
	diff "$place/helpers.before" <(labels_below "$images") || wrong "a label is not what it was"
}

# A process of nobody's, at the level that a domain is defined with.
begin_stranger() {
	runcon "system_u:system_r:svirt_t:$taken" sleep 900 >/dev/null 2>&1 </dev/null &
	printf '%s\n' "$!" >"$vms/stranger"
	disown
	within 60 stranger_has_its_level
}

stranger_has_its_level() {
	[ "$(level_of "$(context_of "$(cat "$vms/stranger")")")" = "$taken" ]
}

end_stranger() {
	[ -e "$vms/stranger" ] || return 0
	kill -9 "$(cat "$vms/stranger")" 2>/dev/null || true
	rm -f "$vms/stranger"
}

stranger_is_no_helper() {
	local said
	libvirt_xml fixed "$images/spare.qcow2" |
		sed "s|</domain>|<seclabel type='static' model='selinux' relabel='yes'><label>system_u:system_r:svirt_t:$taken</label></seclabel></domain>|" \
			>"$place/fixed.xml"
	virsh --quiet define "$place/fixed.xml"
	said=$(virsh --quiet start --paused fixed 2>&1) && wrong "it started"
	grep -qF "$taken" <<<"$said" || wrong "not refused for its level: $said"
}

images_make "$images"
restorecon -F "$images/base.qcow2"
chmod -R a+rX "$images"
mark=$(audit_mark)
fact "the hook is installed" install_hook
fact "a domain with an emulated TPM is defined" define
fact "the service asks for no wall" without_enforcement
fact "the host is permissive" landlock_alone
fact "it starts, and its helper has its level" start
fact "it ends, and nothing is left" ends
fact "a process of nobody's has a level" begin_stranger
fact "no domain starts at that level" stranger_is_no_helper
fact "the host enforces again" selinux_again
fact "the service restarts with its own settings" settings_again
fact "what a permissive host logged is claimed" nothing_of_that_is_a_fault "$mark"
done_with_facts
