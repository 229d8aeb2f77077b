/**
 * Bytes cut at every place.
 *
 * @module
 */

import { checkOptions } from "../deadline.ts";

/** How bytes are cut. */
export interface EverySplitOptions {
  /** How many cuts at a time, besides byte by byte; default 1. */
  readonly cuts?: 1 | 2;
}

/**
 * Calls `body` with the same bytes in different pieces: whole, cut at every
 * place, with `cuts: 2` at every two, and byte by byte. `at` says where it was
 * cut. A parser that passes does not care how a network cuts.
 *
 * @throws {Error} naming the cut, with what `body` rejected with as its cause.
 *
 * @example
 * ```ts
 * import { everySplit } from "@anysock/anysock/testing";
 *
 * await everySplit("HELO a\r\n", async (chunks) => {
 *   let text = "";
 *   const decoder = new TextDecoder();
 *   for await (const chunk of chunks) text += decoder.decode(chunk);
 *   if (text !== "HELO a\r\n") throw new Error(text);
 * });
 * ```
 */
export async function everySplit(
  bytes: Uint8Array | string,
  body: (
    chunks: AsyncIterable<Uint8Array>,
    at: readonly number[],
  ) => Promise<void>,
  options: EverySplitOptions = {},
): Promise<void> {
  checkOptions(options, ["cuts"]);
  const { cuts = 1 } = options;
  if (cuts !== 1 && cuts !== 2) throw new RangeError(`cuts is 1 or 2: ${cuts}`);
  const all = typeof bytes === "string"
    ? new TextEncoder().encode(bytes)
    : bytes;
  for (const at of splits(all.length, cuts)) {
    try {
      await body(pieces(all, at), at);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      throw new Error(`${nameOf(at, all)}: ${text}`, { cause: error });
    }
  }
}

function* splits(length: number, cuts: 1 | 2): Generator<readonly number[]> {
  yield [];
  for (let one = 1; one < length; one++) yield [one];
  for (let one = 1; cuts === 2 && one < length; one++) {
    for (let two = one + 1; two < length; two++) yield [one, two];
  }
  // Byte by byte, unless that was among them.
  const isNew = length - 1 > cuts;
  if (isNew) yield Array.from({ length: length - 1 }, (_, i) => i + 1);
}

/** Each piece in memory of its own, in a microtask of its own. */
async function* pieces(
  all: Uint8Array,
  at: readonly number[],
): AsyncGenerator<Uint8Array> {
  let from = 0;
  for (const to of [...at, all.length]) {
    if (to > from) yield all.slice(from, to);
    await null;
    from = to;
  }
}

function nameOf(at: readonly number[], { length }: Uint8Array): string {
  if (at.length === 0) return "whole";
  return at.length === length - 1 && length > 3
    ? "byte by byte"
    : `cut at ${at.join(" and ")}`;
}
