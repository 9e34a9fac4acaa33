# shellcheck shell=bash
# The common parts of the acceptance themes. A theme sources this, states facts, and ends with `done_with_facts`.
#
#   fact "what holds" COMMAND…        runs COMMAND, whose failure is the fact's; writes a line of TAP
#   long_fact "what holds" COMMAND…   the same, in the long form alone (run.sh --whole)
#
# Everything runs as root on a host with SELinux enforcing and the product installed.
set -euo pipefail

# Images and other things of the tests, kept across a reboot.
readonly place=/var/lib/labeler-acceptance
# The audit records that the tests provoked on purpose, by time and serial number (which begins anew at each boot), one a
# line.
readonly provoked=$place/provoked
# Where its package has the product, or an installation by hand.
product=/usr/lib/labeler
[ -d "$product" ] || product=/opt/labeler
readonly product
readonly audit_log=/var/log/audit/audit.log
# The status that tells run.sh to ask for a reboot.
readonly reboot_status=194

fact_number=0
facts_failed=0

# fact NAME COMMAND…: in a subshell, so that a fact's changes of the shell's variables end with it.
# The names of its variables are its own, since a fact sees them.
fact() {
	local fact_name=$1 fact_output fact_status=0 fact_began=${EPOCHREALTIME/[.,]/} fact_took
	shift
	fact_number=$((fact_number + 1))
	fact_output=$(mktemp)
	set +e
	(
		set -e
		"$@"
	) >"$fact_output" 2>&1 </dev/null
	fact_status=$?
	set -e
	fact_took=$(((${EPOCHREALTIME/[.,]/} - fact_began) / 1000))
	if [ "$fact_status" -eq 0 ]; then
		printf 'ok %d - %s # time=%dms\n' "$fact_number" "$fact_name" "$fact_took"
	else
		facts_failed=$((facts_failed + 1))
		printf 'not ok %d - %s # time=%dms\n' "$fact_number" "$fact_name" "$fact_took"
		printf 'status %d\n' "$fact_status" | cat "$fact_output" - | tail -n 40 | sed 's/^/# /'
		happened_since "${fact_began:0:10}" | cut -c 1-300 | sed 's/^/# /' || true
	fi
	rm -f "$fact_output"
}

# long_fact NAME COMMAND…: one for which CI has no time: it waits for minutes, or another theme or labeler's own tests state it
# almost alike.
long_fact() {
	[ -z "${LABELER_WHOLE:-}" ] || fact "$@"
}

# happened_since SECONDS: what the service logged, what the kernel said, and which processes crashed, since this time of
# the epoch. For the reader of a fact that failed: the host is gone when he reads it.
happened_since() {
	echo "the service's log:"
	journalctl --quiet --no-pager --unit=labelerd.service --output=short-iso --since="@$1" | tail -n 25
	echo "the kernel's:"
	journalctl --quiet --no-pager --dmesg --output=short-iso --since="@$1" | tail -n 10
	echo "crashes:"
	grep -aE '^type=ANOM_ABEND ' "$audit_log" | awk -F '[(.]' -v since="$1" '$2 >= since' | tail -n 5
}

# note TEXT: for the reader of the results.
note() {
	printf '# %s\n' "$*"
}

done_with_facts() {
	printf '1..%d\n' "$fact_number"
	[ "$facts_failed" -eq 0 ]
}

# wrong MESSAGE…: ends the fact that is being tried.
wrong() {
	printf '%s\n' "$*"
	exit 1
}

# equal WHAT EXPECTED ACTUAL. Two empty values are not equal: a program that should have printed a value did not.
equal() {
	[ -n "$2$3" ] || wrong "$1: nothing to compare"
	[ "$2" = "$3" ] || wrong "$1: expected '$2', is '$3'"
}

# matches WHAT PATTERN ACTUAL: an extended regular expression, for the whole of it.
matches() {
	[[ $3 =~ ^($2)$ ]] || wrong "$1: '$3' does not match $2"
}

# within SECONDS COMMAND…: until COMMAND succeeds; fails if it does not in that time. In a subshell: a COMMAND that finds
# something `wrong` is tried again, too.
within() {
	local end=$((SECONDS + $1))
	shift
	until ("$@"); do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.2
	done
}

# exits_with STATUS PROGRAM…: ended after five minutes; a `labeler run` that should fail might run a VM.
exits_with() {
	local expected=$1 status=0
	shift
	timeout --kill-after=10 300 "$@" || status=$?
	equal "status of $*" "$expected" "$status"
}

