# shellcheck shell=bash
# shellcheck disable=SC2154  # place and such come from lib.sh, first_address and such from either.sh
# The theme of two hosts: its registry, an etcd of one member on the first host.

# ask_registry PATH JSON [CURL-ARGUMENT…]
ask_registry() {
	curl --silent --show-error --fail --max-time 60 --cacert "$authority" --json "$2" "${@:3}" "https://$first_address:2379/v3/$1"
}

permit() {
	local end=${3%?}
	# The range of all keys that begin so ends with the next character in place of the last one.
	case $3 in
	*/) end+='0' ;;
	*one) end+='f' ;;
	*two) end+='p' ;;
	esac
	ask_registry auth/role/grant "$(jq -nc --arg name "$1" --arg type "$2" --arg from "$3" --arg to "$end" \
		'{name: $name, perm: {permType: $type, key: ($from | @base64), range_end: ($to | @base64)}}')"
}

# user NAME PASSWORD ROLE
user() {
	ask_registry auth/user/add "$(jq -nc --arg name "$1" --arg password "$2" '{name: $name, password: $password}')"
	ask_registry auth/user/grant "$(jq -nc --arg name "$1" --arg role "$3" '{user: $name, role: $role}')"
}

registry_runs() {
	local keys=/var/lib/etcd/tls host prefix=/labeler/v1
	install -d -o etcd -m 700 "$keys"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=registry \
		-addext "subjectAltName=IP:$first_address" -keyout "$keys/key.pem" -out "$authority"
	cp "$authority" "$keys/certificate.pem"
	chown etcd "$keys"/*
	cat >/etc/default/etcd <<-END
		ETCD_LISTEN_CLIENT_URLS=https://$first_address:2379
		ETCD_ADVERTISE_CLIENT_URLS=https://$first_address:2379
		ETCD_LISTEN_PEER_URLS=http://127.0.0.1:2380
		ETCD_CERT_FILE=$keys/certificate.pem
		ETCD_KEY_FILE=$keys/key.pem
		ETCD_AUTO_COMPACTION_RETENTION=1h
		ETCD_BCRYPT_COST=4
	END
	systemctl start etcd.service
	user root secret root
	for host in one two; do
		ask_registry auth/role/add "{\"name\": \"$host\"}"
		permit "$host" READ "$prefix/"
		permit "$host" READWRITE "$prefix/pairs/"
		permit "$host" READWRITE "$prefix/files/"
		permit "$host" READWRITE "$prefix/vms/$host/"
		permit "$host" READWRITE "$prefix/hosts/$host"
		user "$host" "of-$host" "$host"
	done
	ask_registry auth/enable '{}'
}

# keys: of the registry, one a line.
keys() {
	local token
	token=$(ask_registry auth/authenticate '{"name": "root", "password": "secret"}' | jq -r .token)
	ask_registry kv/range "$(jq -nc '{key: ("/labeler/v1/" | @base64), range_end: ("/labeler/v10" | @base64), keys_only: true}')" \
		--header "Authorization: $token" | jq -r '.kvs[].key | @base64d'
}

# Pairs that a host has in reserve are VMs without files.
nothing_in_the_registry() {
	local all=$place/registry
	keys >"$all"
	grep -q '/hosts/' "$all" || wrong "the registry says nothing"
	none -E '^/labeler/v1/files/' "$all" || wrong "it has files"
	some_or_none -E '^/labeler/v1/vms/' "$all" | none -v 'reserved pair ' || wrong "it has VMs"
	equal "pairs, each with its host" "$(some_or_none -cE '/vms/[^/]*/reserved pair ' "$all")" "$(some_or_none -cE '^/labeler/v1/pairs/[^/]*/' "$all")"
}

registry_has_nothing() {
	(nothing_in_the_registry) >/dev/null
}
