// Light or dark, as the shell has it: its menu keeps the choice in the browser, and tells its frames.

const key = "shell:style";
const dark = window.matchMedia("(prefers-color-scheme: dark)");

function apply(chosen = localStorage.getItem(key)): void {
    const isDark = chosen === "dark" || (chosen !== "light" && dark.matches);
    // Cockpit's own pages have this class, by which PatternFly chooses its colours.
    document.documentElement.classList.toggle("pf-v6-theme-dark", isDark);
}

export function followTheme(): void {
    window.addEventListener("storage", event => {
        if (event.key === key)
            apply();
    });
    window.addEventListener("cockpit-style", event => apply((event as CustomEvent<{ style?: string } | null>).detail?.style));
    dark.addEventListener("change", () => apply());
    apply();
}
