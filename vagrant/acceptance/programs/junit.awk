# Turns TAP, with times as lib.sh writes them, into a JUnit report: awk -v name=THEME -f junit.awk THEME.tap
function escaped(text) {
	gsub(/&/, "\\&amp;", text)
	gsub(/</, "\\&lt;", text)
	gsub(/>/, "\\&gt;", text)
	gsub(/"/, "\\&quot;", text)
	# What XML does not allow at all.
	gsub(/[\001-\010\013\014\016-\037]/, "?", text)
	return text
}

/^(not )?ok [0-9]+/ {
	count++
	bad[count] = /^not /
	seconds[count] = 0
	if (match($0, /# time=[0-9]+ms/)) {
		seconds[count] = substr($0, RSTART + 7, RLENGTH - 9) / 1000
		total += seconds[count]
	}
	title = $0
	sub(/^(not )?ok [0-9]+ - /, "", title)
	sub(/ # time=.*/, "", title)
	fact[count] = title
	failures += bad[count]
	next
}

/^# / && count { detail[count] = detail[count] substr($0, 3) "\n" }

END {
	printf "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	printf "<testsuite name=\"bed.%s\" time=\"%.3f\" tests=\"%d\" errors=\"0\" skipped=\"0\" failures=\"%d\">\n", escaped(name), total, count, failures
	for (i = 1; i <= count; i++) {
		printf "  <testcase name=\"%s\" classname=\"bed.%s\" time=\"%.3f\">", escaped(fact[i]), escaped(name), seconds[i]
		if (bad[i]) {
			printf "<failure message=\"%s\">%s</failure>", escaped(fact[i]), escaped(detail[i])
		}
		printf "</testcase>\n"
	}
	printf "</testsuite>\n"
}
