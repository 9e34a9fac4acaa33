// The service's answers, as openapi.yaml describes them.

export interface Part { events: AuditEvent[]; next: string; more: boolean; damaged: number }
export interface Events { events: AuditEvent[]; isCut: boolean; damaged: number }
export interface Problem { kind: string; file: string | null; message: string }
export interface VmFile {
    path: string; pathBase64?: string; treatment: string; context: string | null; originalContext: string | null;
    parent?: string; parentBase64?: string; reason: string; uses: { origin: string, role: string, access: string }[];
    otherHosts?: string[];
}
export interface Check { time: string; drift: number }
export interface VmOverview {
    vm: string; state: string; pid: number | null; level: string; walls: string[]; fileCount: number; since?: string;
    guard: string; labelCount: number; problemCount: number; warningCount: number; check?: Check;
}
export interface Vm {
    vm: string; state: string; pid: number | null; level: string; walls: string[]; guard: string; monitor: string | null;
    since?: string; otherHostsAsked?: string; check?: Check; files: VmFile[];
    external: { reference: string, protocol: string, role: string, parent: string }[];
    problems: Problem[]; warnings: Problem[];
}
export interface MatrixVm { vm: string; decidedBy?: string }
export interface MatrixFile { path: string; pathBase64?: string; context: string | null; holders: string[]; otherHosts?: string[] }
export interface Matrix { vms: MatrixVm[]; files: MatrixFile[]; access: string[][] }
export interface FileReport { path: string; pathBase64?: string; outcome: string; message: string }
export interface Report { vm: string; reports: FileReport[]; problems: Problem[]; drift?: number; reverted?: number; relabelled?: number }
export interface Recovery { vms: Report[]; stale: FileReport[] }
export interface AuditEvent {
    number: number; time: string; event: string; vm?: string; client?: { pid: number, uid: number };
    command?: { number: number, name: string }; files?: { path: string, access: string, purpose: string }[];
    outcome?: string; rule?: string; message?: string; holds?: { change: string, path: string }[];
    denial?: { reading: string, file?: string, count: number, advice?: string[] }; hosts?: string[];
}
export interface Explanation {
    reading: string | null; vm: string | null; file: string | null; sentences: string[]; advice: string[]; count: number; last?: string;
}
export interface Explanations { explanations: Explanation[]; unreadable: number; leftOut: number }
export interface Finding { check: string; state: string; message: string; remedy?: string }
