// Makes the page's bundle: node build.mjs INTO. ./dev runs this (dev.d/cockpit.bash), where npm has put the packages.
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";

const here = import.meta.dirname;
const into = path.resolve(process.argv[2]);

// PatternFly's code names components that this page never shows, and brings their styles.
const unseen = /components\/(Badge|Breadcrumb|Check|Divider|Drawer|Form|InlineEdit|Menu|MenuToggle|Popover|Popper|Radio|Table\/table-tree-view|Tooltip)\b/;
// Themes that Cockpit does not have, and fonts: the page takes those of Cockpit.
const foreign = /^@font-face|theme-(felt|glass|high-contrast)|pficon/;

/** The rules of a style sheet, with what is in their braces. */
function rules(sheet) {
    const found = [];
    let begin = 0, depth = 0;
    for (let at = 0; at < sheet.length; at++) {
        if (sheet[at] === "{")
            depth++;
        else if (sheet[at] === "}" && --depth === 0) {
            found.push(sheet.slice(begin, at + 1));
            begin = at + 1;
        }
    }
    return [...found, sheet.slice(begin)];
}

const styles = {
    name: "styles of what is shown",
    setup(building) {
        building.onLoad({ filter: /\.css$/ }, ({ path: file }) => {
            const sheet = readFileSync(file, "utf8");
            if (file.includes("/react-styles/"))
                return { contents: unseen.test(file) ? "" : sheet, loader: "css" };
            return file.endsWith("/styles/base.css")
                ? { contents: rules(sheet).filter(rule => !foreign.test(rule.slice(0, rule.indexOf("{")).trim())).join(""), loader: "css" } : null;
        });
    },
};

/** The licences of the packages in the bundle, each with its text, and the texts of what those have copied. */
function licences(inputs) {
    const names = new Set(inputs.map(file => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]).filter(Boolean));
    return [...names].sort().map(name => {
        const directory = path.join(here, "node_modules", name);
        const { version, license } = JSON.parse(readFileSync(path.join(directory, "package.json"), "utf8"));
        const texts = readdirSync(directory, { recursive: true }).filter(file => /(^|\/)licen[cs]e(\.md|\.txt)?$/i.test(file)).sort()
            .map(file => readFileSync(path.join(directory, file), "utf8").trim());
        return [`${name} ${version}: ${license}`, ...new Set(texts)].join("\n\n");
    }).join(`\n\n${"-".repeat(72)}\n\n`);
}

const { metafile } = await build({
    absWorkingDir: here,
    entryPoints: { page: "src/main.tsx" },
    outdir: into,
    bundle: true, minify: true, metafile: true, format: "esm", target: ["es2022"], charset: "utf8", legalComments: "none",
    jsx: "automatic",
    // React's own functions that make elements: see there.
    alias: { "react/jsx-runtime": "./src/everyElement.ts" },
    external: ["../../static/*"],
    define: { "process.env.NODE_ENV": '"production"' },
    plugins: [styles],
    logLevel: "warning",
});
mkdirSync(into, { recursive: true });
cpSync(path.join(here, "static"), into, { recursive: true });
writeFileSync(path.join(into, "licences.txt"), `page.js and page.css have parts of these packages:\n\n${licences(Object.keys(metafile.inputs))}\n`);
