#!/usr/bin/env bash
# The host as it must be before anything that follows means something.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

selinux_is_enforcing() {
	equal getenforce Enforcing "$(getenforce)"
	equal /sys/fs/selinux/enforce 1 "$(cat /sys/fs/selinux/enforce)"
}

both_walls_are_there() {
	local active
	active=,$(cat /sys/kernel/security/lsm),
	[[ $active == *,selinux,* ]] || wrong "no selinux in $active"
	[[ $active == *,landlock,* ]] || wrong "no landlock in $active"
}

# Of ours and of VMs: Fedora ships others that are permissive.
readonly confining='(labelerd_t|labeler_[a-z_]+_t|svirt_t|svirt_tcg_t)'
nobody_ignores_denials() {
	local permissive
	semodule --list=full | none -wE "permissive_$confining" ||
		wrong "a module makes a domain permissive, or semodule failed"
	if have_seinfo; then
		permissive=$(seinfo --permissive)
		grep -q 'Permissive Types:' <<<"$permissive" || wrong "seinfo does not say: $permissive"
		none -wE "$confining" <<<"$permissive" || wrong "it is permissive"
	fi
}

have_seinfo() {
	command -v seinfo >/dev/null
}

the_service_answers() {
	within 180 labeler status
	systemctl is-active labelerd.service
}

the_service_is_confined() {
	local pid
	pid=$(systemctl show --property=MainPID --value labelerd.service)
	equal "type of labelerd's process" labelerd_t "$(type_of "$(context_of "$pid")")"
}

# Its own scale, from 0 (shut) to 10 (open); what is open, and why, is beside each line of the unit. In tenths.
# Denials of the kernel come by a socket of its own, which no network namespace of the unit would have (record 46).
readonly unit_exposure=38
the_unit_is_hardened() {
	systemd-analyze security --no-pager --threshold="$unit_exposure" labelerd.service
}

fact "SELinux is enforcing" selinux_is_enforcing
fact "the kernel has SELinux and Landlock active together" both_walls_are_there
fact "no domain of labeler's or of VMs is permissive" nobody_ignores_denials
fact "the service answers" the_service_answers
fact "the service runs in its own domain" the_service_is_confined
fact "systemd-analyze finds its unit no more exposed than 3.8 of 10" the_unit_is_hardened
note "$(systemd-analyze security --no-pager labelerd.service | tail -n 1)"
done_with_facts
