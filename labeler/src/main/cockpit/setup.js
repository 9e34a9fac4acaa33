// The installation: what labeler doctor says.

import { element, notice, pill, table } from "./elements.js";

/** @type {Record<string, ["good" | "warning" | "fault" | "plain", string]>} */
const states = { good: ["good", "good"], warning: ["warning", "warning"], fault: ["fault", "fault"], skipped: ["plain", "skipped"] };

/**
 * @param {string[]} _route
 * @param {Turn} turn
 */
export async function setupView(_route, { service }) {
    const { healthy, findings } = await service.doctor();
    return [
        healthy ? notice("good", "The installation has no fault") : notice("fault", "The installation has a fault"),
        table("What was looked at", ["Check", "State", "What is there", "Remedy"], findings.map(finding => {
            const [kind, word] = states[finding.state] ?? ["plain", finding.state];
            return [finding.check, pill(kind, word), finding.message,
                finding.remedy ? element("code", {}, finding.remedy) : element("span", { class: "dim" }, "–")];
        })),
    ];
}
