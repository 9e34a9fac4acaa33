// Which VM can reach which file, and why.

import type { Matrix, MatrixFile, MatrixVm, Vm, VmFile, VmOverview } from "../answers";
import { Cell, Nothing, Notice, Pill } from "../frames";
import { LongTable } from "../LongList";
import { FileName, Hosts, Line, ViewLink, VmLink } from "../names";
import { Caption, Table, Tbody, Th, Thead, Tr } from "../patternfly";
import { ServiceError } from "../service";
import { count } from "../text";
import type { Turn } from "./views";

const access: Record<string, string> = { "none": "no", "read": "reads", "read-write": "reads, writes", "descriptor": "handed over" };
const deciders: Record<string, string> = { selinux: "SELinux", landlock: "Landlock", nothing: "nothing but permissions" };

/** A picture of more VMs, or with more cells, is none: one VM is looked at. */
const mostVms = 50;
const mostCells = 2500;

export async function matrix({ route: [name], service }: Turn) {
    if (name !== undefined) {
        const [matrix, vm] = await Promise.all([service.matrixOf(name), service.vm(name)]);
        return matrix.vms.map((row, at) => <OneVm key={row.vm} row={row} files={matrix.files} allowed={matrix.access[at] ?? []} vm={vm} />);
    }
    const all = await service.overview();
    if (all.length > mostVms)
        return <TooMany why={`${count(all.length, "VM")} are too many for one picture`} vms={all} />;
    try {
        const [matrix, vms] = await Promise.all([service.matrix(), service.vms()]);
        if (matrix.vms.length === 0)
            return <Nothing kind="plain" title="No VM is confined just now" />;
        return matrix.vms.length * matrix.files.length > mostCells
            ? <TooMany why={`${count(matrix.vms.length, "VM")} and ${count(matrix.files.length, "file")} are too many for one picture`} vms={all} />
            : <AllVms matrix={matrix} vms={vms} />;
    } catch (error) {
        // Too large for one picture, or a file cannot be looked at.
        if (error instanceof ServiceError && error.kind === "refused")
            return <TooMany why={error.message} vms={all} />;
        throw error;
    }
}

function TooMany({ why, vms }: { why: string, vms: VmOverview[] }) {
    return <>
        <Notice kind="warning" title="There is no picture of all">{why}</Notice>
        <LongTable name="choice" caption="One VM against the files of all" columns={["VM", "Files"]} all={vms} text={vm => vm.vm}
            row={vm => ({ key: vm.vm, cells: [<ViewLink route={["matrix", vm.vm]}>{vm.vm}</ViewLink>, vm.fileCount] })} />
    </>;
}

/** What should not be comes first: there may be thousands of files. */
const order = { fault: 0, warning: 1, plain: 2 };

/** A file a line. */
function OneVm({ row, files, allowed, vm }: { row: MatrixVm, files: MatrixFile[], allowed: string[], vm: Vm }) {
    const all = files.map((file, at) => ({ file, found: judged(row, file, allowed[at] ?? "none", vm) }));
    all.sort((one, other) => order[one.found.state] - order[other.found.state]);
    return <>
        <p>What the kernel lets the process of <VmLink vm={row.vm} /> do, by {decider(row)}. <ViewLink route={["matrix"]}>All VMs</ViewLink></p>
        <LongTable name={`matrix ${row.vm}`} caption={count(all.length, "file")} columns={["File", "Access", "Why"]} all={all}
            text={({ file, found }) => `${file.path} ${found.words} ${found.why}`}
            row={({ file, found }, at) => ({ key: file.pathBase64 ?? `${at} ${file.path}`, cells: [<><FileName path={file.path} />{file.otherHosts && <Line><Hosts names={file.otherHosts} /></Line>}</>,
                found.state === "plain" ? found.words : <Pill kind={found.state}>{found.words}</Pill>, found.why] })} />
    </>;
}

function AllVms({ matrix, vms }: { matrix: Matrix, vms: Vm[] }) {
    const known = new Map(vms.map(vm => [vm.vm, vm]));
    return <>
        <p>What the kernel lets each VM's process do with each file on record, and why.</p>
        <div className="wide" tabIndex={0} role="region" aria-label="Matrix of VMs and files">
            <Table role="table" className="matrix" variant="compact" gridBreakPoint="">
                <Caption>{`${matrix.vms.length} × ${matrix.files.length}`}</Caption>
                <Thead><Tr>
                    <Th scope="col">VM</Th>
                    {matrix.files.map((file, column) => <Th key={column} scope="col" modifier="wrap"><FileName path={file.path} />
                        {file.otherHosts && <Line><Hosts names={file.otherHosts} /></Line>}</Th>)}
                </Tr></Thead>
                <Tbody>{matrix.vms.map((row, at) => <Tr key={row.vm}>
                    <Th scope="row"><VmLink vm={row.vm} /><Line><span className="dim">by {decider(row)}</span></Line></Th>
                    {matrix.files.map((file, column) =>
                        <Reach key={column} row={row} file={file} allowed={matrix.access[at]?.[column] ?? "none"} vm={known.get(row.vm)} />)}
                </Tr>)}</Tbody>
            </Table>
        </div>
    </>;
}

const decider = (row: MatrixVm) => deciders[row.decidedBy ?? "selinux"] ?? row.decidedBy ?? "";

function Reach({ row, file, allowed, vm }: { row: MatrixVm, file: MatrixFile, allowed: string, vm: Vm | undefined }) {
    const { state, words, why } = judged(row, file, allowed, vm);
    return <Cell className={`cell ${state === "plain" ? allowed : state}`}><strong>{words}</strong><Line>{why}</Line></Cell>;
}

function judged(row: MatrixVm, file: MatrixFile, allowed: string, vm: Vm | undefined):
    { state: "plain" | "warning" | "fault", words: string, why: string } {
    const own = vm?.files.find(one => one.path === file.path && one.pathBase64 === file.pathBase64);
    const isOdd = !own && allowed !== "none" && !file.holders.includes(row.vm);
    const words = access[allowed] ?? allowed;
    if (own && allowed === "none")
        return { state: "warning", words, why: "its own file, and it does not reach it" };
    return { state: isOdd ? "fault" : "plain", words, why: reason(row, own, allowed, isOdd) };
}

function reason(row: MatrixVm, own: VmFile | undefined, allowed: string, isOdd: boolean): string {
    if (isOdd)
        return "not its file, and nothing keeps it away";
    if (own)
        return `its ${[...new Set(own.uses.map(use => use.role))].join(", ") || "file"}; ${own.reason}`;
    if (allowed !== "none")
        return "it holds the file";
    return row.decidedBy === "landlock" ? "not in its Landlock ruleset" : "the policy denies it: another level";
}
