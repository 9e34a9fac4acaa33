#!/usr/bin/env bash
# The audit log of the whole run: no denial of our domains and types but those that were meant and those with a reason.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

expected=$(dirname -- "${BASH_SOURCE[0]}")/expected-denials.txt
readonly expected
# Domains and types of the module, and the domains of VMs.
readonly ours='[st]context=[^ ]*:(labeler[a-z_]*_t|labelerd[a-z_]*_t|svirt(_tcg)?_t)(:| )'

unexpected() {
	avcs_since "$(cat "$place/audit-mark")" | grep -E -- "$ours" |
		awk 'NR == FNR { meant[$1] = 1; next } { serial = $0; sub(/^[^(]*\([0-9.]*:/, "", serial); sub(/\).*/, "", serial) }
			!(serial in meant)' "$provoked" - |
		grep -vE -f <(grep -v '^#' "$expected" | cut -f1) || true
}

log_is_whole() {
	[ "$(stat --format=%s "$audit_log")" -gt "$(cat "$place/audit-mark")" ] || wrong "the log was rotated or is empty"
	! auditctl -s | grep -E '^lost [1-9]' || wrong "the kernel lost records"
}

nothing_unexpected() {
	local records
	records=$(unexpected)
	[ -z "$records" ] || wrong "$records"
}

tests_were_denied() {
	[ "$(sort -u "$provoked" | wc -l)" -ge 1 ] || wrong "nothing was provoked"
}

every_expectation_has_a_reason() {
	! grep -v '^#' "$expected" | grep -vP '^[^\t]+\t.+' || wrong "a line has no reason"
}

note "denials that were meant: $(sort -u "$provoked" | wc -l)"
fact "the audit log is whole" log_is_whole
fact "the tests provoked denials" tests_were_denied
fact "every expected denial has a reason" every_expectation_has_a_reason
fact "no other denial of our domains or types is in it" nothing_unexpected
done_with_facts
