// The page of a host where SELinux enforces: the service, its VMs and Cockpit's bridge are in the bed, the browser is here.
// ./dev pages guest runs this.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import * as host from "./host.mjs";
import { go, text, visit } from "./visit.mjs";

const development = host.required("LABELER_DEVELOPMENT");
// The guest is translated.
const patience = 120_000;
let browser;

const guest = what => execFileSync(development, ["bed", "run", "bash", "/root/guest.sh", what], { encoding: "utf8" });

before(async () => {
    guest("begin");
    browser = await host.startBrowser();
});

after(async () => {
    await browser?.close();
    guest("end");
});

const page = (options, look) => visit(browser, options, look);

test("SELinux confines the VMs", () => page({}, async ({ frame }) => {
    const rows = await frame.locator("tbody tr").allInnerTexts();
    assert.equal(rows.length, 2);
    for (const row of rows)
        assert.match(row, /^(db1|web1)\s+running\s+\d+ (s|min)\s+SELinux\s+s0:c\d+,c\d+\s+guarded\s/);
}));

test("a VM's files have the labels that the kernel goes by, and those from before", () => page({ route: "/vm/web1" }, async ({ frame }) => {
    const rows = await frame.locator("[role=treegrid] tbody tr").allInnerTexts();
    assert.match(rows.find(row => row.includes("web1.qcow2")), new RegExp(`disk, read-write[\\s\\S]*${guest("label").trim()}`));
    assert.match(rows.find(row => row.includes("base.qcow2")), /backing, read-only[\s\S]*virt_content_t[\s\S]*mnt_t[\s\S]*db1/);
}));

test("the matrix has the policy's answer", () => page({ route: "/matrix" }, async ({ frame }) => {
    const columns = await frame.locator("thead th").allInnerTexts();
    const column = columns.findIndex(name => name.includes("web1.qcow2"));
    const cells = await frame.locator("tbody tr").nth(0).locator("th, td").allInnerTexts();
    assert.match(cells[column], /^no\n.*(policy|categor|level)/);
}));

test("what the kernel denies is in the timeline, explained, without a reload", () => page({ route: "/timeline/hour" }, async ({ frame }) => {
    guest("reach");
    const row = frame.locator("tbody tr", { hasText: /web1[\s\S]*denied: not its own[\s\S]*db1\.qcow2/ }).first();
    await row.waitFor({ timeout: patience });
    assert.match(await row.innerText(), /a file of VM db1/);
}));

test("a lost label is shown, and set again by a button", () => page({ route: "/labels" }, async ({ frame }) => {
    const right = guest("label");
    guest("lose");
    assert.match(guest("label"), /:var_lib_t:/);
    await frame.getByRole("button", { name: "Check again" }).click();
    await frame.getByRole("heading", { name: /web1: 1 not as it should be/ }).waitFor({ timeout: patience });
    await frame.getByRole("button", { name: "Set the labels of web1 again" }).click();
    await frame.getByRole("button", { name: "Yes" }).click();
    await frame.getByText("All is as it should be").waitFor({ timeout: patience });
    assert.equal(guest("label"), right);
}));

test("the set-up knows the policy and the kernel's mode", () => page({ route: "/setup" }, async ({ frame }) => {
    assert.match(await text(frame), /policy[\s\S]*installed|SELinux[\s\S]*enforc/i);
    await go(frame, "#/leftovers", "leftovers");
    assert.doesNotMatch(await text(frame), /does not answer/);
}));
