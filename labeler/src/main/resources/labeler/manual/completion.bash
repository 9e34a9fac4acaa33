# shellcheck shell=bash
# Completion of labeler for bash. The build makes it from the program's own descriptions.

@TABLES@

# Names of VMs, one a line: asked of the service, which answers in milliseconds. Says nothing where it may not ask.
_labeler_vms() {
	[ -w "$1" ] && curl --silent --max-time 2 --unix-socket "$1" http://labelerd/v1/names 2>/dev/null
}

# _labeler_candidates KIND SOCKET: one a line.
_labeler_candidates() {
	case $1 in
	vm) _labeler_vms "$2" ;;
	domain) virsh --quiet list --all --name 2>/dev/null ;;
	format) printf '%s\n' @FORMATS@ ;;
	words:*) tr , '\n' <<<"${1#words:}" ;;
	esac
}

_labeler() {
	local current=${COMP_WORDS[COMP_CWORD]} path='' option='' kind='' word i count=0 candidate
	local socket=${LABELER_SOCKET:-/run/labeler/labeler.sock}
	COMPREPLY=()
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [ "$word" = = ]; then
			continue
		elif [ -n "$kind" ]; then
			[ "$option" = --socket ] && socket=$word
			kind=''
		elif [ "$word" = -- ]; then
			# From here on it is qemu's command line.
			compopt -o filenames
			mapfile -t COMPREPLY < <(compgen -c -f -- "$current")
			return
		elif [[ $word == -* ]]; then
			option=$word
			kind=$(_labeler_value "$path" "$word")
		elif [ "$count" -eq 0 ] && [[ " $(_labeler_words "$path") " == *" $word "* ]]; then
			path="${path:+$path }$word"
		else
			count=$((count + 1))
		fi
	done
	[ "$current" = = ] && current=''
	if [ -z "$kind" ] && [[ $current == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_labeler_options "$path")" -- "$current")
		return
	fi
	[ -n "$kind" ] || kind=$(_labeler_argument "$path" "$((count + 1))")
	case $kind in
	file)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		;;
	directory)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -d -- "$current")
		;;
	'')
		mapfile -t COMPREPLY < <(compgen -W "$(_labeler_words "$path")" -- "$current")
		;;
	*)
		while IFS= read -r candidate; do
			[[ -n $candidate && $candidate == "$current"* ]] && COMPREPLY+=("$(printf '%q' "$candidate")")
		done < <(_labeler_candidates "$kind" "$socket")
		;;
	esac
}

complete -F _labeler labeler
