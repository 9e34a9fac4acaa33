#!/usr/bin/env bash
# Runs the acceptance themes on this host, as root: run.sh [--whole] [THEME…], all of them by default.
#
# --whole: the long form of themes that have one (unit, uses, side-by-side, libvirt-operations, libvirt-domains). A theme in
# hosts/ needs a second host, and runs only if it is named.
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
readonly audit_log=/var/log/audit/audit.log

begin() {
	rm -rf "$place"
	mkdir -p "$results"
	: >"$place/provoked"
	rotate_log
	stat --format=%s "$audit_log" >"$place/audit-mark"
	stat --format=%i "$audit_log" >"$place/audit-inode"
}

# One log from the first test to the last: begun anew, for the whole of it to have room. The daemon does it when it gets
# to it; not by auditctl, which the reference policy lets send no signal.
rotate_log() {
	local before tries
	before=$(stat --format=%i "$audit_log")
	kill -USR1 "$(pgrep -x auditd)"
	for ((tries = 0; tries < 600; tries++)); do
		[ "$(stat --format=%i "$audit_log" 2>/dev/null || true)" = "$before" ] || break
		sleep 0.1
	done
	if [ "$(stat --format=%i "$audit_log")" = "$before" ]; then
		echo "run.sh: the audit log was not begun anew" >&2
		exit 1
	fi
}

# themes: the themes to run, one on each line.
themes() {
	local theme
	if [ $# -eq 0 ]; then
		printf '%s\n' "$here"/[0-9]*.sh
	else
		for theme in "$@"; do
			if [ -f "$here/hosts/$theme.sh" ]; then
				printf '%s\n' "$here/hosts/$theme.sh"
			else
				printf '%s\n' "$here"/[0-9][0-9]-"$theme".sh
			fi
		done
	fi
}

# run_theme FILE: a theme that ends without a plan of its facts did not reach its end. A theme that ends with another
# status than its facts require has failed outside of them. Each is a failure of its own.
run_theme() {
	local file=$1 name status=0 result stated planned bad
	name=$(basename "$file" .sh)
	result=$results/$name.tap
	printf '# %s\n' "$name"
	bash "$file" 2>&1 </dev/null | tee "$result" || status=$?
	stated=$(count '^(not )?ok [0-9]' "$result") bad=$(count '^not ok ' "$result")
	planned=$(sed -n 's/^1\.\.\([0-9]\{1,\}\)$/\1/p' "$result")
	[ "$planned" = "$stated" ] || fails "$result" 998 "$name comes to its end"
	case $status in
	0) [ "$bad" -eq 0 ] ;;
	"$reboot_status") ;;
	*) [ "$bad" -gt 0 ] ;;
	esac || fails "$result" 999 "$name ends as its facts say, not with status $status"
	return "$status"
}

# fails RESULT NUMBER WHAT
fails() {
	printf 'not ok %d - %s\n' "$2" "$3" | tee -a "$1"
}

# count PATTERN FILE…: lines that match. A grep that fails is no count.
count() {
	local pattern=$1 status=0
	shift
	cat -- "$@" | grep -cE -- "$pattern" || status=$?
	[ "$status" -le 1 ]
}

main() {
	local file status list bad
	[ "$EUID" -eq 0 ] || {
		echo "run.sh: needs root" >&2
		exit 2
	}
	if [ "${1:-}" = --whole ]; then
		export LABELER_WHOLE=yes
		shift
	fi
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
	bad=$(count '^not ok' "$results"/*.tap)
	[ "$bad" -eq 0 ]
}

main "$@"
