// The service, asked over its Unix socket by Cockpit's bridge: this page has no server and no port of its own.

const socket = "/run/labeler/labeler.sock";

/** An answer that was none. */
export class ServiceError extends Error {
    /**
     * @param {"not-permitted" | "no-service" | "refused" | "no-program"} kind
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
 * @returns {Promise<any>}
 */
function request(method, path, params) {
    const client = cockpit.http(socket, { superuser: "try" });
    return new Promise((resolve, reject) => {
        // A rejection has two values, of which a plain await would drop the body.
        client.request({ method, path, params, headers: { Accept: "application/json" }, body: "" }).then(
            text => resolve(JSON.parse(text)),
            (error, body) => reject(explained(error, body)));
    }).finally(() => client.close());
}

/**
 * @param {CockpitError} error
 * @param {string | undefined} body
 */
function explained(error, body) {
    const denied = /permission denied|errno 13/i.test(error.message ?? "");
    if (error.status === 403 || denied || error.problem === "access-denied")
        return new ServiceError("not-permitted", "Only root and members of the group labeler may ask the service.");
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

/** @param {string} path @param {Record<string, string>} params */
const get = (path, params = {}) => request("GET", path, params);

/** @param {string} path @param {Record<string, string>} params */
const post = (path, params = {}) => request("POST", path, params);

// The service answers a thousand events at a time; more than these nobody reads on a page.
const mostParts = 20;
const mostEvents = 1000;

/**
 * The newest events since a time, the oldest first.
 *
 * @param {Record<string, string>} question `since`, `vm`
 * @returns {Promise<AuditEvent[]>}
 */
async function events(question) {
    /** @type {AuditEvent[]} */
    let found = [];
    let params = question;
    for (let part = 0; part < mostParts; part++) {
        const answer = await get("/v1/events", params);
        found = [...found, ...answer.events].slice(-mostEvents);
        if (!answer.more)
            break;
        params = { ...question, after: answer.next };
    }
    return found;
}

/**
 * A command of the product that answers in JSON.
 *
 * @param {string[]} args
 * @returns {Promise<any>} null if it has nothing to say
 */
function command(...args) {
    return new Promise((resolve, reject) => {
        /** @param {string} text */
        const read = text => text.trim() === "" ? null : JSON.parse(text);
        cockpit.spawn(["labeler", ...args, "-o", "json"], { superuser: "try", err: "message" }).then(
            text => resolve(read(text)),
            (error, text) => {
                // `doctor` ends with 1 where it finds a fault, and that is an answer.
                if (text && text.trim().startsWith("{"))
                    resolve(read(text));
                else if (error.problem === "not-found")
                    reject(new ServiceError("no-program", "The command labeler is not installed here."));
                else if (/only root/i.test(error.message ?? ""))
                    reject(new ServiceError("not-permitted", error.message ?? ""));
                else
                    reject(new ServiceError("refused", error.message ?? "labeler has failed."));
            });
    });
}

export const service = {
    /** @returns {Promise<Vm[]>} */
    vms: async () => (await get("/v1/vms")).vms,
    /** @param {string} name @returns {Promise<Vm>} */
    vm: name => get(vm(name)),
    /** @returns {Promise<unknown>} */
    health: () => get("/v1/health"),
    /** @returns {Promise<Matrix>} */
    matrix: () => get("/v1/matrix"),
    /** @param {string} name @returns {Promise<Matrix>} */
    matrixOf: name => get(`${vm(name)}/matrix`),
    /** @returns {Promise<Report[]>} */
    verify: async () => (await post("/v1/verify")).vms,
    /** @param {string} name @returns {Promise<Report>} */
    verifyOne: name => post(`${vm(name)}/verify`),
    /** @param {string} name @returns {Promise<Report>} */
    relabel: name => post(`${vm(name)}/relabel`),
    /** @param {boolean} dryRun @returns {Promise<{ vms: Report[], stale: FileReport[] }>} */
    recover: dryRun => post("/v1/recover", { dryRun: String(dryRun) }),
    events,
    /** @param {string} after @returns {Promise<{ events: AuditEvent[], next: string }>} */
    next: after => get("/v1/events", { after, wait: "true" }),
    /** @returns {Promise<{ healthy: boolean, findings: Finding[] }>} */
    doctor: () => command("doctor"),
    /** @param {string} since @returns {Promise<{ explanations: Explanation[], unreadable: number, leftOut: number } | null>} */
    explain: since => command("explain", "--since", since),
};
