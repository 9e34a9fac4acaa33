// All VMs: what confines each, and whether its labels are as they should be.

import { age, count, element, link, notice, pill, table, time } from "./elements.js";

/** @type {Record<string, string>} */
const names = { selinux: "SELinux", landlock: "Landlock", descriptors: "descriptors" };

/** What was found before that says little of now. */
const oneDay = 86_400_000;

/**
 * What the kernel enforces around a VM's process.
 *
 * @param {Vm} vm
 */
export function walls(vm) {
    const words = vm.walls.map(wall => names[wall] ?? wall).join(", ");
    if (vm.walls.includes("selinux") || vm.walls.includes("landlock"))
        return pill("good", words);
    if (vm.walls.length > 0)
        return pill("warning", `${words} only`);
    return vm.files.some(file => file.treatment === "label")
        ? pill("warning", "labels only, not enforced") : pill("fault", "nothing");
}

/**
 * What the last check of the labels found.
 *
 * @param {Vm} vm
 */
export function check(vm) {
    if (!vm.check)
        return element("span", { class: "dim" }, "not checked");
    const isOld = Date.now() - Date.parse(vm.check.time) > oneDay;
    return element("span", {}, vm.check.drift === 0 ? pill(isOld ? "plain" : "good", "as set")
        : link(["labels"], pill("fault", `${vm.check.drift} not as set`)), " ", age(vm.check.time), " ago");
}

/** @param {Vm} vm */
function problems(vm) {
    const number = vm.problems.length + vm.warnings.length;
    return number === 0 ? "none" : pill(vm.problems.length > 0 ? "fault" : "warning", count(number, "problem"));
}

/**
 * @param {string[]} _route
 * @param {Turn} turn
 */
export async function vmsView(_route, { service }) {
    const vms = await service.vms();
    if (vms.length === 0) {
        return [notice("plain", "No VM is confined just now",
            element("p", {}, "Start one by ", element("code", {}, "labeler run NAME -- qemu-system-x86_64 …"),
                ", or have libvirt's domains confined: ", element("code", {}, "labeler hook install libvirt"), "."))];
    }
    return [table(count(vms.length, "VM"),
        ["VM", "State", "Running for", "Confined by", "Level", "Monitor", "Files", "Labels", "Problems"],
        vms.map(vm => [
            link(["vm", vm.vm], vm.vm, { "data-key": `vm ${vm.vm}` }),
            vm.state, age(vm.since), walls(vm), element("code", {}, vm.level),
            vm.guard === "off" ? "not guarded" : vm.guard === "on" ? "guarded" : "partly guarded",
            String(vm.files.length), check(vm), problems(vm)]))];
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
        ["Confined by", walls(vm)],
        ["Level", element("code", {}, vm.level)],
        ["Monitor", vm.monitor === null ? "not guarded" : element("code", {}, vm.monitor)],
        ["Labels", vm.check ? element("span", {}, check(vm), ", at ", time(vm.check.time)) : check(vm)],
    ];
    return element("dl", { class: "facts" },
        rows.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))));
}
