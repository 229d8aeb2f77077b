/** What the servers under test are told: what to do, and who they are. */

import { readFileSync } from "node:fs";
import { args } from "../../echo/servers/control.ts";

const [mode, folder = ".", server] = args;

/** Whether the server only reads. */
export const isSink: boolean = mode === "upload";

/** Whether the server only sends. */
export const isSource: boolean = mode === "download";

/** Whether `ours` is to be native. */
export const isNative: boolean = server?.startsWith("ours_native") === true;

/** Whether `ours` reads into memory of its own, as Deno's own API does. */
export const readsInto: boolean = server === "ours_native_into";

/** The certificate. */
export const cert: string = readFileSync(`${folder}/cert.pem`, "utf8");

/** Its key. */
export const key: string = readFileSync(`${folder}/key.pem`, "utf8");

/** What is sent. */
export const MESSAGE: Uint8Array<ArrayBuffer> = new Uint8Array(65_536).fill(7);
