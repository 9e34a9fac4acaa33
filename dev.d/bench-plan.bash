# shellcheck shell=bash
# shellcheck disable=SC2154  # root, cache, dist and bench_place come from the script, bench_result from bench.bash
# ./dev bench plan: a plan of a VM with many resources, and answers to definitions that are made to cost much.

readonly bench_limit_many=5000      # microseconds for the plan of a VM with sixty resources, warm
readonly bench_limit_hostile=100000 # microseconds for the slowest answer to a hostile definition
readonly bench_limit_peak=300       # MB of memory at most, after all of them: the heap of the service has 140
readonly bench_many=60

bench_hostile_slowest='' bench_hostile_count=0

# bench_many_xml: forty disks, half of them overlays, with media, a kernel, firmware, files for the firmware, and a port.
bench_many_xml() {
	local number
	printf '<domain type="kvm"><name>many</name><os><type>hvm</type><kernel>%s/many/kernel</kernel>' "$bench_place"
	printf '<initrd>%s/many/initrd</initrd><dtb>%s/many/dtb</dtb></os><sysinfo type="fwcfg">' "$bench_place" "$bench_place"
	for ((number = 0; number < 10; number++)); do
		printf '<entry name="opt/org.example/%d" file="%s/many/entry-%d"/>' "$number" "$bench_place" "$number"
	done
	printf '</sysinfo><devices>'
	for ((number = 0; number < 20; number++)); do
		printf '<disk type="file" device="disk"><driver type="qcow2"/><source file="%s/many-%d-1.qcow2"/><target dev="vd%d"/></disk>' \
			"$bench_place" "$number" "$number"
		printf '<disk type="file" device="disk"><driver type="raw"/><source file="%s/many/raw-%d"/><target dev="sd%d"/></disk>' \
			"$bench_place" "$number" "$number"
	done
	for ((number = 0; number < 5; number++)); do
		printf '<disk type="file" device="cdrom"><driver type="raw"/><source file="%s/many/medium-%d"/><target dev="hd%d"/><readonly/></disk>' \
			"$bench_place" "$number" "$number"
	done
	printf '<rng model="virtio"><backend model="random">/dev/urandom</backend></rng>'
	printf '<serial type="dev"><source path="/dev/null"/></serial><video><model type="vga"/></video></devices></domain>\n'
}

bench_many_files() {
	mkdir -p many
	"$cache/bench/images" "$bench_place" many 20 2
	touch many/{kernel,initrd,dtb} many/entry-{0..9}
	truncate -s 1M many/raw-{0..19} many/medium-{0..4}
	bench_many_xml >many.xml
	jq -n --rawfile xml many.xml '{name: "many", domainXml: $xml}' >many.json
	curl -sf --unix-socket run/labeler.sock --data-binary @many.json http://labeler/v1/plan >many-plan.json
	jq -e --argjson many "$bench_many" '(.files | length) >= $many and (.problems // [] | length) == 0' many-plan.json >/dev/null ||
		die 1 "the plan of the VM with $bench_many resources is not whole: $(jq -c '.problems' many-plan.json)"
}

# bench_plan_measure RUNS
bench_plan_measure() {
	local runs=$1 body name
	say "a VM with $bench_many resources"
	bench_many_files
	bench_run many "$cache/bench/http" run/labeler.sock $((runs * bench_warm * 4)) $((runs * 5)) POST /v1/plan many.json
	say "hostile definitions"
	mkdir -p "$cache/bench/hostile" hostile-definitions
	quietly "compiling the hostile definitions" "$JAVA_HOME/bin/javac" -d "$cache/bench/hostile" \
		"$root/labeler/src/bench/java/labeler/bench/HostileDefinitions.java"
	bench_java -cp "$cache/bench/hostile" labeler.bench.HostileDefinitions hostile-definitions
	for body in hostile-definitions/*.json; do
		name=$(basename "$body" .json)
		bench_hostile "$body" 3 >/dev/null
		bench_hostile "$body" $((runs / 10 + 3)) >"$body.times"
		bench_result[hostile_plan.$name]=$(bench_median_of "$body.times")
		bench_hostile_count=$((bench_hostile_count + $(wc -l <"$body.times")))
		say "  $name: $(bench_in_ms "hostile_plan.$name")"
		if [ -z "$bench_hostile_slowest" ] ||
			[ "$(bench_highest "hostile_plan.$name")" -gt "$(bench_highest "hostile_plan.$bench_hostile_slowest")" ]; then
			bench_hostile_slowest=$name
		fi
	done
	bench_result[hostile_peak]=$(awk '/^VmHWM:/ { printf "%.0f\n", $2 / 1024 }' "/proc/$bench_service/status")
}

# bench_hostile BODY RUNS: microseconds of each answer, from the connection to the last byte: a plan or a refusal, and no fault
# of the service's. A body that is no request at all would measure nothing; only one that is too much to read may be none.
bench_hostile() {
	local number
	for ((number = 0; number < $2; number++)); do
		curl -s -o hostile-answer --max-time 60 -w '%{http_code} %{time_total}\n' --unix-socket run/labeler.sock -H 'Expect:' \
			--data-binary "@$1" http://labeler/v1/plan
	done | awk -v body="$1" '$1 !~ /^(200|400|413|422)$/ { print body ": status " $1 >"/dev/stderr"; exit 1 }
		{ printf "%d\n", $2 * 1000000 }' || die 1 "no answer to $1"
	jq -e 'has("vm") or (.message | test("deeper, longer or more"))' hostile-answer >/dev/null ||
		die 1 "the answer to $1 is no plan: $(head -c 200 hostile-answer)"
}

# bench_highest KEY: in whole microseconds.
bench_highest() {
	cut -f 5 <<<"${bench_result[$1]}" | cut -d. -f1
}

bench_plan_report() {
	local highest
	printf '| plan of a VM with %d resources, by the running service | at most %d ms | %s | | %s |\n' "$bench_many" \
		$((bench_limit_many / 1000)) "$(bench_in_ms many.all)" "$(bench_verdict "$(bench_get many.all)" "$bench_limit_many")"
	highest=$(bench_highest "hostile_plan.$bench_hostile_slowest")
	printf '| answers to hostile domain XML and command lines, up to 4 MB | the slowest of %d at most %d ms | the slowest %.2f ms (%s) | | %s |\n' \
		"$bench_hostile_count" $((bench_limit_hostile / 1000)) "$(bench_divide "$highest" 1000)" "$bench_hostile_slowest" \
		"$(bench_verdict "$highest" "$bench_limit_hostile")"
	printf '| the most memory that the service had by then | at most %d MB | %d MB | | %s |\n' "$bench_limit_peak" \
		"${bench_result[hostile_peak]}" "$(bench_verdict "${bench_result[hostile_peak]}" "$bench_limit_peak")"
}

bench_only_plan() {
	bench_start_service
	bench_plan_measure "$runs"
	bench_plan_report
}
