# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # cache and bench_place come from the script, and bench_result is its own
# ./dev bench: the warm service and the floor in turn, and the first start of a cold one.

# bench_median_of FILE: a line as of a tool (median, lowest, 90th percentile, count, highest), of the numbers in it.
bench_median_of() {
	sort -n "$1" | awk '{ all[NR] = $1 }
		END { printf "%s\t%s\t%s\t%d\t%s\n", all[int((NR + 1) / 2)], all[1], all[int(NR * 0.9 + 0.5)], NR, all[NR] }'
}

# bench_last_line TOOL ARGUMENT…: the last line of a tool, which is for all requests.
bench_last_line() {
	"$@" | tail -n 1
}

# The first start after each of some beginnings of the service: at once, and after its rehearsal. The last service stays.
bench_firsts() {
	local time when
	for time in 1 2 3 4 5; do
		for when in at_once first; do
			[ -z "$bench_service" ] || bench_stop_service
			bench_start_service
			[ "$when" = at_once ] || sleep 3
			bench_run "$when" bench_start_stop 0 1
			bench_get "$when./v1/vms/measured/start" >>"$when.times"
		done
	done
	bench_result[at_once]=$(bench_median_of at_once.times)
	bench_result[first]=$(bench_median_of first.times)
}

# Rows of the table.
bench_firsts_report() {
	printf '| the first of them, some seconds after the service has begun, the start alone | at most %d ms | %s | | %s |\n' \
		$((bench_limit_first / 1000)) "$(bench_in_ms first)" "$(bench_verdict "$(bench_get first)" "$bench_limit_first")"
	printf '| the same right after it has begun, before its rehearsal | | %s | | |\n' "$(bench_in_ms at_once)"
}

# bench_in_turn ROUNDS RUNS: the floor and the service in turn, so that other work of the machine meets both.
bench_in_turn() {
	local round
	for ((round = 0; round < $1; round++)); do
		bench_run floor "$cache/bench/floor" "$2" journal measured-*.qcow2
		bench_run alone bench_start_stop 1 "$2"
		bench_get floor.both >>floors
		bench_get alone.all >>alones
	done
	bench_result[floor.both]=$(bench_median_of floors)
	bench_result[alone.all]=$(bench_median_of alones)
}
