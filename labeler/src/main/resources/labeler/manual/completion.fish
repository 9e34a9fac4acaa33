# Completion of labeler for fish. The build makes it from the program's own descriptions.

@TABLES@

# Names of VMs, one a line: asked of the service, which answers in milliseconds. Says nothing where it may not ask.
function __labeler_vms
    test -w "$argv[1]"
    and curl --silent --max-time 2 --unix-socket "$argv[1]" http://labelerd/v1/names 2>/dev/null
end

function __labeler_candidates
    switch $argv[1]
        case vm
            __labeler_vms $argv[2]
        case domain
            virsh --quiet list --all --name 2>/dev/null | string match -r '.+'
        case format
            printf '%s\n' @FORMATS@
        case 'words:*'
            string split , (string replace 'words:' '' $argv[1])
        case file
            __fish_complete_path (commandline -ct)
        case directory
            __fish_complete_directories (commandline -ct)
    end
end

function __labeler_complete
    set -l place ''
    set -l option ''
    set -l kind ''
    set -l count 0
    set -l current (commandline -ct)
    set -l socket /run/labeler/labeler.sock
    set -q LABELER_SOCKET
    and set socket $LABELER_SOCKET
    set -l given (commandline -opc)
    for word in $given[2..]
        if test -n "$kind"
            test "$option" = --socket
            and set socket $word
            set kind ''
        else if test "$word" = --
            # From here on it is qemu's command line.
            __fish_complete_path $current
            __fish_complete_command
            return
        else if string match -q -- '--socket=*' $word
            set socket (string replace -- '--socket=' '' $word)
        else if string match -q -- '-*' $word
            set option $word
            string match -q -- '*=*' $word
            or set kind (__labeler_value "$place" $word)
        else if test $count -eq 0; and contains -- $word (__labeler_words "$place")
            set place (string trim "$place $word")
        else
            set count (math $count + 1)
        end
    end
    if test -z "$kind"; and string match -q -- '-*' "$current"
        __labeler_options "$place"
        return
    end
    test -n "$kind"
    or set kind (__labeler_argument "$place" (math $count + 1))
    if test -z "$kind"
        __labeler_words "$place"
    else
        __labeler_candidates $kind $socket
    end
end

complete -c labeler -f -a '(__labeler_complete)'
