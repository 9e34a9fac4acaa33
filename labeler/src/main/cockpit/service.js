// The service, asked over its Unix socket by Cockpit's bridge: this page has no server and no port of its own.

const socket = "/run/labeler/labeler.sock";

/** An answer that was none. */
export class ServiceError extends Error {
    /**
     * @param {"not-permitted" | "no-service" | "busy" | "refused" | "no-program"} kind
     * @param {string} message
     */
    constructor(kind, message) {
        super(message);
        this.kind = kind;
    }
}

/**
 * @param {"GET" | "POST"} method
 * @param {string} path
 * @param {Record<string, string>} params
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
async function request(method, path, params, signal) {
    const client = cockpit.http(socket, { superuser: "try" });
    try {
        return read(await new Promise((resolve, reject) => {
            onAbort(signal, reject);
            // A rejection has two values, of which a plain await would drop the body.
            client.request({ method, path, params, headers: { Accept: "application/json" }, body: "" })
                .then(resolve, (error, body) => reject(explained(error, body)));
        }));
    } finally {
        client.close();
    }
}

/**
 * @param {AbortSignal | undefined} signal
 * @param {(error: Error) => void} reject
 */
function onAbort(signal, reject) {
    const abort = () => reject(new ServiceError("refused", "Nobody waits for the answer any more."));
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted)
        abort();
}

/** @param {string} text @returns {any} */
function read(text) {
    try {
        return JSON.parse(text);
    } catch {
        throw new ServiceError("no-service", "The answer was cut off.");
    }
}

/**
 * @param {CockpitError} error
 * @param {string | undefined} body
 */
function explained(error, body) {
    const denied = /permission denied|errno 13/i.test(error.message ?? "");
    if (error.status === 403 || denied || error.problem === "access-denied")
        return new ServiceError("not-permitted", "Only root and members of the group labeler may ask the service.");
    if (error.status === 503)
        return new ServiceError("busy", told(body) ?? "The service has too much to do.");
    if (error.status)
        return new ServiceError("refused", told(body) ?? `The service answers HTTP ${error.status}.`);
    return new ServiceError("no-service", error.message ?? error.problem ?? "There is no answer.");
}

/** @param {string | undefined} body */
function told(body) {
    try {
        return JSON.parse(body ?? "").message;
    } catch {
        return undefined;
    }
}

/** @param {string} name */
const vm = name => `/v1/vms/${encodeURIComponent(name)}`;

// More than these nobody reads on a page.
export const mostEvents = 1000;

/**
 * The newest events since a time that are wanted, the oldest first. The log is bounded, so all of it is read.
 *
 * @param {(question: Record<string, string>) => Promise<Part>} ask
 * @param {Record<string, string>} question `since`, `vm`
 * @param {(event: AuditEvent) => boolean} isWanted
 * @returns {Promise<Events>}
 */
async function events(ask, question, isWanted) {
    /** @type {Events} */
    const found = { events: [], isCut: false, damaged: 0 };
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

/**
 * A command of the product that answers in JSON.
 *
 * @param {AbortSignal | undefined} signal
 * @param {...string} args
 * @returns {Promise<any>} null if it has nothing to say
 */
async function command(signal, ...args) {
    const process = cockpit.spawn(["labeler", ...args, "-o", "json"], { superuser: "try", err: "message" });
    try {
        const text = await new Promise((resolve, reject) => {
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
        return text.trim() === "" ? null : read(text);
    } finally {
        process.close();
    }
}

/**
 * The service. What is asked with a signal ends with it: a view that nobody looks at any more waits for nothing.
 *
 * @param {AbortSignal} [signal]
 * @returns {Service}
 */
export function asking(signal) {
    /** @param {string} path @param {Record<string, string>} params */
    const get = (path, params = {}) => request("GET", path, params, signal);
    /** @param {string} path @param {Record<string, string>} params */
    const post = (path, params = {}) => request("POST", path, params, signal);
    return {
        vms: async () => (await get("/v1/vms")).vms,
        overview: async () => (await get("/v1/vms", { overview: "true" })).vms,
        vm: name => get(vm(name)),
        health: () => get("/v1/health"),
        matrix: () => get("/v1/matrix"),
        matrixOf: name => get(`${vm(name)}/matrix`),
        ownMatrix: name => get(`${vm(name)}/matrix`, { own: "true" }),
        verify: async () => (await post("/v1/verify")).vms,
        verifyOne: name => post(`${vm(name)}/verify`),
        relabel: name => post(`${vm(name)}/relabel`),
        recover: dryRun => post("/v1/recover", { dryRun: String(dryRun) }),
        events: (question, isWanted = () => true) => events(params => get("/v1/events", params), question, isWanted),
        position: async () => (await get("/v1/events", { after: "now" })).next,
        next: after => get("/v1/events", { after, wait: "true" }),
        doctor: () => command(signal, "doctor"),
        explain: since => command(signal, "explain", "--since", since),
    };
}

/** For what goes on when the reader has gone to another view: what he has set going, and the following of events. */
export const service = asking();
