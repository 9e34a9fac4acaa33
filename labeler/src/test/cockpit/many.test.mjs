// The page of a host with a thousand VMs of ten files each: how much it draws and asks. ./dev pages test runs this; for the
// times see ./dev pages measure.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as host from "./host.mjs";
import * as many from "./many.mjs";
import { drawings, faults, go, text, tooWide, visit } from "./visit.mjs";

/** What the views may have: a hundred rows of a dozen elements, and the rest of the page. */
const mostElements = 2500;

let service, browser;

before(async () => {
    service = await host.startService();
    await many.startAll();
    browser = await host.startBrowser();
});

after(async () => {
    await browser?.close();
    if (service)
        await host.end(service);
});

const page = (options, look) => visit(browser, options, look);

/** The questions to the service since a number of them. @param {string[]} asked @param {number} from */
const without = (asked, from) => asked.slice(from).filter(path => !path.startsWith("/v1/events"));

test("the list has a part of the VMs, by one question without their files", () => page({}, async ({ frame, asked, received }) => {
    assert.match(await text(frame, "caption"), new RegExp(`^${many.vms} VMs$`));
    assert.equal(await frame.locator("tbody tr").count(), 100);
    assert.ok(await many.elements(frame) < mostElements, `${await many.elements(frame)} elements`);
    assert.deepEqual(without(asked, 0), ["/v1/vms?overview=true"]);
    assert.ok(received() < 500 * many.vms, `${received()} bytes`);
}));

test("all VMs are reached, by turning and by a word", () => page({}, async ({ frame }) => {
    await frame.getByRole("button", { name: "Next" }).click();
    assert.match(await text(frame, ".parts"), /101 to 200 of 1000/);
    assert.equal(await frame.getByRole("link", { name: "vm0100", exact: true }).count(), 1);
    await frame.getByLabel("With the word").fill("VM0999");
    assert.match(await text(frame, ".parts"), /1 to 1 of 1/);
    assert.equal(await frame.getByRole("link", { name: "vm0999", exact: true }).count(), 1);
    await frame.getByLabel("With the word").fill("nothing");
    assert.match(await text(frame, ".parts"), /none has that/);
}));

for (const width of [1280, 400]) {
    test(`a list in parts has no fault that axe finds, is used by keys alone, and nothing runs off the side: ${width} wide`, () =>
        page({ width }, async ({ tab, frame }) => {
            assert.deepEqual(await faults(tab), []);
            assert.ok(await tooWide(frame) <= 0);
            await frame.getByRole("button", { name: "Next" }).focus();
            for (let part = 1; part < 10; part++)
                await tab.keyboard.press("Enter");
            assert.match(await text(frame, ".parts"), /901 to 1000 of 1000/);
            assert.equal(await frame.evaluate(() => document.activeElement?.textContent), "Back", "the last part has no next one");
        }));
}

test("a burst of events is one question and one drawing, and what the reader has chosen stays", () => page({}, async ({ frame, asked }) => {
    await frame.getByLabel("With the word").fill("vm09");
    const before = await drawings(frame);
    const from = asked.length;
    await Promise.all(Array.from({ length: 20 }, (_, at) => host.ask("POST", `/v1/vms/${many.name(at)}/stop`)));
    await frame.locator("caption", { hasText: `${many.vms - 20} VMs` }).waitFor();
    const questions = without(asked, from);
    assert.ok(questions.every(path => path === "/v1/vms?overview=true"), questions.join());
    // The burst may fall into two answers.
    assert.ok(questions.length <= 2, questions.join());
    assert.ok(await drawings(frame) - before <= 2);
    assert.equal(await frame.getByLabel("With the word").inputValue(), "vm09");
    assert.equal(await frame.evaluate(() => document.activeElement?.getAttribute("type")), "search");
    assert.equal(await frame.locator("tbody tr").count(), 100);
    for (let at = 0; at < 20; at++)
        await many.start(at);
}));

test("one VM asks for its own files alone, and its part of the matrix shows what should not be first", () =>
    page({ route: "/vm/vm0500" }, async ({ frame, asked }) => {
        assert.equal(await frame.locator("[role=treegrid] tbody tr").count(), many.filesOfEach);
        assert.ok(asked.includes("/v1/vms/vm0500/matrix?own=true"), asked.join());
        assert.ok(await many.elements(frame) < mostElements);
        await go(frame, "#/matrix/vm0500", "matrix");
        assert.match(await text(frame, ".parts"), /1 to 100 of 10000/);
        assert.ok(await many.elements(frame) < mostElements);
        await go(frame, "#/matrix", "matrix");
        assert.match(await text(frame), /1000 VMs are too many for one picture/);
        assert.ok(await many.elements(frame) < mostElements);
        assert.ok(!asked.includes("/v1/matrix"), "nothing is asked for that is not drawn");
    }));

test("a timeline of a thousand events is drawn in part, and an event adds to it without a question", () =>
    page({ route: "/timeline" }, async ({ frame, asked }) => {
        assert.equal(await frame.locator("tbody tr").count(), 100);
        assert.ok(await many.elements(frame) < mostElements);
        const from = asked.length;
        await host.ask("POST", "/v1/vms/vm0001/relabel");
        await frame.locator("tbody tr").first().getByText("labels set again").waitFor();
        assert.deepEqual(without(asked, from), []);
        assert.ok(asked.slice(from).every(path => path.includes("wait=true")), asked.slice(from).join());
    }));
