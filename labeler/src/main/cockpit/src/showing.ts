// What the page shows, and when it is shown anew.

import { createElement, type ReactNode } from "react";
import type { Acting } from "./acting";
import type { AuditEvent } from "./answers";
import { Failure, NoSuchView, Waiting } from "./states";
import { asking } from "./service";
import { href, message, visible } from "./text";
import { chosenView } from "./views/views";

export interface Shown {
    /** The view, as the address names it. */
    name: string;
    /** Of what is shown: another one is drawn from its beginning. */
    address: string;
    heading: string;
    content: ReactNode;
    /** What the page tells its reader beside. */
    said: string;
    /** Why what is shown may be old, and since when. */
    old?: { since: string, why: string };
    /** When a view was asked for that no event shows anew. */
    asOf?: string;
    acting: Acting;
}

/** Where the reader is. */
const here = () => href(cockpit.location.path);

export class Showing {
    /** With what did not work. */
    isFailed = false;
    /** The last address whose view was shown. */
    private settled = "";
    /** When all of what is shown was asked for. Because of an event a view may ask for a part. */
    private asked = 0;
    private turns = 0;
    /** The last turn that has come to its end. */
    private ended = 0;
    private drawn = 0;
    private running = 0;
    private questions = new AbortController();
    private shown: Shown;

    /** @param draw draws it at once */
    constructor(private readonly draw: (shown: Shown) => void) {
        const acting = { isBusy: false, act: (what: string, work: () => Promise<string>) => void this.act(what, work), refresh: () => this.refresh() };
        this.shown = { name: "", address: "", heading: "", content: null, said: "", acting };
    }

    get isActing(): boolean {
        return this.running > 0;
    }

    say(said: string): void {
        this.change({ said });
    }

    /** Says that what is shown may be old. A view that has failed says so itself. */
    outOfDate(error: unknown): void {
        if (!this.shown.old && !this.isFailed)
            this.change({ old: { since: new Date().toISOString(), why: message(error) } });
    }

    /** Says that events come again. A view that none of them shows anew stays as old as it is. */
    upToDate(): void {
        if (this.shown.old && this.shown.asOf === undefined)
            this.change({ old: undefined });
    }

    /** Shows it anew if it is older than this, and not already said to be old. */
    async renew(age: number): Promise<void> {
        const isAsking = this.ended !== this.turns;
        if (Date.now() - this.asked >= age && !isAsking && !this.shown.old && !this.isFailed)
            await this.ask({ isKept: true });
    }

    /** Shows that the address has another view, until that is there. */
    turn(): void {
        const address = here();
        if (address === this.shown.address)
            return;
        delete document.documentElement.dataset.ready;
        this.change({ name: chosenView().name, address, heading: "", content: createElement(Waiting), said: "", old: undefined, asOf: undefined });
    }

    /** Asks what the address names, and shows it; because of events, if there are any. */
    async show(news?: AuditEvent[]): Promise<void> {
        await this.ask({ news });
    }

    /** @param isKept whether what is shown stays if there is no answer, and is said to be old */
    private async ask({ news, isKept }: { news?: AuditEvent[], isKept?: true }): Promise<void> {
        const mine = ++this.turns;
        // Nobody waits any more for what the turn before has asked.
        this.questions.abort();
        this.questions = new AbortController();
        const { name, route, view } = chosenView();
        const address = here();
        const asked = Date.now();
        this.turn();
        let content;
        let failed = false;
        try {
            content = view ? await view.show({ route, service: asking(this.questions.signal), news }) : createElement(NoSuchView);
        } catch (error) {
            if (isKept) {
                if (mine === this.turns) {
                    this.ended = mine;
                    this.outOfDate(error);
                }
                return;
            }
            content = createElement(Failure, { error, again: () => void this.show() });
            failed = true;
        }
        // Somebody has gone on meanwhile.
        if (mine !== this.turns)
            return;
        this.ended = mine;
        this.isFailed = failed;
        if (!news)
            this.asked = asked;
        const isStill = !failed && view !== undefined && !view.isLive;
        const heading = name === "vm" ? `VM ${route[0] ?? ""}` : view?.title ?? "Not found";
        this.change({ content, heading, ...(isStill ? { old: undefined } : {}), asOf: isStill ? new Date(asked).toISOString() : undefined });
        if (address !== this.settled && this.settled !== "" && !hasFocus())
            main()?.focus();
        this.settled = address;
        document.title = `${visible(heading)} – VM confinement`;
        document.documentElement.dataset.ready = name || "vms";
        document.documentElement.dataset.drawn = String(++this.drawn);
    }

    private refresh(): void {
        void this.act("Asking the service", async () => "");
    }

    private async act(what: string, work: () => Promise<string>): Promise<void> {
        const key = focusedKey();
        const address = here();
        this.running++;
        this.change({ said: `${what} …`, acting: { ...this.shown.acting, isBusy: true } });
        let result;
        try {
            result = await work();
        } catch (error) {
            result = `Failed: ${message(error)}`;
        }
        await this.show();
        this.running--;
        this.change({ acting: { ...this.shown.acting, isBusy: this.running > 0 } });
        // A button that is out of use loses the focus, and may be gone now.
        if (address === here())
            focus(key);
        this.say(result);
    }

    /** Draws it, and keeps the focus on what has the same key. */
    private change(changed: Partial<Shown>): void {
        const key = focusedKey();
        const hadFocus = hasFocus();
        this.shown = { ...this.shown, ...changed };
        this.draw(this.shown);
        if (hadFocus && !hasFocus() && changed.address === undefined)
            focus(key);
    }
}

const main = () => document.getElementById("main");

const hasFocus = () => main()?.contains(document.activeElement) ?? false;

function focusedKey(): string {
    return document.activeElement?.getAttribute("data-key") ?? "";
}

function focus(key: string): void {
    const same = key === "" ? null : main()?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
    (same ?? main())?.focus({ preventScroll: true });
}
