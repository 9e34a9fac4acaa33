// One VM: its files as a tree, each with its label now and before, and who else holds it.

import { button, count, element, fileName, label, link, notice, pill, table } from "./elements.js";
import { eventRow, happened, lacking } from "./events.js";
import { againButton } from "./labels.js";
import { service, ServiceError } from "./service.js";
import { tree } from "./tree.js";
import { facts } from "./vms.js";

/** @type {Record<string, string>} */
const treatments = { label: "labelled", pass: "handed over", leave: "left as it is", refuse: "refused" };

/** Of one VM's events: the newest of a day are enough beside its files. */
const newest = 20;

/** What was seen last, kept while the reader stays: a look at the disk may have to wait for a file server. */
let seen = { name: "", closed: /** @type {Set<string>} */ (new Set()), disk: /** @type {Disk | undefined} */ (undefined) };

/** @typedef {{ files: Map<string, MatrixFile>, time: string, refusal?: string }} Disk */

/**
 * @param {string[]} route
 * @param {Turn} turn
 */
export async function vmView([name = ""], turn) {
    if (seen.name !== name)
        seen = { name, closed: new Set(), disk: undefined };
    const kept = turn.news?.every(event => event.event === "command") ? seen.disk : undefined;
    const [vm, disk, found] = await Promise.all([held(turn.service, name), kept ?? onDisk(turn.service, name),
        turn.service.events({ vm: name, since: dayAgo() })]);
    if (seen.name === name)
        seen.disk = disk;
    const lately = [element("h3", {}, "Since yesterday"), ...lacking(found), ...happened("lately", found.events.slice(-newest).reverse().map(
        event => ({ text: "", cells: () => eventRow(event) })))];
    // Refusals and old events name VMs that are gone, or never were.
    if (vm instanceof ServiceError)
        return [notice("plain", vm.message), ...lately];
    return [
        facts(vm),
        element("p", { class: "actions" },
            button("Check the labels", () => turn.act("The labels are compared with the record", async () => {
                const report = await service.verifyOne(name);
                return report.drift === 0 ? "All is as it should be." : `${report.drift} not as it should be.`;
            }), { "data-key": "check" }),
            vm.check && vm.check.drift > 0 && againButton(name, vm.check.drift, turn),
            link(["matrix", name], "Which files it reaches")),
        disk.refusal !== undefined && notice("warning", "The labels on disk are not known", element("p", {}, disk.refusal)),
        ...messages(vm.problems, "fault"), ...messages(vm.warnings, "warning"),
        element("div", { "class": "wide", "tabindex": "0", "role": "region", "aria-label": "Files" },
            tree(`${count(vm.files.length, "file")}; below an image those that its header names. Labels as of ${new Date(disk.time).toLocaleTimeString()}`,
                ["File", "Use", "Label now", "Label before", "Also held by", "Why"], branches(vm, disk.files), seen.closed)),
        ...external(vm),
        ...lately,
    ];
}

/**
 * @param {Service} service
 * @param {string} name
 * @returns {Promise<Vm | ServiceError>} why there is none
 */
async function held(service, name) {
    try {
        return await service.vm(name);
    } catch (error) {
        if (error instanceof ServiceError && error.kind === "refused")
            return error;
        throw error;
    }
}

function dayAgo() {
    return new Date(Date.now() - 86_400_000).toISOString();
}

/**
 * What is on disk. One file that cannot be looked at is enough for a refusal; the rest is worth showing all the same.
 *
 * @param {Service} service
 * @param {string} name
 * @returns {Promise<Disk>}
 */
async function onDisk(service, name) {
    const time = new Date().toISOString();
    try {
        const matrix = await service.ownMatrix(name);
        return { files: new Map(matrix.files.map(file => [key(file), file])), time };
    } catch (error) {
        if (error instanceof ServiceError && (error.kind === "refused" || error.kind === "busy"))
            return { files: new Map(), time, refusal: error.message };
        throw error;
    }
}

/** Two names may look the same and not be. @param {{ path: string, pathBase64?: string }} file */
const key = file => file.pathBase64 ?? `=${file.path}`;

/** @param {VmFile} file */
const parentKey = file => file.parentBase64 ?? (file.parent === undefined ? undefined : `=${file.parent}`);

/**
 * @param {Vm} vm
 * @param {Map<string, MatrixFile>} disk
 * @returns {import("./tree.js").Branch[]}
 */
function branches(vm, disk) {
    const known = new Set(vm.files.map(key));
    const placed = new Set();
    /** @param {VmFile} file @returns {import("./tree.js").Branch} */
    const branch = file => {
        placed.add(key(file));
        return {
            key: `file ${key(file)}`,
            cells: cells(vm, file, disk.get(key(file))),
            below: vm.files.filter(one => parentKey(one) === key(file) && !placed.has(key(one))).map(branch),
        };
    };
    const tops = vm.files.filter(file => !known.has(parentKey(file) ?? "")).map(branch);
    // A ring of parents has no top: nothing may be missing here.
    return [...tops, ...vm.files.filter(file => !placed.has(key(file))).map(branch)];
}

/**
 * @param {Vm} vm
 * @param {VmFile} file
 * @param {MatrixFile | undefined} disk
 * @returns {import("./elements.js").Child[]}
 */
function cells(vm, file, disk) {
    const unknown = () => element("span", { class: "dim" }, "not known");
    const isLabelled = file.treatment === "label";
    const others = (disk?.holders ?? []).filter(holder => holder !== vm.vm);
    return [
        fileName(file.path),
        element("span", {}, file.uses.map(use => element("span", { class: "line", title: use.origin }, `${use.role}, ${use.access}`))),
        !disk ? unknown() : element("span", {}, label(disk.context), isLabelled && disk.context !== file.context &&
            element("span", { class: "line" }, pill("fault", "changed"), " should be ", label(file.context))),
        isLabelled ? label(file.originalContext) : element("span", { class: "dim" }, "the same"),
        !disk ? unknown() : others.length === 0 ? element("span", { class: "dim" }, "nobody")
            : element("span", {}, others.flatMap((other, at) => [at > 0 && ", ", link(["vm", other], other)])),
        `${treatments[file.treatment] ?? file.treatment}: ${file.reason}`,
    ];
}

/**
 * @param {Problem[]} problems
 * @param {"fault" | "warning"} kind
 */
function messages(problems, kind) {
    return problems.map(problem => notice(kind, problem.kind,
        element("p", {}, problem.file && fileName(problem.file), " ", problem.message)));
}

/** @param {Vm} vm */
function external(vm) {
    return vm.external.length === 0 ? [] : [table("Not files of this host", ["Reference", "Protocol", "Use", "Named by"],
        vm.external.map(one => [one.reference, one.protocol, one.role, fileName(one.parent)]))];
}
