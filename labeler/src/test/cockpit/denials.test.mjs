// Denials in the page: those in the kernel's log, and those that happen. ./dev pages test runs this.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import * as bed from "./bed.mjs";
import * as host from "./host.mjs";
import { page, stage } from "./stage.mjs";
import { text } from "./visit.mjs";

test("a denial is in the timeline with its explanation", async () => {
    // The kernel here may have no SELinux: the lines are auditd's, in its file, which is where the product looks.
    const level = JSON.parse((await host.ask("GET", "/v1/vms/db1")).text).level;
    const seconds = Math.floor(Date.now() / 1000);
    execFileSync("mount", ["-t", "tmpfs", "tmpfs", "/var/log"]);
    execFileSync("mkdir", ["/var/log/audit"]);
    writeFileSync("/var/log/audit/audit.log", `type=AVC msg=audit(${seconds}.123:456): avc:  denied  { read } for  pid=${stage.vms.db1.pid} ` +
        `comm="qemu-system-x86" path="/srv/web1.qcow2" dev="vda1" ino=5 scontext=system_u:system_r:svirt_t:${level} ` +
        "tcontext=system_u:object_r:svirt_image_t:s0:c1,c2 tclass=file permissive=0\n");
    try {
        await page({ route: "/timeline" }, async ({ frame }) => {
            const row = frame.locator("tbody tr", { hasText: "denied:" });
            assert.match(await row.innerText(), /db1[\s\S]*denied:[\s\S]*web1\.qcow2/);
            assert.match(await row.locator("time").getAttribute("datetime"), /^\d{4}-.*\.123Z$/);
        });
    } finally {
        execFileSync("umount", ["/var/log"]);
    }
});

test("a denial that happens now is in the timeline without a reload", () => {
    let isOpen = false;
    return host.spoiled("/v1/events", (answer, asked) => {
        // The kernel here may have no SELinux: the event is as the service has it, in place of one of its own.
        if (!isOpen || !asked.url.includes("wait=true"))
            return false;
        isOpen = false;
        answer.writeHead(200, { "Content-Type": "application/json" });
        answer.end(JSON.stringify({ next: new URL(asked.url, "http://x").searchParams.get("after"), more: false, damaged: 0, events: [{
            number: 1_000_000, time: new Date().toISOString(), event: "denied", vm: "db1", message: "VM db1 tried to read it.",
            denial: { reading: "trickery", file: "/srv/web1.qcow2", count: 3, advice: ["Find out who told it to."] } }] }));
        return true;
    }, () => page({ route: "/timeline/hour" }, async ({ frame }) => {
        isOpen = true;
        // An answer that was asked for before.
        await host.ask("POST", "/v1/vms/db1/relabel");
        const row = frame.locator("tbody tr", { hasText: "denied: not its own" });
        await row.waitFor();
        assert.match(await row.innerText(), /db1[\s\S]*3 times[\s\S]*\/srv\/web1\.qcow2[\s\S]*tried to read it[\s\S]*Find out who/);
        assert.match(await text(frame, "#said"), /denied|events since/);
        assert.doesNotMatch(await text(frame), /No denial of SELinux/);
    }));
});
