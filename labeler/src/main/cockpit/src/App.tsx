// The page around its views.

import { useEffect, type MouseEvent } from "react";
import { ActingContext } from "./acting";
import { Notice } from "./frames";
import { Time } from "./names";
import { Nav, NavItem, NavList, Page, PageSection, SkipToContent, Title } from "./patternfly";
import type { Shown } from "./showing";
import { href } from "./text";
import { views } from "./views/views";

/** An address of its own would be another view. */
function skip(event: MouseEvent): void {
    event.preventDefault();
    document.getElementById("main")?.focus();
}

/** The views do not fit beside each other on a telephone. (Not by scrollIntoView: Tab would go on from there.) */
function showCurrent(): void {
    const current = document.querySelector("#views [aria-current]");
    const list = current?.closest("ul");
    if (!current || !list)
        return;
    const [one, all] = [current.getBoundingClientRect(), list.getBoundingClientRect()];
    list.scrollLeft += (one.left + one.right - all.left - all.right) / 2;
}

export function App({ name, address, heading, content, said, old, asOf, acting }: Shown) {
    useEffect(showCurrent, [name]);
    return <ActingContext value={acting}>
        <Page className="pf-m-no-sidebar" mainComponent="div" mainTabIndex={null} isContentFilled
            skipToContent={<SkipToContent href="#main" onClick={skip}>Skip to the content</SkipToContent>}>
            <PageSection component="header"><Title headingLevel="h1">VM confinement</Title></PageSection>
            <PageSection type="subnav">
                <Nav id="views" aria-label="Views" variant="horizontal-subnav">
                    <NavList>
                        {Object.entries(views).map(([key, view]) => <NavItem key={key} to={href(key === "" ? [] : [key])}
                            isActive={key === name || (key === "" && name === "vm")}>{view.title}</NavItem>)}
                    </NavList>
                </Nav>
            </PageSection>
            <div id="stale" role="status">
                {old && <Notice kind="warning" title={<>Not up to date since <Time instant={old.since} /></>}>{old.why}</Notice>}
            </div>
            <PageSection component="main" id="main" tabIndex={-1} isFilled hasBodyWrapper={false}>
                {heading && <Title headingLevel="h2">{heading}</Title>}
                {asOf && <p className="dim">As of <Time instant={asOf} /></p>}
                <View key={address}>{content}</View>
            </PageSection>
            <p id="said" role="status">{said}</p>
        </Page>
    </ActingContext>;
}

/** With the address as its key: what a view had chosen in it is not the next one's. */
function View({ children }: { children: Shown["content"] }) {
    return children;
}
