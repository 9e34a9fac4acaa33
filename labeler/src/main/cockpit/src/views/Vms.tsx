// All VMs: what confines each, and whether its labels are as they should be.

import type { Check, Vm, VmOverview } from "../answers";
import { Nothing, Pill } from "../frames";
import { LongTable } from "../LongList";
import { Age, Dim, Time, useNow, ViewLink } from "../names";
import { DescriptionList, DescriptionListDescription, DescriptionListGroup, DescriptionListTerm } from "../patternfly";
import { count } from "../text";
import type { Turn } from "./views";

const wallNames: Record<string, string> = { selinux: "SELinux", landlock: "Landlock", descriptors: "descriptors" };

/** What was found before that says little of now. */
const oneDay = 86_400_000;

/** What the kernel enforces around a VM's process; `hasLabels` if a file has a label of its own. */
function Walls({ standing, hasLabels }: { standing: string[], hasLabels: boolean }) {
    const words = standing.map(wall => wallNames[wall] ?? wall).join(", ");
    if (standing.includes("selinux") || standing.includes("landlock"))
        return <Pill kind="good">{words}</Pill>;
    if (standing.length > 0)
        return <Pill kind="warning">{`${words} only`}</Pill>;
    return hasLabels ? <Pill kind="warning">labels only, not enforced</Pill> : <Pill kind="fault">nothing</Pill>;
}

/** What the last check of the labels found. */
function LastCheck({ last }: { last: Check | undefined }) {
    const now = useNow();
    if (!last)
        return <Dim>not checked</Dim>;
    const isOld = now - Date.parse(last.time) > oneDay;
    return <span>
        {last.drift === 0 ? <Pill kind={isOld ? "plain" : "good"}>as set</Pill>
            : <ViewLink route={["labels"]}><Pill kind="fault">{`${last.drift} not as set`}</Pill></ViewLink>} <Age instant={last.time} /> ago
    </span>;
}

function Problems({ vm }: { vm: VmOverview }) {
    const number = vm.problemCount + vm.warningCount;
    return number === 0 ? "none" : <Pill kind={vm.problemCount > 0 ? "fault" : "warning"}>{count(number, "problem")}</Pill>;
}

export async function vms({ service }: Turn) {
    return <Vms vms={await service.overview()} />;
}

function Vms({ vms }: { vms: VmOverview[] }) {
    if (vms.length === 0) {
        return <Nothing kind="plain" title="No VM is confined just now">
            Start one by <code>labeler run NAME -- qemu-system-x86_64 …</code>, or have libvirt's domains
            confined: <code>labeler hook install libvirt</code>.
        </Nothing>;
    }
    return <LongTable name="vms" caption={count(vms.length, "VM")} all={vms} text={vm => `${vm.vm} ${vm.state} ${vm.level}`}
        columns={["VM", "State", "Running for", "Confined by", "Level", "Monitor", "Files", "Labels", "Problems"]}
        row={vm => ({ key: vm.vm, cells: [
            <ViewLink route={["vm", vm.vm]} dataKey={`vm ${vm.vm}`}>{vm.vm}</ViewLink>,
            vm.state, <Age instant={vm.since} />, <Walls standing={vm.walls} hasLabels={vm.labelCount > 0} />, <code>{vm.level}</code>,
            vm.guard === "off" ? "not guarded" : vm.guard === "on" ? "guarded" : "partly guarded",
            vm.fileCount, <LastCheck last={vm.check} />, <Problems vm={vm} />] })} />;
}

/** What is known of one VM beside its files. */
export function Facts({ vm }: { vm: Vm }) {
    const facts = {
        "State": vm.state,
        "Process": vm.pid ?? "not known",
        "Running for": <Age instant={vm.since} />,
        "Confined by": <Walls standing={vm.walls} hasLabels={vm.files.some(file => file.treatment === "label")} />,
        "Level": <code>{vm.level}</code>,
        "Monitor": vm.monitor === null ? "not guarded" : <code>{vm.monitor}</code>,
        "Labels": vm.check ? <span><LastCheck last={vm.check} />, at <Time instant={vm.check.time} /></span> : <LastCheck last={undefined} />,
    };
    return <DescriptionList className="facts" isCompact isAutoFit autoFitMinModifier={{ default: "13rem" }}
        isHorizontal orientation={{ md: "vertical" }}>
        {Object.entries(facts).map(([name, value]) => <DescriptionListGroup key={name}>
            <DescriptionListTerm>{name}</DescriptionListTerm>
            <DescriptionListDescription>{value}</DescriptionListDescription>
        </DescriptionListGroup>)}
    </DescriptionList>;
}
