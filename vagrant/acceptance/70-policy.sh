#!/usr/bin/env bash
# The policy module is removed and installed again.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"
trap vms_end EXIT

readonly images=$place/policy

# Through a pipe, since semodule's domain may write to none of our files; read whole, since it fails on a pipe that is
# closed early; and a list of nothing is a failure, not an answer.
is_listed() {
	local modules
	modules=$(semodule --list-modules)
	[ -n "$modules" ] || wrong "semodule does not list the modules"
	grep -qx labeler <<<"$modules"
}

is_installed() {
	exits_with 0 labeler policy status
}

is_not_removed_in_use() {
	exits_with 4 labeler policy remove
	is_listed || wrong "the module is gone"
}

# Removed and installed again, it has the booleans of before.
boolean_is_off() {
	grep -qx 'boolean: labeler_use_fusefs = off (not the default)' <<<"$(labeler policy status)" ||
		wrong "the boolean has another value"
}

is_removed() {
	exits_with 0 labeler policy install --boolean labeler_use_fusefs=off
	systemctl stop labelerd.socket labelerd.service
	exits_with 0 labeler policy remove
	! is_listed || wrong "the module is still there"
	exits_with 1 labeler policy status
}

is_installed_again() {
	exits_with 0 labeler policy install
	is_installed
}

# Of whichever policy the distribution has.
built_policies() {
	find /etc/selinux -path '*/policy/policy.*' -exec sha256sum {} +
}

changes_nothing_the_second_time() {
	local before
	before=$(built_policies)
	exits_with 0 labeler policy install
	equal "the built policy" "$before" "$(built_policies)"
}

service_is_confined_again() {
	systemctl start labelerd.socket labelerd.service
	within 300 api /v1/health
	equal "type of the service's process" labelerd_t \
		"$(type_of "$(context_of "$(systemctl show --property=MainPID --value labelerd.service)")")"
}

vm_runs() {
	vm_start "$images" web1
	vm_kill web1
	diff "$place/policy.before" <(labels_below "$images") || wrong "a label is not what it was"
}

images_make "$images"
labels_below "$images" >"$place/policy.before"
fact "the module is installed, with the content that the program ships" is_installed
fact "it is not removed while the service runs in its domain" is_not_removed_in_use
fact "without the service, it is removed" is_removed
fact "it is installed again" is_installed_again
fact "a boolean is as the administrator has set it" boolean_is_off
fact "installing it once more changes nothing" changes_nothing_the_second_time
fact "the service is confined again" service_is_confined_again
fact "a VM runs and ends as before" vm_runs
setsebool -P labeler_use_fusefs=on
done_with_facts
