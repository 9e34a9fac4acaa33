// A table whose rows are a tree (the pattern "treegrid" of WAI-ARIA): arrows up and down go through the rows, right opens
// and left closes or goes to the row above.

import { element } from "./elements.js";

/** @typedef {import("./elements.js").Child} Child */
/** @typedef {{ key: string, cells: Child[], below: Branch[] }} Branch */

/**
 * @param {string} caption
 * @param {string[]} columns
 * @param {Branch[]} branches
 * @param {Set<string>} closed the keys of branches that the reader has closed: they stay so when the tree is made anew
 */
export function tree(caption, columns, branches, closed) {
    /** @type {HTMLElement[]} */
    const rows = [];
    add(rows, columns, branches, 1);
    const made = element("table", { role: "treegrid", class: "cards tree", onkeydown: event => pressed(event, rows) },
        element("caption", {}, caption),
        element("thead", {}, element("tr", { role: "row" },
            columns.map(name => element("th", { scope: "col", role: "columnheader" }, name)))),
        element("tbody", {}, rows));
    rows[0]?.setAttribute("tabindex", "0");
    for (const row of rows.filter(one => closed.has(one.dataset.key ?? "")))
        toggle(rows, row);
    made.addEventListener("toggled", event => {
        const row = /** @type {HTMLElement} */ (event.target);
        if (row.getAttribute("aria-expanded") === "false")
            closed.add(row.dataset.key ?? "");
        else
            closed.delete(row.dataset.key ?? "");
    });
    return made;
}

/**
 * @param {HTMLElement[]} rows
 * @param {string[]} columns
 * @param {Branch[]} branches
 * @param {number} level
 */
function add(rows, columns, branches, level) {
    branches.forEach((branch, at) => {
        const hasMore = branch.below.length > 0;
        const row = element("tr", {
            "role": "row", "tabindex": "-1", "data-key": branch.key, "aria-level": level, "aria-posinset": at + 1,
            "aria-setsize": branches.length, "aria-expanded": hasMore ? "true" : undefined,
            "class": `level${Math.min(level, 8)}`,
        }, branch.cells.map((cell, column) => element("td", { "role": "gridcell", "data-column": columns[column] },
            column === 0 && hasMore && element("span", { "class": "twist", "aria-hidden": "true", "onclick": () => toggle(rows, row) }),
            cell)));
        rows.push(row);
        add(rows, columns, branch.below, level + 1);
    });
}

/** @param {HTMLElement} row */
const level = row => Number(row.getAttribute("aria-level"));

/** @param {HTMLElement[]} rows @param {HTMLElement} row */
function toggle(rows, row) {
    if (!row.hasAttribute("aria-expanded"))
        return;
    row.setAttribute("aria-expanded", String(row.getAttribute("aria-expanded") !== "true"));
    row.dispatchEvent(new Event("toggled", { bubbles: true }));
    let closed = Infinity;
    for (const one of rows) {
        one.hidden = level(one) > closed;
        if (!one.hidden)
            closed = one.getAttribute("aria-expanded") === "false" ? level(one) : Infinity;
    }
}

/** @param {Event} event @param {HTMLElement[]} rows */
function pressed(event, rows) {
    const seen = rows.filter(row => !row.hidden);
    const row = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("tr"));
    const at = row ? seen.indexOf(row) : -1;
    if (!row || at < 0)
        return;
    const open = row.getAttribute("aria-expanded");
    const above = seen.slice(0, at).reverse().find(one => level(one) < level(row));
    /** @type {HTMLElement | undefined} */
    let next;
    switch (/** @type {KeyboardEvent} */ (event).key) {
    case "ArrowDown": next = seen[at + 1]; break;
    case "ArrowUp": next = seen[at - 1]; break;
    case "Home": next = seen[0]; break;
    case "End": next = seen.at(-1); break;
    case "ArrowRight":
        if (open === "false")
            toggle(rows, row);
        else if (open === "true")
            next = seen[at + 1];
        break;
    case "ArrowLeft":
        if (open === "true")
            toggle(rows, row);
        else
            next = above;
        break;
    default: return;
    }
    event.preventDefault();
    if (next) {
        for (const one of rows)
            one.tabIndex = -1;
        next.tabIndex = 0;
        next.focus();
    }
}
