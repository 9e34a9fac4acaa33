// What is shown in place of a view.

import { useEffect, useState } from "react";
import { ActButton } from "./acting";
import { Notice } from "./frames";
import { ViewLink } from "./names";
import { EmptyState, Spinner } from "./patternfly";
import { ServiceError } from "./service";
import { message } from "./text";

/** A wheel that turns takes a good part of a processor, which most answers need themselves: it comes where one takes long. */
export function Waiting() {
    const [isLong, setLong] = useState(false);
    useEffect(() => {
        const timer = setTimeout(() => setLong(true), 1000);
        return () => clearTimeout(timer);
    }, []);
    return <EmptyState {...isLong && { icon: Spinner }} titleText="Asking the service …" headingLevel="h2" variant="sm" />;
}

export function NoSuchView() {
    return <Notice kind="fault" title="There is no such view"><ViewLink route={[]}>All VMs</ViewLink></Notice>;
}

/** Why there is nothing to show, and what to do. */
export function Failure({ error, again }: { error: unknown, again: () => void }) {
    const button = <p className="actions"><ActButton dataKey="again" onClick={again}>Try again</ActButton></p>;
    const why = message(error);
    switch (error instanceof ServiceError ? error.kind : "other") {
    case "not-permitted":
        return <Notice kind="warning" role="alert" title="Become administrator to see this">
            <p>{why}</p>
            <p>
                Turn on administrative access at the top of Cockpit (“Limited access”), or have root add you to the
                group: <code>usermod -aG labeler USER</code>, and log in again.
            </p>
            {button}
        </Notice>;
    case "no-service":
        return <Notice kind="fault" role="alert" title="The service does not answer">
            <p>{why}</p>
            <p>
                Start it: <code>systemctl enable --now labelerd.socket labelerd.service</code>. What is
                wrong: <ViewLink route={["setup"]}>Set-up</ViewLink>.
            </p>
            {button}
        </Notice>;
    case "no-program":
        return <Notice kind="fault" role="alert" title={why}>{button}</Notice>;
    default:
        return <Notice kind="fault" role="alert" title="That did not work"><p>{why}</p>{button}</Notice>;
    }
}
