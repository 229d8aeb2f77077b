/**
 * The drivers of the runtimes, the way that all else goes to them. The npm
 * package has this as `#drivers`: what is bundled for one runtime has the file
 * of that runtime in its place, which leaves out the drivers of the others.
 *
 * @module
 */

export { adoptBunSocket, bunRuntime } from "../bun.ts";
export { adoptDenoConn, denoRuntime } from "../deno.ts";
export { adoptNodeSocket, nodeRuntime } from "../node.ts";
