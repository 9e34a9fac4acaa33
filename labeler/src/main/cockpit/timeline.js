// What happened: denials of the kernel's, each with its explanation, beside all that the service knows.

import { count, element, fileName, link, notice, pill, time } from "./elements.js";
import { eventRow, happened, lacking } from "./events.js";
import { period } from "./period.js";
import { ServiceError } from "./service.js";

/** @type {Record<string, ["good" | "warning" | "fault" | "plain", string]>} */
const readings = {
    "trickery": ["fault", "denied: not its own"], "bug": ["warning", "denied: a fault of labeler's"],
    "missing-label": ["warning", "denied: a label is missing"], "harmless": ["plain", "denied: harmless"],
    "no-vm": ["plain", "denied: no VM"],
};

/**
 * @param {string[]} route
 * @param {Turn} turn
 */
export async function timelineView([chosen = "day"], { service }) {
    const choice = period("timeline", chosen);
    const [denials, found] = await Promise.all([explained(service, choice.since), service.events({ since: choice.since })]);
    const all = [
        ...denials.explanations.map(one => ({ time: moment(one.last), cells: denialRow(one) })),
        ...found.events.reverse().map(event => ({ time: moment(event.time), cells: eventRow(event) })),
    ];
    all.sort((one, other) => other.time - one.time);
    return [choice.control, ...denials.notices, ...lacking(found), happened(all.map(one => one.cells))];
}

/** A denial whose record has no time comes first: it must not be lost below. @param {string | undefined} time */
const moment = time => time ? Date.parse(time) : Number.MAX_VALUE;

/**
 * @param {Service} service
 * @param {string} since
 * @returns {Promise<{ explanations: Explanation[], notices: HTMLElement[] }>}
 */
async function explained(service, since) {
    try {
        const answer = await service.explain(since);
        const notices = answer !== null && answer.leftOut + answer.unreadable > 0
            ? [notice("warning", `${count(answer.leftOut, "older denial")} left out, ${answer.unreadable} that cannot be read`)]
            : answer === null || answer.explanations.length === 0 ? [notice("plain", "No denial of SELinux is in the kernel's log", element("p", {}, "Denials of Landlock are not looked for."))] : [];
        return { explanations: answer?.explanations ?? [], notices };
    } catch (error) {
        // The kernel's audit log is root's; events may be seen by more users.
        if (error instanceof ServiceError)
            return { explanations: [], notices: [notice("warning", "Denials are missing: the kernel's audit log cannot be read", element("p", {}, error.message))] };
        throw error;
    }
}

/** @param {Explanation} one */
function denialRow(one) {
    const [kind, words] = readings[one.reading ?? "no-vm"] ?? ["plain", one.reading ?? ""];
    return [
        one.last ? time(one.last) : element("span", { class: "dim" }, "not told"),
        one.vm ? link(["vm", one.vm], one.vm) : element("span", { class: "dim" }, "–"),
        element("span", {}, pill(kind, words), one.count > 1 && ` ${one.count} times`),
        element("div", {}, one.file && element("p", {}, fileName(one.file)), one.sentences.map(text => element("p", {}, text)),
            one.advice.length > 0 && element("ul", {}, one.advice.map(text => element("li", {}, text)))),
    ];
}
