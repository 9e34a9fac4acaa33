// What the page shows of now, while nobody reloads it: against a real service with real VMs, in a real browser.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as bed from "./bed.mjs";
import * as host from "./host.mjs";
import { drawings, drawnAfter, later, text, visit } from "./visit.mjs";

let service, browser, vms;

before(async () => {
    service = await host.startService();
    vms = await bed.vms();
    browser = await host.startBrowser();
});

after(async () => {
    await browser?.close();
    await Promise.all([vms?.web1, vms?.db1, service].filter(Boolean).map(child => host.end(child)));
});

const page = (options, look) => visit(browser, options, look);

for (const [what, address] of Object.entries({ "the list of VMs": "/", "one VM": "/vm/web1" })) {
    test(`${what} is shown anew each minute, without an event`, () => page({ route: address }, async ({ frame }) => {
        const before = await drawings(frame);
        await later(frame, 60_000);
        await drawnAfter(frame, before);
    }));
}

for (const [what, holds, looks] of [["a command that has labelled a file is a reason to look at the labels", [{ change: "taken", path: "/srv/new.qcow2" }], 2],
    ["a command without a file is none", undefined, 1]]) {
    test(what, () => {
        let isTold = false;
        return host.spoiled("/v1/events", (answer, asked) => {
            const question = new URL(asked.url, "http://labelerd").searchParams;
            if (isTold || !question.has("wait"))
                return false;
            isTold = true;
            answer.writeHead(200, { "Content-Type": "application/json" });
            answer.end(JSON.stringify({ next: question.get("after"), more: false, damaged: 0, events: [
                { number: 1, time: new Date().toISOString(), event: "command", vm: "web1", command: { number: 1, name: "blockdev-add" }, holds }] }));
        }, () => page({ route: "/vm/web1" }, async ({ frame, asked }) => {
            await drawnAfter(frame, 1);
            assert.equal(asked.filter(path => path.startsWith("/v1/vms/web1/matrix")).length, looks);
        }));
    });
}

test("an age goes on while nothing is drawn", () => page({}, async ({ frame }) => {
    const before = await drawings(frame);
    // Not a minute, after which the view is shown anew.
    await later(frame, 40_000);
    const age = frame.locator("tbody tr time").first();
    const told = await age.innerText();
    await frame.waitForFunction(then => document.querySelector("tbody tr time").innerText !== then, told);
    assert.equal(await drawings(frame), before);
}));

test("a view that no event shows anew says of when it is, and after an outage that it is old", () =>
    page({ route: "/labels", expected: /No such file|refused/ }, async ({ frame }) => {
        assert.match(await text(frame), /As of /);
        await host.end(service);
        await frame.getByText("Not up to date").waitFor();
        service = await host.startService();
        // The page asks every few seconds whether the service is back.
        await new Promise(resolve => setTimeout(resolve, 8000));
        assert.ok(await frame.getByText("Not up to date").isVisible());
        await frame.getByRole("button", { name: "Check again" }).click();
        await frame.getByText("Not up to date").waitFor({ state: "hidden" });
    }));
