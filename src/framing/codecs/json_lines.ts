/**
 * One JSON value a line.
 *
 * @module
 */

import { checkLimits, type Codec, type FrameLimits } from "../codec.ts";
import { lines } from "./lines.ts";
import { mapCodec } from "./map_codec.ts";

/** Any value that JSON can say. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

/**
 * Every message is a line that holds one JSON value (NDJSON). A line that is
 * not JSON, an empty one too, is a `CorruptFrameError`. The type is the
 * caller's word: nothing checks it. `null` is a message like any other: where
 * it may come, read with `for await` or `recvMany`, because `recv` says `null`
 * at the end of the stream.
 *
 * @example
 * ```ts
 * import { jsonLines } from "@anysock/anysock/framing";
 *
 * const codec = jsonLines<{ id: number }>();
 * const frame = codec.encoder().encode({ id: 7 }); // {"id":7}\n
 * console.log(codec.decoder().push(frame)[0]?.id); // 7
 * ```
 *
 * @throws {RangeError} if `maxLength` is out of range
 */
export function jsonLines<T = JsonValue>(options: FrameLimits = {}): Codec<T> {
  checkLimits(options);
  return mapCodec<string, string, T>(lines(options), {
    decode: (line) => JSON.parse(line) as T,
    encode(message) {
      const line = JSON.stringify(message) as string | undefined;
      if (line !== undefined) return line;
      throw new TypeError(`JSON cannot say a ${typeof message}`);
    },
  });
}
