// A host with many VMs. None of them has a process: what the page draws is the same.
import { truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as host from "./host.mjs";

export const vms = Number(process.env.SCALE_VMS ?? 1000);
export const filesOfEach = 10;

export const name = number => `vm${String(number).padStart(4, "0")}`;

export async function start(number) {
    const disks = Array.from({ length: filesOfEach }, (_, disk) => path.join(host.images, `${name(number)}-${disk}.raw`));
    for (const disk of disks) {
        writeFileSync(disk, "");
        truncateSync(disk, 1024 * 1024);
    }
    const argv = ["qemu-system-x86_64", ...disks.flatMap(disk => ["-drive", `file=${disk},format=raw,if=virtio`])];
    const answer = await host.ask("POST", `/v1/vms/${name(number)}/start`, JSON.stringify({ argv, workingDirectory: "/" }));
    if (answer.status !== 200)
        throw new Error(answer.text);
}

// Eight at a time.
export async function startAll() {
    let next = 0;
    await Promise.all(Array.from({ length: 8 }, async () => {
        while (next < vms)
            await start(next++);
    }));
}

export const elements = frame => frame.evaluate(() => document.querySelectorAll("*").length);
