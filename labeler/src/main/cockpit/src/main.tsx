// The page's begin.

import { createRoot } from "react-dom/client";
import { flushSync } from "react-dom";
import { App } from "./App";
import { follow, position, renew } from "./following";
import "./page.css";
import { Showing } from "./showing";
import { followTheme } from "./theme";

followTheme();
const root = createRoot(document.getElementById("page") as HTMLElement);
const showing = new Showing(shown => flushSync(() => root.render(<App {...shown} />)));
cockpit.addEventListener("locationchanged", () => void showing.show());
// Before the first look: what happens between the two is told.
const begin = position();
showing.turn();
const after = await begin;
await showing.show();
void follow(showing, after);
void renew(showing);
