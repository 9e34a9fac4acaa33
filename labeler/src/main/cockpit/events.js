// Lines of the audit log in words.

import { count, element, fileName, link, notice, pill, time } from "./elements.js";
import { list } from "./list.js";

/** @type {Record<string, string>} */
const kinds = {
    "command": "a command of the monitor", "vm-started": "started", "start-refused": "start refused",
    "stop-requested": "stop asked for", "vm-stopped": "ended", "disk-attached": "disk attached",
    "disk-detached": "disk detached", "change-refused": "change refused", "vm-relabelled": "labels set again",
    "guard-attached": "guarded", "guard-detached": "not guarded any more", "drift": "drift",
    "job-ended": "a job ended", "labels-changed": "labels changed",
    "header-changed": "a header is not believed", "service-started": "the service started",
    "lines-lost": "lines were lost", "denied": "denied",
};

/** @type {Record<string, ["good" | "warning" | "fault" | "plain", string]>} */
const readings = {
    "trickery": ["fault", "denied: not its own"], "bug": ["warning", "denied: a fault of labeler's"],
    "missing-label": ["warning", "denied: a label is missing"], "harmless": ["plain", "denied: harmless"],
    "no-vm": ["plain", "denied: no VM"],
};

/**
 * How a denial is to be taken.
 *
 * @param {string} reading
 * @param {number} number of denials like this one
 */
export function readingPill(reading, number) {
    const [kind, text] = readings[reading] ?? ["plain", reading];
    return element("span", {}, pill(kind, text), number > 1 && ` ${number} times`);
}

/**
 * @param {string | null | undefined} file
 * @param {string[]} sentences
 * @param {string[]} advice
 */
export function denialWords(file, sentences, advice) {
    return element("div", {}, file && element("p", {}, fileName(file)), sentences.map(text => element("p", {}, text)),
        advice.length > 0 && element("ul", {}, advice.map(text => element("li", {}, text))));
}

/** @param {AuditEvent} event */
export function isRefusal(event) {
    return event.event === "start-refused" || event.event === "change-refused" ||
        (event.event === "command" && event.outcome === "refused");
}

/**
 * What a list of events lacks.
 *
 * @param {Events} found
 */
export function lacking({ events, isCut, damaged }) {
    return isCut || damaged > 0 ? [notice("warning", "Not everything is shown",
        isCut && element("p", {}, `Only the newest ${count(events.length, "event")} of that time. Look back less far.`),
        damaged > 0 && element("p", {}, `${count(damaged, "line")} of the audit log could not be read.`))] : [];
}

/** @param {AuditEvent} event */
function kind(event) {
    if (isRefusal(event) || event.event === "drift" || event.event === "header-changed" ||
        event.event === "lines-lost")
        return "fault";
    return event.event === "guard-detached" || (event.outcome && event.outcome !== "allowed") ? "warning" : "plain";
}

/** @param {AuditEvent} event */
function what(event) {
    if (event.denial)
        return denialWords(event.denial.file, [event.message ?? ""], event.denial.advice ?? []);
    if (!event.command)
        return event.message ?? "";
    return element("span", {}, element("code", {}, event.command.name), " ", event.outcome ?? "",
        event.rule && ` by rule ${event.rule}`, event.message && `: ${event.message}`);
}

/** @param {AuditEvent} event */
export function vmLink(event) {
    return event.vm ? link(["vm", event.vm], event.vm) : element("span", { class: "dim" }, "–");
}

/** @param {AuditEvent} event */
export function whatHappened(event) {
    return event.denial ? readingPill(event.denial.reading, event.denial.count) : pill(kind(event), kinds[event.event] ?? event.event);
}

/**
 * @param {AuditEvent} event
 * @returns {import("./elements.js").Child[]}
 */
export function eventRow(event) {
    return [time(event.time), vmLink(event), whatHappened(event), element("div", {}, what(event),
        (event.holds ?? []).map(hold => element("span", { class: "line" }, `${hold.change} `, fileName(hold.path))))];
}

/** In which a word is looked for. @param {AuditEvent} event */
export const words = event => JSON.stringify([event.vm, kinds[event.event], event.command?.name, event.rule, event.message,
    event.files?.map(file => file.path), event.denial]);

/**
 * What happened, as a table.
 *
 * @param {string} key of the list
 * @param {{ text: string, cells: () => import("./elements.js").Child[] }[]} rows
 */
export function happened(key, rows) {
    return rows.length === 0 ? [notice("plain", "Nothing happened")]
        : list(key, "The newest first", ["When", "VM", "What", "Details"], rows, row => row.text, row => row.cells());
}
