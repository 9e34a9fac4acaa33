// One VM: its files as a tree, each with its label now and before, and who else holds it.

import type { ReactNode } from "react";
import { ActButton, useActing } from "../acting";
import type { AuditEvent, Events, MatrixFile, Problem, Vm, VmFile } from "../answers";
import { eventRow, Happened, Lacking } from "../events";
import { DataTable, Notice, Pill } from "../frames";
import { AgainButton } from "./Labels";
import { Dim, FileName, Hosts, Line, SecurityContext, ViewLink, VmLink } from "../names";
import { service, ServiceError, type Service } from "../service";
import { count } from "../text";
import { Tree, type Branch } from "../Tree";
import type { Turn } from "./views";
import { Facts } from "./Vms";

const treatments: Record<string, string> = { label: "labelled", pass: "handed over", leave: "left as it is", refuse: "refused" };

/** Of one VM's events: the newest of a day are enough beside its files. */
const newest = 20;
const oneDay = 86_400_000;

/** What was on disk, and when; or why that is not known. */
interface Disk { files: Map<string, MatrixFile>; time: string; refusal?: string }

/** What was seen last, kept while the reader stays: a look at the disk may have to wait for a file server. */
let seen: { name: string, disk?: Disk } = { name: "" };

/** Most commands come and go. Those that take a file, or let one go, label it. */
const changesNoLabel = (event: AuditEvent) => event.event === "command" && !event.holds?.length;

export async function vm({ route: [name = ""], service, news }: Turn) {
    const kept = seen.name === name && news?.every(changesNoLabel) ? seen.disk : undefined;
    const [vm, disk, lately] = await Promise.all([held(service, name), kept ?? onDisk(service, name),
        service.events({ vm: name, since: new Date(Date.now() - oneDay).toISOString() })]);
    seen = { name, disk };
    return <>
        {/* Refusals and old events name VMs that are gone, or never were. */}
        {vm instanceof ServiceError ? <Notice kind="plain" title={vm.message} /> : <OneVm vm={vm} disk={disk} />}
        <Lately found={lately} />
    </>;
}

/** The VM, or why there is none. */
async function held(service: Service, name: string): Promise<Vm | ServiceError> {
    try {
        return await service.vm(name);
    } catch (error) {
        if (error instanceof ServiceError && error.kind === "refused")
            return error;
        throw error;
    }
}

/** What is on disk. One file that cannot be looked at is enough for a refusal; the rest is worth showing all the same. */
async function onDisk(service: Service, name: string): Promise<Disk> {
    const time = new Date().toISOString();
    try {
        const matrix = await service.ownMatrix(name);
        return { files: new Map(matrix.files.map(file => [key(file), file])), time };
    } catch (error) {
        if (error instanceof ServiceError && (error.kind === "refused" || error.kind === "busy"))
            return { files: new Map(), time, refusal: error.message };
        throw error;
    }
}

/** Two names may look the same and not be. */
const key = (file: { path: string, pathBase64?: string }) => file.pathBase64 ?? `=${file.path}`;
const parentKey = (file: VmFile) => file.parentBase64 ?? (file.parent === undefined ? undefined : `=${file.parent}`);

function OneVm({ vm, disk }: { vm: Vm, disk: Disk }) {
    const { act } = useActing();
    const check = () => act("The labels are compared with the record", async () => {
        const report = await service.verifyOne(vm.vm);
        return report.drift === 0 ? "All is as it should be." : `${report.drift} not as it should be.`;
    });
    return <>
        <Facts vm={vm} />
        <p className="actions">
            <ActButton dataKey="check" onClick={check}>Check the labels</ActButton>
            {vm.check && vm.check.drift > 0 && <AgainButton vm={vm.vm} drift={vm.check.drift} />}
            <ViewLink route={["matrix", vm.vm]}>Which files it reaches</ViewLink>
        </p>
        {disk.refusal !== undefined && <Notice kind="warning" title="The labels on disk are not known">{disk.refusal}</Notice>}
        <Messages problems={vm.problems} kind="fault" />
        <Messages problems={vm.warnings} kind="warning" />
        <div className="wide" tabIndex={0} role="region" aria-label="Files">
            <Tree name={vm.vm} columns={["File", "Use", "Label now", "Label before", "Also held by", "Why"]} branches={branches(vm, disk.files)}
                caption={`${count(vm.files.length, "file")}; below an image those that its header names. Labels as of ${new Date(disk.time).toLocaleTimeString()}${asked(vm)}`} />
        </div>
        {vm.external.length > 0 && <DataTable caption="Not files of this host" columns={["Reference", "Protocol", "Use", "Named by"]}
            rows={vm.external.map((one, at) => ({ key: at, cells: [one.reference, one.protocol, one.role, <FileName path={one.parent} />] }))} />}
    </>;
}

