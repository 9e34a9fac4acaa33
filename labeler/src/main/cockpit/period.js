// The choice of how far back a view looks. It is part of the address, so that a link shows the same.

import { element, link } from "./elements.js";

/** @type {Record<string, number>} */
const hours = { hour: 1, day: 24, week: 168 };

/**
 * @param {string} view
 * @param {string} chosen
 */
export function period(view, chosen) {
    const back = (hours[chosen] ?? 24) * 3_600_000;
    return {
        since: new Date(Date.now() - back).toISOString(),
        control: element("nav", { "class": "period", "aria-label": "How far back" }, Object.keys(hours).map(name =>
            link([view, name], `last ${name}`, { "aria-current": name === chosen ? "true" : undefined, "data-key": `period ${name}` }))),
    };
}
