// The page: which view is shown, and when it is shown anew.

import { button, count, element, href, link, notice, time, visible } from "./elements.js";
import { labelsView } from "./labels.js";
import { leftoversView } from "./leftovers.js";
import { matrixView } from "./matrix.js";
import { isOfRefusals, refusalsView } from "./refusals.js";
import { asking, service, ServiceError } from "./service.js";
import { setupView } from "./setup.js";
import { followTheme } from "./theme.js";
import { timelineView } from "./timeline.js";
import { vmView } from "./vm.js";
import { vmsView } from "./vms.js";

/**
 * `live`: which events a view shows. One without it reads every file of every VM, or more, and is shown anew by a button.
 *
 * @typedef {{ title: string, show: (route: string[], turn: Turn) => Promise<any[]>, live?: (event: AuditEvent, route: string[]) => boolean }} View
 */

/** @type {Record<string, View>} */
const views = {
    "": { title: "VMs", show: vmsView, live: event => event.event !== "command" },
    "matrix": { title: "Who reaches what", show: matrixView },
    "refusals": { title: "Refusals", show: refusalsView, live: isOfRefusals },
    "timeline": { title: "Timeline", show: timelineView, live: () => true },
    "labels": { title: "Labels", show: labelsView },
    "leftovers": { title: "Left behind", show: leftoversView },
    "setup": { title: "Set-up", show: setupView },
};
/** @type {View} */
const oneVm = { title: "VM", show: vmView, live: (event, [name]) => event.vm === name };

/** Events come in bursts, and each would draw the page. */
const pause = 2000;
/** After a failure, until the service is asked again. */
const patience = 5000;

const main = /** @type {HTMLElement} */ (document.getElementById("main"));
const said = /** @type {HTMLElement} */ (document.getElementById("said"));
const stale = /** @type {HTMLElement} */ (document.getElementById("stale"));
const nav = /** @type {HTMLElement} */ (document.getElementById("views"));

let turn = 0;
let shown = "";
let isFailed = false;
let acting = 0;
let questions = new AbortController();

function route() {
    const [name = "", ...rest] = cockpit.location.path;
    return { name, rest, view: name === "vm" ? oneVm : Object.hasOwn(views, name) ? views[name] : undefined };
}

/** @param {string} text */
function say(text) {
    said.textContent = visible(text);
}

/**
 * @param {string} what
 * @param {() => Promise<string>} work
 */
async function act(what, work) {
    const key = focusedKey();
    const address = href(cockpit.location.path);
    acting++;
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
    acting--;
    // A button that is out of use loses the focus, and may be gone now.
    if (address === href(cockpit.location.path))
        focus(key);
    say(result);
}

const refresh = () => act("Asking the service", async () => "");

function focusedKey() {
    return document.activeElement?.getAttribute("data-key") ?? "";
}

/** @param {string} key */
function focus(key) {
    const same = /** @type {HTMLElement | null} */ (main.querySelector(`[data-key="${CSS.escape(key)}"]`));
    (same ?? main).focus({ preventScroll: true });
}

/** @param {AuditEvent[]} [news] */
async function show(news) {
    const mine = ++turn;
    // Nobody waits any more for what the turn before has asked.
    questions.abort();
    questions = new AbortController();
    const { name, rest, view } = route();
    const address = href(cockpit.location.path);
    if (address !== shown) {
        delete document.documentElement.dataset.ready;
        main.replaceChildren(element("p", { class: "dim" }, "Asking the service …"));
        say("");
        drawNav(name);
    }
    let nodes;
    let failed = false;
    try {
        nodes = view ? await view.show(rest, { service: asking(questions.signal), news, act, refresh })
            : [notice("fault", "There is no such view", element("p", {}, link([], "All VMs")))];
    } catch (error) {
        nodes = [failure(error)];
        nodes[0]?.setAttribute("role", "alert");
        failed = true;
    }
    // Somebody has gone on meanwhile.
    if (mine !== turn)
        return;
    const key = focusedKey();
    const hadFocus = main.contains(document.activeElement);
    isFailed = failed;
    main.replaceChildren(element("h2", {}, name === "vm" ? `VM ${rest[0]}` : view?.title ?? "Not found"),
        ...nodes.filter(node => node instanceof Node));
    if (hadFocus)
        focus(key);
    else if (address !== shown && shown !== "")
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

/** Waits while another page is in front: the browser's tab may be seen and this frame not. */
async function inSight() {
    while (cockpit.hidden) {
        await new Promise(resolve => {
            const changed = () => {
                cockpit.removeEventListener("visibilitychange", changed);
                resolve(null);
            };
            cockpit.addEventListener("visibilitychange", changed);
        });
    }
}

/** Waits until the service answers: it is back, or the user has become administrator. */
async function answering() {
    for (;;) {
        await sleep(patience);
        await inSight();
        try {
            await service.health();
            return;
        } catch {
            // It is asked again.
        }
    }
}

/**
 * Says that what is shown may be old. A view that has failed says so itself.
 *
 * @param {unknown} error
 */
function outOfDate(error) {
    if (stale.hidden && !isFailed)
        stale.replaceChildren(element("p", { class: "notice warning" }, element("strong", {}, "Not up to date"), " since ",
            time(new Date().toISOString()), ": ", error instanceof Error ? error.message : String(error)));
    stale.hidden = stale.hidden && isFailed;
}

/** What is shown by an action is new anyway. */
async function showAnew() {
    if (acting === 0 && (isFailed || route().view?.live))
        await show();
}

/** @returns {Promise<string>} nothing if the service does not answer */
async function position() {
    try {
        return await service.position();
    } catch {
        return "";
    }
}

/**
 * Shows the view anew when something has happened: the service answers when it has. A position in its log outlives the
 * service, so what happens while it is away is told afterwards.
 *
 * @param {string} after
 */
async function follow(after) {
    for (;;) {
        await inSight();
        try {
            if (after === "") {
                after = await service.position();
                await showAnew();
            }
            const part = await service.next(after);
            stale.hidden = true;
            after = part.next;
            await tell(part.events);
        } catch (error) {
            // A position that the log does not know.
            if (error instanceof ServiceError && error.kind === "refused")
                after = "";
            outOfDate(error);
            await answering();
            if (after !== "")
                await showAnew();
            // With too many followers it stays a look every few seconds.
            if (!(error instanceof ServiceError && error.kind === "busy"))
                stale.hidden = true;
        }
    }
}

/** @param {AuditEvent[]} events */
async function tell(events) {
    if (events.length === 0)
        return;
    // Who acts is told what comes of his action.
    const isTold = acting > 0;
    while (acting > 0)
        await sleep(pause);
    const { view, rest } = route();
    const news = events.filter(event => view?.live?.(event, rest));
    if (news.length > 0)
        await show(news);
    if (!isTold)
        announce(events);
    await sleep(pause);
}

/** @param {AuditEvent[]} events */
function announce(events) {
    const told = events.filter(event => ["vm-started", "vm-stopped", "start-refused", "drift", "denied"].includes(event.event));
    const last = told.at(-1);
    if (last)
        say(told.length > 1 ? `${count(told.length, "event")} since` : `${last.vm ?? ""}: ${last.event.replaceAll("-", " ")}`);
}

followTheme();
cockpit.addEventListener("locationchanged", () => show());
// Before the first look: what happens between the two is told.
const begin = await position();
await show();
follow(begin);
