// Words in colours, messages in frames, and tables.

import type { ReactNode } from "react";
import { Alert, Caption, EmptyState, EmptyStateBody, Table, Tbody, Th, Thead, Tr } from "./patternfly";

export type Kind = "good" | "warning" | "fault" | "plain";

const colours = { good: "pf-m-green", warning: "pf-m-orange", fault: "pf-m-red", plain: "" };
const variants = { good: "success", warning: "warning", fault: "danger", plain: "info" } as const;

/**
 * A short word in a colour; the word alone says it too. It is PatternFly's label without its component, of which each one listens to
 * the whole page and looks how wide it is.
 */
export function Pill({ kind, children }: { kind: Kind, children: string }) {
    return <span className={`pf-v6-c-label pf-m-filled pf-m-compact ${colours[kind]}`}>
        <span className="pf-v6-c-label__content"><span className="pf-v6-c-label__text">{children}</span></span>
    </span>;
}

/** A message in a frame. */
export function Notice({ kind, title, role, children }: { kind: Kind, title: ReactNode, role?: "alert", children?: ReactNode }) {
    return <Alert isInline variant={variants[kind]} title={title} component="h3" className="notice" role={role}>{children}</Alert>;
}

/** What there is instead of a list that is empty. */
export function Nothing({ kind, title, children }: { kind: "good" | "plain", title: string, children?: ReactNode }) {
    return <EmptyState variant="sm" titleText={title} headingLevel="h3" {...kind === "good" && { status: "success" }}>
        {children && <EmptyStateBody>{children}</EmptyStateBody>}
    </EmptyState>;
}

export interface Row { key: string | number; cells: ReactNode[] }

/**
 * A table. The first cell of a row is its header. On a narrow screen each row becomes a card, in which each cell has its
 * column's name.
 */
export function DataTable({ caption, columns, rows }: { caption: string, columns: string[], rows: Row[] }) {
    return <Table role="table" variant="compact">
        <Caption>{caption}</Caption>
        <Columns names={columns} />
        <Tbody>
            {rows.map(row => <Tr key={row.key}>{row.cells.map((cell, at) => <Cell key={at} column={columns[at]} isHeader={at === 0}>{cell}</Cell>)}</Tr>)}
        </Tbody>
    </Table>;
}

export function Columns({ names }: { names: string[] }) {
    return <Thead><Tr>{names.map(name => <Th key={name} scope="col" modifier="wrap">{name}</Th>)}</Tr></Thead>;
}

/**
 * A cell as PatternFly has it, without its component: that one looks after each drawing whether it is cut, which takes a layout of
 * the whole table, and none is cut here.
 */
export function Cell({ column, isHeader = false, role, className = "", children }:
    { column?: string, isHeader?: boolean, role?: "gridcell", className?: string, children: ReactNode }) {
    const properties = { "className": `pf-v6-c-table__td ${className}`, "data-label": column, role };
    return isHeader ? <th scope="row" {...properties}>{children}</th> : <td {...properties}>{children}</td>;
}
