// What was refused, why, and the ways out: each message of the service ends with them.

import { element, fileName, notice, time } from "./elements.js";
import { isRefusal, lacking, vmLink, whatHappened, words } from "./events.js";
import { parts } from "./list.js";
import { period } from "./period.js";

/**
 * @param {string[]} route
 * @param {Turn} turn
 */
export async function refusalsView([chosen = "day"], { service }) {
    const choice = period("refusals", chosen);
    const found = await service.events({ since: choice.since }, isOfRefusals);
    const lack = lacking(found);
    return [choice.control, ...lack, ...found.events.length > 0
        ? parts("refusals", found.events.reverse(), words, some => element("ol", { class: "entries" }, some.map(entry)))
        : [lack.length === 0 && notice("good", "Nothing was refused")]];
}

/** Lines that were lost may have been refusals. @param {AuditEvent} event */
export const isOfRefusals = event => isRefusal(event) || event.event === "lines-lost";

/** @param {AuditEvent} event */
function entry(event) {
    return element("li", {},
        element("h3", {}, whatHappened(event), " ", vmLink(event), event.command && element("code", {}, event.command.name),
            event.rule && ` rule ${event.rule}`),
        element("p", { class: "dim" }, time(event.time),
            event.client && `, asked for by process ${event.client.pid} of user ${event.client.uid}`),
        // As one text: a file may have a name that looks like another problem.
        element("p", {}, event.message),
        (event.files ?? []).map(file => element("p", {}, fileName(file.path), ` ${file.access}`)));
}
