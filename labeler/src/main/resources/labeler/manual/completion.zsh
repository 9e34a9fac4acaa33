#compdef labeler
# Completion of labeler for zsh. The build makes it from the program's own descriptions.

@TABLES@

_labeler() {
	local current=${words[CURRENT]} place='' option='' kind='' word i count=0
	local socket=${LABELER_SOCKET:-/run/labeler/labeler.sock}
	for ((i = 2; i < CURRENT; i++)); do
		word=${(Q)words[i]}
		if [[ -n $kind ]]; then
			[[ $option == --socket ]] && socket=$word
			kind=''
		elif [[ $word == -- ]]; then
			# From here on it is qemu's command line.
			_command_names -e
			_files
			return
		elif [[ $word == --*=* ]]; then
			[[ $word == --socket=* ]] && socket=${word#--socket=}
		elif [[ $word == -* ]]; then
			option=$word
			kind=$(_labeler_value "$place" "$word")
		elif ((count == 0)) && [[ " $(_labeler_words "$place") " == *" $word "* ]]; then
			place="${place:+$place }$word"
		else
			((count += 1))
		fi
	done
	if [[ -z $kind && $current == --*=* ]]; then
		kind=$(_labeler_value "$place" "${current%%=*}")
		compset -P '*='
	elif [[ -z $kind && $current == -* ]]; then
		compadd -- ${=$(_labeler_options "$place")}
		return
	fi
	[[ -n $kind ]] || kind=$(_labeler_argument "$place" "$((count + 1))")
	case $kind in
	file) _files ;;
	directory) _files -/ ;;
	'') compadd -- ${=$(_labeler_words "$place")} ;;
	*) compadd -- ${(f)"$(_labeler_candidates "$kind" "$socket")"} ;;
	esac
}

if [[ ${zsh_eval_context[-1]} == loadautofunc ]]; then
	_labeler "$@"
else
	compdef _labeler labeler
fi
