// A real service with real VMs, a real Cockpit, and a real browser.
import { spawn, execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, openSync, readFileSync, readlinkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import { chromium } from "playwright-core";

export const work = required("LABELER_WORK");
export const dist = required("LABELER_DIST");
export const images = "/srv";
const socket = "/run/labeler/labeler.sock";
const patience = 120_000;

// What the shell itself says where there is no systemd. Anything else on the console is a fault of the page.
const ofTheShell = /PackageKit|packagekit|lastlog2|ScheduledShutdown|ListUnitsFiltered|systemd1|login1|hostname1|timedate1|tuned|realmd|favicon/;

// Where Debian and Fedora have a program.
function found(...places) {
    const place = places.find(one => existsSync(one));
    if (!place)
        throw new Error(`none of ${places} is here`);
    return place;
}

export function required(name) {
    const value = process.env[name];
    if (!value)
        throw new Error(`${name} is not set: ./dev pages runs this`);
    return value;
}

export async function until(what, condition) {
    const end = Date.now() + patience;
    for (;;) {
        const found = await condition();
        if (found)
            return found;
        if (Date.now() > end)
            throw new Error(`${what} did not happen`);
        await new Promise(resolve => setTimeout(resolve, 100));
    }
}

function start(name, command, args, options = {}) {
    const log = openSync(path.join(work, `${name}.log`), "a");
    const child = spawn(command, args, { stdio: ["ignore", log, log], ...options });
    child.on("error", error => writeFileSync(path.join(work, `${name}.error`), String(error)));
    return child;
}

export function log(name) {
    const file = path.join(work, `${name}.log`);
    return existsSync(file) ? readFileSync(file, "utf8") : "";
}

export async function end(child, signal = "SIGTERM") {
    if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal);
        await once(child, "exit");
    }
}

// One request to the service, past Cockpit.
export function ask(method, url, body = "") {
    return new Promise((resolve, reject) => {
        const request = http.request({ socketPath: socket, method, path: url, headers: { "Connection": "close", "Content-Length": Buffer.byteLength(body) } }, response => {
            let text = "";
            response.setEncoding("utf8");
            response.on("data", part => { text += part; });
            response.on("end", () => resolve({ status: response.statusCode, text }));
        });
        request.on("error", reject);
        request.end(body);
    });
}

// Something between Cockpit and the service that answers one question in its place: a connection that breaks, a file system
// that hangs, a kernel that denies something. `spoil` returns false for what the real one is to answer.
export async function spoiled(url, spoil, work) {
    const real = `${socket}.real`;
    renameSync(socket, real);
    const between = http.createServer((asked, answer) => {
        if (asked.url.split("?")[0] === url && spoil(answer, asked) !== false) {
            asked.resume();
            return;
        }
        const forward = http.request({ socketPath: real, method: asked.method, path: asked.url, headers: asked.headers }, got => {
            answer.writeHead(got.statusCode, got.headers);
            got.pipe(answer);
        });
        forward.on("error", () => answer.destroy());
        asked.pipe(forward);
    });
    between.listen(socket);
    await once(between, "listening");
    try {
        await work();
    } finally {
        between.closeAllConnections();
        between.close();
        rmSync(socket, { force: true });
        renameSync(real, socket);
    }
}

export async function startService() {
    const settings = path.join(work, "labeler.toml");
    writeFileSync(settings, `[image]\nroots = ["${images}"]\n`);
    const service = start("labelerd", path.join(dist, "bin/labelerd"),
        ["--config", settings, "--state-dir", path.join(work, "state"), "--enforcement", "optional"]);
    await until(`the service's start: ${log("labelerd")}`, async () => {
        if (service.exitCode !== null)
            throw new Error(`the service has ended: ${log("labelerd")}`);
        return ask("GET", "/v1/health").then(answer => answer.status === 200, () => false);
    });
    return service;
}

export function makeImage(name, ...options) {
    execFileSync("qemu-img", ["create", "-q", "-f", "qcow2", ...options, path.join(images, name), "64M"]);
}

export function label(file, value) {
    execFileSync("setfattr", ["-n", "security.selinux", "-v", value, path.join(images, file)]);
}

export function labelOf(file) {
    return execFileSync("getfattr", ["--absolute-names", "--only-values", "-n", "security.selinux", path.join(images, file)])
        .toString().replace("\0", "");
}

