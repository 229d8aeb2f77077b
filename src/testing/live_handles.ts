/**
 * What the library holds open, for tests that prove that nothing leaks.
 *
 * @module
 */

import { type HandleCounts, handleCounts } from "../handle_counts.ts";

/**
 * How many descriptors the library holds at this moment, by kind. It counts
 * from the moment a descriptor comes into its hands until it is released,
 * whatever the runtime.
 *
 * @example
 * ```ts
 * import { listen } from "@anysock/anysock";
 * import { liveHandles } from "@anysock/anysock/testing";
 *
 * const before = liveHandles().listener;
 * const listener = await listen("127.0.0.1:0");
 * console.log(liveHandles().listener - before); // 1
 * await listener.close();
 * console.log(liveHandles().listener - before); // 0
 * ```
 */
export function liveHandles(): HandleCounts {
  return handleCounts();
}
