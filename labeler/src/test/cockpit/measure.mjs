// How long the page of a host with a thousand VMs takes, from its address to its content, and how much it draws, asks and gets.
// ./dev pages measure runs this.
import * as host from "./host.mjs";
import * as many from "./many.mjs";

const rows = [];

const now = () => performance.now();

async function look(view, browser, route, selector) {
    const opened = await host.open(browser, { route });
    try {
        await opened.frame.locator(selector).first().waitFor();
        const shown = now() - opened.begun;
        rows.push({ view, "ms": Math.round(shown), "elements": await many.elements(opened.frame),
            "questions": opened.asked.length, "received (kB)": Math.round(opened.received() / 1000) });
        return await update(opened, view);
    } finally {
        await opened.close();
    }
}

// From an event to the new table, and the longest time for which the page did not answer its reader meanwhile.
async function update({ frame, received }, view) {
    if (view !== "VMs")
        return;
    await new Promise(resolve => setTimeout(resolve, 3000));
    await frame.evaluate(() => {
        window.longest = 0;
        new PerformanceObserver(list => { for (const one of list.getEntries()) window.longest = Math.max(window.longest, one.duration); })
            .observe({ type: "longtask" });
    });
    const [bytes, begun] = [received(), now()];
    await host.ask("POST", "/v1/vms/vm0002/stop");
    await frame.locator("caption", { hasText: `${many.vms - 1} VMs` }).waitFor();
    rows.push({ "view": `${view}, after an event`, "ms": Math.round(now() - begun), "elements": await many.elements(frame),
        "questions": "", "received (kB)": Math.round((received() - bytes) / 1000), "longest task (ms)": Math.round(await frame.evaluate(() => window.longest)) });
    await many.start(2);
}

const service = await host.startService();
const begun = now();
await many.startAll();
console.log(`${many.vms} VMs of ${many.filesOfEach} files started in ${Math.round(now() - begun)} ms`);
const browser = await host.startBrowser();
// The first one also loads the browser's own parts.
await (await host.open(browser, {})).close();
await look("VMs", browser, "/", "tbody tr");
await look("one VM", browser, "/vm/vm0500", "[role=treegrid] tbody tr");
await look("who reaches what", browser, "/matrix", "main table, main .notice");
await look("who reaches what, one VM", browser, "/matrix/vm0500", "tbody tr");
await look("timeline", browser, "/timeline", "tbody tr");
await look("labels", browser, "/labels", "main .notice, main h3");
console.table(rows);
await browser.close();
await host.end(service);
