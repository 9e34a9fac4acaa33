#!/usr/bin/env bash
# Runs the acceptance themes on this host, as root: run.sh [THEME…], all of them by default.
#
# Prints TAP, and leaves each theme's in /var/lib/labeler-acceptance/results/. Ends with 0 where all facts hold, 1 where
# one does not, and 194 where the host has to be rebooted and run.sh called once more, with the same arguments: it goes
# on with the theme after the reboot.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
readonly here
readonly place=/var/lib/labeler-acceptance
readonly results=$place/results
readonly reboot_status=194

begin() {
	rm -rf "$place"
	mkdir -p "$results"
	cat /proc/sys/kernel/random/boot_id >"$place/first-boot"
	: >"$place/provoked"
	# One log from the first test to the last.
	auditctl --signal rotate >/dev/null 2>&1 || true
	stat --format=%s /var/log/audit/audit.log >"$place/audit-mark"
}

# themes: what is to run, one a line.
themes() {
	local theme
	if [ $# -eq 0 ]; then
		printf '%s\n' "$here"/[0-9]*.sh
	else
		for theme in "$@"; do
			printf '%s\n' "$here"/[0-9]*-"$theme".sh
		done
	fi
}

# run_theme FILE: a theme that ends without its plan did not come to its end, which is a failure of its own.
run_theme() {
	local file=$1 name status=0 result
	name=$(basename "$file" .sh)
	result=$results/$name.tap
	printf '# %s\n' "$name"
	bash "$file" 2>&1 </dev/null | tee "$result" || status=$?
	if [ "$status" -ne "$reboot_status" ] && ! grep -q '^1\.\.[0-9]' "$result"; then
		printf 'not ok 999 - %s comes to its end\n' "$name" | tee -a "$result"
	fi
	return "$status"
}

main() {
	local file status list
	[ "$EUID" -eq 0 ] || {
		echo "run.sh: needs root" >&2
		exit 2
	}
	[ -e "$place/asked-for-reboot" ] || begin
	rm -f "$place/asked-for-reboot"
	mapfile -t list < <(themes "$@")
	for file in "${list[@]}"; do
		[ -f "$file" ] || {
			echo "run.sh: no theme $file" >&2
			exit 2
		}
		[ ! -e "$results/$(basename "$file" .sh).tap" ] || continue
		status=0
		run_theme "$file" || status=$?
		if [ "$status" -eq "$reboot_status" ]; then
			touch "$place/asked-for-reboot"
			sync
			exit "$reboot_status"
		fi
	done
	! grep -q '^not ok' "$results"/*.tap
}

main "$@"
