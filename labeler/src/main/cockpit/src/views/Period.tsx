// The choice of how far back a view looks. It is part of the address, so that a link shows the same.

import { Nav, NavItem, NavList } from "../patternfly";
import { href } from "../text";

const hours: Record<string, number> = { hour: 1, day: 24, week: 168 };

/** When the chosen time began. */
export function since(chosen: string): string {
    return new Date(Date.now() - (hours[chosen] ?? 24) * 3_600_000).toISOString();
}

export function Period({ view, chosen }: { view: string, chosen: string }) {
    return <Nav className="period" aria-label="How far back" variant="horizontal-subnav">
        <NavList>
            {Object.keys(hours).map(name => <NavItem key={name} to={href([view, name])} isActive={name === chosen}>last {name}</NavItem>)}
        </NavList>
    </Nav>;
}
