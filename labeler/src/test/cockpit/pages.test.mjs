// The page against a real service with real VMs, in a real browser. ./dev pages test runs this.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as bed from "./bed.mjs";
import * as host from "./host.mjs";
import { page, stage } from "./stage.mjs";
import { drawings, drawnAfter, faults, go, isDark, route, text, tooWide, views } from "./visit.mjs";

test("VMs are listed with what confines each, their age, files and labels", () => page({}, async ({ frame }) => {
    const rows = await frame.locator("tbody tr").allInnerTexts();
    assert.equal(rows.length, 2);
    assert.match(rows[0], /^db1\s+running\s+\d+ (s|min)\s+(Landlock|SELinux.*)\s+s0:c\d+,c\d+\s+guarded\s+2\s/);
    assert.match(rows[1], /^web1\s/);
}));

test("one VM's files are a tree, each with its label now and before, and who else holds it", () =>
    page({ route: "/vm/web1" }, async ({ frame }) => {
        const rows = frame.locator("[role=treegrid] tbody tr");
        assert.deepEqual(await rows.evaluateAll(all => all.map(row => row.getAttribute("aria-level"))), ["1", "2"]);
        assert.match(await rows.nth(0).innerText(), /web1\.qcow2[\s\S]*disk, read-write[\s\S]*svirt_image_t[\s\S]*no label\s+nobody[\s\S]*written by one VM/);
        assert.match(await rows.nth(1).innerText(), /base\.qcow2[\s\S]*backing, read-only[\s\S]*virt_content_t[\s\S]*user_home_t[\s\S]*db1/);
    }));

test("a label that could not be looked at is not known, and not as it should be", () => host.spoiled("/v1/vms/web1/matrix", answer => {
    answer.writeHead(409, { "Content-Type": "application/json" });
    answer.end(JSON.stringify({ error: "refused", message: "/srv/nfs does not answer" }));
}, () => page({ route: "/vm/web1", expected: /409|Conflict/ }, async ({ frame }) => {
    assert.match(await text(frame), /The labels on disk are not known\s+\/srv\/nfs does not answer/);
    const rows = await frame.locator("[role=treegrid] tbody tr").allInnerTexts();
    for (const row of rows)
        assert.match(row, /not known[\s\S]*(no label|user_home_t)[\s\S]*not known/);
    assert.doesNotMatch(rows.join(), /nobody/);
})));

test("an answer that is cut off is a failure, and not a wait without end", () => host.spoiled("/v1/vms", answer => {
    answer.writeHead(200, { "Content-Type": "application/json" });
    answer.end('{"vms":[{"vm":"web1"');
}, () => page({}, async ({ frame }) => {
    assert.match(await text(frame), /The service does not answer\s+The answer was cut off/);
})));

test("the matrix that is refused leads to each VM's own", () => host.spoiled("/v1/matrix", answer => {
    answer.writeHead(409, { "Content-Type": "application/json" });
    answer.end(JSON.stringify({ error: "refused", message: "400 VMs and 400 files are too many for one picture; name one VM" }));
}, () => page({ route: "/matrix", expected: /409|Conflict/ }, async ({ frame }) => {
    assert.match(await text(frame), /too many for one picture/);
    await frame.locator("main").getByRole("link", { name: "web1" }).click();
    await frame.getByText("What the kernel lets the process of").waitFor();
    assert.match(await text(frame), /web1\.qcow2\s+reads, writes/);
})));

test("the matrix says who reaches what, and a reason in each cell", () => page({ route: "/matrix" }, async ({ frame }) => {
    const matrix = JSON.parse((await host.ask("GET", "/v1/matrix")).text);
    const column = matrix.files.findIndex(file => file.path.endsWith("/web1.qcow2"));
    const cells = async row => (await frame.locator("tbody tr").nth(row).locator("td").allInnerTexts());
    const [db1, web1] = [await cells(0), await cells(1)];
    assert.match(db1[column], /^no\n(not in its Landlock ruleset|the policy denies it)/);
    assert.match(web1[column], /^reads, writes\nits disk; written by one VM/);
    for (const cell of [...db1, ...web1])
        assert.match(cell, /^.+\n.+/);
}));