// A VM by `labeler run`: its process becomes qemu.
export async function run(name, ...disks) {
    const args = disks.flatMap(disk => ["-drive", `file=${disk},format=qcow2,if=virtio`]);
    const child = start(name, path.join(dist, "bin/labeler"), ["run", name, "--", "qemu-system-x86_64", "-accel", "tcg",
        "-M", "q35", "-m", "64", "-nodefaults", "-display", "none", "-S", ...args], { cwd: images });
    await until(`${name} did not become qemu: ${log(name)}`, () => {
        if (child.exitCode !== null)
            throw new Error(`${name} has ended: ${log(name)}`);
        try {
            return readlinkSync(`/proc/${child.pid}/exe`).includes("qemu-system");
        } catch {
            // It has ended, and node is about to be told.
            return false;
        }
    });
    return child;
}

// A start that must be refused.
export async function refusedRun(name, disk) {
    const child = start(name, path.join(dist, "bin/labeler"),
        ["run", name, "--", "qemu-system-x86_64", "-drive", `file=${disk},format=qcow2,if=virtio`], { cwd: images });
    await once(child, "exit");
    if (child.exitCode === 0)
        throw new Error(`${name} was not refused`);
}

let port = 9100;
// A program that talks to a bridge on another host, and makes a file beside itself when that has begun.
const remote = process.env.LABELER_BRIDGE;

// Cockpit without a log-in: its session is this user's, another one's, or one on another host. It serves one page.
export async function startCockpit(user) {
    port += 1;
    const own = port;
    const command = [found("/usr/lib/cockpit/cockpit-ws", "/usr/libexec/cockpit-ws"), "--no-tls", "-a", "127.0.0.1", "-p", String(own),
        `--local-session=${remote ?? "/usr/bin/cockpit-bridge"}`];
    const args = user ? ["setpriv", `--reuid=${user}`, `--regid=${user}`, "--clear-groups", ...command] : command;
    if (remote)
        rmSync(`${remote}.ready`, { force: true });
    const child = start("cockpit", args[0], args.slice(1), { env: { ...process.env, HOME: work } });
    await until(`Cockpit's start: ${log("cockpit")}`, () => new Promise(resolve => {
        const connection = net.connect(own, "127.0.0.1");
        connection.on("connect", () => { connection.destroy(); resolve(true); });
        connection.on("error", () => resolve(false));
    }));
    // A session on another host takes seconds to begin, and ends for all if somebody asks before.
    if (remote)
        await until("the session's begin", () => existsSync(`${remote}.ready`));
    return { child, url: `http://127.0.0.1:${own}` };
}

export function startBrowser() {
    return chromium.launch({
        executablePath: found("/usr/bin/chromium", "/usr/bin/chromium-browser"),
        args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"],
    });
}

// A Cockpit and a tab with the page; what it says on the console and should not is in `complaints`.
export async function open(browser, { route = "/", user, width = 1280, height = 900, dark = false, shell = false } = {}) {
    const cockpit = await startCockpit(user);
    const tab = await browser.newPage({ viewport: { width, height }, colorScheme: dark ? "dark" : "light" });
    const complaints = [];
    const asked = [];
    let received = 0;
    // The bridge's channels (Cockpit's protocol): a message without a channel opens one, and has the path of an HTTP request.
    tab.on("websocket", socket => {
        socket.on("framesent", ({ payload }) => {
            const text = String(payload);
            const message = text.startsWith("\n") ? JSON.parse(text.slice(1)) : {};
            if (message.command === "open" && message.path)
                asked.push(message.path);
        });
        socket.on("framereceived", ({ payload }) => { received += payload.length; });
    });
    tab.on("console", message => {
        if (["error", "warning"].includes(message.type()) && !ofTheShell.test(message.text() + message.location().url))
            complaints.push(message.text());
    });
    tab.on("pageerror", error => complaints.push(String(error)));
    let frame = tab.mainFrame();
    const begun = performance.now();
    if (shell) {
        await tab.goto(`${cockpit.url}/labeler#${route}`);
        const holder = await tab.waitForSelector('iframe[name="cockpit1:localhost/labeler"]', { timeout: patience });
        frame = await holder.contentFrame();
    } else {
        await tab.goto(`${cockpit.url}/cockpit/@localhost/labeler/index.html#${route}`);
    }
    await ready(frame);
    return {
        tab, frame, complaints, url: cockpit.url, begun, asked, received: () => received,
        async close() {
            await tab.close();
            await end(cockpit.child);
        },
    };
}

export function ready(frame, view) {
    const which = view ? `[data-ready="${view}"]` : "[data-ready]";
    return frame.waitForSelector(`html${which}`, { timeout: patience, state: "attached" });
}
