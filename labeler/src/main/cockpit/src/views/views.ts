// The views of the page, each with its address.

import type { ReactNode } from "react";
import type { AuditEvent } from "../answers";
import { labels } from "./Labels";
import { leftovers } from "./Leftovers";
import { matrix } from "./Matrix";
import { isOfRefusals, refusals } from "./Refusals";
import type { Service } from "../service";
import { setup } from "./Setup";
import { timeline } from "./Timeline";
import { vm } from "./Vm";
import { vms } from "./Vms";

/** What a view gets to be shown with. */
export interface Turn {
    /** What follows the name of the view in the address. */
    route: string[];
    /** Its questions end when another view is shown, or this one anew. */
    service: Service;
    /** The events because of which it is shown anew; none when the reader has asked. */
    news?: AuditEvent[];
}

export interface View {
    title: string;
    /** Asks the service, and makes of its answers what is shown. */
    show(turn: Turn): Promise<ReactNode>;
    /** Which events it shows. A view without it reads every file of every VM, or more, and is shown anew by a button. */
    isLive?(event: AuditEvent, route: string[]): boolean;
    /** Whether it shows what changes without an event: SELinux's mode, the labels on disk. */
    isOfNow?: true;
}

export const views: Record<string, View> = {
    "": { title: "VMs", show: vms, isLive: event => event.event !== "command", isOfNow: true },
    "matrix": { title: "Who reaches what", show: matrix },
    "refusals": { title: "Refusals", show: refusals, isLive: isOfRefusals },
    "timeline": { title: "Timeline", show: timeline, isLive: () => true },
    "labels": { title: "Labels", show: labels },
    "leftovers": { title: "Left behind", show: leftovers },
    "setup": { title: "Set-up", show: setup },
};
const oneVm: View = { title: "VM", show: vm, isLive: (event, [name]) => event.vm === name, isOfNow: true };

/** The view of the page's address. */
export function chosenView(): { name: string, route: string[], view: View | undefined } {
    const [name = "", ...route] = cockpit.location.path;
    return { name, route, view: name === "vm" ? oneVm : Object.hasOwn(views, name) ? views[name] : undefined };
}
