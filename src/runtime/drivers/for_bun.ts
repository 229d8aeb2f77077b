/**
 * The drivers in what is made for Bun. Run on Deno it goes over `node:net`.
 *
 * @module
 */

export { adoptBunSocket, bunRuntime } from "../bun.ts";
export { refuseDenoConn as adoptDenoConn } from "./absent.ts";
export { adoptNodeSocket, nodeRuntime } from "../node.ts";
export { nodeRuntime as denoRuntime } from "../node.ts";