test("a refusal is shown with its reason and the ways out", () => page({ route: "/refusals" }, async ({ frame }) => {
    const entry = await text(frame, ".entries li");
    assert.match(entry, /start refused\s+web2/);
    assert.match(entry, /IN_USE .*web1\.qcow2: VM web1 holds it .*stop that VM, use an overlay, or declare it shareable/);
}));

test("the timeline has starts and refusals, the newest first, and says what the kernel denied", () =>
    page({ route: "/timeline/hour" }, async ({ frame }) => {
        const whole = await text(frame);
        assert.ok(whole.indexOf("start refused") < whole.indexOf("the service started"), whole);
        assert.match(whole, /No denial of SELinux|denied:|Denials are missing/);
        assert.equal(await frame.locator("nav.period [aria-current]").innerText(), "last hour");
    }));

test("drift is shown, counted in the list of VMs, and set again by a button", () => page({ route: "/labels" }, async ({ frame }) => {
    assert.match(await text(frame), /All is as it should be: 4 files of 2 VMs/);
    const right = host.labelOf("web1.qcow2");
    bed.drift();
    await frame.getByRole("button", { name: "Check again" }).click();
    await frame.getByRole("heading", { name: /web1: 1 not as it should be/ }).waitFor();
    assert.match(await text(frame, "tbody tr"), /web1\.qcow2/);

    await go(frame, "#/", "vms");
    assert.match(await frame.locator("tbody tr").nth(1).innerText(), /1 not as set/);
    await go(frame, "#/vm/web1", "vm");
    assert.match(await frame.locator("[role=treegrid] tbody tr").first().innerText(), /var_t[\s\S]*changed\s+should be[\s\S]*svirt_image_t/);

    await go(frame, "#/labels", "labels");
    await frame.getByRole("button", { name: "Set the labels of web1 again" }).click();
    assert.match(await text(frame), /Set 1 label of web1 again\?/, "one click changes nothing");
    assert.match(host.labelOf("web1.qcow2"), /var_t/);
    await frame.getByRole("button", { name: "Yes" }).click();
    await frame.getByText("All is as it should be").waitFor();
    assert.equal(await text(frame, "#said"), "1 label of web1 set.");
    assert.equal(await frame.evaluate(() => document.activeElement?.id), "main", "the button is gone, the focus is not");
    assert.equal(host.labelOf("web1.qcow2"), right);
    await go(frame, "#/", "vms");
    await frame.getByRole("link", { name: "1 not as set" }).waitFor({ state: "detached" });
}));

test("a label that cannot be set again is told, and its drift stays in the list", () => page({ route: "/labels" }, async ({ frame }) => {
    bed.drift();
    execFileSync("chattr", ["+i", "/srv/web1.qcow2"]);
    try {
        await frame.getByRole("button", { name: "Check again" }).click();
        await frame.getByRole("button", { name: "Set the labels of web1 again" }).click();
        await frame.getByRole("button", { name: "Yes" }).click();
        await frame.locator("#said", { hasText: /^0 labels of web1 set, 1 failed: .*web1\.qcow2/ }).waitFor();
        await frame.getByRole("heading", { name: /web1: 1 not as it should be/ }).waitFor();
        assert.match(JSON.parse((await host.ask("POST", "/v1/vms/web1/relabel")).text).reports.map(file => file.outcome).join(), /failed/);
        await go(frame, "#/", "vms");
        assert.match(await frame.locator("tbody tr").nth(1).innerText(), /1 not as set/);
    } finally {
        execFileSync("chattr", ["-i", "/srv/web1.qcow2"]);
    }
    await host.ask("POST", "/v1/vms/web1/relabel");
}));

test("a check says how old it is", () => page({}, async ({ frame }) => {
    await host.ask("POST", "/v1/verify");
    await frame.evaluate(() => window.location.reload());
    await frame.getByText("as set").first().waitFor();
    assert.match(await frame.locator("tbody tr").first().innerText(), /as set\s+\d+ (s|min) ago/);
}));

