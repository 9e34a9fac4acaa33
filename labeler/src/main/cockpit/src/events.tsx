// Lines of the audit log in words.

import type { AuditEvent, Events } from "./answers";
import { Nothing, Notice, Pill, type Kind, type Row } from "./frames";
import { LongTable } from "./LongList";
import { FileName, Hosts, Line, Time, VmLink } from "./names";
import { count } from "./text";

const kinds: Record<string, string> = {
    "command": "a command of the monitor", "vm-started": "started", "start-refused": "start refused",
    "stop-requested": "stop asked for", "vm-stopped": "ended", "disk-attached": "disk attached",
    "disk-detached": "disk detached", "change-refused": "change refused", "vm-relabelled": "labels set again",
    "guard-attached": "guarded", "guard-detached": "not guarded any more", "drift": "drift",
    "job-ended": "a job ended", "labels-changed": "labels changed",
    "header-changed": "a header is not believed", "service-started": "the service started",
    "lines-lost": "lines were lost", "denied": "denied",
    "held-elsewhere": "another host holds it as well", "left-elsewhere": "another host left it",
};

const readings: Record<string, [Kind, string]> = {
    "trickery": ["fault", "denied: not its own"], "bug": ["warning", "denied: a fault of labeler's"],
    "missing-label": ["warning", "denied: a label is missing"], "harmless": ["plain", "denied: harmless"],
    "no-vm": ["plain", "denied: no VM"],
};

/** How a denial is to be taken, and how many were like this one. */
export function ReadingPill({ reading, number }: { reading: string, number: number }) {
    const [kind, text] = readings[reading] ?? ["plain", reading];
    return <span><Pill kind={kind}>{text}</Pill>{number > 1 && ` ${number} times`}</span>;
}

export function DenialWords({ file, sentences, advice }: { file: string | null | undefined, sentences: string[], advice: string[] }) {
    return <div>
        {file && <p><FileName path={file} /></p>}
        {sentences.map((text, at) => <p key={at}>{text}</p>)}
        {advice.length > 0 && <ul className="advice">{advice.map((text, at) => <li key={at}>{text}</li>)}</ul>}
    </div>;
}

export function isRefusal(event: AuditEvent): boolean {
    return event.event === "start-refused" || event.event === "change-refused" ||
        (event.event === "command" && event.outcome === "refused");
}

/** What a list of events lacks. */
export function Lacking({ found: { events, isCut, damaged } }: { found: Events }) {
    return (isCut || damaged > 0) && <Notice kind="warning" title="Not everything is shown">
        {isCut && <p>{`Only the newest ${count(events.length, "event")} of that time. Look back less far.`}</p>}
        {damaged > 0 && <p>{`${count(damaged, "line")} of the audit log could not be read.`}</p>}
    </Notice>;
}

function kind(event: AuditEvent): Kind {
    if (isRefusal(event) || event.event === "drift" || event.event === "header-changed" || event.event === "lines-lost")
        return "fault";
    return event.event === "guard-detached" || (event.outcome && event.outcome !== "allowed") ? "warning" : "plain";
}

export function WhatHappened({ event }: { event: AuditEvent }) {
    return event.denial ? <ReadingPill reading={event.denial.reading} number={event.denial.count} />
        : <Pill kind={kind(event)}>{kinds[event.event] ?? event.event}</Pill>;
}

function Details({ event }: { event: AuditEvent }) {
    if (event.denial)
        return <DenialWords file={event.denial.file} sentences={[event.message ?? ""]} advice={event.denial.advice ?? []} />;
    if (!event.command)
        return event.message ?? "";
    return <span><code>{event.command.name}</code> {event.outcome ?? ""}{event.rule && ` by rule ${event.rule}`}{event.message && `: ${event.message}`}</span>;
}

export function eventRow(event: AuditEvent): Row {
    return { key: event.number, cells: [<Time instant={event.time} />, <VmLink vm={event.vm} />, <WhatHappened event={event} />, <div>
        <Details event={event} />
        {event.hosts && <><Hosts names={event.hosts} />{(event.files ?? []).map((file, at) => <Line key={at}><FileName path={file.path} />, {file.purpose}</Line>)}</>}
        {(event.holds ?? []).map((hold, at) => <Line key={at}>{hold.change} <FileName path={hold.path} /></Line>)}
    </div>] };
}

/** In which a word is looked for. */
export const words = (event: AuditEvent) => JSON.stringify([event.vm, kinds[event.event], event.command?.name, event.rule, event.message,
    event.files?.map(file => file.path), event.denial, event.hosts]);

export interface Happening { text: string; row: () => Row }

/** What happened, as a table. */
export function Happened({ name, all }: { name: string, all: Happening[] }) {
    return all.length === 0 ? <Nothing kind="plain" title="Nothing happened" />
        : <LongTable name={name} caption="The newest first" columns={["When", "VM", "What", "Details"]} all={all}
            text={one => one.text} row={one => one.row()} />;
}
