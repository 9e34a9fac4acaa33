// Words.

// Control characters, those that change the direction, and those that draw nothing: a name must not pretend to be another one.
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Cn}\p{Default_Ignorable_Code_Point}]/gu;

/** The text with what nobody sees made visible. */
export function visible(text: string): string {
    return text.replace(unseen, character => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** "1 file", "2 files". */
export function count(number: number, one: string): string {
    return `${number} ${one}${number === 1 ? "" : "s"}`;
}

/** What an error says. */
export function message(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}

/** The address of a view of this page. */
export function href(route: string[]): string {
    return `#/${route.map(encodeURIComponent).join("/")}`;
}