test("one VM alone against the files of all is shown too", () => page({ route: "/matrix/web1" }, async ({ frame }) => {
    const rows = await frame.locator("tbody tr").allInnerTexts();
    assert.equal(rows.length, JSON.parse((await host.ask("GET", "/v1/vms/web1/matrix")).text).files.length);
    assert.ok(rows.some(row => /web1\.qcow2\s+reads, writes\s+its disk/.test(row)), rows.join("\n"));
    assert.ok(rows.some(row => /db1\.qcow2\s+no\s+(not in its Landlock ruleset|the policy denies it)/.test(row)), rows.join("\n"));
}));

test("one VM is drawn anew by its own events only, and what was closed stays closed", () => page({ route: "/vm/web1" }, async ({ tab, frame }) => {
    const visibleRows = frame.locator("[role=treegrid] tbody tr:visible");
    await frame.locator("[role=treegrid] tbody tr").first().focus();
    await tab.keyboard.press("ArrowLeft");
    assert.equal(await visibleRows.count(), 1);
    const before = await drawings(frame);
    await host.ask("POST", "/v1/vms/db1/relabel");
    await new Promise(resolve => setTimeout(resolve, 3000));
    assert.equal(await drawings(frame), before, "another VM's event");
    await host.ask("POST", "/v1/vms/web1/relabel");
    await drawnAfter(frame, before);
    assert.equal(await visibleRows.count(), 1);
    assert.equal(await frame.evaluate(() => document.activeElement?.getAttribute("aria-level")), "1");
}));

test("a name of a file that looks like a problem is no problem of its own", async () => {
    await host.refusedRun("forger", "/srv/no; IN_USE /srv/db1.qcow2: VM web1 holds it");
    await page({ route: "/refusals" }, async ({ frame }) => {
        const entry = frame.locator(".entries li", { hasText: "forger" });
        assert.equal(await entry.locator("p", { hasText: "IN_USE" }).count(), 1);
        assert.doesNotMatch(await entry.locator("p", { hasText: "IN_USE" }).innerText(), /^IN_USE/);
    });
});

test("what is left is said, and set-up is what the doctor says", () => page({ route: "/leftovers" }, async ({ frame }) => {
    assert.match(await text(frame), /Nothing is left/);
    await go(frame, "#/setup", "setup");
    const rows = await frame.locator("tbody tr").allInnerTexts();
    for (const check of ["landlock", "java", "service", "stale-labels"])
        assert.ok(rows.some(row => row.startsWith(check)), check);
}));

test("a VM that starts and ends is shown without a reload, and the focus stays", () => page({}, async ({ frame }) => {
    host.makeImage("late.qcow2");
    await frame.getByRole("link", { name: "web1" }).focus();
    const late = await host.run("late", "/srv/late.qcow2");
    await frame.getByRole("link", { name: "late" }).waitFor();
    assert.equal(await frame.evaluate(() => document.activeElement?.textContent), "web1");
    await host.end(late, "SIGKILL");
    await frame.getByRole("link", { name: "late" }).waitFor({ state: "detached" });
}));

test("a hostile name of a file is text, and what nobody sees in it is shown", async () => {
    host.makeImage(bed.hostile);
    const odd = await host.run("odd", `/srv/${bed.hostile}`);
    try {
        for (const view of ["/vm/odd", "/matrix", "/labels", "/timeline", "/refusals"]) {
            await page({ route: view }, async ({ frame }) => {
                assert.equal(await frame.locator("main img, main script").count(), 0);
                const whole = await text(frame);
                const told = await frame.evaluate(() => [...document.querySelectorAll("[title], [aria-label], [data-label]")]
                    .flatMap(one => [one.title, one.ariaLabel, one.dataset.label]).join());
                assert.ok(!/[\u202e\u0007\u{e0061}]/u.test(whole + told), view);
                if (view === "/vm/odd")
                    assert.ok(whole.includes("<img src=x onerror=alert(1)>\\u{202e}txt.\\u{e0061}\\u{7}qcow2"), whole);
            });
        }
    } finally {
        await host.end(odd, "SIGKILL");
        await host.until("odd's end", async () => !(await host.ask("GET", "/v1/names")).text.includes("odd"));
    }
});

