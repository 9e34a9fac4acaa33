// Drift: files whose labels others have changed, and a button that sets them again.

import { button, count, element, fileName, link, notice, table } from "./elements.js";
import { service } from "./service.js";

/** @param {FileReport} file */
const isAsSet = file => file.outcome === "as-expected" || file.outcome === "still-held";

/**
 * @param {string[]} route
 * @param {Actions} actions
 */
export async function labelsView(route, actions) {
    const reports = await service.verify();
    const files = reports.reduce((sum, vm) => sum + vm.reports.length, 0);
    const drifted = reports.filter(vm => (vm.drift ?? 0) > 0);
    return [
        element("p", { class: "actions" }, button("Check again", () => actions.refresh(), { "data-key": "check" })),
        ...drifted.length === 0
            ? [notice("good", `All is as it should be: ${count(files, "file")} of ${count(reports.length, "VM")}`)]
            : drifted.map(vm => section(vm, actions)),
    ];
}

/**
 * @param {Report} vm
 * @param {Actions} actions
 */
function section(vm, actions) {
    return element("section", {},
        element("h3", {}, link(["vm", vm.vm], vm.vm), `: ${vm.drift} not as it should be`),
        ...vm.problems.map(problem => notice("fault", problem.kind, element("p", {}, problem.message))),
        vm.reports.some(file => !isAsSet(file)) && table(`Files of ${vm.vm}`, ["File", "What is wrong", "Details"],
            vm.reports.filter(file => !isAsSet(file)).map(file => [fileName(file.path), file.outcome.replaceAll("-", " "), file.message])),
        element("p", { class: "actions" }, button("Set again", () => actions.act(`Labels of ${vm.vm} are set`, async () => {
            const report = await service.relabel(vm.vm);
            return `${count(report.relabelled ?? 0, "label")} of ${vm.vm} set.`;
        }), { "aria-label": `Set the labels of ${vm.vm} again`, "data-key": `again ${vm.vm}` })));
}
