// Light or dark, as the shell has it: its menu keeps the choice in the browser, and tells its frames.

const key = "shell:style";
const dark = window.matchMedia("(prefers-color-scheme: dark)");

/** @param {string | null} [chosen] */
function apply(chosen = localStorage.getItem(key)) {
    const isDark = chosen === "dark" || (chosen !== "light" && dark.matches);
    document.documentElement.dataset.theme = isDark ? "dark" : "light";
}

export function followTheme() {
    window.addEventListener("storage", event => {
        if (event.key === key)
            apply();
    });
    window.addEventListener("cockpit-style", event => apply(/** @type {CustomEvent} */ (event).detail?.style));
    dark.addEventListener("change", () => apply());
    apply();
}
