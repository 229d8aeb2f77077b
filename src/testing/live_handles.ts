/**
 * What the library holds open, for tests that prove that nothing leaks.
 *
 * @module
 */

import { type HandleCounts, handleCounts } from "../handle_counts.ts";
import { LawBroken } from "./expect.ts";

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

/**
 * Does some work, and gives what comes of it, if it leaves nothing open.
 *
 * @throws {LawBroken} if the library holds another number of descriptors than
 *   before; what the work rejects with, if it does.
 *
 * @example
 * ```ts
 * import { listen } from "@anysock/anysock";
 * import { assertNoLeaks } from "@anysock/anysock/testing";
 *
 * await assertNoLeaks(async () => {
 *   await using listener = await listen("127.0.0.1:0");
 *   console.log(listener.getSockName());
 * });
 * ```
 */
export async function assertNoLeaks<T>(body: () => Promise<T>): Promise<T> {
  const before = handleCounts();
  const result = await body();
  const after = handleCounts();
  const changed = (Object.keys(before) as (keyof HandleCounts)[])
    .filter((kind) => after[kind] !== before[kind])
    .map((kind) => `${kind}: ${before[kind]} before, ${after[kind]} after`);
  if (changed.length > 0) throw new LawBroken(changed.join("; "));
  return result;
}
