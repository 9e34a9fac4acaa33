#!/usr/bin/env bash
# The audit log of the whole run: no denial of our domains and types but those that were meant and those with a reason.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

expected=$(dirname -- "${BASH_SOURCE[0]}")/expected-denials.txt
readonly expected

# Patterns of the list, one a line.
patterns() {
	some_or_none -v '^#' "$expected" | cut -f1
}

# unexpected FILE: writes them into FILE. Step by step: a tool that fails must not look like one that found nothing.
unexpected() {
	local all=$place/audit.denials ids=$place/audit.ids rest=$place/audit.rest list=$place/audit.expected
	avcs_since "$(cat "$place/audit-mark")" | some_or_none -E -- "$ours" >"$all"
	audit_ids <"$all" >"$ids"
	some_or_none -vxE '[0-9.]+:[0-9]+' "$ids" >"$rest"
	[ ! -s "$rest" ] || wrong "no time and number in: $(cat "$rest")"
	paste -d ' ' "$ids" "$all" | awk 'FILENAME == ARGV[1] { meant[$1] = 1; next } !($1 in meant)' "$provoked" - >"$rest"
	patterns >"$list"
	[ -s "$list" ] || wrong "the list of expected denials is empty"
	some_or_none -vE -f "$list" "$rest" >"$1"
}

log_is_whole() {
	equal "the log's inode" "$(cat "$place/audit-inode")" "$(stat --format=%i "$audit_log")"
	[ "$(stat --format=%s "$audit_log")" -gt "$(cat "$place/audit-mark")" ] || wrong "nothing was logged"
	kernel_lost_no_record
}

# A fact runs with `set -e`, and so does each step of this.
nothing_unexpected() {
	local records=$place/audit.unexpected
	unexpected "$records"
	[ ! -s "$records" ] || wrong "$(cat "$records")"
}

tests_were_denied() {
	[ "$(sort -u "$provoked" | wc -l)" -ge 1 ] || wrong "nothing was provoked"
}

every_expectation_has_a_reason() {
	some_or_none -v '^#' "$expected" | none -vP '^[^\t]+\t.+' || wrong "a line has no pattern or no reason"
}

note "denials that were meant: $(sort -u "$provoked" | wc -l)"
fact "the audit log is whole" log_is_whole
fact "the tests provoked denials" tests_were_denied
fact "every expected denial has a reason" every_expectation_has_a_reason
fact "no other denial of our domains or types is in it" nothing_unexpected
done_with_facts
