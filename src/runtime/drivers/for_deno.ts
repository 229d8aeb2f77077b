/**
 * The drivers in what is made for Deno. Run on Bun it goes over `node:net`.
 *
 * @module
 */

export { refuseBunSocket as adoptBunSocket } from "./absent.ts";
export { adoptDenoConn, denoRuntime } from "../deno.ts";
export { adoptNodeSocket, nodeRuntime } from "../node.ts";
export { nodeRuntime as bunRuntime } from "../node.ts";
