# shellcheck shell=bash
# shellcheck disable=SC2154  # cache and bench_place come from the script
# ./dev bench: answers of the service while a file system does not answer.

readonly bench_limit_frozen=50000 # microseconds for the slowest answer

# bench_frozen RUNS: a stop hangs on a frozen file system; meanwhile another VM's status and the health are asked for.
bench_frozen() {
	local runs=$1 stopping
	say "answers while a file system is frozen"
	mkdir frozen
	truncate -s 64M frozen.img
	mkfs.ext4 -q -F -m 0 frozen.img
	mount -o loop frozen.img frozen
	"$cache/bench/images" "$bench_place/frozen" frozen 1 1
	bench_body frozen.json '' frozen/frozen-0-0.qcow2
	bench_run frozen_start "$cache/bench/http" run/labeler.sock 0 1 POST /v1/vms/frozen/start frozen.json
	sync -f frozen
	fsfreeze -f frozen
	curl -s -o /dev/null --unix-socket run/labeler.sock -X POST http://labeler/v1/vms/frozen/stop &
	stopping=$!
	bench_run frozen "$cache/bench/http" run/labeler.sock "$runs" $((runs * 10)) \
		GET /v1/vms/other-1 /dev/null GET /v1/health /dev/null
	kill -0 "$stopping" 2>/dev/null || die 1 "the stop did not wait for the frozen file system: nothing was measured"
	fsfreeze -u frozen
	wait "$stopping" || true
	umount frozen
}

# bench_frozen_row WHAT KEY
bench_frozen_row() {
	local highest
	highest=$(cut -f 5 <<<"${bench_result[$2]}")
	printf '| %s | the slowest of %d at most %d ms | %s, the slowest %.2f ms | | %s |\n' "$1" \
		"$(cut -f 4 <<<"${bench_result[$2]}")" $((bench_limit_frozen / 1000)) "$(bench_in_ms "$2")" \
		"$(bench_divide "$highest" 1000)" "$(bench_verdict "$highest" "$bench_limit_frozen")"
}

bench_frozen_report() {
	bench_frozen_row "status of a VM while the stop of another hangs on a frozen file system" frozen./v1/vms/other-1
	bench_frozen_row "health, the same" frozen./v1/health
}
