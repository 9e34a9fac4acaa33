// What the page uses of Cockpit's library, which Cockpit itself serves; and styles, of which esbuild makes a sheet.

declare module "*.css";

interface CockpitError { problem?: string; message?: string; status?: number }
interface CockpitPromise<T> {
    then(done: (value: T) => void, failed: (error: CockpitError, text?: string) => void): unknown;
}
interface CockpitHttp {
    request(options: { method: string, path: string, params: Record<string, string>, headers: Record<string, string>, body: string }): CockpitPromise<string>;
    close(): void;
}
declare const cockpit: {
    http(endpoint: string, options: { superuser: "try" }): CockpitHttp;
    spawn(args: string[], options: { superuser: "try", err: "message" }): CockpitPromise<string> & { close(): void };
    location: { path: string[] };
    hidden: boolean;
    addEventListener(name: "locationchanged" | "visibilitychange", listener: () => void): void;
    removeEventListener(name: "visibilitychange", listener: () => void): void;
};
