// Every element of the page is made here, PatternFly's too: build.mjs puts this in the place of React's own functions.
// Names of files are hostile. React makes text of them and never markup; what nobody sees in them is made visible here.

import { createElement, Fragment, type ElementType, type Key, type ReactNode } from "react";
import { visible } from "./text";

/** The attributes that are shown or spoken. */
const told = ["alt", "aria-description", "aria-label", "data-label", "placeholder", "title"];

function shown(child: ReactNode): ReactNode {
    if (typeof child === "string")
        return visible(child);
    return Array.isArray(child) ? child.map(shown) : child;
}

export function jsx(type: ElementType, properties: Record<string, unknown>, key?: Key) {
    const safe = { ...properties };
    if ("children" in safe)
        safe.children = shown(safe.children as ReactNode);
    for (const name of told) {
        const value = safe[name];
        if (typeof value === "string")
            safe[name] = visible(value);
    }
    return createElement(type, key === undefined ? safe : { ...safe, key });
}

export { Fragment, jsx as jsxs };
