// A list of many: a part of it at a time, and what has a word in it. A host may have thousands of VMs and files, and a browser
// draws each element.

import { button, element, table } from "./elements.js";

/** @typedef {import("./elements.js").Child} Child */

/** More than these nobody reads at once. */
const most = 100;

/** What the reader has chosen in each list: it stays so when the list is made anew. @type {Map<string, { word: string, from: number }>} */
const chosen = new Map();

/**
 * A list, which is drawn as far as it is seen.
 *
 * @template T
 * @param {string} key of this list
 * @param {T[]} all
 * @param {(one: T) => string} text in which a word is looked for
 * @param {(some: T[]) => HTMLElement} draw
 * @returns {HTMLElement[]}
 */
export function parts(key, all, text, draw) {
    if (all.length <= most)
        return [draw(all)];
    const state = chosen.get(key) ?? { word: "", from: 0 };
    chosen.set(key, state);
    const place = element("div");
    const range = element("span", { role: "status" });
    const field = /** @type {HTMLInputElement} */ (element("input", { "type": "search", "data-key": `${key} word`, "oninput": () => {
        state.word = field.value;
        state.from = 0;
        drawPart();
    } }));
    field.value = state.word;
    const before = turning("Back", -most);
    const after = turning("Next", most);

    /** @param {string} name @param {number} by */
    function turning(name, by) {
        return /** @type {HTMLButtonElement} */ (button(name, () => {
            state.from += by;
            drawPart();
            // One that is out of use loses the focus.
            if (before.disabled)
                after.focus();
            else if (after.disabled)
                before.focus();
        }, { "data-key": `${key} ${name}` }));
    }

    function drawPart() {
        const word = state.word.toLowerCase();
        const wanted = word === "" ? all : all.filter(one => text(one).toLowerCase().includes(word));
        const last = Math.max(0, Math.floor((wanted.length - 1) / most) * most);
        state.from = Math.max(0, Math.min(state.from, last));
        const shown = wanted.slice(state.from, state.from + most);
        range.textContent = wanted.length === 0 ? "none has that" : `${state.from + 1} to ${state.from + shown.length} of ${wanted.length}`;
        before.disabled = state.from === 0;
        after.disabled = state.from === last;
        place.replaceChildren(draw(shown));
    }

    drawPart();
    return [element("p", { class: "actions parts" }, element("label", {}, "With the word ", field), before, after, range), place];
}

/**
 * The same as a table.
 *
 * @template T
 * @param {string} key
 * @param {string} caption
 * @param {string[]} columns
 * @param {T[]} all
 * @param {(one: T) => string} text
 * @param {(one: T) => Child[]} cells
 */
export function list(key, caption, columns, all, text, cells) {
    return parts(key, all, text, some => table(caption, columns, some.map(cells)));
}
