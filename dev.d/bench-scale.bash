# shellcheck shell=bash
# shellcheck disable=SC2154  # root, cache, dist and bench_place come from the script
# ./dev bench and ./dev bench scale: many clients at once, a slow disk below the journal, and many VMs.

readonly bench_limit_clients=800           # cycles a second at least, 64 clients
readonly bench_limit_clients_slow=500      # the same with a slow disk
readonly bench_limit_clients_most=200000   # microseconds, the 99th percentile of a cycle with a slow disk
readonly bench_slow_disk=5000              # microseconds that each sync takes longer
readonly bench_clients_files=5             # of each of two disks
readonly bench_limit_many_held=1.1         # times the same with no VM held
readonly bench_limit_restart=3000          # milliseconds from the start of the process, with as many VMs as there are at most
readonly bench_limit_recovery=1500         # milliseconds until all is given back after a reboot
# MB, after a list of all VMs
declare -Ar bench_limit_memory=([1000]=130 [10000]=230)

# bench_clients_prepare COUNT: two disks for each client, and its request.
bench_clients_prepare() {
	local client
	"$cache/bench/images" "$bench_place" client $(($1 * 2)) "$bench_clients_files"
	for ((client = 0; client < $1; client++)); do
		bench_body "client.json$client" '' "client-$((2 * client))-$((bench_clients_files - 1)).qcow2" \
			"client-$((2 * client + 1))-$((bench_clients_files - 1)).qcow2"
	done
}

# bench_clients KEY COUNT CYCLES: all clients at once, each CYCLES times.
bench_clients() {
	bench_run "$1" "$cache/bench/clients" run/labeler.sock "$2" "$3" client.json
}

bench_stop_service() {
	kill "$bench_service"
	wait "$bench_service" || true
	rm -f service.pid
	bench_service=''
}

# bench_slowly COMMAND…: with a disk whose syncs take longer.
bench_slowly() {
	LD_PRELOAD=$cache/bench/slowsync.so SLOWSYNC_MICROSECONDS=$bench_slow_disk "$@"
}

# bench_of_clients CYCLES: sixty-four clients, with the disk as it is and with a slow one. Starts services of its own.
bench_of_clients() {
	bench_clients_prepare 64
	bench_start_service
	bench_clients warm_up 64 $((2 * $1))
	bench_clients clients 64 "$1"
	bench_stop_service
	bench_slowly bench_start_service
	bench_clients warm_up 64 $((2 * $1))
	bench_clients clients_slow 64 "$1"
	bench_stop_service
}

# bench_at_least VALUE LIMIT
bench_at_least() {
	bench_verdict "$2" "$1"
}

# bench_clients_report: rows of the table.
bench_clients_report() {
	local rate
	rate=$(bench_get clients.persecond)
	printf '| 64 clients, each starts and stops a VM of ten files | at least %d a second | %.0f a second, 99th percentile %.0f ms | | %s |\n' \
		"$bench_limit_clients" "$rate" "$(bench_divide "$(bench_get clients.most)" 1000)" \
		"$(bench_at_least "$rate" "$bench_limit_clients")"
	rate=$(bench_get clients_slow.persecond)
	printf '| the same, each sync of the disk %d ms slower | at least %d a second | %.0f a second | | %s |\n' \
		$((bench_slow_disk / 1000)) "$bench_limit_clients_slow" "$rate" "$(bench_at_least "$rate" "$bench_limit_clients_slow")"
	printf '| 99th percentile there | at most %d ms | %.0f ms | | %s |\n' $((bench_limit_clients_most / 1000)) \
		"$(bench_divide "$(bench_get clients_slow.most)" 1000)" \
		"$(bench_verdict "$(bench_get clients_slow.most)" "$bench_limit_clients_most")"
}

# bench_chart FILE TITLE ACROSS UP: lines of name, x and y come from standard input.
bench_chart() {
	{
		printf '%s\n' "$2" "$3" "$4"
		cat
	} | "$JAVA_HOME/bin/java" "$root/labeler/src/bench/java/labeler/bench/Chart.java" >"$bench_pictures/$1"
}

