// What the page shows of now, while nobody reloads it: against a real service with real VMs, in a real browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as bed from "./bed.mjs";
import * as host from "./host.mjs";
import { page, stage } from "./stage.mjs";
import { drawings, drawnAfter, later, text } from "./visit.mjs";

/** Half a minute at most: less than a view of now may be old. */
async function until(isSo) {
    for (let tries = 0; !isSo(); tries++) {
        assert.ok(tries < 300, "it does not come");
        await new Promise(resolve => setTimeout(resolve, 100));
    }
}

function answerWithCommand(answer, after, number, holds) {
    answer.writeHead(200, { "Content-Type": "application/json" });
    answer.end(JSON.stringify({ next: after, more: false, damaged: 0, events: [
        { number, time: new Date().toISOString(), event: "command", vm: "web1", command: { number, name: "blockdev-add" }, holds }] }));
}

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
            answerWithCommand(answer, question.get("after"), 1, holds);
        }, () => page({ route: "/vm/web1" }, async ({ frame, asked }) => {
            await drawnAfter(frame, 1);
            assert.equal(asked.filter(path => path.startsWith("/v1/vms/web1/matrix")).length, looks);
        }));
    });
}

test("the labels of one VM are looked at each minute, also where commands come more often", () => {
    let waiting;
    return host.spoiled("/v1/events", (answer, asked) => {
        const question = new URL(asked.url, "http://labelerd").searchParams;
        if (!question.has("wait"))
            return false;
        waiting = { answer, after: question.get("after") };
        return undefined;
    }, () => page({ route: "/vm/web1" }, async ({ frame, asked }) => {
        for (const number of [1, 2]) {
            await until(() => waiting);
            const before = await drawings(frame);
            await later(frame, 40_000);
            answerWithCommand(waiting.answer, waiting.after, number);
            waiting = undefined;
            await drawnAfter(frame, before);
        }
        await until(() => asked.filter(path => path.startsWith("/v1/vms/web1/matrix")).length > 1);
    }));
});

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
    page({ route: "/labels", expected: /No such file|refused/ }, async ({ frame, asked }) => {
        assert.match(await text(frame), /As of /);
        await host.end(stage.service);
        await frame.getByText("Not up to date").waitFor();
        stage.service = await host.startService();
        // With the second question for events the first one has its answer.
        const before = asked.length;
        await until(() => asked.slice(before).filter(path => path.startsWith("/v1/events")).length > 1);
        assert.ok(await frame.getByText("Not up to date").isVisible());
        await frame.getByRole("button", { name: "Check again" }).click();
        await frame.getByText("Not up to date").waitFor({ state: "hidden" });
    }));
