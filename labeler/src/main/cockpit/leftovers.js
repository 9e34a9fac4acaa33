// What is left: labels that no VM holds, and VMs that have ended without a word.

import { askingButton, count, element, fileName, notice } from "./elements.js";
import { failures } from "./labels.js";
import { list } from "./list.js";
import { service } from "./service.js";

/**
 * @param {string[]} _route
 * @param {Turn} turn
 */
export async function leftoversView(_route, turn) {
    const found = await turn.service.recover(true);
    const rows = [
        ...found.vms.flatMap(vm => vm.reports.map(file => ({ file, holder: `VM ${vm.vm}, which has ended` }))),
        ...found.stale.map(file => ({ file, holder: "nobody" }))];
    const problems = found.vms.flatMap(vm => vm.problems);
    if (rows.length === 0 && found.vms.length === 0)
        return [notice("good", "Nothing is left", element("p", {}, "Each label on record belongs to a VM."))];
    return [
        ...problems.map(problem => notice("fault", problem.kind, element("p", {}, problem.message))),
        ...list("leftovers", `${count(found.vms.length, "VM")} that ended, ${count(found.stale.length, "file")} that nobody holds`,
            ["File", "Held by", "What a recovery does", "Details"], rows, ({ file, holder }) => `${file.path} ${holder} ${file.message}`,
            ({ file, holder }) => [fileName(file.path), holder, words(file), file.message]),
        element("p", { class: "actions" }, askingButton("Give back", question(rows.length, found.vms.length), () => turn.act("Giving labels back", async () => {
            const done = await service.recover(false);
            const back = [...done.vms.flatMap(vm => vm.reports), ...done.stale].filter(file => file.outcome === "reverted").length;
            return `${count(done.vms.length, "VM")} ended, ${count(back, "label")} given back, ${done.stale.length} stay${failures(done.vms, done.stale)}.`;
        }), { "data-key": "recover" })),
        element("p", { class: "dim" }, "For files that lie elsewhere: labeler recover --scan DIRECTORY"),
    ];
}

/** @param {number} labels @param {number} vms */
const question = (labels, vms) => `Give back ${count(labels, "label")}${vms > 0 ? ` of ${count(vms, "ended VM")}` : ""}?`;

/** @param {FileReport} file */
function words(file) {
    return file.outcome === "would-change" ? "gives its label back" : file.outcome.replaceAll("-", " ");
}
