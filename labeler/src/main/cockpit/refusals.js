// What was refused, why, and the ways out: each message of the service ends with them.

import { element, fileName, notice, time } from "./elements.js";
import { isRefusal, vmLink, whatHappened } from "./events.js";
import { period } from "./period.js";
import { service } from "./service.js";

/** @param {string[]} route */
export async function refusalsView([chosen = "day"]) {
    const choice = period("refusals", chosen);
    const refusals = (await service.events({ since: choice.since })).filter(isRefusal).reverse();
    return [choice.control,
        ...refusals.length === 0 ? [notice("good", "Nothing was refused")] : [element("ol", { class: "entries" }, refusals.map(entry))]];
}

/** @param {AuditEvent} event */
function entry(event) {
    return element("li", {},
        element("h3", {}, whatHappened(event), " ", vmLink(event), event.command && element("code", {}, event.command.name),
            event.rule && ` rule ${event.rule}`),
        element("p", { class: "dim" }, time(event.time),
            event.client && `, asked for by process ${event.client.pid} of user ${event.client.uid}`),
        (event.message ?? "").split(/; (?=[A-Z_]{4,} |[A-Z_]{4,}:)/).map(said),
        (event.files ?? []).map(file => element("p", {}, fileName(file.path), ` ${file.access}`)));
}

/** One problem: "KIND file: why; ways out". @param {string} text */
function said(text) {
    const kind = /^([A-Z][A-Z_]{3,})([ :])/.exec(text);
    return kind ? element("p", {}, element("strong", {}, kind[1] ?? ""), kind[2] ?? "", text.slice(kind[0].length)) : element("p", {}, text);
}
