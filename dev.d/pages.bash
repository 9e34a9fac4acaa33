# shellcheck shell=bash
# shellcheck disable=SC2154  # root, cache and dist come from the script
# ./dev pages: the page in Cockpit, in a real browser, on a real service with real VMs.

pages_usage() {
	cat <<'END'
usage: ./dev pages build
       ./dev pages test [--from DIRECTORY] [PATTERN]
       ./dev pages guest
       ./dev pages pictures [--from DIRECTORY]
       ./dev pages measure [--from DIRECTORY]

  build     makes the page alone, into labeler/target/cockpit. Needs no root where Node and npm are
  test      makes the page, and tries it: Cockpit, Chromium, a service and VMs of its own. PATTERN chooses tests by
            their names. The same as ./dev test --pages
  guest     tries the page of the bed (./dev bed), where SELinux enforces: the service, its VMs and Cockpit's bridge are
            there, from their packages, and the browser is here. Leaves the bed up
  pictures  makes the pictures in docs/pictures anew
  measure   tells how long the page of a host with 1,000 VMs takes, and how much it draws, asks and gets

Installs Node and npm where they are missing, and all but build Cockpit and Chromium as well. What the page is made of comes by
npm into .cache/cockpit, and what its tests need into .cache/pages.
All but build need root: all runs in namespaces of its own, so that nothing listens for others and nothing is left.

  --from DIRECTORY  with this runnable tree, and builds none
END
}

readonly pages_source=$root/labeler/src/test/cockpit
readonly pages_place=$cache/pages
readonly pages_output=$root/labeler/target/cockpit

# Beside those of the demo.
pages_table() {
	cat <<'END'
cockpit-bridge           cockpit-bridge  cockpit-bridge
/usr/share/cockpit/base1 cockpit-ws      cockpit-ws
/usr/share/cockpit/shell cockpit-system  cockpit-system
chromium                 chromium        chromium
dbus-daemon              dbus-daemon     dbus-daemon
ip                       iproute2        iproute
END
}

pages_prepare() {
	[ "$EUID" -eq 0 ] || die 1 "the pages are tried with a service and VMs of their own, which takes root"
	setup_install pages_table cockpit_table
	mkdir -p "$pages_place"
	find "$pages_place" -maxdepth 1 -type f ! -name installed -delete
	cp "$pages_source"/* "$pages_place"
	npm_packages "$pages_place"
}

pages_build() {
	rm -rf -- "$pages_output"
	cockpit_build "$pages_output"
	(cd -- "$pages_output" && ls -l -- *)
}

# pages_inside TREE PROGRAM…: where the page, a service and a Cockpit are.
pages_inside() {
	local tree=$1
	shift
	unshare --mount --pid --net --fork --kill-child --propagation private -- \
		bash "$pages_place/enter.sh" "$pages_output" "$tree" "$@"
}

# pages_test TREE [PATTERN]
pages_test() {
	local options=(--test --test-reporter=spec) file
	pages_prepare
	pages_build
	[ -z "${2:-}" ] || options+=(--test-name-pattern="$2")
	# Each has a service of its own.
	for file in "$pages_place"/*.test.mjs; do
		pages_inside "$1" node "${options[@]}" "$file"
	done
}

# pages_bridge FILE: what Cockpit starts as its bridge: the bed's. It tells when the first message has come.
pages_bridge() {
	local options
	# shellcheck source=dev.d/bed.bash
	source "$root/dev.d/bed.bash"
	mapfile -t options < <(bed_ssh_options)
	# shellcheck disable=SC2016 # for the program itself
	printf '#!/bin/bash\nssh %s root@127.0.0.1 cockpit-bridge | {\n%s\n}\n' "$(printf '%q ' "${options[@]}")" \
		'read -r length; printf "%s\n" "$length"; head -c "$length"; : >"$0.ready"; exec cat' >"$1"
	chmod 755 "$1"
}

# Cockpit's session there is one of ssh. Its own port is this machine's alone.
pages_guest() {
	local work status=0
	"$root/dev" bed up
	pages_prepare
	"$root/dev" bed run rm -rf /root/acceptance /var/lib/labeler-acceptance
	"$root/dev" bed push "$root/vagrant/acceptance" /root/acceptance
	"$root/dev" bed push "$pages_source/guest.sh" /root/guest.sh
	work=$(mktemp -d)
	pages_bridge "$work/bridge"
	LABELER_WORK=$work LABELER_DIST=$dist LABELER_DEVELOPMENT=$root/dev LABELER_BRIDGE=$work/bridge \
		node --test --test-reporter=spec "$pages_place/enforcing.mjs" || status=$?
	rm -rf -- "$work"
	return "$status"
}

pages_measure() {
	pages_prepare
	pages_build
	pages_inside "$1" node "$pages_place/measure.mjs"
}

pages_pictures() {
	pages_prepare
	pages_build
	mkdir -p "$root/docs/pictures"
	PICTURES=$root/docs/pictures pages_inside "$1" node "$pages_place/pictures.mjs"
	(cd -- "$root/docs/pictures" && ls -l -- *)
}

pages_main() {
	local from='' what=${1:-} pattern=''
	case $what in
	build | test | guest | pictures | measure) shift ;;
	*)
		pages_usage >&2
		die 2 "pages takes build, test, guest, pictures or measure"
		;;
	esac
	while [ $# -gt 0 ]; do
		case $1 in
		--from)
			shift
			from=$(cd -- "${1:-/none}" 2>/dev/null && pwd -P) || die 2 "--from takes a directory, not '${1:-}'"
			;;
		-*) die 2 "pages takes no option '$1'" ;;
		*) pattern=$1 ;;
		esac
		shift
	done
	# shellcheck source=dev.d/setup.bash
	source "$root/dev.d/setup.bash"
	# shellcheck source=dev.d/cockpit.bash
	source "$root/dev.d/cockpit.bash"
	if [ "$what" = guest ] && [ -n "$from$pattern" ]; then
		die 2 "pages guest takes nothing more: the bed has the packages of this checkout"
	fi
	if [ "$what" = build ] && [ -n "$from$pattern" ]; then
		die 2 "pages build takes nothing more"
	fi
	if [ -z "$from" ] && [ "$what" != guest ] && [ "$what" != build ]; then
		# shellcheck source=dev.d/build.bash
		source "$root/dev.d/build.bash"
		build_tree demo
		from=$dist
	fi
	"pages_$what" "$from" "$pattern"
}
