// What happened: denials of the kernel's, each with its explanation, beside all that the service knows.

import type { AuditEvent, Events, Explanation } from "../answers";
import { DenialWords, eventRow, Happened, Lacking, ReadingPill, words, type Happening } from "../events";
import { Notice, type Row } from "../frames";
import { Dim, Time, VmLink } from "../names";
import { Period, since } from "./Period";
import { mostEvents, ServiceError, type Service } from "../service";
import { count } from "../text";
import type { Turn } from "./views";

/** Denials in the kernel's log, and what is to be said of it. That it has none is old as soon as one comes as an event. */
interface Denials { explanations: Explanation[]; lack?: { title: string, text?: string }; hasNone?: boolean }

/**
 * What was seen last, and what the kernel's log had then. To read all of it again at each event would be much, and what happens
 * from then on comes as events.
 */
let seen: { chosen: string, denials: Denials, found: Events } | undefined;

export async function timeline({ route: [chosen = "day"], service, news }: Turn) {
    if (news && seen?.chosen === chosen) {
        seen.found = withNews(seen.found, news);
    } else {
        const from = since(chosen);
        const [denials, found] = await Promise.all([explained(service, from), service.events({ since: from })]);
        seen = { chosen, denials, found };
    }
    return <Timeline {...seen} />;
}

function withNews(found: Events, news: AuditEvent[]): Events {
    const last = found.events.at(-1)?.number ?? 0;
    const events = [...found.events, ...news.filter(event => event.number > last)];
    return { ...found, events: events.slice(-mostEvents), isCut: found.isCut || events.length > mostEvents };
}

async function explained(service: Service, from: string): Promise<Denials> {
    try {
        const answer = await service.explain(from) ?? { explanations: [], leftOut: 0, unreadable: 0 };
        const { explanations, leftOut, unreadable } = answer;
        if (leftOut + unreadable > 0)
            return { explanations, lack: { title: `${count(leftOut, "older denial")} left out, ${unreadable} that cannot be read` } };
        return { explanations, hasNone: explanations.length === 0 };
    } catch (error) {
        // The kernel's audit log is root's; events may be seen by more users.
        if (error instanceof ServiceError)
            return { explanations: [], lack: { title: "Denials are missing: the kernel's audit log cannot be read", text: error.message } };
        throw error;
    }
}

function Timeline({ chosen, denials, found }: { chosen: string, denials: Denials, found: Events }) {
    const told = found.events.filter(event => event.denial).map(event => `${event.vm} ${event.message ?? ""}`);
    // What came as an event is in the kernel's log as well.
    const isTold = (one: Explanation) => told.some(text => text.startsWith(`${one.vm} ${one.sentences[0] ?? ""}`));
    const all: (Happening & { time: number })[] = [
        ...denials.explanations.filter(one => !isTold(one)).map((one, at) =>
            ({ time: moment(one.last), text: JSON.stringify(one), row: () => denialRow(one, at) })),
        ...found.events.toReversed().map(event => ({ time: moment(event.time), text: words(event), row: () => eventRow(event) })),
    ];
    all.sort((one, other) => other.time - one.time);
    return <>
        <Period view="timeline" chosen={chosen} />
        {denials.lack && <Notice kind="warning" title={denials.lack.title}>{denials.lack.text}</Notice>}
        {denials.hasNone && told.length === 0 && <Notice kind="plain" title="No denial of SELinux is in the kernel's log">Denials of Landlock are not looked for.</Notice>}
        <Lacking found={found} />
        <Happened name="timeline" all={all} />
    </>;
}

/** A denial whose record has no time comes first: it must not be lost below. */
const moment = (time: string | undefined) => time ? Date.parse(time) : Number.MAX_VALUE;

function denialRow(one: Explanation, at: number): Row {
    return { key: `denial ${at}`, cells: [
        one.last ? <Time instant={one.last} /> : <Dim>not told</Dim>,
        <VmLink vm={one.vm} />,
        <ReadingPill reading={one.reading ?? "no-vm"} number={one.count} />,
        <DenialWords file={one.file} sentences={one.sentences} advice={one.advice} />,
    ] };
}