test("nothing but the page's own scripts and styles runs", () => page({ expected: /TrustedHTML/ }, async ({ tab, frame, url }) => {
    const answer = await tab.request.get(`${url}/cockpit/@localhost/labeler/index.html`);
    const policy = answer.headers()["content-security-policy"];
    for (const part of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'", "require-trusted-types-for 'script'"])
        assert.ok(policy.includes(part), policy);
    assert.ok(!policy.includes("unsafe"), policy);
    assert.match(await frame.evaluate(() => {
        try {
            document.body.innerHTML = "x";
            return "set";
        } catch (error) {
            return String(error);
        }
    }), /TrustedHTML/);
}));

test("nothing listens for the page but Cockpit", () => page({}, async ({ url }) => {
    const listening = (readFileSync("/proc/net/tcp", "utf8") + readFileSync("/proc/net/tcp6", "utf8")).split("\n")
        .map(line => line.trim().split(/\s+/)).filter(columns => columns[3] === "0A").map(columns => parseInt(columns[1].split(":")[1], 16));
    assert.deepEqual(listening, [Number(new URL(url).port)]);
}));

test("a link leads to a view, and a view that does not exist says so", () => page({ route: "/vm/db1" }, async ({ tab, frame }) => {
    assert.equal(await tab.title(), "VM db1 – VM confinement");
    await frame.getByRole("link", { name: "Refusals" }).click();
    await host.ready(frame, "refusals");
    assert.ok(tab.url().endsWith("#/refusals"));
    await tab.goBack();
    await host.ready(frame, "vm");
    assert.match(await text(frame), /VM db1/);
    await go(frame, "#/constructor", "constructor");
    assert.match(await text(frame), /There is no such view/);
    await go(frame, "#/vm/web2", "vm");
    assert.match(await text(frame), /web2[\s\S]*Since yesterday[\s\S]*start refused/);
}));

test("the tree is used by keys alone", () => page({ route: "/vm/web1" }, async ({ tab, frame }) => {
    const at = () => frame.evaluate(() => document.activeElement?.getAttribute("aria-level"));
    await frame.locator("[role=treegrid] tbody tr").first().focus();
    assert.equal(await at(), "1");
    await tab.keyboard.press("ArrowRight");
    assert.equal(await at(), "2");
    await tab.keyboard.press("ArrowLeft");
    assert.equal(await at(), "1");
    await tab.keyboard.press("ArrowLeft");
    assert.equal(await frame.locator("[role=treegrid] tbody tr:visible").count(), 1);
    await tab.keyboard.press("ArrowRight");
    assert.equal(await frame.locator("[role=treegrid] tbody tr:visible").count(), 2);
}));

test("all of the page is reached by Tab, and the first stop skips to the content", () => page({}, async ({ tab, frame }) => {
    const stops = [];
    for (let press = 0; press < 12; press++) {
        await tab.keyboard.press("Tab");
        stops.push(await frame.evaluate(() => document.activeElement?.textContent));
    }
    assert.equal(stops[0], "Skip to the content");
    for (const name of ["VMs", "Who reaches what", "Set-up", "db1", "web1"])
        assert.ok(stops.includes(name), `${name}: ${stops}`);
    await frame.getByRole("link", { name: "Skip to the content" }).focus();
    await tab.keyboard.press("Enter");
    assert.equal(await frame.evaluate(() => document.activeElement?.id), "main");
    assert.match(await text(frame), /^VMs/);
}));

for (const dark of [false, true]) {
    for (const width of [1280, 400]) {
        test(`views have no fault that axe finds and nothing runs off the side: ${dark ? "dark" : "light"}, ${width} wide`, () =>
            page({ dark, width }, async ({ tab, frame }) => {
                assert.equal(await isDark(frame), dark);
                for (const view of views) {
                    await go(frame, `#${route(view)}`, view);
                    assert.deepEqual(await faults(tab), [], view);
                    const over = await tooWide(frame);
                    assert.ok(over <= 0, `${view} is ${over} pixels too wide`);
                }
            }));
    }
}

test("who may not ask the service is told to become administrator", () =>
    page({ user: 65534, expected: /Permission denied/ }, async ({ frame }) => {
        assert.match(await text(frame), /Become administrator[\s\S]*Only root and members of the group labeler[\s\S]*usermod -aG labeler/);
    }));

test("in Cockpit's own shell the page is a menu entry, keeps its address, and follows the shell's style", () =>
    // What the shell says of a host without systemd is its own.
    page({ shell: true, route: "/vm/web1", expected: /./ }, async ({ tab, frame }) => {
        assert.match(await text(frame), /VM web1/);
        assert.equal(await tab.getByRole("link", { name: "VM confinement" }).count(), 1);
        await frame.getByRole("link", { name: "Refusals" }).click();
        await tab.waitForURL(/labeler#\/refusals$/);
        await tab.evaluate(() => localStorage.setItem("shell:style", "dark"));
        await frame.waitForFunction(() => document.documentElement.classList.contains("pf-v6-theme-dark"));
    }));

test("behind another page of Cockpit nothing is asked, and in front again it is up to date", () =>
    page({ shell: true, expected: /./ }, async ({ tab, frame }) => {
        await tab.getByRole("link", { name: "Overview" }).click();
        await frame.waitForFunction(() => window.cockpit.hidden);
        // What was asked before is answered once.
        await host.ask("POST", "/v1/vms/web1/relabel");
        await new Promise(resolve => setTimeout(resolve, 4000));
        const before = await drawings(frame);
        await host.ask("POST", "/v1/vms/web1/relabel");
        await new Promise(resolve => setTimeout(resolve, 4000));
        assert.equal(await drawings(frame), before);
        await tab.getByRole("link", { name: "VM confinement" }).click();
        await drawnAfter(frame, before);
    }));

test("without a service the page says how to start it, and goes on when it is back", () => page({ expected: /No such file|refused/ }, async ({ frame }) => {
    await host.end(stage.service);
    await frame.getByRole("link", { name: "Refusals" }).click();
    await frame.getByText("The service does not answer").waitFor();
    assert.match(await text(frame), /systemctl enable --now labelerd\.socket/);
    stage.service = await host.startService();
    await frame.getByText("start refused").first().waitFor();
}));

test("a view that stays open says that it is old, and goes on with what has happened meanwhile", () =>
    page({ route: "/refusals", expected: /No such file|refused/ }, async ({ frame }) => {
        await host.end(stage.service);
        await frame.getByText("Not up to date").waitFor();
        assert.match(await text(frame), /start refused/, "what was known stays");
        stage.service = await host.startService();
        await host.refusedRun("meanwhile", "/srv/web1.qcow2");
        await frame.getByText("meanwhile").first().waitFor();
        await frame.getByText("Not up to date").waitFor({ state: "hidden" });
    }));

test("a refusal is found behind a thousand other events, and a cut is told", async () => {
    for (let part = 0; part < 101; part++)
        await Promise.all(Array.from({ length: 10 }, () => host.ask("POST", "/v1/vms/db1/relabel")));
    await page({ route: "/refusals" }, async ({ frame }) => {
        assert.match(await text(frame), /start refused\s+web2/);
        assert.doesNotMatch(await text(frame), /Not everything is shown/);
        await go(frame, "#/timeline", "timeline");
        assert.match(await text(frame), /Not everything is shown\s+Only the newest 1000 events/);
    });
});

test("a label that could not go back is shown as left, and given back by a button", async () => {
    const file = "/srv/db1.qcow2";
    execFileSync("chattr", ["+i", file]);
    try {
        await host.end(stage.vms.db1, "SIGKILL");
        await host.until("db1's end", async () => (await host.ask("GET", "/v1/vms/db1")).status === 404);
        await page({ route: "/leftovers" }, async ({ frame }) => {
            const row = frame.locator("tbody tr", { hasText: "db1.qcow2" });
            assert.match(await row.innerText(), /nobody|db1/);
            execFileSync("chattr", ["-i", file]);
            await frame.getByRole("button", { name: "Give back" }).click();
            assert.match(await text(frame), /Give back \d+ labels?/);
            await frame.getByRole("button", { name: "No" }).click();
            await frame.getByRole("button", { name: "Give back" }).click();
            await frame.getByRole("button", { name: "Yes" }).click();
            await frame.getByText("Nothing is left").waitFor();
        });
    } finally {
        execFileSync("chattr", ["-i", file]);
    }
    assert.throws(() => execFileSync("getfattr", ["-n", "security.selinux", file], { stdio: "ignore" }), "it had no label");
    assert.match(host.labelOf("base.qcow2"), /virt_content_t/, "web1 still reads it");
});
