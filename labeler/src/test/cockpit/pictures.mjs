// The pictures of the documents: each view of the page as the browser shows it, the matrix as the product draws it, and what
// a terminal shows. ./dev pages pictures runs this.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import * as bed from "./bed.mjs";
import * as host from "./host.mjs";
import { Terminal } from "./terminal.mjs";

const into = process.env.PICTURES;
const service = await host.startService();

async function recorded() {
    const terminal = new Terminal(host.images);
    for (const name of ["base", "web1", "db1"]) {
        host.makeImage(`${name}.qcow2`, ...name === "base" ? [] : ["-b", "base.qcow2", "-F", "qcow2"]);
    }
    host.label("base.qcow2", "system_u:object_r:user_home_t:s0");
    const vms = {};
    for (const name of ["web1", "db1"]) {
        terminal.shown(`labeler run ${name} -- qemu-system-x86_64 … -drive file=${name}.qcow2,format=qcow2,if=virtio &`);
        vms[name] = await host.run(name, `/srv/${name}.qcow2`);
    }
    terminal.run("getfattr -n security.selinux --only-values web1.qcow2 base.qcow2 | tr '\\0' '\\n'");
    terminal.run("labeler status");
    terminal.run("labeler matrix");
    terminal.run("labeler run web2 -- qemu-system-x86_64 -drive file=web1.qcow2,format=qcow2,if=virtio");
    terminal.shown("kill -9 $(pidof qemu-system-x86_64)");
    for (const vm of Object.values(vms))
        await host.end(vm, "SIGKILL");
    await host.until("the end of all VMs", async () => (await host.ask("GET", "/v1/names")).text === "");
    terminal.run("getfattr -n security.selinux --only-values base.qcow2 | tr '\\0' '\\n'");
    writeFileSync(path.join(into, "terminal.svg"), terminal.svg());
}

await recorded();
const vms = {};
for (const name of ["web1", "db1"])
    vms[name] = await host.run(name, `/srv/${name}.qcow2`);
await host.refusedRun("web2", "/srv/web1.qcow2");
writeFileSync(path.join(into, "matrix.svg"), execFileSync("labeler", ["matrix", "--svg"]));

const browser = await host.startBrowser();

async function picture(name, options) {
    const page = await host.open(browser, { height: 700, ...options });
    await page.tab.screenshot({ path: path.join(into, `${name}.png`), fullPage: options.fullPage ?? false });
    await page.close();
}

// On a desk, and on a telephone.
async function pictures(name, options) {
    await picture(name, options);
    await picture(`${name}-narrow`, { ...options, shell: false, width: 400, height: 900, dark: !options.dark });
}

await host.ask("POST", "/v1/verify");
await pictures("vms", { shell: true, height: 520 });
await pictures("vm", { route: "/vm/web1" });
await pictures("matrix", { route: "/matrix", height: 520 });
await pictures("refusals", { route: "/refusals", height: 520 });
await pictures("timeline", { route: "/timeline", dark: true });
bed.drift();
await pictures("labels", { route: "/labels", height: 520 });
await host.ask("POST", "/v1/vms/web1/relabel");
await pictures("leftovers", { route: "/leftovers", height: 520 });
await pictures("setup", { route: "/setup" });
await pictures("administrator", { user: 65534, height: 520 });
await browser.close();
for (const child of [...Object.values(vms), service])
    await host.end(child);
