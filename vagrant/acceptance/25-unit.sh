#!/usr/bin/env bash
# The service's own unit and its watchdog; and `labeler run` where no shell of root's is: in a systemd unit, and in a domain
# that may not.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"

readonly images=$place/unit
readonly unit=labeler-acceptance-vm.service
# An account whose login the policy confines, though it is in the service's group.
readonly account=labeler-confined
readonly key=$place/confined-key
seusers=/etc/selinux/$(sed -n 's/^SELINUXTYPE=//p' /etc/selinux/config)/seusers
readonly seusers
# A watchdog that need not be waited for as long as the unit's own.
readonly drop_in=/run/systemd/system/labelerd.service.d/acceptance-watchdog.conf

clean_up() {
	if [ -e "$drop_in" ]; then
		rm -f "$drop_in"
		systemctl daemon-reload
		systemctl restart labelerd.service
	fi
	if [ -e "$place/seusers" ]; then
		cat "$place/seusers" >"$seusers"
	fi
	userdel --remove "$account" >/dev/null 2>&1 || true
	rm -f "$key" "$key.pub"
	systemctl stop "$unit" 2>/dev/null || true
	systemctl reset-failed "$unit" 2>/dev/null || true
	vms_end
}
trap clean_up EXIT

service_shows() {
	systemctl show --property="$1" --value labelerd.service
}

service_has_a_watchdog() {
	equal "type of the unit" notify "$(service_shows Type)"
	equal "its watchdog" '1min 30s' "$(service_shows WatchdogUSec)"
	[ "$(service_shows WatchdogTimestampMonotonic)" -gt 0 ] || wrong "systemd was never told that the service is ready"
}

was_told_after() {
	[ "$(service_shows WatchdogTimestampMonotonic)" -gt "$1" ]
}

# It counts from the start, so the service is started anew, and then told about twice.
service_answers_its_watchdog() {
	local told
	mkdir -p "${drop_in%/*}"
	printf '[Service]\nWatchdogSec=20s\n' >"$drop_in"
	systemctl daemon-reload
	systemctl restart labelerd.service
	for _ in 1 2; do
		told=$(service_shows WatchdogTimestampMonotonic)
		within 20 was_told_after "$told" || wrong "it was told nothing since $told"
	done
	equal "restarts by systemd" 0 "$(service_shows NRestarts)"
}

is_another_service() {
	local pid
	pid=$(service_shows MainPID)
	[ "$pid" -ne 0 ] && [ "$pid" -ne "$1" ] && api /v1/health
}

stopped_service_is_restarted() {
	local pid
	pid=$(service_shows MainPID)
	kill -STOP "$pid"
	within 300 is_another_service "$pid" || wrong "systemd did not bring the service back"
	equal "restarts by systemd" 1 "$(service_shows NRestarts)"
	grep -q 'Watchdog timeout' <<<"$(journalctl --boot --unit=labelerd.service --output=cat)" ||
		wrong "it was not the watchdog"
	exits_with 0 labeler verify web1
}

unit_pid() {
	systemctl show --property=MainPID --value "$unit"
}

unit_is_qemu() {
	vm_is_qemu "$(unit_pid)"
}

start_unit() {
	local arguments monitor
	mapfile -t monitor < <(vm_monitor web1)
	mapfile -t arguments < <(vm_arguments "$images" web1)
	systemd-run --quiet --unit="$unit" --property=Type=exec \
		labeler run web1 -- "${qemu[@]}" "${monitor[@]}" "${arguments[@]}"
	within 300 unit_is_qemu || {
		journalctl --no-pager --unit="$unit" --lines=20
		wrong "the unit's process did not become qemu"
	}
}

main_process_is_confined() {
	matches "context of the unit's main process" 'system_u:system_r:svirt(_tcg)?_t:s0:c[0-9]+,c[0-9]+' \
		"$(context_of "$(unit_pid)")"
	equal "pid that the service has" "$(unit_pid)" "$(status_of web1 .pid)"
}

