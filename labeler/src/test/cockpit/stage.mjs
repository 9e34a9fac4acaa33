// A real service with real VMs, and a real browser, for all tests of the file that takes this.
import { after, before } from "node:test";
import * as bed from "./bed.mjs";
import * as host from "./host.mjs";
import { visit } from "./visit.mjs";

export const stage = {};

before(async () => {
    stage.service = await host.startService();
    stage.vms = await bed.vms();
    stage.browser = await host.startBrowser();
});

after(async () => {
    await stage.browser?.close();
    await Promise.all([stage.vms?.web1, stage.vms?.db1, stage.service].filter(Boolean).map(child => host.end(child)));
});

export const page = (options, look) => visit(stage.browser, options, look);
