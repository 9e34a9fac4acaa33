// What happened: denials of the kernel's, each with its explanation, beside all that the service knows.

import { count, element, link, notice, time } from "./elements.js";
import { denialWords, eventRow, happened, lacking, readingPill, words } from "./events.js";
import { period } from "./period.js";
import { mostEvents, ServiceError } from "./service.js";

/** @typedef {{ explanations: Explanation[], notices: HTMLElement[] }} Denials */

/**
 * What was seen last, and what the kernel's log had then. To read all of it again at each event would be much, and what happens
 * from then on comes as events.
 *
 * @type {{ chosen: string, denials: Denials, found: Events } | undefined}
 */
let seen;

/**
 * @param {string[]} route
 * @param {Turn} turn
 */
export async function timelineView([chosen = "day"], { service, news }) {
    const choice = period("timeline", chosen);
    if (news && seen?.chosen === chosen) {
        seen.found = withNews(seen.found, news);
    } else {
        const [denials, found] = await Promise.all([explained(service, choice.since), service.events({ since: choice.since })]);
        seen = { chosen, denials, found };
    }
    const { denials, found } = seen;
    const told = found.events.filter(event => event.denial).map(event => `${event.vm} ${event.message ?? ""}`);
    /** What came as an event is in the kernel's log as well. @param {Explanation} one */
    const isTold = one => told.some(text => text.startsWith(`${one.vm} ${one.sentences[0] ?? ""}`));
    const all = [
        ...denials.explanations.filter(one => !isTold(one)).map(one =>
            ({ time: moment(one.last), text: JSON.stringify(one), cells: () => denialRow(one) })),
        ...[...found.events].reverse().map(event => ({ time: moment(event.time), text: words(event), cells: () => eventRow(event) })),
    ];
    all.sort((one, other) => other.time - one.time);
    // That there is none is old by then.
    const notices = denials.notices.filter(one => told.length === 0 || !one.classList.contains("plain"));
    return [choice.control, ...notices, ...lacking(found), ...happened("timeline", all)];
}

/**
 * @param {Events} found
 * @param {AuditEvent[]} news
 * @returns {Events}
 */
function withNews(found, news) {
    const last = found.events.at(-1)?.number ?? 0;
    const events = [...found.events, ...news.filter(event => event.number > last)];
    return { ...found, events: events.slice(-mostEvents), isCut: found.isCut || events.length > mostEvents };
}

/** A denial whose record has no time comes first: it must not be lost below. @param {string | undefined} time */
const moment = time => time ? Date.parse(time) : Number.MAX_VALUE;

/**
 * @param {Service} service
 * @param {string} since
 * @returns {Promise<Denials>}
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
    return [
        one.last ? time(one.last) : element("span", { class: "dim" }, "not told"),
        one.vm ? link(["vm", one.vm], one.vm) : element("span", { class: "dim" }, "–"),
        readingPill(one.reading ?? "no-vm", one.count),
        denialWords(one.file, one.sentences, one.advice),
    ];
}
