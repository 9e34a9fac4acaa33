#!/bin/bash
# The few words of etcdctl(1) that docs/cluster.md has, by the JSON gateway, which does not need that program. The password of each
# user is of-NAME.
set -euo pipefail

ask() {
	curl --silent --show-error --fail-with-body --cacert "$ETCDCTL_CACERT" --data "$2" "$ETCDCTL_ENDPOINTS/v3/auth/$1" >/dev/null
}

text() {
	printf '%s' "$1" | base64 --wrap=0
}

case "$1 $2" in
"user add")
	ask user/add "{\"name\": \"$3\", \"password\": \"of-$3\"}"
	;;
"user grant-role")
	ask user/grant "{\"user\": \"$3\", \"role\": \"$4\"}"
	;;
"role add")
	ask role/add "{\"name\": \"$3\"}"
	;;
"role grant-permission")
	role=$3
	end=
	shift 3
	if [ "$1" = --prefix=true ]; then
		# Every key with the prefix is less than this one: 0 comes after /.
		end=", \"range_end\": \"$(text "${3%/}0")\""
		shift
	fi
	ask role/grant "{\"name\": \"$role\", \"perm\": {\"permType\": \"${1^^}\", \"key\": \"$(text "$2")\"$end}}"
	;;
"auth enable")
	ask enable "{}"
	;;
*)
	echo "etcdctl: not in docs/cluster.md until now: $*" >&2
	exit 1
	;;
esac
