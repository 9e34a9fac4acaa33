// Drift: files whose labels others have changed, and a button that sets them again.

import { ActButton, AskingButton, useActing } from "../acting";
import type { FileReport, Report } from "../answers";
import { DataTable, Nothing, Notice } from "../frames";
import { LongList } from "../LongList";
import { FileName, VmLink } from "../names";
import { service } from "../service";
import { count } from "../text";
import type { Turn } from "./views";

const isAsSet = (file: FileReport) => file.outcome === "as-expected" || file.outcome === "still-held";
const isFailed = (file: FileReport) => file.outcome === "failed" || file.outcome === "lost";

/** What has failed, in words. */
export function failures(vms: Report[], others: FileReport[] = []): string {
    const messages = [
        ...[...vms.flatMap(vm => vm.reports), ...others].filter(isFailed).map(file => `${file.path}: ${file.message}`),
        ...vms.flatMap(vm => vm.problems).map(problem => problem.message)];
    return messages.length === 0 ? "" : `, ${messages.length} failed: ${messages.slice(0, 3).join("; ")}${messages.length > 3 ? " …" : ""}`;
}

/** Sets the labels of a VM again. */
export function AgainButton({ vm, drift }: { vm: string, drift: number }) {
    const { act } = useActing();
    return <AskingButton question={`Set ${count(drift, "label")} of ${vm} again?`} dataKey={`again ${vm}`}
        work={() => act(`Setting the labels of ${vm}`, async () => {
            const report = await service.relabel(vm);
            return `${count(report.relabelled ?? 0, "label")} of ${vm} set${failures([report])}.`;
        })}>{`Set the labels of ${vm} again`}</AskingButton>;
}

export async function labels({ service }: Turn) {
    return <Labels reports={await service.verify()} />;
}

function Labels({ reports }: { reports: Report[] }) {
    const { refresh } = useActing();
    const files = reports.reduce((sum, vm) => sum + vm.reports.length, 0);
    const drifted = reports.filter(vm => (vm.drift ?? 0) > 0);
    return <>
        <p className="actions"><ActButton dataKey="check" onClick={refresh}>Check again</ActButton></p>
        {drifted.length === 0
            ? <Nothing kind="good" title={`All is as it should be: ${count(files, "file")} of ${count(reports.length, "VM")}`} />
            : <LongList name="drifted" all={drifted} text={vm => vm.vm}>{some => some.map(vm => <Drifted key={vm.vm} vm={vm} />)}</LongList>}
    </>;
}

function Drifted({ vm }: { vm: Report }) {
    const changed = vm.reports.filter(file => !isAsSet(file));
    return <section>
        <h3><VmLink vm={vm.vm} />{`: ${vm.drift} not as it should be`}</h3>
        {vm.problems.map((problem, at) => <Notice key={at} kind="fault" title={problem.kind}>{problem.message}</Notice>)}
        {changed.length > 0 && <DataTable caption={`Files of ${vm.vm}`} columns={["File", "What is wrong", "Details"]} rows={changed.map((file, at) =>
            ({ key: at, cells: [<FileName path={file.path} />, file.outcome.replaceAll("-", " "), file.message] }))} />}
        <p className="actions"><AgainButton vm={vm.vm} drift={vm.drift ?? 0} /></p>
    </section>;
}
