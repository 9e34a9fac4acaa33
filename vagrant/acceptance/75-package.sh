#!/usr/bin/env bash
# The package on a running host whose SELinux enforces: updated and removed while a VM runs, purged, and installed again. Its
# scripts run in the domains that the policy has for a package manager's.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"

readonly here=${BASH_SOURCE[0]%/*}
readonly images=$place/package
readonly before=$place/package.before
readonly settings=/etc/labeler/labeler.toml
readonly settings_before=$place/package.toml
readonly said=$place/package.said
packages=(/var/cache/apt/archives/labeler_*.deb /var/cache/apt/archives/labeler-cockpit_*.deb)
readonly packages

# The other themes need the program, and their settings.
clean_up() {
	vms_end
	[ -x "$product/bin/labeler" ] || dpkg --install "${packages[@]}" >/dev/null 2>&1 || true
	settings_again || true
}
trap clean_up EXIT

# Nothing may ask, and there is no terminal.
install_package() {
	local status=0
	DEBIAN_FRONTEND=noninteractive timeout --kill-after=10 1500 dpkg --install "${packages[@]}" >"$said" 2>&1 || status=$?
	cat "$said"
	equal "status of dpkg --install" 0 "$status"
	none -E 'is not installed; mend that|no class archive was made' "$said"
	within 300 recovered
}

settings_again() {
	[ -e "$settings_before" ] || return 0
	cat "$settings_before" >"$settings"
	rm "$settings_before"
	systemctl restart labelerd.service
	within 300 recovered
}

runs() {
	[ -e "${packages[0]}" ] || wrong "this host has no package of labeler's in apt's cache"
	cat "$settings" >"$settings_before"
	images_make "$images"
	labels_below "$images" >"$before"
	audit_settled
	audit_mark >"$place/package.mark"
	vm_start "$images" web1
	labels_below "$images" >"$place/package.while"
	service_pid >"$place/package.pid"
}

service_pid() {
	systemctl show --property=MainPID --value labelerd.service
}

service_is_confined() {
	matches "context of the service" 'system_u:system_r:labelerd_t:s0[^ ]*' "$(context_of "$(service_pid)")"
}

# As before the update, or the removal: the same qemu, and the same labels on its files.
goes_on() {
	vm_is_qemu "$(vm_pid web1)" || wrong "web1's qemu has ended"
	labels_below "$images" | diff "$place/package.while" - || wrong "a label has changed"
}

updated() {
	install_package
	[ "$(service_pid)" != "$(cat "$place/package.pid")" ] || wrong "the service is the one of before"
	service_is_confined
	goes_on
	within 60 qmp web1 '{"execute": "query-status"}' || wrong "its monitor does not answer"
	equal "guard" on "$(status_of web1 .guard)"
	exits_with 0 labeler policy status
}

removed_while_it_runs() {
	local status=0
	timeout --kill-after=10 1500 dpkg --remove labeler-cockpit labeler >"$said" 2>&1 || status=$?
	cat "$said"
	equal "status of dpkg --remove" 0 "$status"
	grep -q 'still on record: .*web1' "$said" || wrong "it does not name the VM"
	grep -q 'WARNING: these keep the label of a VM' "$said" || wrong "it does not warn"
	[ ! -e "$product/bin/labeler" ] || wrong "the program is still there"
	goes_on
	grep -qx labeler <<<"$(modules)" || wrong "the policy of a running VM is gone"
}

# Through a pipe: semodule's domain may write to none of our files.
modules() {
	local modules
	modules=$(semodule --list-modules)
	[ -n "$modules" ] || wrong "semodule does not list the modules"
	printf '%s\n' "$modules"
}

# The program is a new one, and what the old one recorded is known.
installed_again_while_it_runs() {
	install_package
	service_is_confined
	goes_on
	equal "the VM on record" web1 "$(status_of web1 .vm)"
}

ends() {
	vm_kill web1
	labels_below "$images" | diff "$before" - || wrong "a label is not what it was"
	nothing_to_recover
}

removed() {
	local status=0
	timeout --kill-after=10 1500 dpkg --remove labeler-cockpit labeler >"$said" 2>&1 || status=$?
	cat "$said"
	equal "status of dpkg --remove" 0 "$status"
	none -E 'WARNING|the policy module stays' "$said"
	none -x labeler <<<"$(modules)"
}

purged() {
	local left
	timeout --kill-after=10 900 dpkg --purge labeler-cockpit labeler >"$said" 2>&1 || wrong "$(cat "$said")"
	for left in /etc/labeler /var/lib/labeler /run/labeler /var/cache/labeler "$product"; do
		[ ! -e "$left" ] || wrong "$left is still there: $(find "$left" | head -n 5)"
	done
}

# The service's own settings of this host are not the package's; a VM starts with those that it brings.
installed_anew() {
	install_package
	service_is_confined
	exits_with 0 labeler policy status
	exits_with 0 labeler doctor
}

confines_again() {
	local arguments
	mapfile -t arguments < <(vm_arguments "$images" web1)
	labeler run web1 -- "${qemu[@]}" "${arguments[@]}" >>"$vm_logs/web1.log" 2>&1 </dev/null &
	printf '%s\n' "$!" >"$vms/web1.pid"
	disown
	within 300 vm_is_qemu "$(vm_pid web1)" || wrong "it did not become qemu: $(tail -n 5 "$vm_logs/web1.log")"
	equal "walls" "landlock selinux" "$(status_of web1 '.walls | sort | join(" ")')"
	matches "context of qemu" 'system_u:system_r:svirt(_tcg)?_t:s0:c[0-9]+,c[0-9]+' "$(context_of "$(vm_pid web1)")"
	: >"$vms/web1.io"
	vm_kill web1
	labels_below "$images" | diff "$before" - || wrong "a label is not what it was"
}

# The commands of the README, pasted into a shell word by word.
quick_start() {
	local log=$vm_logs/quick-start.log
	rm -f "$log"
	mkdir -p "$images/quick"
	(
		cd "$images/quick" || exit
		bash "$here/programs/paste_readme.sh" "${here%/*}/README.md" 'Quick start' >>"$log"
	) || true
	cat "$log"
	# A survey of this host finds what other themes have left.
	sed -n 's/^failed: //p' "$log" | none -vE '^labeler survey'
	equal "walls" "landlock, selinux" "$(sed -n '/^web1  \(starting\|running\)/,$ s/^  walls    //p' "$log" | head -n 1)"
	grep -q 'web1: stopped; 1 labels given back' "$log" || wrong "its label was not given back"
	rm -r "$images/quick"
}

nothing_was_denied() {
	unexpected_since "$(cat "$place/package.mark")" |
		none -E '[st]context=[^ ]*:(labeler[a-z_]*_t|labelerd[a-z_]*_t|svirt(_tcg)?_t)(:| ).* tclass=(file|dir|lnk_file|sock_file|unix_stream_socket) '
}

fact "a VM runs" runs
fact "the package is installed again: another service, the same VM and labels, and its guard" updated
fact "it is removed: the VM runs on, and its name is told" removed_while_it_runs
fact "it is installed again: the VM is on record" installed_again_while_it_runs
fact "the VM ends, and all labels are back" ends
fact "it is removed, with its policy" removed
fact "it is purged, and nothing is left" purged
fact "it is installed anew: the service is confined" installed_anew
fact "and confines a VM" confines_again
fact "the README's quick start, word by word" quick_start
fact "the settings are as before" settings_again
fact "nothing of this was denied" nothing_was_denied
done_with_facts
