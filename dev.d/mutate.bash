# shellcheck shell=bash
# shellcheck disable=SC2154  # root and cache come from the script
# ./dev mutate: PIT on the image parsers. Maven fetches PIT, which is no part of the build.

mutate_usage() {
	cat <<'END'
usage: ./dev mutate [CLASSES]

Changes the parsers of chain-model one instruction at a time, and runs the tests that reach it: if no test notices a
change, a test is missing, or the code does nothing. Takes half an hour for all of it; CLASSES is a pattern for
fewer (labeler.chain.format.vmdk.*). Prints how many of each package were noticed, and each change that was not; a
readable report is in chain-model/target/pit-reports/.
END
}

mutate_main() {
	local classes=${1:-} arguments=() report=$root/chain-model/target/pit-reports/mutations.csv
	[ $# -le 1 ] || die 2 "mutate takes one pattern: ./dev mutate 'labeler.chain.format.vmdk.*'"
	[ -z "$classes" ] || arguments=("-DtargetClasses=$classes")
	rm -f "$report"
	maven mutate -Pmutate -pl chain-model -am test-compile
	maven mutate -Pmutate -pl chain-model "${arguments[@]}" org.pitest:pitest-maven:mutationCoverage
	mutate_report "$report"
}

# mutate_report FILE: PIT's CSV (file, class, mutator, method, line, status, test) by package, and the changes that
# survived.
mutate_report() {
	[ -s "$1" ] || die 1 "there is no $1: PIT changed nothing"
	awk -F, '
		{
			package = $2
			sub(/\.[^.]*$/, "", package)
			all[package]++
			if ($6 == "KILLED" || $6 == "TIMED_OUT" || $6 == "MEMORY_ERROR") noticed[package]++
			else { mutator = $3; sub(/.*\./, "", mutator); left[++count] = $6 " " $2 "." $4 ":" $5 " " mutator }
		}
		END {
			for (package in all) {
				printf "%-36s %4d of %4d noticed, %3d %%\n", package, noticed[package], all[package], 100 * noticed[package] / all[package] | "sort"
				total += all[package]
				totalNoticed += noticed[package]
			}
			close("sort")
			printf "%-36s %4d of %4d noticed, %3d %%\n", "all", totalNoticed, total, 100 * totalNoticed / total
			for (i = 1; i <= count; i++) print left[i] | "sort"
		}
	' "$1"
}