const asked = ({ otherHostsAsked }: Vm) =>
    otherHostsAsked === undefined ? "" : `; other hosts as of ${new Date(otherHostsAsked).toLocaleTimeString()}`;

function Lately({ found }: { found: Events }) {
    return <>
        <h3>Since yesterday</h3>
        <Lacking found={found} />
        <Happened name="lately" all={found.events.slice(-newest).reverse().map(event => ({ text: "", row: () => eventRow(event) }))} />
    </>;
}

function Messages({ problems, kind }: { problems: Problem[], kind: "fault" | "warning" }) {
    return problems.map((problem, at) => <Notice key={at} kind={kind} title={problem.kind}>
        {problem.file && <FileName path={problem.file} />} {problem.message}
    </Notice>);
}

function branches(vm: Vm, disk: Map<string, MatrixFile>): Branch[] {
    const known = new Set(vm.files.map(key));
    const placed = new Set<string>();
    const branch = (file: VmFile): Branch => {
        placed.add(key(file));
        return {
            key: `file ${key(file)}`,
            cells: cells(vm, file, disk.get(key(file))),
            below: vm.files.filter(one => parentKey(one) === key(file) && !placed.has(key(one))).map(branch),
        };
    };
    const tops = vm.files.filter(file => !known.has(parentKey(file) ?? "")).map(branch);
    // A ring of parents has no top: nothing may be missing here.
    return [...tops, ...vm.files.filter(file => !placed.has(key(file))).map(branch)];
}

function cells(vm: Vm, file: VmFile, disk: MatrixFile | undefined): ReactNode[] {
    const isLabelled = file.treatment === "label";
    return [
        <FileName path={file.path} />,
        file.uses.map((use, at) => <Line key={at} title={use.origin}>{`${use.role}, ${use.access}`}</Line>),
        !disk ? <Dim>not known</Dim> : <span>
            <SecurityContext context={disk.context} />
            {isLabelled && disk.context !== file.context &&
                <Line><Pill kind="fault">changed</Pill> should be <SecurityContext context={file.context} /></Line>}
        </span>,
        isLabelled ? <SecurityContext context={file.originalContext} /> : <Dim>the same</Dim>,
        <OtherHolders vm={vm} file={file} disk={disk} />,
        `${treatments[file.treatment] ?? file.treatment}: ${file.reason}`,
    ];
}

/** Other VMs of this host, and other hosts: who they are, only they know. */
function OtherHolders({ vm, file, disk }: { vm: Vm, file: VmFile, disk: MatrixFile | undefined }) {
    const hosts = file.otherHosts ?? [];
    const vms = disk?.holders.filter(holder => holder !== vm.vm) ?? [];
    return <>
        {!disk ? <Dim>not known</Dim> : (vms.length > 0 || hosts.length === 0) && <Others names={vms} />}
        {hosts.length > 0 && <Line><Hosts names={hosts} /></Line>}
    </>;
}

function Others({ names }: { names: string[] }) {
    return names.length === 0 ? <Dim>nobody</Dim>
        : <span>{names.map((name, at) => <span key={name}>{at > 0 && ", "}<VmLink vm={name} /></span>)}</span>;
}
