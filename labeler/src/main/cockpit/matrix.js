// Which VM can reach which file, and why.

import { count, element, fileName, link, notice, pill } from "./elements.js";
import { list } from "./list.js";
import { ServiceError } from "./service.js";

/** @type {Record<string, string>} */
const access = { "none": "no", "read": "reads", "read-write": "reads, writes", "descriptor": "handed over" };
/** @type {Record<string, string>} */
const deciders = { selinux: "SELinux", landlock: "Landlock", nothing: "nothing but permissions" };

/** A picture of more VMs, or with more cells, is none: one VM is looked at. */
const mostVms = 50;
const mostCells = 2500;

/**
 * @param {string[]} route with the name of a VM, or of all
 * @param {Turn} turn
 */
export async function matrixView([name], { service }) {
    if (name !== undefined)
        return ofOne(...await Promise.all([service.matrixOf(name), service.vm(name)]));
    const all = await service.overview();
    if (all.length > mostVms)
        return tooMany(`${count(all.length, "VM")} are too many for one picture`, all);
    try {
        const [matrix, vms] = await Promise.all([service.matrix(), service.vms()]);
        if (matrix.vms.length === 0)
            return [notice("plain", "No VM is confined just now")];
        return matrix.vms.length * matrix.files.length > mostCells
            ? tooMany(`${count(matrix.vms.length, "VM")} and ${count(matrix.files.length, "file")} are too many for one picture`, all)
            : ofAll(matrix, vms);
    } catch (error) {
        // Too large for one picture, or a file cannot be looked at.
        if (error instanceof ServiceError && error.kind === "refused")
            return tooMany(error.message, all);
        throw error;
    }
}

/** @param {string} why @param {VmOverview[]} vms */
function tooMany(why, vms) {
    return [notice("warning", "There is no picture of all", element("p", {}, why)),
        ...list("choice", "One VM against the files of all", ["VM", "Files"], vms, vm => vm.vm,
            vm => [link(["matrix", vm.vm], vm.vm), String(vm.fileCount)])];
}

/** What should not be comes first: there may be thousands of files. */
const order = { fault: 0, warning: 1, plain: 2 };

/** A file a line. @param {Matrix} matrix @param {Vm} vm */
function ofOne(matrix, vm) {
    return matrix.vms.flatMap((row, at) => {
        const files = matrix.files.map((file, column) => ({ file, found: judged(row, file, matrix.access[at]?.[column] ?? "none", vm) }));
        files.sort((one, other) => order[one.found.state] - order[other.found.state]);
        return [
            element("p", {}, "What the kernel lets the process of ", link(["vm", row.vm], row.vm), " do, by ", decider(row), ". ", link(["matrix"], "All VMs")),
            ...list(`matrix ${row.vm}`, count(files.length, "file"), ["File", "Access", "Why"], files,
                ({ file, found }) => `${file.path} ${found.words} ${found.why}`, ({ file, found }) =>
                    [fileName(file.path), found.state === "plain" ? found.words : pill(found.state, found.words), found.why])];
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
