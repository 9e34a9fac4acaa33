// Drift: files whose labels others have changed, and a button that sets them again.

import { askingButton, button, count, element, fileName, link, notice, table } from "./elements.js";
import { parts } from "./list.js";
import { service } from "./service.js";

/** @param {FileReport} file */
const isAsSet = file => file.outcome === "as-expected" || file.outcome === "still-held";

/** @param {FileReport} file */
const isFailed = file => file.outcome === "failed" || file.outcome === "lost";

/**
 * What has failed, in words.
 *
 * @param {Report[]} vms
 * @param {FileReport[]} others
 */
export function failures(vms, others = []) {
    const messages = [
        ...[...vms.flatMap(vm => vm.reports), ...others].filter(isFailed).map(file => `${file.path}: ${file.message}`),
        ...vms.flatMap(vm => vm.problems).map(problem => problem.message)];
    return messages.length === 0 ? "" : `, ${messages.length} failed: ${messages.slice(0, 3).join("; ")}${messages.length > 3 ? " …" : ""}`;
}

/**
 * A button that sets the labels of a VM again.
 *
 * @param {string} name
 * @param {number} drift
 * @param {Turn} turn
 */
export function againButton(name, drift, turn) {
    return askingButton("Set again", `Set ${count(drift, "label")} of ${name} again?`, () => turn.act(`Setting the labels of ${name}`, async () => {
        const report = await service.relabel(name);
        return `${count(report.relabelled ?? 0, "label")} of ${name} set${failures([report])}.`;
    }), { "aria-label": `Set the labels of ${name} again`, "data-key": `again ${name}` });
}

/**
 * @param {string[]} _route
 * @param {Turn} turn
 */
export async function labelsView(_route, turn) {
    const reports = await turn.service.verify();
    const files = reports.reduce((sum, vm) => sum + vm.reports.length, 0);
    const drifted = reports.filter(vm => (vm.drift ?? 0) > 0);
    return [
        element("p", { class: "actions" }, button("Check again", () => turn.refresh(), { "data-key": "check" })),
        ...drifted.length === 0
            ? [notice("good", `All is as it should be: ${count(files, "file")} of ${count(reports.length, "VM")}`)]
            : parts("drifted", drifted, vm => vm.vm, some => element("div", {}, some.map(vm => section(vm, turn)))),
    ];
}

/**
 * @param {Report} vm
 * @param {Turn} turn
 */
function section(vm, turn) {
    return element("section", {},
        element("h3", {}, link(["vm", vm.vm], vm.vm), `: ${vm.drift} not as it should be`),
        ...vm.problems.map(problem => notice("fault", problem.kind, element("p", {}, problem.message))),
        vm.reports.some(file => !isAsSet(file)) && table(`Files of ${vm.vm}`, ["File", "What is wrong", "Details"],
            vm.reports.filter(file => !isAsSet(file)).map(file => [fileName(file.path), file.outcome.replaceAll("-", " "), file.message])),
        element("p", { class: "actions" }, againButton(vm.vm, vm.drift ?? 0, turn)));
}
