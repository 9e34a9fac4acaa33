// Which VM can reach which file, and why.

import { count, element, fileName, link, notice, pill, table } from "./elements.js";
import { ServiceError } from "./service.js";

/** @type {Record<string, string>} */
const access = { "none": "no", "read": "reads", "read-write": "reads, writes", "descriptor": "handed over" };
/** @type {Record<string, string>} */
const deciders = { selinux: "SELinux", landlock: "Landlock", nothing: "nothing but permissions" };

/**
 * @param {string[]} route with the name of a VM, or of all
 * @param {Turn} turn
 */
export async function matrixView([name], { service }) {
    const vms = await service.vms();
    let matrix;
    try {
        matrix = await (name === undefined ? service.matrix() : service.matrixOf(name));
    } catch (error) {
        // Too large for one picture, or a file cannot be looked at.
        if (name === undefined && error instanceof ServiceError && error.kind === "refused")
            return [notice("warning", "There is no picture of all", element("p", {}, error.message)), choice(vms)];
        throw error;
    }
    if (matrix.vms.length === 0)
        return [notice("plain", "No VM is confined just now")];
    return name === undefined ? ofAll(matrix, vms) : ofOne(matrix, vms);
}

/** @param {Vm[]} vms */
function choice(vms) {
    return element("p", {}, "One VM against the files of all: ", vms.flatMap((vm, at) => [at > 0 && ", ", link(["matrix", vm.vm], vm.vm)]));
}

/** A file a line, as there may be thousands. @param {Matrix} matrix @param {Vm[]} vms */
function ofOne(matrix, vms) {
    return matrix.vms.flatMap((row, at) => {
        const vm = vms.find(one => one.vm === row.vm);
        return [
            element("p", {}, "What the kernel lets the process of ", link(["vm", row.vm], row.vm), " do, by ", decider(row), ". ", link(["matrix"], "All VMs")),
            table(count(matrix.files.length, "file"), ["File", "Access", "Why"], matrix.files.map((file, column) => {
                const found = judged(row, file, matrix.access[at]?.[column] ?? "none", vm);
                return [fileName(file.path), found.state === "plain" ? found.words : pill(found.state, found.words), found.why];
            }))];
    });
}

/** @param {Matrix} matrix @param {Vm[]} vms */
function ofAll(matrix, vms) {
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
                        element("span", { class: "line dim" }, `by ${decider(row)}`)),
                    matrix.files.map((file, column) => cell(row, file, matrix.access[at]?.[column] ?? "none", known.get(row.vm)))))))),
    ];
}

/** @param {MatrixVm} row */
const decider = row => deciders[row.decidedBy ?? "selinux"] ?? row.decidedBy ?? "";

/**
 * @param {MatrixVm} row
 * @param {MatrixFile} file
 * @param {string} allowed
 * @param {Vm | undefined} vm
 */
function cell(row, file, allowed, vm) {
    const { state, words, why } = judged(row, file, allowed, vm);
    return element("td", { class: state === "plain" ? `cell ${allowed}` : `cell ${state}` },
        element("strong", {}, words), element("span", { class: "line" }, why));
}

/**
 * @param {MatrixVm} row
 * @param {MatrixFile} file
 * @param {string} allowed
 * @param {Vm | undefined} vm
 * @returns {{ state: "plain" | "warning" | "fault", words: string, why: string }}
 */
function judged(row, file, allowed, vm) {
    const own = vm?.files.find(one => one.path === file.path && one.pathBase64 === file.pathBase64);
    const isOdd = !own && allowed !== "none" && !file.holders.includes(row.vm);
    const words = access[allowed] ?? allowed;
    if (own && allowed === "none")
        return { state: "warning", words, why: "its own file, and it does not reach it" };
    return { state: isOdd ? "fault" : "plain", words, why: reason(row, own, allowed, isOdd) };
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
