// The installation: what labeler doctor says.

import type { Finding } from "../answers";
import { DataTable, Notice, Pill, type Kind } from "../frames";
import { Dim } from "../names";
import type { Turn } from "./views";

const states: Record<string, [Kind, string]> =
    { good: ["good", "good"], warning: ["warning", "warning"], fault: ["fault", "fault"], skipped: ["plain", "skipped"] };

export async function setup({ service }: Turn) {
    const answer = await service.doctor();
    return answer && <Setup {...answer} />;
}

function Setup({ healthy, findings }: { healthy: boolean, findings: Finding[] }) {
    return <>
        <Notice kind={healthy ? "good" : "fault"} title={healthy ? "The installation has no fault" : "The installation has a fault"} />
        <DataTable caption="What was looked at" columns={["Check", "State", "What is there", "Remedy"]} rows={findings.map((finding, at) => {
            const [kind, word] = states[finding.state] ?? ["plain", finding.state];
            return { key: at, cells: [finding.check, <Pill kind={kind}>{word}</Pill>, finding.message,
                finding.remedy ? <code>{finding.remedy}</code> : <Dim>–</Dim>] };
        })} />
    </>;
}
