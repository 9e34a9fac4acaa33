// The page: which view is shown, and when it is shown anew.

import { button, count, element, href, link, notice } from "./elements.js";
import { labelsView } from "./labels.js";
import { leftoversView } from "./leftovers.js";
import { matrixView } from "./matrix.js";
import { refusalsView } from "./refusals.js";
import { service, ServiceError } from "./service.js";
import { setupView } from "./setup.js";
import { followTheme } from "./theme.js";
import { timelineView } from "./timeline.js";
import { vmView } from "./vm.js";
import { vmsView } from "./vms.js";

/** @type {Record<string, { title: string, show: (route: string[], actions: Actions) => Promise<any[]>, live: boolean }>} */
const views = {
    // What reads every file of every VM is shown anew by a button, not by each event.
    "": { title: "VMs", show: vmsView, live: true },
    "matrix": { title: "Who reaches what", show: matrixView, live: false },
    "refusals": { title: "Refusals", show: refusalsView, live: true },
    "timeline": { title: "Timeline", show: timelineView, live: false },
    "labels": { title: "Labels", show: labelsView, live: false },
    "leftovers": { title: "Left behind", show: leftoversView, live: false },
    "setup": { title: "Set-up", show: setupView, live: false },
};
const oneVm = { title: "VM", show: vmView, live: true };

/** Events come in bursts, and each would draw the page. */
const pause = 2000;
/** After a failure, until the service is asked again. */
const patience = 5000;

const main = /** @type {HTMLElement} */ (document.getElementById("main"));
const said = /** @type {HTMLElement} */ (document.getElementById("said"));
const nav = /** @type {HTMLElement} */ (document.getElementById("views"));

let turn = 0;
let shown = "";
let isFailed = false;

function route() {
    const [name = "", ...rest] = cockpit.location.path;
    return { name, rest, view: name === "vm" ? oneVm : Object.hasOwn(views, name) ? views[name] : undefined };
}

/** @param {string} text */
function say(text) {
    said.textContent = text;
}

/** @type {Actions} */
const actions = {
    refresh: () => show(),
    async act(what, work) {
        const key = focusedKey();
        say(`${what} …`);
        for (const one of main.querySelectorAll("button"))
            one.disabled = true;
        let result;
        try {
            result = await work();
        } catch (error) {
            result = `Failed: ${error instanceof Error ? error.message : error}`;
        }
        await show();
        // A button that is out of use loses the focus, and may be gone now.
        focus(key);
        say(result);
    },
};

function focusedKey() {
    return document.activeElement?.getAttribute("data-key") ?? "";
}

/** @param {string} key */
function focus(key) {
    const same = /** @type {HTMLElement | null} */ (main.querySelector(`[data-key="${CSS.escape(key)}"]`));
    (same ?? main).focus();
}

async function show() {
    const mine = ++turn;
    const { name, rest, view } = route();
    const address = href(cockpit.location.path);
    if (address !== shown) {
        delete document.documentElement.dataset.ready;
        main.replaceChildren(element("p", { class: "dim" }, "Asking the service …"));
        say("");
    }
    drawNav(name);
    let nodes;
    let failed = false;
    try {
        nodes = view ? await view.show(rest, actions)
            : [notice("fault", "There is no such view", element("p", {}, link([], "All VMs")))];
    } catch (error) {
        nodes = [failure(error)];
        failed = true;
    }
    // Somebody has gone on meanwhile.
    if (mine !== turn)
        return;
    const key = focusedKey();
    isFailed = failed;
    main.replaceChildren(element("h2", {}, name === "vm" ? `VM ${rest[0]}` : view?.title ?? "Not found"),
        ...nodes.filter(node => node instanceof Node));
    if (key && main.querySelector(`[data-key="${CSS.escape(key)}"]`))
        focus(key);
    if (address !== shown && shown !== "")
        main.focus();
    shown = address;
    document.title = `${view?.title ?? "Not found"}${name === "vm" ? ` ${rest[0]}` : ""} – VM confinement`;
    document.documentElement.dataset.ready = name || "vms";
}

/** @param {string} current */
function drawNav(current) {
    nav.replaceChildren(...Object.entries(views).map(([name, view]) => link(name === "" ? [] : [name], view.title,
        { "aria-current": name === current || (name === "" && current === "vm") ? "page" : undefined })));
}

/** @param {unknown} error */
function failure(error) {
    const again = element("p", { class: "actions" }, button("Try again", () => show()));
    const message = error instanceof Error ? error.message : String(error);
    switch (error instanceof ServiceError ? error.kind : "other") {
    case "not-permitted":
        return notice("warning", "Become administrator to see this",
            element("p", {}, message),
            element("p", {}, "Turn on administrative access at the top of Cockpit (“Limited access”), or have root add you to the group: ",
                element("code", {}, "usermod -aG labeler USER"), ", and log in again."), again);
    case "no-service":
        return notice("fault", "The service does not answer", element("p", {}, message),
            element("p", {}, "Start it: ", element("code", {}, "systemctl enable --now labelerd.socket labelerd.service"),
                ". What is wrong: ", link(["setup"], "Set-up"), "."), again);
    case "no-program":
        return notice("fault", message, again);
    default:
        return notice("fault", "That did not work", element("p", {}, message), again);
    }
}

/** @param {number} milliseconds */
const sleep = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

/** Waits until the service answers: it is back, or the user has become administrator. */
async function answering() {
    for (;;) {
        await sleep(patience);
        try {
            await service.health();
            return;
        } catch {
            // It is asked again.
        }
    }
}

/** Shows the view anew when something has happened: the service answers when it has. */
async function follow() {
    let after = "now";
    for (;;) {
        if (document.hidden)
            await new Promise(resolve => document.addEventListener("visibilitychange", () => resolve(null), { once: true }));
        try {
            const part = await service.next(after);
            after = part.next;
            if (part.events.length > 0) {
                if (route().view?.live)
                    await show();
                announce(part.events);
                await sleep(pause);
            }
        } catch {
            after = "now";
            await answering();
            if (isFailed)
                await show();
        }
    }
}

/** @param {AuditEvent[]} events */
function announce(events) {
    const told = events.filter(event => ["vm-started", "vm-stopped", "start-refused", "drift"].includes(event.event));
    const last = told.at(-1);
    if (last)
        say(told.length > 1 ? `${count(told.length, "event")} since` : `${last.vm ?? ""}: ${last.event.replaceAll("-", " ")}`);
}

followTheme();
cockpit.addEventListener("locationchanged", () => show());
await show();
follow();
