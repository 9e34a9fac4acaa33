#!/bin/sh
# labeler: hook for libvirt
#
# libvirt runs this at every step of a VM's life (https://libvirt.org/hooks.html) and waits for it. Three steps matter:
#   migrate begin a running VM comes from another host: libvirt takes what this prints, if it prints anything, for its XML,
#                 in which the service has named the level that the VM has there; or the migration fails
#   start begin   the level is chosen and nothing is labelled yet: the service labels, or the start fails
#   release end   the process is gone and libvirt has restored its part: the service gives the rest back
# It never calls libvirt, which would wait for this script while this script waits for it.
set -u

case "${2-} ${3-}" in
'migrate begin' | 'start begin' | 'release end') ;;
*) exit 0 ;;
esac

# Each user's own libvirt runs this, too. Its domains are not labeler's, and it may not ask the service.
if ! [ -O / ]; then
    case $(id -u) in
    0 | '') ;;
    *) exit 0 ;;
    esac
fi

socket=${LABELER_SOCKET:-/run/labeler/labeler.sock}
# A start waits until its labels are on disk, and libvirt waits as long as this does.
seconds=120

settings=${LABELER_HOOK_SETTINGS:-/etc/labeler/hook.conf}

# Text for a URL, every byte as %XX, whatever the locale takes for a character.
encode() {
    case $1 in
    . | .. | *[!A-Za-z0-9._-]*) encoded=$(printf %s "$1" | od -An -v -tx1 | tr -d '\n' | tr ' ' '%') ;;
    *) encoded=$1 ;;
    esac
}

# What the service refuses with: a line of text, or JSON, whose message stands before its problems.
refusal() {
    problem=$(printf %s "$1" | head -n 1 | head -c 2000)
    case $problem in
    '{"kind":'*'"message":"'*)
        problem=${problem#*'"message":"'}
        problem=$(printf %s "${problem%%'","problems":'*}" | sed 's/\\\(["\\]\)/\1/g')
        ;;
    esac
}

# Whether the settings let a VM start while nobody answers. They are read only then.
is_optional() {
    while read -r key value || [ -n "$key" ]; do
        [ "$key $value" != 'service optional' ] || return 0
    done 2>/dev/null <"$settings"
    return 1
}

# Each process costs a millisecond of the VM's start, so most names get through without one.
encode "$1"
name=$encoded
encode "${4:--}"
answer=$(curl -q --silent --unix-socket "$socket" --noproxy '*' --max-time "$seconds" --fail-with-body \
    --header 'Content-Type: application/xml' --header 'Expect:' --data-binary @- \
    "http://labelerd/v1/hooks/libvirt/$name/$2/$3/$encoded")
code=$?

case $code in
0)
    [ -z "$answer" ] || [ "$2" != migrate ] || printf '%s\n' "$answer"
    exit 0
    ;;
7) problem="no labelerd at $socket; systemctl start labelerd starts it" ;;
22) refusal "$answer" ;;
28) problem="labelerd did not answer within $seconds s" ;;
127) problem='no curl on this host, and the hook needs it' ;;
*) problem="curl failed with exit code $code" ;;
esac

if [ "$2" = release ]; then
    # Nothing can be stopped any more; the service gives the labels back when it notices, or starts.
    printf 'labeler: VM %s: labels are not given back yet: %s\n' "$1" "$problem" >&2
    exit 0
fi
case $code in
7 | 28)
    if is_optional; then
        problem="VM $1 starts, and labeler does nothing for it, as $settings allows: $problem"
        printf 'labeler: %s\n' "$problem" >&2
        logger -t labeler -p daemon.warning -- "$problem" 2>/dev/null
        exit 0
    fi
    ;;
esac
doing=start
[ "$2" != migrate ] || doing='come here'
printf 'labeler: VM %s may not %s: %s\n' "$1" "$doing" "$problem" >&2
exit 1
