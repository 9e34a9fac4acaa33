# shellcheck shell=bash
# Completion of labeler for bash. The build makes it from the program's own descriptions.

@TABLES@

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
