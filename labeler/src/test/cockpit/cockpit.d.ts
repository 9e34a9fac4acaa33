// What the page uses of Cockpit's library, and the service's answers, as openapi.yaml describes them.

interface CockpitError { problem?: string; message?: string; status?: number }
interface CockpitPromise<T> {
    then(done: (value: T) => void, failed: (error: CockpitError, text?: string) => void): unknown;
}
interface CockpitHttp {
    request(options: { method: string, path: string, params: Record<string, string>, headers: Record<string, string>, body: string }): CockpitPromise<string>;
    close(): void;
}
declare const cockpit: {
    http(endpoint: string, options: { superuser: "try" }): CockpitHttp;
    spawn(args: string[], options: { superuser: "try", err: "message" }): CockpitPromise<string> & { close(): void };
    location: { path: string[] };
    hidden: boolean;
    addEventListener(name: "locationchanged" | "visibilitychange", listener: () => void): void;
    removeEventListener(name: "visibilitychange", listener: () => void): void;
};

interface Service {
    /** With all their files: a large answer. */
    vms(): Promise<Vm[]>;
    overview(): Promise<VmOverview[]>;
    vm(name: string): Promise<Vm>;
    health(): Promise<unknown>;
    matrix(): Promise<Matrix>;
    matrixOf(name: string): Promise<Matrix>;
    /** Of its own files alone. */
    ownMatrix(name: string): Promise<Matrix>;
    verify(): Promise<Report[]>;
    verifyOne(name: string): Promise<Report>;
    relabel(name: string): Promise<Report>;
    recover(dryRun: boolean): Promise<{ vms: Report[], stale: FileReport[] }>;
    events(question: Record<string, string>, isWanted?: (event: AuditEvent) => boolean): Promise<Events>;
    /** Where the events of the future begin. */
    position(): Promise<string>;
    /** Waits for events. */
    next(after: string): Promise<Part>;
    doctor(): Promise<{ healthy: boolean, findings: Finding[] }>;
    explain(since: string): Promise<{ explanations: Explanation[], unreadable: number, leftOut: number } | null>;
}
interface Part { events: AuditEvent[]; next: string; more: boolean; damaged: number }
interface Events { events: AuditEvent[]; isCut: boolean; damaged: number }
/** What a view gets to be shown with. */
interface Turn {
    /** Its questions end when another view is shown, or this one anew. */
    service: Service;
    /** The events because of which it is shown anew; none when the reader has asked. */
    news?: AuditEvent[];
    refresh(): void;
    act(what: string, work: () => Promise<string>): Promise<void>;
}
interface Problem { kind: string; file: string | null; message: string }
interface VmFile {
    path: string; pathBase64?: string; treatment: string; context: string | null; originalContext: string | null;
    parent?: string; parentBase64?: string; reason: string; uses: { origin: string, role: string, access: string }[];
}
interface Check { time: string; drift: number }
interface VmOverview {
    vm: string; state: string; pid: number | null; level: string; walls: string[]; fileCount: number; since?: string;
    guard: string; labelCount: number; problemCount: number; warningCount: number; check?: Check;
}
interface Vm {
    vm: string; state: string; pid: number | null; level: string; walls: string[]; guard: string; monitor: string | null;
    since?: string; check?: Check; files: VmFile[];
    external: { reference: string, protocol: string, role: string, parent: string }[];
    problems: Problem[]; warnings: Problem[];
}
interface MatrixVm { vm: string; decidedBy?: string }
interface MatrixFile { path: string; pathBase64?: string; context: string | null; holders: string[] }
interface Matrix { vms: MatrixVm[]; files: MatrixFile[]; access: string[][] }
interface FileReport { path: string; pathBase64?: string; outcome: string; message: string }
interface Report { vm: string; reports: FileReport[]; problems: Problem[]; drift?: number; reverted?: number; relabelled?: number }
interface AuditEvent {
    number: number; time: string; event: string; vm?: string; client?: { pid: number, uid: number };
    command?: { number: number, name: string }; files?: { path: string, access: string, purpose: string }[];
    outcome?: string; rule?: string; message?: string; holds?: { change: string, path: string }[];
    denial?: { reading: string, file?: string, count: number, advice?: string[] };
}
interface Explanation {
    reading: string | null; vm: string | null; file: string | null; sentences: string[]; advice: string[]; count: number; last?: string;
}
interface Finding { check: string; state: string; message: string; remedy?: string }
