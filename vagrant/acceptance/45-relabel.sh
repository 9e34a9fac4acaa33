#!/usr/bin/env bash
# Somebody runs restorecon over a running VM's files.
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source-path=SCRIPTDIR source=vms.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/vms.sh"
trap vms_end EXIT

readonly images=$place/relabel

restorecon_takes_the_labels() {
	audit_mark >"$place/relabel.mark"
	restorecon -F "$images"/base.qcow2 "$images"/code.fd "$images"/web1.*
	equal "type of the overlay" var_lib_t "$(type_of "$(label_of "$images/web1.qcow2")")"
}

verify_reports_drift() {
	exits_with 1 labeler verify web1
}

relabel_sets_them_again() {
	exits_with 0 labeler relabel web1
	diff "$place/relabel.while" <(labels_below "$images") || wrong "a label is not what it was while web1 ran"
	exits_with 0 labeler verify web1
	# The kernel asks again for what qemu has open already, as often as qemu looks at it. All of these are meant.
	audit_settled
	provoked_since "$(cat "$place/relabel.mark")" "denied .*path=\"$images/[^\"]*\" .*:svirt(_tcg)?_t:.*:var_lib_t:" ||
		note "qemu looked at no file while its labels were gone"
}

labels_are_as_before() {
	diff "$place/relabel.before" <(labels_below "$images") || wrong "a label is not what it was"
}

images_make "$images"
labels_below "$images" >"$place/relabel.before"
fact "web1 runs" vm_start "$images" web1
labels_below "$images" >"$place/relabel.while"
fact "restorecon -F takes the labels of its files" restorecon_takes_the_labels
fact "its qemu can no longer open its own base" refused_to web1 "$images/base.qcow2" true var_lib_t base.qcow2
fact "verify reports it" verify_reports_drift
fact "relabel sets every label again" relabel_sets_them_again
fact "its qemu opens its own base" opened_by web1 "$images/base.qcow2" true
fact "web1 is ended" vm_kill web1
fact "every label is as it was before web1 ran" labels_are_as_before
done_with_facts
