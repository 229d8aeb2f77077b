/**
 * Messages that end with a delimiter.
 *
 * @module
 */

import {
  type ByteSearch,
  byteSearch,
  type SearchState,
} from "../../byte_search.ts";
import { slice, toBytes } from "../../bytes.ts";
import type { Bytes, BytesLike } from "../../contracts.ts";
import {
  checkFlag,
  checkLimits,
  checkPayload,
  type Codec,
  encoderOf,
  type FrameLimits,
  type Limits,
} from "../codec.ts";
import { DROPPED, NONE, type Pulled } from "../decoding/pull_decoder.ts";
import { WindowDecoder } from "../decoding/window_decoder.ts";

/** What `delimited` can be told. */
export interface DelimitedOptions extends FrameLimits {
  /** Whether messages keep their delimiter; default `false`. */
  readonly keepDelimiter?: boolean;
}

/**
 * Every message ends with a delimiter: one or several bytes, or one of several
 * delimiters. The one that is complete first ends the message, the longest of
 * those that are complete together; the result never depends on how the bytes
 * were cut.
 *
 * The encoder writes the first delimiter behind a message; with
 * `keepDelimiter` the message brings its own. It refuses a message that would
 * not come out as it went in.
 *
 * @example
 * ```ts
 * import { delimited } from "@anysock/anysock/framing";
 *
 * const decoder = delimited(["\r\n", ";"]).decoder();
 * console.log(decoder.push(new TextEncoder().encode("a;b\r\nc")).length); // 2
 * console.log(decoder.buffered); // 1
 * ```
 *
 * @throws {TypeError} if there is no delimiter, or an empty one
 * @throws {RangeError} if `maxLength` is out of range
 */
export function delimited(
  delimiter: BytesLike | readonly BytesLike[],
  options: DelimitedOptions = {},
): Codec<Bytes, BytesLike> {
  const limits = checkLimits(options, ["keepDelimiter"]);
  const keeps = checkFlag(options.keepDelimiter, "keepDelimiter");
  const delimiters = checkDelimiters(delimiter);
  const search = byteSearch(delimiters);
  const tail = keeps ? new Uint8Array(0) : delimiters[0]!;
  const encoder = encoderOf<BytesLike>((message, out) => {
    const bytes = toBytes(message);
    checkEnd(bytes, tail, search, limits);
    out.bytes(bytes).bytes(tail);
  });
  return {
    decoder: () => new DelimitedDecoder(search, limits, keeps),
    encoder: () => encoder,
  };
}

function checkDelimiters(
  given: BytesLike | readonly BytesLike[],
): readonly Uint8Array[] {
  const list = Array.isArray(given) ? given : [given];
  // Copies: the delimiter of a codec must not change under it.
  const delimiters = list.map((each: BytesLike) => toBytes(each).slice());
  if (delimiters.length === 0 || delimiters.some((each) => !each.length)) {
    throw new TypeError("A delimiter is one byte long at least");
  }
  return delimiters;
}

/** Checks that a message and its delimiter end together, and not before. */
export function checkEnd(
  bytes: Uint8Array,
  tail: Uint8Array,
  search: ByteSearch,
  limits: Limits,
): void {
  const found: SearchState = { state: 0, matched: 0 };
  let end = search.find(bytes, 0, found);
  if (end < 0 && tail.length > 0) {
    end = search.find(tail, 0, found);
    if (end >= 0) end += bytes.length;
  }
  const isRight = end === bytes.length + tail.length &&
    (tail.length === 0 || found.matched === tail.length);
  if (!isRight) {
    throw new TypeError(
      end < 0
        ? `A message of ${bytes.length} bytes lacks its delimiter`
        : `A message of ${bytes.length} bytes contains a delimiter`,
    );
  }
  checkPayload(end - found.matched, limits);
}

/** Cuts the stream behind each delimiter. */
export class DelimitedDecoder extends WindowDecoder<Bytes>
  implements SearchState {
  readonly #search: ByteSearch;
  readonly #keeps: boolean;
  /** Whether the frame in work is too long and goes nowhere. */
  protected isDropping = false;
  /** What the search remembers. */
  state = 0;
  /** The length of the delimiter that was found. */
  matched = 0;

  /** Made by codecs. */
  constructor(search: ByteSearch, limits: Limits, keeps: boolean) {
    super(limits);
    this.#search = search;
    this.#keeps = keeps;
  }

  /** Unknown: the delimiter may come with the next byte, or late. */
  override get need(): undefined {
    return undefined;
  }

  /** The next frame of the chunk. */
  override next(): Pulled<Bytes> {
    const { chunk, at, held } = this;
    if (at === chunk.length) return NONE;
    const end = this.#search.find(chunk, at, this);
    if (end < 0) return this.#keep();
    this.at = end;
    if (this.isDropping) {
      this.isDropping = false;
      return DROPPED;
    }
    const whole = held.length + end - at;
    const payload = whole - this.matched;
    if (payload > this.limits.maxLength) return this.#drop();
    const size = this.#keeps ? whole : payload;
    if (held.length === 0) return slice(chunk, at, at + size);
    held.append(chunk, at, end, whole);
    return slice(held.take(), 0, size);
  }

  #drop(): Pulled<Bytes> {
    this.#reportTooLong();
    this.held.clear();
    return DROPPED;
  }

  /** Keeps a frame that does not end here, unless it is too long already. */
  #keep(): typeof NONE {
    const size = this.held.length + this.chunk.length - this.at;
    const payload = size - this.#search.pending(this.state);
    if (!this.isDropping && payload > this.limits.maxLength) {
      this.#reportTooLong();
      this.isDropping = true;
      this.held.clear();
    }
    if (this.isDropping) this.at = this.chunk.length;
    else this.stash(Infinity);
    return NONE;
  }

  /** What is known for certain, so that the cuts of the stream do not show. */
  #reportTooLong(): void {
    this.tooLong(this.limits.maxLength + 1);
  }

  /** Gives away the bytes that belong to no frame given. */
  override take(): Bytes {
    this.state = 0;
    this.isDropping = false;
    return super.take();
  }
}
