#!/usr/bin/env bash
# Pastes the commands of one of the README's sections into a shell, word by word: paste_readme.sh README SECTION
# It is the section's first block. Prints all that is said, and "failed: COMMAND" for each command that fails.
set -euo pipefail

# A package that these hosts have already is not made first.
commands=$(awk -v section="## $2" '$0 == section { here = 1 } here && /^```/ { if (inside) exit; inside = 1; next } inside' "$1" |
	sed 's|^\./dev package deb && ||')
[ -n "$commands" ] || {
	echo "failed: the README has no commands in \"$2\""
	exit 1
}
# shellcheck disable=SC2016 # for the other shell
exec bash -c 'trap '\''echo "failed: $BASH_COMMAND"'\'' ERR
	'"$commands"'
	wait' 2>&1
