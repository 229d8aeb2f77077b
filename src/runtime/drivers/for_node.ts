/**
 * The drivers in what is made for Node. Run on Deno or Bun it goes over their
 * `node:net`.
 *
 * @module
 */

export { refuseBunSocket as adoptBunSocket } from "./absent.ts";
export { refuseDenoConn as adoptDenoConn } from "./absent.ts";
export { adoptNodeSocket, nodeRuntime } from "../node.ts";
export { nodeRuntime as bunRuntime } from "../node.ts";
export { nodeRuntime as denoRuntime } from "../node.ts";
