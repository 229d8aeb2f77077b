/**
 * Lines of text.
 *
 * @module
 */

import type { ByteSearch } from "../../byte_search.ts";
import { slice } from "../../bytes.ts";
import type { Bytes } from "../../contracts.ts";
import {
  checkLimits,
  type Codec,
  encoderOf,
  type FrameLimits,
  type Limits,
} from "../codec.ts";
import { checkEnd, DelimitedDecoder } from "./delimited.ts";
import {
  DROPPED,
  NONE,
  PullDecoder,
  type Pulled,
} from "../decoding/pull_decoder.ts";
import { type TextEncoding, type TextForm, textForm } from "./text.ts";

/** What `lines` can be told. */
export interface LinesOptions extends FrameLimits {
  /** What the bytes mean; default `"utf-8"`. */
  readonly encoding?: TextEncoding;
  /** What the encoder ends a line with; default `"\n"`. */
  readonly newline?: "\n" | "\r\n";
}

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const LINE_ENDS = ["\r\n", "\n"].map((end) => new TextEncoder().encode(end));

/** `\n`, and the `\r` in front of it: the state is whether one came last. */
const LINE_SEARCH: ByteSearch = {
  pending: (state) => state,
  find(bytes, from, search) {
    const at = bytes.indexOf(NEWLINE, from);
    const end = at < 0 ? bytes.length : at;
    const hasReturn = end > from
      ? bytes[end - 1] === RETURN
      : search.state === 1;
    search.matched = hasReturn ? 2 : 1;
    search.state = hasReturn && at < 0 ? 1 : 0;
    return at < 0 ? -1 : at + 1;
  },
};

/**
 * Every message is a line of text. `\n` and `\r\n` end a line and are no part
 * of it; a last line that nothing ends is given at the end of the stream.
 * Bytes that are not of the encoding are a `CorruptFrameError`; U+FEFF
 * survives. `maxLength` counts bytes.
 *
 * @example
 * ```ts
 * import { lines } from "@anysock/anysock/framing";
 *
 * const decoder = lines().decoder();
 * const bytes = new TextEncoder().encode("one\r\ntwo\nthree");
 * console.log(decoder.push(bytes), decoder.end()); // one, two; three
 * ```
 *
 * @throws {TypeError} if an option is of the wrong kind
 * @throws {RangeError} if `maxLength` is out of range
 */
export function lines(options: LinesOptions = {}): Codec<string> {
  const limits = checkLimits(options, ["encoding", "newline"]);
  const { encoding = "utf-8", newline = "\n" } = options;
  const form = textForm(encoding);
  const tail = LINE_ENDS[["\r\n", "\n"].indexOf(newline)];
  if (tail === undefined) {
    throw new TypeError(
      `newline is "\\n" or "\\r\\n": ${JSON.stringify(newline)}`,
    );
  }
  const encoder = encoderOf<string>((line, out) => {
    if (typeof line !== "string") {
      throw new TypeError(`A line is a string: ${typeof line}`);
    }
    const bytes = form.encode(line);
    checkEnd(bytes, tail, LINE_SEARCH, limits);
    out.bytes(bytes).bytes(tail);
  });
  return {
    decoder: () =>
      new LineDecoder(form, limits, new LineCutter(LINE_SEARCH, limits, false)),
    encoder: () => encoder,
  };
}

/** Cuts lines as bytes. */
class LineCutter extends DelimitedDecoder {
  /** Whether the chunk's next byte begins a line. */
  get isFresh(): boolean {
    return this.held.length === 0 && !this.isDropping;
  }

  /** All lines that the rest of the chunk completes, as they are. */
  region(): Bytes {
    const last = this.chunk.lastIndexOf(NEWLINE);
    return slice(this.chunk, this.at, Math.max(this.at, last + 1));
  }

  /** Moves on, behind lines that were read otherwise. */
  skip(size: number): void {
    this.at += size;
  }

  /** The last line, that nothing ended; one `\r` may have begun an end. */
  lastLine(): Bytes {
    const tail = this.take();
    return tail.at(-1) === RETURN ? slice(tail, 0, tail.length - 1) : tail;
  }
}

/** Makes text of lines. */
class LineDecoder extends PullDecoder<string> {
  readonly #form: TextForm;
  readonly #limits: Limits;
  readonly #cutter: LineCutter;

  constructor(form: TextForm, limits: Limits, cutter: LineCutter) {
    super();
    this.#form = form;
    this.#limits = limits;
    this.#cutter = cutter;
  }

  override get buffered(): number {
    return this.#cutter.buffered;
  }

  override get need(): undefined {
    return undefined;
  }

  override get discarded(): number {
    return this.#cutter.discarded;
  }

  override get position(): number {
    return this.#cutter.position;
  }

  override feed(chunk: Uint8Array, from: number): void {
    this.#cutter.feed(chunk, from);
  }

  override take(): Bytes {
    return this.#cutter.take();
  }

  override next(): Pulled<string> {
    const line = this.#cutter.next();
    if (typeof line === "symbol") return line;
    // One in each chunk of many lines; strict decoding takes 2 µs more on Deno.
    return this.#form.tryDecode(line) ?? this.#form.decode(line);
  }

  /**
   * The lines of the chunk, made text all at once, which is several times as
   * fast; none if one of them is bad, so that they are read one by one.
   */
  override begin(): string[] {
    let first: Pulled<string> = DROPPED;
    if (!this.#cutter.isFresh) first = this.next();
    if (first === NONE) return [];
    const found = this.#manyLines();
    if (first !== DROPPED) found.unshift(first);
    return found;
  }

  #manyLines(): string[] {
    const region = this.#cutter.region();
    const text = region.length > 0 && this.#form.tryDecode(region);
    if (typeof text !== "string") return [];
    const found = text.split("\n");
    found.pop();
    const { maxLength } = this.#limits;
    if (region.length > maxLength) {
      // A code unit has three bytes at most.
      const width = text.length === region.length ? 1 : 3;
      const most = maxLength / width;
      if (found.some((line) => line.length > most)) return [];
    }
    this.#cutter.skip(region.length);
    return text.includes("\r") ? found.map(withoutReturn) : found;
  }

  override finish(out: string[]): void {
    const line = this.#cutter.lastLine();
    if (line.length > 0) out.push(this.#form.decode(line));
  }
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