# bench_scale QUICK: measures both, and writes docs/bench-scale.md with its pictures.
bench_scale() {
	local report clients=(1 4 16 64) vms=(0 1000 3000 5000 10000) recovered=(3000) cycles=40 bench_pictures=$root/docs/pictures
	[ -z "$1" ] || clients=(1 16) vms=(0 50) recovered=(20) cycles=4 bench_pictures=$bench_place
	report=$(bench_scale_report "$(cut -d' ' -f1-3 /proc/loadavg)")
	printf '%s\n' "$report"
	[ -n "$1" ] || printf '%s\n' "$report" >"$root/docs/bench-scale.md"
}

bench_scale_recovered=''

# bench_scale_report LOAD: works on the arrays of bench_scale.
bench_scale_report() {
	cat <<-END
		# Many clients, many VMs

		Written by \`./dev bench scale\`. $(bench_machine) Load before it: $1.

		Each client starts and stops a VM of ten files, as fast as it can. A slow disk is one whose syncs take
		$((bench_slow_disk / 1000)) ms longer: labeler/src/bench/c/slowsync.c.

		| clients | cycles a second | 99th percentile | with a slow disk | 99th percentile |
		|---|---|---|---|---|
	END
	bench_scale_clients
	# shellcheck disable=SC2016 # marks of the report
	printf '\n![Cycles a second](pictures/bench-clients.svg)\n\n'
	cat <<-END
		The VMs held have ten files each. "Restart" is from the start of the service's process to its first answer. Memory is
		resident, after the list of all VMs was asked for.

		| VMs held | start and stop of one more | memory | restart |
		|---|---|---|---|
	END
	bench_scale_vms
	bench_scale_verdicts
	# shellcheck disable=SC2016 # marks of the report
	printf '\n![A start and stop with many VMs held](pictures/bench-held.svg)\n\n![Memory](pictures/bench-memory.svg)\n'
}

# bench_scale_verdicts: rows of targets.
bench_scale_verdicts() {
	local most=${vms[-1]} count ratio
	printf '\n| what | target | measured | verdict |\n|---|---|---|---|\n'
	ratio=$(bench_divide "$(bench_get "held$most.all")" "$(bench_get held0.all)")
	printf '| start and stop of one more, with %d VMs held | at most %s× that with none | %s× | %s |\n' "$most" \
		"$bench_limit_many_held" "$ratio" "$(bench_verdict "$ratio" "$bench_limit_many_held")"
	for count in "${vms[@]}"; do
		[ -n "${bench_limit_memory[$count]:-}" ] || continue
		printf '| memory with %d VMs held | at most %d MB | %d MB | %s |\n' "$count" "${bench_limit_memory[$count]}" \
			"${bench_result[memory$count]}" "$(bench_verdict "${bench_result[memory$count]}" "${bench_limit_memory[$count]}")"
	done
	printf '| restart with %d VMs held | at most %d ms | %d ms | %s |\n' "$most" "$bench_limit_restart" \
		"${bench_result[restart$most]}" "$(bench_verdict "${bench_result[restart$most]}" "$bench_limit_restart")"
	printf '| after a reboot with %d VMs on record, until all is given back | at most %d ms | %d ms | %s |\n' "${recovered[0]}" \
		"$bench_limit_recovery" "$bench_scale_recovered" "$(bench_verdict "$bench_scale_recovered" "$bench_limit_recovery")"
}

bench_scale_clients() {
	local count
	bench_clients_prepare "${clients[-1]}"
	bench_start_service
	bench_clients warm_up "${clients[-1]}" $((2 * cycles))
	for count in "${clients[@]}"; do
		bench_clients "quick$count" "$count" "$cycles"
	done
	bench_stop_service
	bench_slowly bench_start_service
	bench_clients warm_up "${clients[-1]}" $((2 * cycles))
	for count in "${clients[@]}"; do
		bench_clients "slow$count" "$count" "$cycles"
	done
	bench_stop_service
	for count in "${clients[@]}"; do
		printf '| %d | %.0f | %.0f ms | %.0f | %.0f ms |\n' "$count" \
			"$(bench_get "quick$count.persecond")" "$(bench_divide "$(bench_get "quick$count.most")" 1000)" \
			"$(bench_get "slow$count.persecond")" "$(bench_divide "$(bench_get "slow$count.most")" 1000)"
	done
	for count in "${clients[@]}"; do
		printf 'disk as it is\t%d\t%s\nslow disk\t%d\t%s\n' "$count" "$(bench_get "quick$count.persecond")" \
			"$count" "$(bench_get "slow$count.persecond")"
	done | bench_chart bench-clients.svg 'Start and stop of a VM of ten files' 'clients at once' 'cycles a second'
}

# bench_milliseconds: the time, for differences.
bench_milliseconds() {
	local now=${EPOCHREALTIME/[.,]/}
	printf '%s\n' $((now / 1000))
}

bench_resident() {
	awk '/^VmRSS:/ { printf "%.0f\n", $2 / 1024 }' "/proc/$bench_service/status"
}

# bench_hold FROM TO: starts these of the other VMs, some hundreds a time.
bench_hold() {
	local vm arguments=()
	for ((vm = $1; vm < $2; vm++)); do
		bench_body_of_other "$vm"
		arguments+=(POST "/v1/vms/other-$vm/start" "other-$vm.json")
		if [ ${#arguments[@]} -ge 3000 ] || [ $((vm + 1)) -eq "$2" ]; then
			bench_run load bench_last_line "$cache/bench/http" run/labeler.sock 0 1 "${arguments[@]}"
			arguments=()
		fi
	done
}

# bench_recovery VMS: as after a reboot: every VM on record is of another boot. Prints the milliseconds until all is given back.
bench_recovery() {
	local begin
	rm -rf state
	# Without the record, the labels of the VMs that were held would be anybody's.
	find . -name 'other-*.qcow2' -exec setfattr -x security.selinux {} + 2>/dev/null || true
	bench_start_service
	bench_hold 0 "$1"
	bench_stop_service
	sqlite3 state/journal.db "UPDATE vm SET boot_id = 'another'; UPDATE file SET boot_id = 'another'"
	begin=$(bench_milliseconds)
	bench_start_service
	until curl -sf --unix-socket run/labeler.sock http://labeler/v1/health | grep -q '"recovered":true'; do
		sleep 0.05
	done
	printf '%s\n' $(($(bench_milliseconds) - begin))
	bench_stop_service
}

bench_scale_vms() {
	local count held=0 begin restart
	"$cache/bench/images" "$bench_place" measured 2 "$bench_clients_files"
	bench_body measured.json '' "measured-0-4.qcow2" "measured-1-4.qcow2"
	"$cache/bench/images" "$bench_place" other $((vms[-1] * 2)) "$bench_clients_files"
	bench_start_service
	# The starts of the VMs held make the service warm for all that follows.
	bench_run warm_up bench_start_stop 2000 1
	for count in "${vms[@]}"; do
		bench_hold "$held" "$count"
		held=$count
		bench_run "held$count" bench_start_stop 20 100
		curl -sf -o /dev/null --unix-socket run/labeler.sock http://labeler/v1/vms
		bench_result[memory$count]=$(bench_resident)
		bench_stop_service
		begin=$(bench_milliseconds)
		bench_start_service
		restart=$(($(bench_milliseconds) - begin))
		bench_result[restart$count]=$restart
		printf '| %d | %s | %d MB | %d ms |\n' "$count" "$(bench_in_ms "held$count.all")" "${bench_result[memory$count]}" "$restart"
		bench_run warm_up bench_start_stop 200 1
	done
	for count in "${vms[@]}"; do
		printf 'start and stop\t%d\t%s\n' "$count" "$(bench_divide "$(bench_get "held$count.all")" 1000)"
	done | bench_chart bench-held.svg 'A VM of ten files' 'VMs held' 'milliseconds'
	for count in "${vms[@]}"; do
		printf 'resident\t%d\t%s\n' "$count" "${bench_result[memory$count]}"
	done | bench_chart bench-memory.svg 'Memory of the service' 'VMs held, ten files each' 'MB'
	bench_stop_service
	bench_scale_recovered=$(bench_recovery "${recovered[0]}")
}
