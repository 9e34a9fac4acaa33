# shellcheck shell=bash
# shellcheck disable=SC2154  # root, cache and minimum_java come from the script and from common.bash
# The common parts of the commands of ./dev. Sourced; expects $root and $cache.

readonly minimum_java=25

if [ -t 2 ] && [ -z "${NO_COLOR:-}" ]; then
	readonly bold=$'\e[1m' red=$'\e[31m' plain=$'\e[0m'
else
	readonly bold='' red='' plain=''
fi

# die CODE MESSAGE…
die() {
	local code=$1
	shift
	printf '%sdev: %s%s\n' "$red" "$*" "$plain" >&2
	exit "$code"
}

say() {
	printf '%s%s%s\n' "$bold" "$*" "$plain" >&2
}

have() {
	command -v "$1" >/dev/null 2>&1
}

# quietly WHAT COMMAND…: runs the command with its output kept in .cache/logs; shows it only if it fails.
quietly() {
	local what=$1 log code=0
	shift
	mkdir -p "$cache/logs"
	log=$cache/logs/${what//[^a-zA-Z0-9]/-}.log
	"$@" >"$log" 2>&1 || code=$?
	if [ "$code" -ne 0 ]; then
		tail -n 60 "$log" >&2
		die "$code" "$what failed (status $code); all of its output is in ${log#"$root"/}"
	fi
}

# java_version HOME: the major version in HOME's release file, or nothing.
java_version() {
	[ -r "$1/release" ] || return 0
	sed -n 's/^JAVA_VERSION="\{0,1\}\([0-9]*\).*/\1/p' "$1/release"
}

# is_jdk HOME: whether HOME holds a compiler that is new enough.
is_jdk() {
	local version
	[ -x "$1/bin/javac" ] || return 1
	version=$(java_version "$1")
	[ "${version:-0}" -ge "$minimum_java" ]
}

# find_jdk: exports JAVA_HOME of a JDK that is new enough; the machine's default `java` may be older.
find_jdk() {
	local candidate
	for candidate in "${JAVA_HOME:-}" /usr/lib/jvm/*"$minimum_java"* /usr/lib/jvm/*; do
		if [ -n "$candidate" ] && is_jdk "$candidate"; then
			export JAVA_HOME=$candidate
			return 0
		fi
	done
	return 1
}

# maven WHAT ARGUMENT…: offline if the local repository has everything, otherwise once more online.
maven() {
	local what=$1 log=$cache/logs/$1.log code=0
	shift
	find_jdk || die 1 "no JDK $minimum_java or later: run ./dev setup"
	mkdir -p "$cache/logs"
	mvn -B -ntp -o "$@" >"$log" 2>&1 || code=$?
	if [ "$code" -ne 0 ] && grep -qE 'in offline mode|Cannot access .* offline' "$log"; then
		code=0
		mvn -B -ntp "$@" >"$log" 2>&1 || code=$?
	fi
	if [ "$code" -ne 0 ]; then
		grep -E '^\[ERROR\]|FAIL|Tests run:.*(Failures: [1-9]|Errors: [1-9])' "$log" | head -n 80 >&2 || tail -n 60 "$log" >&2
		die "$code" "$what failed; all of its output is in ${log#"$root"/}"
	fi
}

# test_java CLASS ARGUMENT…: runs a main class of labeler's tests, in the place of this process.
test_java() {
	local module classes=''
	for module in labeler chain-model native-bindings; do
		classes+=$root/$module/target/classes:$root/$module/target/test-classes:
	done
	exec "$JAVA_HOME/bin/java" -Xmx512m --enable-native-access=ALL-UNNAMED \
		--add-exports java.base/sun.nio.ch=ALL-UNNAMED -cp "$classes$cache/test-libraries/*" "$@"
}

# test_java_prepare: compiles what test_java runs.
test_java_prepare() {
	# In one run: the project's own modules are in no repository.
	maven test-build test-compile org.apache.maven.plugins:maven-dependency-plugin:3.11.0:copy-dependencies -q \
		-pl labeler -am -DincludeScope=test -DexcludeGroupIds=labeler -DoutputDirectory="$cache/test-libraries"
}

# apt_source_list: where the distribution has the sources of its packages.
apt_source_list() {
	local release
	# shellcheck source=/dev/null
	release=$(. /etc/os-release && printf '%s' "$VERSION_CODENAME")
	printf 'deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.pgp] http://deb.debian.org/%s main\n' \
		"debian $release" "debian-security $release-security"
}

# source_fetch NAME PACKAGE TREE...: prints the directory with these trees of the source NAME, of which PACKAGE is installed.
# apt fetches it, from a list of its own; it stays in .cache.
source_fetch() {
	local name=$1 package=$2 version directory option=()
	shift 2
	version=$(dpkg-query -W -f '${source:Version}' "$package" 2>/dev/null) ||
		die 1 "$name is not installed from a Debian package: its source is not known"
	directory=$cache/$name-source/${version//[^0-9a-zA-Z.+]/-}
	if [ ! -e "$directory/done" ]; then
		mkdir -p "$directory/lists/partial"
		apt_source_list >"$directory/sources.list"
		option=(-q -o Dir::Etc::sourcelist="$directory/sources.list" -o Dir::Etc::sourceparts=-
			-o Dir::State::lists="$directory/lists" -o Dir::Cache="$directory/cache")
		(
			cd -- "$directory" || exit
			quietly "apt source index" apt-get "${option[@]}" update
			# A mirror may lack the description or the signature, of which nothing is needed here.
			apt-get "${option[@]}" source --download-only "$name=$version" >>"$cache/logs/apt-source-$name.log" 2>&1 ||
				[ -s "${name}_${version%%-*}.orig.tar.xz" ] || die 1 "the source of $name $version cannot be fetched"
			tar xf "$name"_*.orig.tar.xz --wildcards "$@" --strip-components=1
		)
		rm -rf -- "$directory/lists" "$directory/cache" "$directory/${name}"_*
		touch "$directory/done"
	fi
	printf '%s\n' "$directory"
}