# fails_with STATUS PATTERN COMMAND…: in words that match.
fails_with() {
	local status=0 said
	said=$("${@:3}" 2>&1) || status=$?
	equal "status of ${*:3}" "$1" "$status"
	grep -qE -- "$2" <<<"$said" || wrong "$said"
}

# label_of FILE: its whole context.
label_of() {
	stat --format=%C -- "$1"
}

# type_of CONTEXT, level_of CONTEXT
type_of() {
	cut -d: -f3 <<<"$1"
}

level_of() {
	cut -d: -f4- <<<"$1"
}

# context_of PID
context_of() {
	tr -d '\0' <"/proc/$1/attr/current"
}

# labels_below DIRECTORY: every file with its context, to be compared.
labels_below() {
	find "$1" -print0 | LC_ALL=C sort -z | xargs -0 stat --format='%C %n' --
}

# kernel_lost_no_record: since the boot.
kernel_lost_no_record() {
	local status
	status=$(auditctl -s)
	grep -qx 'lost 0' <<<"$status" || wrong "the kernel lost records of the audit log, or does not say: $status"
}

# audit_mark: a place in the audit log, for avcs_since. The log is not rotated during the tests (see run.sh).
audit_mark() {
	stat --format=%s "$audit_log"
}

# some_or_none GREP-ARGUMENT…: grep, which also succeeds if no line matches; a grep that fails does not.
some_or_none() {
	local status=0
	grep "$@" || status=$?
	[ "$status" -le 1 ]
}

# none GREP-ARGUMENT…: whether grep finds no line; found lines are printed. Not as `! … | grep`, which treats a program
# that fails like one that prints nothing.
none() {
	local status=0
	grep "$@" || status=$?
	[ "$status" -eq 1 ]
}

# avcs_since MARK: the denials that were logged since.
avcs_since() {
	tail -c "+$(($1 + 1))" "$audit_log" | some_or_none -aE '^type=(USER_)?AVC .*denied'
}

# audit_ids: of the records on standard input, in their order.
audit_ids() {
	sed -E 's/^type=[A-Z_]+ msg=audit\(([0-9.]+:[0-9]+)\).*/\1/'
}

# unexpected_since MARK: the denials that were logged since, but for those that were provoked, and those that qemu meets under
# the distribution's policy in any case.
unexpected_since() {
	local patterns avcs
	patterns=$(cut -f 1 "$(dirname -- "${BASH_SOURCE[0]}")/expected-denials.txt" | some_or_none -v '^#')
	[ -n "$patterns" ] || wrong "the list of expected denials is empty"
	audit_settled
	avcs=$(avcs_since "$1" | some_or_none -vE -- "$patterns")
	[ -z "$avcs" ] || awk 'FILENAME == ARGV[1] { meant[$1] = 1; next } {
		id = $0; sub(/.*msg=audit\(/, "", id); sub(/\).*/, "", id) } !(id in meant)' "$provoked" - <<<"$avcs"
}

# Domains and types of the module, and the domains of VMs.
readonly ours='[st]context=[^ ]*:(labeler[a-z_]*_t|labelerd[a-z_]*_t|svirt(_tcg)?_t)(:| )'

# ours_denied_since MARK: those of them that have one of our types on either side; libvirt's daemon may be the other.
ours_denied_since() {
	unexpected_since "$1" | some_or_none -E -- "$ours"
}

# provoked_since MARK PATTERN: whether the kernel logged a denial that matches; matching records count as provoked.
provoked_since() {
	local records
	records=$(avcs_since "$1" | grep -aE -- "$2") || return 1
	audit_ids <<<"$records" >>"$provoked"
}

# audit_settled: returns when all records that the kernel has logged until now are in the audit log. The kernel and the
# daemon pass records on in their order, and the mark that is written here is the last of them.
audit_settled() {
	local mark=labeler-acceptance-${EPOCHREALTIME/[.,]/}
	auditctl -m "$mark"
	within 60 grep -qaF -- "$mark" "$audit_log" || wrong "the audit log did not get its mark"
}

# denied_since MARK PATTERN: provoked_since, for as long as the audit daemon may take to write.
denied_since() {
	within 60 provoked_since "$1" "$2" || {
		avcs_since "$1"
		wrong "no denial in the audit log matches $2"
	}
}

# ask_for_reboot: ends the theme; run.sh goes on with the next one after the reboot.
ask_for_reboot() {
	done_with_facts || true
	exit "$reboot_status"
}
