# shellcheck shell=bash
# shellcheck disable=SC2154  # root, cache, dist and bench_place come from the script
# ./dev bench cold: commands as people and libvirt start them, each from fork to its end, in turn with its peers.

# The targets, in microseconds or times.
readonly bench_limit_status=80000      # labeler status NAME
readonly bench_limit_status_all=210000 # labeler status, a thousand VMs
readonly bench_limit_by_hand=160000    # labeler start and labeler stop together
readonly bench_limit_run=100000        # labeler run, from its exec to the first instruction of qemu
readonly bench_limit_chain_cold=2      # times qemu-img info --backing-chain, 200 deep
readonly bench_limit_hook=8000         # the hook of libvirt's, start begin, without the service's own time

# Sets the JVM's options, and so has the JVM do what curl does otherwise: see bin/labeler.
readonly bench_by_jvm=LABELER_JAVA_OPTIONS=-Dlabeler.way=jvm

bench_cold_tools() {
	local tool
	for tool in turns become; do
		quietly "gcc $tool" gcc -O2 -Wall -Wextra -Werror -o "$cache/bench/$tool" "$root/labeler/src/bench/c/$tool.c"
	done
	quietly "gcc first" gcc -O2 -static -Wall -Wextra -Werror -o "$cache/bench/first" "$root/labeler/src/bench/c/first.c"
}

# bench_cold_prepare: what bench_measure has made already when it comes to this.
bench_cold_prepare() {
	bench_prepare
	bench_start_service
	bench_run warm_up bench_start_stop 100 100
	bench_hold_others
}

# bench_cold_measure RUNS: with a thousand VMs held, measured.json and measured.xml, and the chain. The first name of each line
# of `turns` is the peer, to which the others have a ratio.
bench_cold_measure() {
	local runs=$1 disk arguments=() labeler=$dist/bin/labeler socket=$bench_place/run/labeler.sock
	local turns=("$cache/bench/turns" 3 "$runs") client=("$cache/bench/http" run/labeler.sock 0 1)
	local curl=(curl -qsf -o /dev/null --unix-socket "$socket") url=http://labelerd/v1
	local hook=$root/labeler/src/main/resources/labeler/hook/libvirt-qemu.sh
	for ((disk = 0; disk < bench_disks; disk++)); do
		arguments+=(-drive "file=measured-$disk-$((bench_depth - 1)).qcow2,format=qcow2,if=virtio")
	done
	bench_run status "${turns[@]}" curl /dev/null "${curl[@]}" "$url/vms/other-1" , \
		client /dev/null "${client[@]}" GET /v1/vms/other-1 /dev/null , \
		jvm /dev/null env "$bench_by_jvm" "$labeler" status other-1 , \
		labeler /dev/null "$labeler" status other-1
	bench_run status_all "${turns[@]}" curl /dev/null "${curl[@]}" "$url/vms?brief=true" , \
		client /dev/null "${client[@]}" GET '/v1/vms?brief=true' /dev/null , \
		jvm /dev/null env "$bench_by_jvm" "$labeler" status , \
		labeler /dev/null "$labeler" status
	bench_run by_hand "${turns[@]}" \
		curl measured.json "${curl[@]}" --data-binary @- "$url/vms/measured/start" , \
		curl /dev/null "${curl[@]}" --data-binary '' "$url/vms/measured/stop" , \
		client /dev/null "${client[@]}" POST /v1/vms/measured/start measured.json POST /v1/vms/measured/stop /dev/null , \
		jvm /dev/null env "$bench_by_jvm" "$labeler" start measured -- qemu-system-x86_64 "${arguments[@]}" , \
		jvm /dev/null env "$bench_by_jvm" "$labeler" stop measured , \
		labeler /dev/null "$labeler" start measured -- qemu-system-x86_64 "${arguments[@]}" , \
		labeler /dev/null "$labeler" stop measured
	bench_run run bench_cold_become run/labeler.sock measured 3 "$runs" "$cache/bench/first" \
		"$labeler" run measured -- "$cache/bench/first" "${arguments[@]}"
	bench_run chain "${turns[@]}" qemu-img /dev/null qemu-img info --backing-chain "deep-0-$((bench_chain - 1)).qcow2" , \
		labeler /dev/null "$labeler" chain "deep-0-$((bench_chain - 1)).qcow2"
	bench_run hook "${turns[@]}" client /dev/null "${client[@]}" \
		POST /v1/hooks/libvirt/measured/start/begin/- measured.xml , \
		-release measured.xml sh "$hook" measured release end - , \
		hook measured.xml sh "$hook" measured start begin - , \
		-release measured.xml sh "$hook" measured release end -
}

# bench_cold_become ARGUMENT…: each launch warns that qemu runs as root.
bench_cold_become() {
	"$cache/bench/become" "$@" 2>become.log && return
	tail -n 5 become.log >&2
	return 1
}

# bench_cold_row WHAT LIMIT KEY PEER: a row of the table, with the ratio to the peer.
bench_cold_row() {
	printf '| %s | at most %d ms | %s | %s× %s | %s |\n' "$1" $(($2 / 1000)) "$(bench_in_ms "$3.labeler")" \
		"$(cut -f 1 <<<"${bench_result[$3.labeler/$4]}")" "$4" "$(bench_verdict "$(bench_get "$3.labeler")" "$2")"
	printf '| the same: curl; a client in C; the JVM | | %s; %s; %s | | |\n' "$(bench_in_ms "$3.curl")" \
		"$(bench_in_ms "$3.client")" "$(bench_in_ms "$3.jvm")"
}

# Rows of the table.
bench_cold_report() {
	local hook ratio
	bench_cold_row "labeler status NAME, from fork to end" "$bench_limit_status" status curl
	bench_cold_row "labeler status with $bench_others VMs" "$bench_limit_status_all" status_all curl
	bench_cold_row "labeler start and labeler stop, $bench_disks disks × $bench_depth files, together" "$bench_limit_by_hand" \
		by_hand curl
	printf '| labeler run of them, from exec to the first instruction of qemu (that program alone: %s) | at most %d ms | %s | | %s |\n' \
		"$(bench_in_ms run.alone)" $((bench_limit_run / 1000)) "$(bench_in_ms run.launched)" \
		"$(bench_verdict "$(bench_get run.launched)" "$bench_limit_run")"
	ratio=$(cut -f 1 <<<"${bench_result[chain.labeler/qemu-img]}")
	printf '| labeler chain, %d deep, from fork to end (qemu-img info --backing-chain: %s) | at most %s× qemu-img | %s | %s× | %s |\n' \
		"$bench_chain" "$(bench_in_ms chain.qemu-img)" "$bench_limit_chain_cold" "$(bench_in_ms chain.labeler)" "$ratio" \
		"$(bench_verdict "$ratio" "$bench_limit_chain_cold")"
	hook=$(awk -v whole="$(bench_get hook.hook)" -v service="$(bench_get hook.client)" 'BEGIN { print whole - service }')
	printf '| hook of libvirt, start begin (a client in C does the same in %s) | at most %d ms more | %s | %.2f ms more | %s |\n' \
		"$(bench_in_ms hook.client)" $((bench_limit_hook / 1000)) "$(bench_in_ms hook.hook)" "$(bench_divide "$hook" 1000)" \
		"$(bench_verdict "$hook" "$bench_limit_hook")"
}

# bench_cold RUNS: only this.
bench_cold() {
	bench_cold_tools
	bench_cold_prepare
	bench_cold_measure "$1"
	printf '| what | target | measured | ratio | verdict |\n|---|---|---|---|---|\n'
	bench_cold_report
}
