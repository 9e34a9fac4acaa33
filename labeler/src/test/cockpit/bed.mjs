// The VMs that tests and pictures look at: two on one base, one that wanted the disk of another, and one with odd names.
import path from "node:path";
import * as host from "./host.mjs";

// What a name must not do: be markup, turn the line round, break it, or have what nobody sees.
export const hostile = "<img src=x onerror=alert(1)>\u202etxt.\u{e0061}\u0007qcow2";

export async function vms() {
    host.makeImage("base.qcow2");
    for (const name of ["web1.qcow2", "db1.qcow2"])
        host.makeImage(name, "-b", "base.qcow2", "-F", "qcow2");
    host.label("base.qcow2", "system_u:object_r:user_home_t:s0");
    const web1 = await host.run("web1", path.join(host.images, "web1.qcow2"));
    const db1 = await host.run("db1", path.join(host.images, "db1.qcow2"));
    await host.refusedRun("web2", path.join(host.images, "web1.qcow2"));
    return { web1, db1 };
}

// Somebody labels a file of a running VM anew, as restorecon does.
export function drift() {
    host.label("web1.qcow2", "system_u:object_r:var_t:s0");
}
