// Lines of the audit log in words.

import { count, element, fileName, link, notice, pill, table, time } from "./elements.js";

/** @type {Record<string, string>} */
const words = {
    "command": "a command of the monitor", "vm-started": "started", "start-refused": "start refused",
    "stop-requested": "stop asked for", "vm-stopped": "ended", "disk-attached": "disk attached",
    "disk-detached": "disk detached", "change-refused": "change refused", "vm-relabelled": "labels set again",
    "guard-attached": "guarded", "guard-detached": "not guarded any more", "drift": "drift",
    "job-ended": "a job ended", "labels-changed": "labels changed",
    "header-changed": "a header is not believed", "service-started": "the service started",
    "lines-lost": "lines were lost",
};

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
    return pill(kind(event), words[event.event] ?? event.event);
}

/**
 * @param {AuditEvent} event
 * @returns {import("./elements.js").Child[]}
 */
export function eventRow(event) {
    return [time(event.time), vmLink(event), whatHappened(event), element("span", {}, what(event),
        (event.holds ?? []).map(hold => element("span", { class: "line" }, `${hold.change} `, fileName(hold.path))))];
}

/**
 * What happened, as a table.
 *
 * @param {import("./elements.js").Child[][]} rows
 */
export function happened(rows) {
    return rows.length === 0 ? notice("plain", "Nothing happened")
        : table("The newest first", ["When", "VM", "What", "Details"], rows);
}
