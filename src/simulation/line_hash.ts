/**
 * The hash of a history: of a line for each event, as bytes. Every event of a
 * run goes through here.
 *
 * @module
 */

import { builtin } from "../runtime/node/builtins.ts";
import { MOST_QUOTED_BYTES, type Shown, writeQuoted } from "./payloads.ts";

/** So many bytes are hashed at once. */
const FULL_BYTES = 16_384;

/** What a line has besides its texts: time, spaces, `" LOST"`, its end. */
const FRAME_BYTES = 40;

/** The most bytes that UTF-8 needs for a code unit. */
const MOST_PER_UNIT = 3;

const SPACE = 32;
const ARROW = 62;
const NEWLINE = 10;

interface Hasher {
  update(bytes: Uint8Array): void;
  digest(encoding: "hex"): string;
}

/** The SHA-256 of the lines of a trace. */
export class LineHash {
  readonly #hasher: Hasher = builtin<{ createHash(name: string): Hasher }>(
    "node:crypto",
  ).createHash("sha256");
  #bytes = new Uint8Array(FULL_BYTES);
  #length = 0;
  /** The time of the last event: many have the same. */
  #at = -1;
  #micros = "";

  /** Adds the line of an event: what `lineOf` makes of it. */
  add(
    at: number,
    from: string,
    to: string,
    what: string,
    shown: Shown | undefined,
    isLost: boolean,
  ): void {
    const units = from.length + to.length + what.length;
    this.#makeRoom(FRAME_BYTES + MOST_QUOTED_BYTES + MOST_PER_UNIT * units);
    if (at !== this.#at) {
      this.#at = at;
      this.#micros = `${Math.round(at * 1000)}`;
    }
    const bytes = this.#bytes;
    this.#write(this.#micros);
    bytes[this.#length++] = SPACE;
    this.#write(from);
    bytes[this.#length++] = ARROW;
    this.#write(to);
    bytes[this.#length++] = SPACE;
    this.#write(what);
    bytes[this.#length++] = SPACE;
    if (shown !== undefined) {
      this.#length = writeQuoted(shown, bytes, this.#length);
    }
    if (isLost) this.#write(" LOST");
    bytes[this.#length++] = NEWLINE;
  }

  /** The hash of all, in hexadecimal digits; nothing can be added then. */
  end(): string {
    this.#flush();
    return this.#hasher.digest("hex");
  }

  #makeRoom(size: number): void {
    if (this.#length + size <= this.#bytes.length) return;
    this.#flush();
    if (size > this.#bytes.length) this.#bytes = new Uint8Array(size);
  }

  #write(text: string): void {
    const bytes = this.#bytes;
    let at = this.#length;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 127) return this.#writeWide(text);
      bytes[at++] = unit;
    }
    this.#length = at;
  }

  #writeWide(text: string): void {
    const rest = this.#bytes.subarray(this.#length);
    this.#length += new TextEncoder().encodeInto(text, rest).written;
  }

  #flush(): void {
    this.#hasher.update(this.#bytes.subarray(0, this.#length));
    this.#length = 0;
  }
}
