# shellcheck shell=bash
# shellcheck disable=SC2154  # root and cache come from the script
# ./dev fuzz: Jazzer on the image parsers and on what clients of guarded monitors send. Maven fetches Jazzer, which is no part of the build.

readonly fuzz_version=0.30.0
readonly fuzz_classes=$root/chain-model/target/classes:$root/chain-model/target/test-classes

# What a client of a guarded monitor sends is read in another module, with a class of its own for Jazzer.
readonly fuzz_guard=labeler.guard.relay.GuardFuzz
readonly fuzz_guard_classes=$fuzz_classes:$root/labeler/target/classes:$root/labeler/target/test-classes:$root/native-bindings/target/classes

# Jazzer's exit code if an input broke something; any other code but 0 means that it could not work.
readonly fuzz_found=77

fuzz_usage() {
	cat <<'END'
usage: ./dev fuzz MINUTES [TARGET…]

Feeds each target (a parser, PROBE, NAME, or WALK for a whole chain; QMP for the framing of what a client of a monitor
sends, and COMMAND for its meaning; all by default) with random inputs for that many
minutes, guided by coverage. Interesting inputs are kept in .cache/fuzz/corpus/ for the next time; an input that broke
something is left in .cache/fuzz/finds/, and the exit code is 1. A find becomes a test before it is mended.
END
}

fuzz_prepare() {
	local artifact
	for artifact in jazzer jazzer-api; do
		[ -e "$cache/fuzz/jars/$artifact-$fuzz_version.jar" ] ||
			quietly "jazzer" mvn -B -q org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy \
				-Dartifact="com.code-intelligence:$artifact:$fuzz_version" -DoutputDirectory="$cache/fuzz/jars"
	done
	test_java_prepare
	"$JAVA_HOME/bin/java" -cp "$fuzz_classes" labeler.chain.fuzz.JazzerEntry "$cache/fuzz/seeds"
	"$JAVA_HOME/bin/java" -cp "$fuzz_guard_classes:$cache/test-libraries/*" "$fuzz_guard" "$cache/fuzz/seeds"
}

# How long one input may take, in seconds: an answer takes microseconds, but it may wait for long on a busy machine.
readonly fuzz_timeout=120

# fuzz_target TARGET SECONDS: one line with the result; the status is Jazzer's, 0 if nothing was found.
fuzz_target() {
	local target=$1 seconds=$2 log=$cache/logs/fuzz-$1.log code=0 class=labeler.chain.fuzz.JazzerEntry classes=$fuzz_classes
	case $target in
	QMP | COMMAND) class=$fuzz_guard classes="$fuzz_guard_classes:$cache/test-libraries/*" ;;
	esac
	mkdir -p "$cache/fuzz/corpus/$target" "$cache/fuzz/finds" "$cache/logs"
	(cd "$cache/fuzz/finds" && "$JAVA_HOME/bin/java" -Xmx1g --enable-native-access=ALL-UNNAMED \
		--sun-misc-unsafe-memory-access=allow -Dlabeler.fuzz.target="$target" \
		-cp "$cache/fuzz/jars/*:$classes" com.code_intelligence.jazzer.Jazzer \
		--target_class="$class" --instrumentation_includes='labeler.**' \
		-artifact_prefix="$target-" -max_total_time="$seconds" -max_len=16384 -timeout="$fuzz_timeout" -rss_limit_mb=3072 \
		-print_final_stats=1 "$cache/fuzz/corpus/$target" "$cache/fuzz/seeds/$target") >"$log" 2>&1 || code=$?
	awk -v target="$target" -v code="$code" '
		/ cov: / { for (i = 1; i < NF; i++) { if ($i == "cov:") edges = $(i + 1); if ($i == "ft:") features = $(i + 1) } }
		/^stat::number_of_executed_units:/ { executed = $2 }
		END { if (executed == "") exit 1; printf "%-10s %10d executions %6d edges %6d features  %s\n", target, executed, edges, features, code ? "FOUND SOMETHING" : "nothing found" }
	' "$log" || { tail -n 20 "$log" >&2; die 1 "Jazzer could not work on $target; its output is in ${log#"$root"/}"; }
	case $code in
	0) ;;
	"$fuzz_found") return "$fuzz_found" ;;
	*) die 1 "Jazzer ended with status $code on $target; its output is in ${log#"$root"/}" ;;
	esac
}

fuzz_main() {
	local minutes=${1:-} target targets seconds listed=$cache/fuzz/targets status found=0
	[[ $minutes =~ ^[0-9]+(\.[0-9]+)?$ ]] || die 2 "fuzz needs a number of minutes for each target: ./dev fuzz 5"
	seconds=$(awk -v minutes="$minutes" 'BEGIN { printf "%d", minutes * 60 }')
	# For Jazzer a time of 0 means no limit.
	[ "$seconds" -gt 0 ] || die 2 "fuzz needs a second at least for each target, not '$minutes' minutes"
	shift
	find_jdk || die 1 "no JDK $minimum_java or later: run ./dev setup"
	mkdir -p "$cache/fuzz"
	# Through a file: the status of a process substitution is lost.
	fuzz_prepare >"$listed"
	mapfile -t targets <"$listed"
	[ ${#targets[@]} -gt 0 ] || die 1 "there is no target: see .cache/logs/fuzz-build.log"
	for target in "$@"; do
		[[ " ${targets[*]} " == *" $target "* ]] || die 2 "no target '$target', only ${targets[*]}"
	done
	[ $# -eq 0 ] || targets=("$@")
	for target in "${targets[@]}"; do
		# In a subshell, and not with `||`: after that a failure in the middle would not end it.
		set +e
		(
			set -e
			fuzz_target "$target" "$seconds"
		)
		status=$?
		set -e
		case $status in
		0) ;;
		"$fuzz_found") found=1 ;;
		*) exit "$status" ;;
		esac
	done
	[ "$found" -eq 0 ] || die 1 "inputs that broke something are in .cache/fuzz/finds, and what they broke in .cache/logs"
}