stop_unit() {
	systemctl stop "$unit"
	within 180 vm_gone web1 || wrong "the service still holds web1"
	diff "$place/unit.before" <(labels_below "$images") || wrong "a label is not what it was"
}

# By ssh, since no domain that root has here may change to user_t: only a login can.
as_confined() {
	ssh -F /dev/null -i "$key" -o IdentitiesOnly=yes -o BatchMode=yes -o LogLevel=ERROR -o StrictHostKeyChecking=no \
		-o UserKnownHostsFile=/dev/null "$account@127.0.0.1" -- "$1"
}

confined_user_logs_in() {
	useradd --no-user-group --groups labeler --create-home --shell /bin/sh "$account"
	cp "$seusers" "$place/seusers"
	sed -i "1i $account:user_u:s0" "$seusers"
	ssh-keygen -q -t ed25519 -N '' -f "$key"
	install -D -m 644 "$key.pub" "/home/$account/.ssh/authorized_keys"
	restorecon -RF "/home/$account"
	matches "context of the login" 'user_u:user_r:user_t:s0' "$(as_confined 'id -Z')"
	as_confined 'id -nG' | grep -w labeler
}

# The same account with the same groups, in root's domain.
as_unconfined() {
	setpriv --reuid "$account" --regid "$(id -g "$account")" --init-groups sh -c "$1"
}

# confined_was_denied MARK: if the policy logged a denial, it was intended. The reference policy denies users most
# things without a record, Fedora's logs it; waits for the time that the audit daemon may take.
confined_was_denied() {
	within 5 provoked_since "$1" 'denied .*scontext=user_u:user_r:user_t:[^ ]* tcontext=[^ ]*:labeler[a-z_]*_t:' || true
}

# So each is tried twice, and the kernel is asked: the account may, and its domain may not.
confined_user_has_no_service() {
	local mark
	mark=$(audit_mark)
	local ask="curl --silent --max-time 60 --output /dev/null --write-out '%{http_code}' \
		--unix-socket /run/labeler/labeler.sock http://labeler/v1/vms || true"
	equal "answer to the account, unconfined" 200 "$(as_unconfined "$ask")"
	equal "answer to it at user_t" 000 "$(as_confined "$ask")"
	confined_was_denied "$mark"
	! selinux_check_access user_u:user_r:user_t:s0 "$(label_of /run/labeler/labeler.sock)" sock_file write ||
		wrong "the policy allows it"
}

# 126: the shell may not execute it.
confined_user_is_refused() {
	local status=0 launcher mark
	mark=$(audit_mark)
	launcher=$(label_of "$product/libexec/launch")
	as_unconfined 'labeler run --help' || wrong "the account cannot execute the launcher at all"
	as_confined "labeler run thief -- ${qemu[*]} -drive file=$images/web1.qcow2,format=qcow2,if=virtio" || status=$?
	equal "status" 126 "$status"
	confined_was_denied "$mark"
	selinux_check_access unconfined_u:unconfined_r:unconfined_t:s0 "$launcher" file execute
	! selinux_check_access user_u:user_r:user_t:s0 "$launcher" file execute || wrong "the policy allows it"
	vm_gone thief || wrong "the service holds it"
	diff "$place/unit.before" <(labels_below "$images") || wrong "a label is not what it was"
}

images_make "$images"
labels_below "$images" >"$place/unit.before"
fact "a systemd unit runs a VM" start_unit
fact "the unit's main process is qemu, at svirt_t and a category pair" main_process_is_confined
fact "systemd watches over the service, which told it when it was ready" service_has_a_watchdog
long_fact "the service answers the watchdog, by a request to itself" service_answers_its_watchdog
long_fact "one that is stopped is restarted, while the VM runs on" stopped_service_is_restarted
long_fact "the unit's main process is what it was" main_process_is_confined
fact "stopping the unit gives every label back" stop_unit
fact "a member of the service's group logs in, confined to user_t" confined_user_logs_in
fact "that login reaches no service, which the same account does unconfined" confined_user_has_no_service
fact "it runs no VM, and no label changes" confined_user_is_refused
done_with_facts
