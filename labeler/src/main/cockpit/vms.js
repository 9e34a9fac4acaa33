// All VMs: what confines each, and whether its labels are as they should be.

import { age, count, element, link, notice, pill, time } from "./elements.js";
import { list } from "./list.js";

/** @type {Record<string, string>} */
const names = { selinux: "SELinux", landlock: "Landlock", descriptors: "descriptors" };

/** What was found before that says little of now. */
const oneDay = 86_400_000;

/**
 * What the kernel enforces around a VM's process.
 *
 * @param {string[]} standing
 * @param {boolean} hasLabels whether a file has a label of its own
 */
export function walls(standing, hasLabels) {
    const words = standing.map(wall => names[wall] ?? wall).join(", ");
    if (standing.includes("selinux") || standing.includes("landlock"))
        return pill("good", words);
    if (standing.length > 0)
        return pill("warning", `${words} only`);
    return hasLabels
        ? pill("warning", "labels only, not enforced") : pill("fault", "nothing");
}

/**
 * What the last check of the labels found.
 *
 * @param {Check | undefined} last
 */
export function check(last) {
    if (!last)
        return element("span", { class: "dim" }, "not checked");
    const isOld = Date.now() - Date.parse(last.time) > oneDay;
    return element("span", {}, last.drift === 0 ? pill(isOld ? "plain" : "good", "as set")
        : link(["labels"], pill("fault", `${last.drift} not as set`)), " ", age(last.time), " ago");
}

/** @param {VmOverview} vm */
function problems(vm) {
    const number = vm.problemCount + vm.warningCount;
    return number === 0 ? "none" : pill(vm.problemCount > 0 ? "fault" : "warning", count(number, "problem"));
}

/**
 * @param {string[]} _route
 * @param {Turn} turn
 */
export async function vmsView(_route, { service }) {
    const vms = await service.overview();
    if (vms.length === 0) {
        return [notice("plain", "No VM is confined just now",
            element("p", {}, "Start one by ", element("code", {}, "labeler run NAME -- qemu-system-x86_64 …"),
                ", or have libvirt's domains confined: ", element("code", {}, "labeler hook install libvirt"), "."))];
    }
    return list("vms", count(vms.length, "VM"),
        ["VM", "State", "Running for", "Confined by", "Level", "Monitor", "Files", "Labels", "Problems"],
        vms, vm => `${vm.vm} ${vm.state} ${vm.level}`, vm => [
            link(["vm", vm.vm], vm.vm, { "data-key": `vm ${vm.vm}` }),
            vm.state, age(vm.since), walls(vm.walls, vm.labelCount > 0), element("code", {}, vm.level),
            vm.guard === "off" ? "not guarded" : vm.guard === "on" ? "guarded" : "partly guarded",
            String(vm.fileCount), check(vm.check), problems(vm)]);
}

/**
 * What is known of one VM beside its files.
 *
 * @param {Vm} vm
 */
export function facts(vm) {
    /** @type {[string, import("./elements.js").Child][]} */
    const rows = [
        ["State", vm.state],
        ["Process", vm.pid === null ? "not known" : String(vm.pid)],
        ["Running for", age(vm.since)],
        ["Confined by", walls(vm.walls, vm.files.some(file => file.treatment === "label"))],
        ["Level", element("code", {}, vm.level)],
        ["Monitor", vm.monitor === null ? "not guarded" : element("code", {}, vm.monitor)],
        ["Labels", vm.check ? element("span", {}, check(vm.check), ", at ", time(vm.check.time)) : check(undefined)],
    ];
    return element("dl", { class: "facts" },
        rows.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
}
