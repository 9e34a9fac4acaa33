// What is left: labels that no VM holds, and VMs that have ended without a word.

import { button, count, element, fileName, notice, table } from "./elements.js";
import { service } from "./service.js";

/**
 * @param {string[]} route
 * @param {Actions} actions
 */
export async function leftoversView(route, actions) {
    const found = await service.recover(true);
    const rows = [
        ...found.vms.flatMap(vm => vm.reports.map(file => [fileName(file.path), `VM ${vm.vm}, which has ended`, words(file), file.message])),
        ...found.stale.map(file => [fileName(file.path), "nobody", words(file), file.message])];
    const problems = found.vms.flatMap(vm => vm.problems);
    if (rows.length === 0 && found.vms.length === 0)
        return [notice("good", "Nothing is left", element("p", {}, "Each label on record belongs to a VM."))];
    return [
        ...problems.map(problem => notice("fault", problem.kind, element("p", {}, problem.message))),
        table(`${count(found.vms.length, "VM")} that ended, ${count(found.stale.length, "file")} that nobody holds`,
            ["File", "Held by", "What a recovery does", "Details"], rows),
        element("p", { class: "actions" }, button("Give back", () => actions.act("Labels are given back", async () => {
            const done = await service.recover(false);
            const back = done.vms.reduce((sum, vm) => sum + (vm.reverted ?? 0), 0);
            return `${count(done.vms.length, "VM")} ended, ${count(back, "label")} given back, ${done.stale.length} stay.`;
        }), { "data-key": "recover" })),
        element("p", { class: "dim" }, "For files that lie elsewhere: labeler recover --scan DIRECTORY"),
    ];
}

/** @param {FileReport} file */
function words(file) {
    return file.outcome === "would-change" ? "gives its label back" : file.outcome.replaceAll("-", " ");
}
