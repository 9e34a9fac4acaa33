# The stacks of async-profiler ("collapsed"): the processor time of the package of labeler that worked last, in percent, and its
# name. Parts of less than one percent are left out.
{
	count = $NF
	sub(/ [0-9]+$/, "")
	frames = split($0, frame, ";")
	part = "the JVM itself: its compilers and its collector"
	for (i = frames; i > 0; i--)
		if (frame[i] ~ /^labeler\//) {
			split(frame[i], name, "/")
			part = "`labeler." name[2] "`"
			break
		} else if (frame[i] ~ /^(java|jdk|sun|org|com)\//)
			part = "libraries on threads of their own"
	of[part] += count
	all += count
}

END {
	for (part in of)
		if (of[part] * 100 >= all)
			printf "%.0f\t%s\n", of[part] * 100 / all, part
}
