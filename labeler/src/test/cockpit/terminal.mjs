// What a terminal shows, as a SVG that plays: real commands and what they really print.
import { spawnSync } from "node:child_process";

const columns = 100;
const line = 19;
const character = 8.43;
const margin = 16;

const escaped = text => text.replace(/[&<>]/g, one => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[one])
    .replace(/[\u0000-\u0008\u000b-\u001f]/g, "");

export class Terminal {
    #directory;
    #lines = [];
    #now = 0.5;

    constructor(directory) {
        this.#directory = directory;
    }

    // A command that somebody else runs.
    shown(command) {
        this.#add("command", `$ ${command}`);
        this.#now += 1;
    }

    run(command) {
        this.shown(command);
        const done = spawnSync("bash", ["-c", `exec 2>&1; ${command}`], {
            cwd: this.#directory, encoding: "utf8", env: { ...process.env, COLUMNS: String(columns), NO_COLOR: "1" },
        });
        for (const text of done.stdout.trimEnd().split("\n"))
            this.#add("answer", text);
        this.#now += 1.5;
    }

    #add(kind, text) {
        for (let rest = text.trimEnd(), first = true; first || rest !== ""; first = false) {
            this.#lines.push({ kind, at: this.#now, text: rest.slice(0, columns) });
            rest = rest.slice(columns);
        }
        this.#now += 0.05;
    }

    svg() {
        const width = Math.ceil(columns * character + 2 * margin);
        const height = this.#lines.length * line + 2 * margin;
        const lines = this.#lines.map(({ kind, at, text }, index) =>
            `<text class="${kind}" style="animation-delay:${at.toFixed(2)}s" x="${margin}" y="${margin + (index + 0.75) * line}" xml:space="preserve">${escaped(text)}</text>`);
        return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="A session in a terminal">
<style>
text { font: 14px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #d0d0d0; animation: show 1ms both; }
.command { fill: #fff; font-weight: 600; }
@keyframes show { from { opacity: 0; } to { opacity: 1; } }
@media (prefers-reduced-motion: reduce) { text { animation: none; } }
</style>
<rect width="100%" height="100%" rx="8" fill="#1b1d1f"/>
${lines.join("\n")}
</svg>
`;
    }
}
