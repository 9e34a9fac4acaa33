# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154  # the script that sources this sets program and home, and reads share
# Sourced by bin/labeler, bin/labelerd, libexec/launch and libexec/archive-classes, which have set $program and $home.
# Finds Java, and sets $java, the directory of native libraries in $native, the places of the two class archives in $archive
# (commands) and $service_archive, and the JVM's option for the one of $program in $share.
# POSIX sh, and only builtins in the usual case: each fork costs the user about a millisecond at every command.

minimum_java=25

fail() {
	printf '%s: %s\n' "$program" "$1" >&2
	exit 1
}

# usable HOME: whether HOME has a Java of at least $minimum_java, by its `release` file. Sets $java and $native.
usable() {
	[ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 1
	while IFS='=' read -r key value; do
		value=${value#\"}
		value=${value%\"}
		case $key in
		JAVA_VERSION)
			value=${value%%[!0-9]*}
			[ "${value:-0}" -ge "$minimum_java" ] || return 1
			java=$1/bin/java
			;;
		# Names the directory of the native libraries; some builds call x86_64 "amd64".
		OS_ARCH)
			[ "$value" = amd64 ] && value=x86_64
			native=$home/lib/native/$value
			;;
		esac
	done <"$1/release"
	[ -n "$java" ] && [ -n "$native" ]
}

find_java() {
	java='' native=''
	if [ -n "${LABELER_JAVA_HOME:-}" ]; then
		usable "$LABELER_JAVA_HOME" && return
		fail "LABELER_JAVA_HOME=$LABELER_JAVA_HOME is not a Java $minimum_java or later; unset it or name one that is"
	fi
	# A package may bring its own.
	if [ -d "$home/runtime" ]; then
		usable "$home/runtime" && return
	fi
	if [ -n "${JAVA_HOME:-}" ]; then
		usable "$JAVA_HOME" && return
	fi
	for candidate in /usr/lib/jvm/*; do
		usable "$candidate" && return
	done
	if candidate=$(command -v java) && candidate=$(readlink -f "$candidate"); then
		usable "${candidate%/bin/java}" && return
	fi
	fail "needs Java $minimum_java or later: install openjdk-25-jre-headless (Debian) or java-25-openjdk-headless (Fedora), or set LABELER_JAVA_HOME"
}

find_java
[ -d "$native" ] || fail "no native libraries for this machine: $native is missing (x86_64 and aarch64 are supported)"

# A package keeps the archives out of its own tree, which may be read-only: there lib/archive names them. The name has the
# sum of the jars, so that an archive of other jars is never found.
archive=$home/lib/labeler.jsa
if [ -r "$home/lib/archive" ]; then
	read -r archive <"$home/lib/archive"
fi
service_archive=${archive%.jsa}-service.jsa
# The JVM's own archive serves where this one is missing. If it were named all the same, the JVM would use neither.
share=$archive
[ "$program" != labelerd ] || share=$service_archive
if [ -r "$share" ]; then
	share=-XX:SharedArchiveFile=$share
else
	share=
fi

# Users pass options in LABELER_JAVA_OPTIONS only: the JVM's own variables would also print a line on stderr.
unset JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS CLASSPATH
