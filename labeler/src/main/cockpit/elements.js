// Elements of the page. Whatever comes from a host becomes a text node, never markup: names of files are hostile.

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * @param {string} tag
 * @param {Record<string, string | number | boolean | EventListener | undefined>} attributes a function is a listener: `onclick`
 * @param {...(Child | Child[])} children
 * @returns {HTMLElement}
 */
export function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (typeof value === "function")
            made.addEventListener(name.slice(2), value);
        else if (value === true)
            made.setAttribute(name, "");
        else if (value !== undefined && value !== false)
            made.setAttribute(name, String(value));
    }
    for (const child of children.flat()) {
        if (child !== null && child !== undefined && child !== false)
            made.append(child instanceof Node ? child : visible(String(child)));
    }
    return made;
}

// Control characters, those that change the direction, and those that draw nothing: a name must not pretend to be another one.
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Cn}\p{Default_Ignorable_Code_Point}]/gu;

/**
 * The text with what nobody sees made visible.
 *
 * @param {string} text
 */
export function visible(text) {
    return text.replace(unseen, character => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/**
 * A name of a file: its directory dim, and a place to break after each slash.
 *
 * @param {string} path
 */
export function fileName(path) {
    const cut = path.lastIndexOf("/") + 1;
    const directory = path.slice(0, cut).split(/(?<=\/)/).flatMap(part => [part, element("wbr")]);
    return element("bdi", { class: "file", title: visible(path) },
        element("span", { class: "directory" }, directory), element("span", { class: "name" }, path.slice(cut)));
}

/**
 * A security context, with its level set apart: that is what tells VMs apart.
 *
 * @param {string | null} context
 */
export function label(context) {
    if (context === null)
        return element("span", { class: "dim" }, "no label");
    const [, head, level] = /^((?:[^:]*:){3})(.*)$/s.exec(context) ?? [null, context, ""];
    return element("code", { class: "label" }, head?.split(/(?<=:)/).flatMap(part => [part, element("wbr")]) ?? "",
        element("strong", {}, level ?? ""));
}

/**
 * A short word in a colour; the word alone says it too.
 *
 * @param {"good" | "warning" | "fault" | "plain"} kind
 * @param {string} text
 */
export function pill(kind, text) {
    return element("span", { class: `pill ${kind}` }, text);
}

/**
 * A message in a frame.
 *
 * @param {"good" | "warning" | "fault" | "plain"} kind
 * @param {string} title
 * @param {...Child} more
 */
export function notice(kind, title, ...more) {
    return element("section", { class: `notice ${kind}` },
        element("h3", {}, title), ...more);
}

/**
 * A time, as the reader's own clock has it.
 *
 * @param {string} instant
 */
export function time(instant) {
    const date = new Date(instant);
    const text = Number.isNaN(date.getTime()) ? instant
        : date.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "medium" });
    return element("time", { datetime: instant }, text);
}

/**
 * How long ago a time was.
 *
 * @param {string | undefined} instant
 */
export function age(instant) {
    if (!instant)
        return element("span", { class: "dim" }, "not known");
    const seconds = Math.max(0, Math.floor((Date.now() - new Date(instant).getTime()) / 1000));
    const [count, unit] = seconds < 60 ? [seconds, "s"] : seconds < 3600 ? [seconds / 60, "min"]
        : seconds < 86400 ? [seconds / 3600, "h"] : [seconds / 86400, "d"];
    return element("time", { datetime: instant, title: new Date(instant).toLocaleString() }, `${Math.floor(count)} ${unit}`);
}

/**
 * A table. The first cell of a row is its header. On a narrow screen each row becomes a card, in which each cell has its
 * column's name.
 *
 * @param {string} caption
 * @param {string[]} columns
 * @param {Child[][]} rows
 */
export function table(caption, columns, rows) {
    return element("table", { class: "cards" }, element("caption", {}, caption),
        element("thead", {}, element("tr", {}, columns.map(name => element("th", { scope: "col" }, name)))),
        element("tbody", {}, rows.map(cells => element("tr", {}, cells.map((cell, at) =>
            at === 0 ? element("th", { scope: "row" }, cell) : element("td", { "data-column": columns[at] }, cell))))));
}

/**
 * A link to a view of this page.
 *
 * @param {string[]} route
 * @param {Child} text
 * @param {Record<string, string | undefined>} attributes
 */
export function link(route, text, attributes = {}) {
    return element("a", { href: href(route), ...attributes }, text);
}

/** @param {string[]} route */
export function href(route) {
    return `#/${route.map(encodeURIComponent).join("/")}`;
}

/**
 * @param {string} text
 * @param {EventListener} onclick
 * @param {Record<string, string>} attributes
 */
export function button(text, onclick, attributes = {}) {
    return element("button", { type: "button", onclick, ...attributes }, text);
}

/**
 * A button that asks in its place before it does something: one click changes no label.
 *
 * @param {string} text
 * @param {string} question
 * @param {() => void} work
 * @param {Record<string, string>} attributes
 */
export function askingButton(text, question, work, attributes) {
    const place = element("span", { "class": "actions", "role": "group", "aria-label": question });
    const first = button(text, () => {
        const no = button("No", () => {
            place.replaceChildren(first);
            first.focus();
        });
        place.replaceChildren(element("span", {}, question), button("Yes", work, { "data-key": attributes["data-key"] ?? "" }), no);
        no.focus();
    }, attributes);
    place.append(first);
    return place;
}

/**
 * "1 file", "2 files".
 *
 * @param {number} number
 * @param {string} one
 */
export function count(number, one) {
    return `${number} ${one}${number === 1 ? "" : "s"}`;
}
