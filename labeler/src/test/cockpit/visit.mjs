// A visit to the page, which ends with no complaint in its console.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import * as host from "./host.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
export const views = ["vms", "vm", "matrix", "refusals", "timeline", "labels", "leftovers", "setup"];
const routes = { vms: "/", vm: "/vm/web1" };
export const route = view => routes[view] ?? `/${view}`;

// Opens the page, and in the end asks that its console has nothing but what is expected.
export async function visit(browser, options, look) {
    const opened = await host.open(browser, options);
    try {
        await look(opened);
        assert.deepEqual(opened.complaints.filter(one => !options.expected?.test(one)), []);
    } finally {
        await opened.close();
    }
}

export const text = (frame, selector = "main") => frame.locator(selector).innerText();

export const go = async (frame, hash, view) => {
    await frame.evaluate(to => { window.location.hash = to; }, hash);
    await host.ready(frame, view);
};

// What axe finds wrong. It comes by the debugger, as the page itself lets no foreign script in.
export async function faults(tab) {
    const session = await tab.context().newCDPSession(tab);
    await session.send("Runtime.evaluate", { expression: axe });
    const { result } = await session.send("Runtime.evaluate", {
        expression: "axe.run(document, { resultTypes: ['violations'] }).then(r => JSON.stringify(r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html + ' ' + n.failureSummary).join(' | '))))",
        awaitPromise: true, returnByValue: true,
    });
    await session.detach();
    return JSON.parse(result.value);
}

// How many pixels run off the side: of the frame, or of what is scrolled in it.
export const tooWide = frame => frame.evaluate(() => {
    let most = document.documentElement.scrollWidth - window.innerWidth;
    for (let one = document.getElementById("main"); one; one = one.parentElement)
        most = Math.max(most, one.scrollWidth - one.clientWidth);
    return most;
});

// How often the view has been drawn, of which the elements stay the same.
export const drawings = frame => frame.evaluate(() => Number(document.documentElement.dataset.drawn));
export const drawnAfter = (frame, number) => frame.waitForFunction(before => Number(document.documentElement.dataset.drawn) > before, number);

// Puts the page's clock forward.
export const later = (frame, milliseconds) => frame.evaluate(by => {
    const now = Date.now.bind(Date);
    Date.now = () => now() + by;
}, milliseconds);

export const isDark = frame => frame.evaluate(() => document.documentElement.classList.contains("pf-v6-theme-dark"));
