/**
 * Frames gathered for one write.
 *
 * @module
 */

import { ByteWriter } from "../byteorder/mod.ts";

/** From this size on a copy costs more than a segment of its own: 16 KiB. */
const BY_REFERENCE = 16_384;

/** A writer that holds so many bytes is full: 64 KiB. */
export const FULL_SIZE: number = 65_536;

/** A writer that grew beyond this many bytes is not kept: 128 KiB. */
const KEPT_SIZE = 131_072;

/** Room for a few small messages, in bytes. */
const SMALL_SIZE = 4_096;

/** Room for as much as makes a writer full, and one more message. */
const LARGE_SIZE: number = FULL_SIZE + BY_REFERENCE;

/** Bytes that stand behind the first `at` bytes of the writer. */
interface Reference {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** A writer that takes large pieces by reference. */
export class GatherWriter extends ByteWriter {
  /** Whether large pieces are copied too: their memory may be reused early. */
  isCopying = false;
  #references: Reference[] = [];
  #referenced = 0;

  /** Small at first, unless much is to come; it grows with use. */
  constructor(isLarge: boolean) {
    super(isLarge ? LARGE_SIZE : SMALL_SIZE);
  }

  /** Bytes gathered, those by reference too. */
  get size(): number {
    return this.offset + this.#referenced;
  }

  /** How many pieces are there by reference. */
  get references(): number {
    return this.#references.length;
  }

  protected override readonly referenceSize: number = BY_REFERENCE;

  protected override refer(bytes: Uint8Array): boolean {
    if (this.isCopying) return false;
    this.#references.push({ at: this.offset, bytes });
    this.#referenced += bytes.length;
    return true;
  }

  /** Goes back to a place. */
  restore(offset: number, references: number): void {
    this.rewind(offset);
    while (this.#references.length > references) {
      this.#referenced -= this.#references.pop()!.bytes.length;
    }
  }

  /** What was gathered, in order; valid until something else is written. */
  segments(): Uint8Array[] {
    const own = this.view();
    const segments: Uint8Array[] = [];
    let from = 0;
    for (const { at, bytes } of this.#references) {
      if (at > from) segments.push(own.subarray(from, at));
      segments.push(bytes);
      from = at;
    }
    if (own.length > from) segments.push(own.subarray(from));
    return segments;
  }

  /** Whether its memory is small enough to be kept. */
  get isKeepable(): boolean {
    return this.view().buffer.byteLength <= KEPT_SIZE;
  }
}

/** Writers without a connection: idle connections own none. At most 2 MiB. */
const spare: GatherWriter[] = [];
const MOST_SPARE = 16;

/** An empty writer; `isLarge` if it follows one that is full. */
export function takeWriter(isLarge: boolean): GatherWriter {
  return spare.pop() ?? new GatherWriter(isLarge);
}

/** Gives back a writer whose memory nobody uses any more. */
export function giveWriter(writer: GatherWriter): void {
  writer.restore(0, 0);
  if (spare.length < MOST_SPARE && writer.isKeepable) spare.push(writer);
}
