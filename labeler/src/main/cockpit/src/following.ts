// The service's events: the view is shown anew when something has happened that it shows, and one of now also by the clock.

import type { AuditEvent } from "./answers";
import { service, ServiceError } from "./service";
import type { Showing } from "./showing";
import { count } from "./text";
import { chosenView } from "./views/views";

/** Events come in bursts, and each would draw the page. */
const pause = 2000;
/** After a failure, until the service is asked again. */
const patience = 5000;
/** What is shown of now may be this old. */
const minute = 60_000;

const sleep = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds));

/** Where the events of the future begin; nothing if the service does not answer. */
export async function position(): Promise<string> {
    try {
        return await service.position();
    } catch {
        return "";
    }
}

/**
 * Follows the events: the service answers when there are some. A position in its log outlives the service, so what happens while
 * it is away is told afterwards.
 */
export async function follow(showing: Showing, after: string): Promise<never> {
    for (;;) {
        await inSight();
        try {
            if (after === "") {
                after = await service.position();
                await showAnew(showing);
            }
            const part = await service.next(after);
            showing.upToDate();
            after = part.next;
            await tell(showing, part.events);
        } catch (error) {
            // A position that the log does not know.
            if (error instanceof ServiceError && error.kind === "refused")
                after = "";
            showing.outOfDate(error);
            await answering();
            if (after !== "")
                await showAnew(showing);
            // With too many followers it stays a look every few seconds.
            if (!(error instanceof ServiceError && error.kind === "busy"))
                showing.upToDate();
        }
    }
}

/** Shows what is now anew every minute: of much that changes there is no event. */
export async function renew(showing: Showing): Promise<never> {
    for (;;) {
        await sleep(patience);
        await inSight();
        if (!showing.isActing && chosenView().view?.isOfNow)
            await showing.renew(minute);
    }
}

/** Waits while another page is in front: the browser's tab may be seen and this frame not. */
async function inSight(): Promise<void> {
    while (cockpit.hidden) {
        await new Promise<void>(resolve => {
            const changed = () => {
                cockpit.removeEventListener("visibilitychange", changed);
                resolve();
            };
            cockpit.addEventListener("visibilitychange", changed);
        });
    }
}

/** Waits until the service answers: it is back, or the user has become administrator. */
async function answering(): Promise<void> {
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

/** What is shown by an action is new anyway. */
async function showAnew(showing: Showing): Promise<void> {
    if (!showing.isActing && (showing.isFailed || chosenView().view?.isLive))
        await showing.show();
}

async function tell(showing: Showing, events: AuditEvent[]): Promise<void> {
    if (events.length === 0)
        return;
    // Who acts is told what comes of his action.
    const isTold = showing.isActing;
    while (showing.isActing)
        await sleep(pause);
    const { view, route } = chosenView();
    const news = events.filter(event => view?.isLive?.(event, route));
    if (news.length > 0)
        await showing.show(news);
    if (!isTold)
        announce(showing, events);
    await sleep(pause);
}

function announce(showing: Showing, events: AuditEvent[]): void {
    const told = events.filter(event => ["vm-started", "vm-stopped", "start-refused", "drift", "denied"].includes(event.event));
    const last = told.at(-1);
    if (last)
        showing.say(told.length > 1 ? `${count(told.length, "event")} since` : `${last.vm ?? ""}: ${last.event.replaceAll("-", " ")}`);
}
