// The service, asked over its Unix socket by Cockpit's bridge: this page has no server and no port of its own.

import type { AuditEvent, Events, Explanations, Finding, Matrix, Part, Recovery, Report, Vm, VmOverview } from "./answers";

const socket = "/run/labeler/labeler.sock";

type Question = Record<string, string>;

/** An answer that was none. */
export class ServiceError extends Error {
    constructor(readonly kind: "not-permitted" | "no-service" | "busy" | "refused" | "no-program", message: string) {
        super(message);
    }
}

async function request<T>(method: "GET" | "POST", path: string, params: Question, signal?: AbortSignal): Promise<T> {
    const client = cockpit.http(socket, { superuser: "try" });
    try {
        return read<T>(await new Promise<string>((resolve, reject) => {
            onAbort(signal, reject);
            // A rejection has two values, of which a plain await would drop the body.
            client.request({ method, path, params, headers: { Accept: "application/json" }, body: "" })
                .then(resolve, (error, body) => reject(explained(error, body)));
        }));
    } finally {
        client.close();
    }
}

function onAbort(signal: AbortSignal | undefined, reject: (error: Error) => void): void {
    const abort = () => reject(new ServiceError("refused", "Nobody waits for the answer any more."));
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted)
        abort();
}

function read<T>(text: string): T {
    try {
        return JSON.parse(text) as T;
    } catch {
        throw new ServiceError("no-service", "The answer was cut off.");
    }
}

function explained(error: CockpitError, body: string | undefined): ServiceError {
    const denied = /permission denied|errno 13/i.test(error.message ?? "");
    if (error.status === 403 || denied || error.problem === "access-denied")
        return new ServiceError("not-permitted", "Only root and members of the group labeler may ask the service.");
    if (error.status === 503)
        return new ServiceError("busy", told(body) ?? "The service has too much to do.");
    if (error.status)
        return new ServiceError("refused", told(body) ?? `The service answers HTTP ${error.status}.`);
    return new ServiceError("no-service", error.message ?? error.problem ?? "There is no answer.");
}

function told(body: string | undefined): string | undefined {
    try {
        return (JSON.parse(body ?? "") as { message?: string }).message;
    } catch {
        return undefined;
    }
}

const vm = (name: string) => `/v1/vms/${encodeURIComponent(name)}`;

/** More than these nobody reads on a page. */
export const mostEvents = 1000;

/** The newest events since a time that are wanted, the oldest first. The log is bounded, so all of it is read. */
async function events(ask: (question: Question) => Promise<Part>, question: Question, isWanted: (event: AuditEvent) => boolean): Promise<Events> {
    const found: Events = { events: [], isCut: false, damaged: 0 };
    for (let params = question; ;) {
        const part = await ask(params);
        found.events.push(...part.events.filter(isWanted));
        found.isCut ||= found.events.length > mostEvents;
        found.events = found.events.slice(-mostEvents);
        found.damaged += part.damaged;
        if (!part.more)
            return found;
        params = { ...question, after: part.next };
    }
}

/** A command of the product that answers in JSON, or with nothing if it has nothing to say. */
async function command<T>(signal: AbortSignal | undefined, ...args: string[]): Promise<T | null> {
    const process = cockpit.spawn(["labeler", ...args, "-o", "json"], { superuser: "try", err: "message" });
    try {
        const text = await new Promise<string>((resolve, reject) => {
            onAbort(signal, reject);
            process.then(resolve, (error, text) => {
                // `doctor` ends with 1 where it finds a fault, and that is an answer.
                if (text && text.trim().startsWith("{"))
                    resolve(text);
                else if (error.problem === "not-found")
                    reject(new ServiceError("no-program", "The command labeler is not installed here."));
                else if (/only root/i.test(error.message ?? ""))
                    reject(new ServiceError("not-permitted", error.message ?? ""));
                else
                    reject(new ServiceError("refused", error.message ?? "labeler has failed."));
            });
        });
        return text.trim() === "" ? null : read<T>(text);
    } finally {
        process.close();
    }
}

/** The service. What is asked with a signal ends with it: a view that nobody looks at any more waits for nothing. */
export function asking(signal?: AbortSignal) {
    const get = <T>(path: string, params: Question = {}) => request<T>("GET", path, params, signal);
    const post = <T>(path: string, params: Question = {}) => request<T>("POST", path, params, signal);
    return {
        /** With all their files: a large answer. */
        vms: async () => (await get<{ vms: Vm[] }>("/v1/vms")).vms,
        overview: async () => (await get<{ vms: VmOverview[] }>("/v1/vms", { overview: "true" })).vms,
        vm: (name: string) => get<Vm>(vm(name)),
        health: () => get<unknown>("/v1/health"),
        matrix: () => get<Matrix>("/v1/matrix"),
        matrixOf: (name: string) => get<Matrix>(`${vm(name)}/matrix`),
        /** Of its own files alone. */
        ownMatrix: (name: string) => get<Matrix>(`${vm(name)}/matrix`, { own: "true" }),
        verify: async () => (await post<{ vms: Report[] }>("/v1/verify")).vms,
        verifyOne: (name: string) => post<Report>(`${vm(name)}/verify`),
        relabel: (name: string) => post<Report>(`${vm(name)}/relabel`),
        recover: (dryRun: boolean) => post<Recovery>("/v1/recover", { dryRun: String(dryRun) }),
        events: (question: Question, isWanted: (event: AuditEvent) => boolean = () => true) =>
            events(params => get<Part>("/v1/events", params), question, isWanted),
        /** Where the events of the future begin. */
        position: async () => (await get<Part>("/v1/events", { after: "now" })).next,
        /** Waits for events. */
        next: (after: string) => get<Part>("/v1/events", { after, wait: "true" }),
        doctor: () => command<{ healthy: boolean, findings: Finding[] }>(signal, "doctor"),
        explain: (since: string) => command<Explanations>(signal, "explain", "--since", since),
    };
}

export type Service = ReturnType<typeof asking>;

/** For what goes on when the reader has gone to another view: what he has set going, and the following of events. */
export const service = asking();
