// Buttons that do something. Only one thing is done at a time.

import { createContext, useContext, useRef, useState, type ComponentProps } from "react";
import { flushSync } from "react-dom";
import { Button } from "./patternfly";

/** What a view can set going. */
export interface Acting {
    isBusy: boolean;
    /** Says what is done, does it, shows the view anew, and says what has come of it. */
    act(what: string, work: () => Promise<string>): void;
    /** Shows the view anew. */
    refresh(): void;
}

export const ActingContext = createContext<Acting>({ isBusy: false, act() {}, refresh() {} });

export const useActing = () => useContext(ActingContext);

/** A button that is out of use while something is done. With a key it has the focus again afterwards. */
export function ActButton({ dataKey, isDisabled, ...properties }: ComponentProps<typeof Button> & { dataKey?: string }) {
    const { isBusy } = useActing();
    return <Button variant="secondary" size="sm" data-key={dataKey} isDisabled={isBusy || isDisabled} {...properties} />;
}

/** A button that asks in its place before it does something: one click changes no label. */
export function AskingButton({ children, question, dataKey, work }:
    { children: string, question: string, dataKey: string, work: () => void }) {
    const [isAsked, setAsked] = useState(false);
    const place = useRef<HTMLSpanElement>(null);
    const turn = (toAsked: boolean) => {
        flushSync(() => setAsked(toAsked));
        // "No", or the button itself.
        place.current?.querySelector<HTMLElement>("button:last-of-type")?.focus();
    };
    return <span className="actions" role="group" aria-label={question} ref={place}>
        {isAsked ? <>
            <span>{question}</span>
            <ActButton variant="danger" dataKey={dataKey} onClick={() => {
                // First, as it remembers where the focus is.
                work();
                setAsked(false);
            }}>Yes</ActButton>
            <ActButton onClick={() => turn(false)}>No</ActButton>
        </> : <ActButton dataKey={dataKey} onClick={() => turn(true)}>{children}</ActButton>}
    </span>;
}
