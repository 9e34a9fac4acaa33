#!/usr/bin/env bash
# The life of the package that brings its own Java, in a fresh Debian with systemd and without any Java, in which this runs as
# root: bundled-life.sh PACKAGE
# The same walk as that of the other package, which also has what goes wrong: the scripts are the same.
set -euo pipefail

readonly package=$1 name=labeler-bundled
readonly image=/vm/web1.raw before=user_u:object_r:before_t:s0

# shellcheck source=labeler/src/test/packaging/facts.sh
source "${BASH_SOURCE[0]%/*}/facts.sh"
# shellcheck source=labeler/src/test/packaging/walk.sh
source "${BASH_SOURCE[0]%/*}/walk.sh"

has_java() {
	command -v java >/dev/null || compgen -G '/usr/lib/jvm/*' >/dev/null ||
		dpkg-query -W -f '${Package} ${db:Status-Abbrev}\n' 2>/dev/null | grep -qE '^(openjdk|default-jre|java).* ii'
}

runs_with_its_own() {
	[[ $(readlink "/proc/$(systemctl show -P MainPID labelerd.service)/exe") == */lib/labeler/runtime/bin/java ]]
}

everything >/tmp/before
fact "there is no Java" not has_java
install_package
check_files
fact "it needs none of the distribution's" not has_java
fact "the service runs with the package's own" runs_with_its_own
fact "so does a command, whatever JAVA_HOME says" env JAVA_HOME=/nothing labeler --version
fact "the class-data archive is made" archive
fact "and used" archived
fact "nothing looks at a Java of the distribution's" not grep -rqs 'usr/lib/jvm' /var/lib/dpkg/info/labeler-bundled.triggers
run_vm
update
fact "the new service has the package's own Java" runs_with_its_own
remove_with_a_vm
install_again
purge_leaves_nothing
