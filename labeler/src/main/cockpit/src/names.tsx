// How files, labels, times and VMs are written.

import { Fragment, useEffect, useState, type ReactNode } from "react";
import { href, visible } from "./text";

/** Parts with a place to break after each. */
function breaking(parts: string[]): ReactNode {
    return parts.map((part, at) => <Fragment key={at}>{part}<wbr /></Fragment>);
}

/** A name of a file: its directory dim, and a place to break after each slash. */
export function FileName({ path }: { path: string }) {
    const cut = path.lastIndexOf("/") + 1;
    return <bdi className="file" title={visible(path)}>
        <span className="dim">{breaking(path.slice(0, cut).split(/(?<=\/)/))}</span>
        <span className="name">{path.slice(cut)}</span>
    </bdi>;
}

/** A security context, with its level set apart: that is what tells VMs apart. */
export function SecurityContext({ context }: { context: string | null }) {
    if (context === null)
        return <Dim>no label</Dim>;
    const [, head = context, level = ""] = /^((?:[^:]*:){3})(.*)$/s.exec(context) ?? [];
    return <code className="context">{breaking(head.split(/(?<=:)/))}<strong>{level}</strong></code>;
}

/** A time, as the reader's own clock has it. */
export function Time({ instant }: { instant: string }) {
    const date = new Date(instant);
    const text = Number.isNaN(date.getTime()) ? instant
        : date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
    return <time dateTime={instant}>{text}</time>;
}

/** Between two looks at the clock. */
const tick = 5000;

/** The time, which goes on while nothing else is drawn. */
export function useNow(): number {
    const [, draw] = useState(0);
    useEffect(() => {
        const timer = setInterval(() => draw(Date.now()), tick);
        return () => clearInterval(timer);
    }, []);
    return Date.now();
}

/** How long ago a time was. */
export function Age({ instant }: { instant: string | undefined }) {
    const now = useNow();
    if (!instant)
        return <Dim>not known</Dim>;
    const seconds = Math.max(0, Math.floor((now - new Date(instant).getTime()) / 1000));
    const [number, unit] = seconds < 60 ? [seconds, "s"] : seconds < 3600 ? [seconds / 60, "min"]
        : seconds < 86400 ? [seconds / 3600, "h"] : [seconds / 86400, "d"];
    return <time dateTime={instant} title={new Date(instant).toLocaleString()}>{Math.floor(number)} {unit}</time>;
}

/** A link to a view of this page. */
export function ViewLink({ route, children, dataKey }: { route: string[], children: ReactNode, dataKey?: string }) {
    return <a href={href(route)} data-key={dataKey}>{children}</a>;
}

/** A link to a VM. */
export function VmLink({ vm }: { vm: string | null | undefined }) {
    return vm ? <ViewLink route={["vm", vm]}>{vm}</ViewLink> : <Dim>–</Dim>;
}

/** A base may be held by all hosts of a cluster. */
const mostHosts = 10;

/** Other hosts: no links, since their VMs are on their own pages. */
export function Hosts({ names }: { names: string[] }) {
    const more = names.length - mostHosts;
    return <span>host{names.length > 1 && "s"} <em>{names.slice(0, mostHosts).join(", ")}</em>{more > 0 && ` and ${more} more`}</span>;
}

/** What says that there is nothing to say. */
export function Dim({ children }: { children: ReactNode }) {
    return <span className="dim">{children}</span>;
}

/** A part on a line of its own. */
export function Line({ children, title }: { children: ReactNode, title?: string }) {
    return <span className="line" title={title}>{children}</span>;
}
