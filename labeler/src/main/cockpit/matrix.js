// Which VM can reach which file, and why.

import { element, fileName, link, notice } from "./elements.js";
import { service } from "./service.js";

/** @type {Record<string, string>} */
const access = { "none": "no", "read": "reads", "read-write": "reads, writes", "descriptor": "handed over" };
/** @type {Record<string, string>} */
const deciders = { selinux: "SELinux", landlock: "Landlock", nothing: "nothing but permissions" };

export async function matrixView() {
    const [matrix, vms] = await Promise.all([service.matrix(), service.vms()]);
    if (matrix.vms.length === 0)
        return [notice("plain", "No VM is confined just now")];
    const known = new Map(vms.map(vm => [vm.vm, vm]));
    return [
        element("p", {}, "What the kernel lets each VM's process do with each file on record, and why."),
        element("div", { "class": "wide", "tabindex": "0", "role": "region", "aria-label": "Matrix of VMs and files" },
            element("table", { class: "matrix" },
                element("caption", {}, `${matrix.vms.length} × ${matrix.files.length}`),
                element("thead", {}, element("tr", {}, element("th", { scope: "col" }, "VM"),
                    matrix.files.map(file => element("th", { scope: "col" }, fileName(file.path))))),
                element("tbody", {}, matrix.vms.map((row, at) => element("tr", {},
                    element("th", { scope: "row" }, link(["vm", row.vm], row.vm),
                        element("span", { class: "line dim" }, `by ${deciders[row.decidedBy ?? "selinux"] ?? row.decidedBy}`)),
                    matrix.files.map((file, column) => cell(row, file, matrix.access[at]?.[column] ?? "none", known.get(row.vm)))))))),
    ];
}

/**
 * @param {MatrixVm} row
 * @param {MatrixFile} file
 * @param {string} allowed
 * @param {Vm | undefined} vm
 */
function cell(row, file, allowed, vm) {
    const own = vm?.files.find(one => one.path === file.path && one.pathBase64 === file.pathBase64);
    const isOdd = !own && allowed !== "none" && !file.holders.includes(row.vm);
    return element("td", { class: isOdd ? "cell fault" : `cell ${allowed}` },
        element("strong", {}, access[allowed] ?? allowed),
        element("span", { class: "line" }, reason(row, own, allowed, isOdd)));
}

/**
 * @param {MatrixVm} row
 * @param {VmFile | undefined} own
 * @param {string} allowed
 * @param {boolean} isOdd
 */
function reason(row, own, allowed, isOdd) {
    if (isOdd)
        return "not its file, and nothing keeps it away";
    if (own)
        return `its ${[...new Set(own.uses.map(use => use.role))].join(", ") || "file"}; ${own.reason}`;
    if (allowed !== "none")
        return "it holds the file";
    return row.decidedBy === "landlock" ? "not in its Landlock ruleset" : "the policy denies it: another level";
}
