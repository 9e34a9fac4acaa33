// What was refused, why, and the ways out: each message of the service ends with them.

import type { AuditEvent, Events } from "../answers";
import { isRefusal, Lacking, WhatHappened, words } from "../events";
import { Nothing } from "../frames";
import { LongList } from "../LongList";
import { FileName, Time, VmLink } from "../names";
import { List, ListComponent, ListItem } from "../patternfly";
import { Period, since } from "./Period";
import type { Turn } from "./views";

/** Lines that were lost may have been refusals. */
export const isOfRefusals = (event: AuditEvent) => isRefusal(event) || event.event === "lines-lost";

export async function refusals({ route: [chosen = "day"], service }: Turn) {
    return <Refusals chosen={chosen} found={await service.events({ since: since(chosen) }, isOfRefusals)} />;
}

function Refusals({ chosen, found }: { chosen: string, found: Events }) {
    return <>
        <Period view="refusals" chosen={chosen} />
        <Lacking found={found} />
        {found.events.length > 0 ? <LongList name="refusals" all={found.events.toReversed()} text={words}>
            {some => <List component={ListComponent.ol} isPlain isBordered className="entries">{some.map(event => <Entry key={event.number} event={event} />)}</List>}
        </LongList> : !found.isCut && found.damaged === 0 && <Nothing kind="good" title="Nothing was refused" />}
    </>;
}

function Entry({ event }: { event: AuditEvent }) {
    return <ListItem>
        <h3>
            <WhatHappened event={event} /> <VmLink vm={event.vm} /> {event.command && <code>{event.command.name}</code>}{event.rule && ` rule ${event.rule}`}
        </h3>
        <p className="dim"><Time instant={event.time} />{event.client && `, asked for by process ${event.client.pid} of user ${event.client.uid}`}</p>
        {/* As one text: a file may have a name that looks like another problem. */}
        <p>{event.message}</p>
        {(event.files ?? []).map((file, at) => <p key={at}><FileName path={file.path} /> {file.access}</p>)}
    </ListItem>;
}
