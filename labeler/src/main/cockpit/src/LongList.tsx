// A list of many: a part of it at a time, and what has a word in it. A host may have thousands of VMs and files, and a browser
// draws each element.

import { useRef, type ReactNode } from "react";
import { flushSync } from "react-dom";
import { ActButton } from "./acting";
import { DataTable, type Row } from "./frames";
import { TextInput, Toolbar, ToolbarContent, ToolbarItem } from "./patternfly";
import { useRemembered } from "./remembered";

/** More than these nobody reads at once. */
const most = 100;

interface Properties<T> {
    /** Of this list. */
    name: string;
    all: T[];
    /** In which a word is looked for. */
    text: (one: T) => string;
    children: (some: T[]) => ReactNode;
}

/** A list, which is drawn as far as it is seen. */
export function LongList<T>({ name, all, text, children }: Properties<T>) {
    const [chosen, choose] = useRemembered(`list ${name}`, { word: "", from: 0 });
    const before = useRef<HTMLButtonElement>(null);
    const after = useRef<HTMLButtonElement>(null);
    if (all.length <= most)
        return children(all);

    const word = chosen.word.toLowerCase();
    const wanted = word === "" ? all : all.filter(one => text(one).toLowerCase().includes(word));
    const last = Math.max(0, Math.floor((wanted.length - 1) / most) * most);
    const from = Math.max(0, Math.min(chosen.from, last));
    const shown = wanted.slice(from, from + most);

    function turn(by: number): void {
        flushSync(() => choose({ ...chosen, from: from + by }));
        // One that is out of use loses the focus.
        if (before.current?.disabled)
            after.current?.focus();
        else if (after.current?.disabled)
            before.current?.focus();
    }

    return <>
        <Toolbar className="parts" inset={{ default: "insetNone" }}>
            <ToolbarContent alignItems="center">
                <ToolbarItem><label htmlFor={`${name} word`}>With the word</label></ToolbarItem>
                <ToolbarItem>
                    <TextInput type="search" id={`${name} word`} data-key={`${name} word`} value={chosen.word}
                        onChange={(_event, value) => choose({ word: value, from: 0 })} />
                </ToolbarItem>
                <ToolbarItem><ActButton ref={before} dataKey={`${name} back`} isDisabled={from === 0} onClick={() => turn(-most)}>Back</ActButton></ToolbarItem>
                <ToolbarItem><ActButton ref={after} dataKey={`${name} next`} isDisabled={from === last} onClick={() => turn(most)}>Next</ActButton></ToolbarItem>
                <ToolbarItem role="status">
                    {wanted.length === 0 ? "none has that" : `${from + 1} to ${from + shown.length} of ${wanted.length}`}
                </ToolbarItem>
            </ToolbarContent>
        </Toolbar>
        {children(shown)}
    </>;
}

/** The same as a table. */
export function LongTable<T>({ caption, columns, row, ...list }:
    Omit<Properties<T>, "children"> & { caption: string, columns: string[], row: (one: T, at: number) => Row }) {
    return <LongList {...list}>{some => <DataTable caption={caption} columns={columns} rows={some.map(row)} />}</LongList>;
}
