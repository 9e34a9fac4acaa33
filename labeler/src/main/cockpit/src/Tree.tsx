// A table whose rows are a tree (the pattern "treegrid" of WAI-ARIA): arrows up and down go through the rows, right opens
// and left closes or goes to the row above. PatternFly's own tree table moves between buttons, and not between rows.

import { useState, type KeyboardEvent, type ReactNode } from "react";
import { Cell, Columns } from "./frames";
import { Caption, Table, Tbody, Tr } from "./patternfly";
import { useRemembered } from "./remembered";

export interface Branch { key: string; cells: ReactNode[]; below: Branch[] }
interface TreeRow { branch: Branch; level: number; position: number; size: number }

/** The rows that are seen: those below a closed one are not. */
function seenRows(branches: Branch[], closed: Set<string>, level = 1): TreeRow[] {
    return branches.flatMap((branch, at) => [{ branch, level, position: at + 1, size: branches.length },
        ...closed.has(branch.key) ? [] : seenRows(branch.below, closed, level + 1)]);
}

/** What the reader has closed stays so when the tree of this name is made anew. */
export function Tree({ name, caption, columns, branches }: { name: string, caption: string, columns: string[], branches: Branch[] }) {
    const [closed, setClosed] = useRemembered(`tree ${name}`, new Set<string>());
    const [current, setCurrent] = useState("");
    const rows = seenRows(branches, closed);
    // One row alone is reached by Tab.
    const stop = rows.some(row => row.branch.key === current) ? current : rows[0]?.branch.key;

    function toggle(key: string): void {
        const next = new Set(closed);
        if (!next.delete(key))
            next.add(key);
        setClosed(next);
    }

    function pressed(event: KeyboardEvent<HTMLElement>): void {
        const elements = [...event.currentTarget.querySelectorAll<HTMLElement>("tbody > tr")];
        const at = elements.findIndex(one => one.contains(event.target as Node));
        const row = rows[at];
        if (!row)
            return;
        const isClosed = closed.has(row.branch.key);
        const hasMore = row.branch.below.length > 0;
        let next: number | undefined;
        switch (event.key) {
        case "ArrowDown": next = at + 1; break;
        case "ArrowUp": next = at - 1; break;
        case "Home": next = 0; break;
        case "End": next = rows.length - 1; break;
        case "ArrowRight":
            if (hasMore && isClosed)
                toggle(row.branch.key);
            else if (hasMore)
                next = at + 1;
            break;
        case "ArrowLeft":
            if (hasMore && !isClosed)
                toggle(row.branch.key);
            else
                next = rows.findLastIndex((one, above) => above < at && one.level < row.level);
            break;
        default: return;
        }
        event.preventDefault();
        elements[next ?? -1]?.focus();
    }

    return <Table role="treegrid" className="tree" variant="compact" onKeyDown={pressed}>
        <Caption>{caption}</Caption>
        <Columns names={columns} />
        <Tbody>{rows.map(({ branch, level, position, size }) => {
            const hasMore = branch.below.length > 0;
            return <Tr key={branch.key} role="row" tabIndex={branch.key === stop ? 0 : -1} data-key={branch.key} aria-level={level}
                aria-posinset={position} aria-setsize={size} aria-expanded={hasMore ? !closed.has(branch.key) : undefined}
                className={`level${Math.min(level, 8)}`} onFocus={() => setCurrent(branch.key)}>
                {branch.cells.map((cell, column) => <Cell key={column} role="gridcell" column={columns[column]}>
                    {column === 0 && hasMore ? <span><span className="twist" aria-hidden="true" onClick={() => toggle(branch.key)} />{cell}</span> : cell}
                </Cell>)}
            </Tr>;
        })}</Tbody>
    </Table>;
}
