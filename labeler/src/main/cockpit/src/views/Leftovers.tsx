// What is left: labels that no VM holds, and VMs that have ended without a word.

import { AskingButton, useActing } from "../acting";
import type { FileReport, Recovery } from "../answers";
import { Nothing, Notice } from "../frames";
import { failures } from "./Labels";
import { LongTable } from "../LongList";
import { FileName } from "../names";
import { service } from "../service";
import { count } from "../text";
import type { Turn } from "./views";

export async function leftovers({ service }: Turn) {
    return <Leftovers found={await service.recover(true)} />;
}

function Leftovers({ found: { vms, stale } }: { found: Recovery }) {
    const rows = [
        ...vms.flatMap(vm => vm.reports.map(file => ({ file, holder: `VM ${vm.vm}, which has ended` }))),
        ...stale.map(file => ({ file, holder: "nobody" }))];
    if (rows.length === 0 && vms.length === 0)
        return <Nothing kind="good" title="Nothing is left">Each label on record belongs to a VM.</Nothing>;
    return <>
        {vms.flatMap(vm => vm.problems).map((problem, at) => <Notice key={at} kind="fault" title={problem.kind}>{problem.message}</Notice>)}
        <LongTable name="leftovers" caption={`${count(vms.length, "VM")} that ended, ${count(stale.length, "file")} that nobody holds`}
            columns={["File", "Held by", "What a recovery does", "Details"]} all={rows}
            text={({ file, holder }) => `${file.path} ${holder} ${file.message}`}
            row={({ file, holder }, at) => ({ key: at, cells: [<FileName path={file.path} />, holder, words(file), file.message] })} />
        <p className="actions"><GiveBack labels={rows.length} vms={vms.length} /></p>
        <p className="dim">For files that lie elsewhere: labeler recover --scan DIRECTORY</p>
    </>;
}

function GiveBack({ labels, vms }: { labels: number, vms: number }) {
    const { act } = useActing();
    return <AskingButton question={`Give back ${count(labels, "label")}${vms > 0 ? ` of ${count(vms, "ended VM")}` : ""}?`} dataKey="recover"
        work={() => act("Giving labels back", async () => {
            const done = await service.recover(false);
            const back = [...done.vms.flatMap(vm => vm.reports), ...done.stale].filter(file => file.outcome === "reverted").length;
            return `${count(done.vms.length, "VM")} ended, ${count(back, "label")} given back, ${done.stale.length} stay${failures(done.vms, done.stale)}.`;
        })}>Give back</AskingButton>;
}

function words(file: FileReport): string {
    return file.outcome === "would-change" ? "gives its label back" : file.outcome.replaceAll("-", " ");
}
