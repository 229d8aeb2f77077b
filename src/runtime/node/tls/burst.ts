/**
 * Plain bytes of records that came together, on their way to be one chunk: the
 * engines tell each record by itself.
 *
 * @module
 */

import { concat } from "../../../byte_queue.ts";
import { bufferModule } from "../native.ts";

/** So many plain bytes of one read are given as one chunk. */
const LARGEST_BURST_BYTES = 65_536;

/**
 * Memory to gather in, which is taken and put back: no connection keeps any.
 * Two at most are there for whoever comes next.
 */
const spare: Uint8Array[] = [];
const MAX_SPARE = 2;

/** Gathers what belongs together, and gives it. */
export class Burst {
  readonly #give: (chunk: Uint8Array) => void;
  /** What came in memory of its own. */
  #chunks: Uint8Array[] = [];
  /** What came in memory of others is here. */
  #memory: Uint8Array | undefined;
  #length = 0;

  /** `give` gets a chunk whose memory is its own only if it fills that. */
  constructor(give: (chunk: Uint8Array) => void) {
    this.#give = give;
  }

  /** Adds a chunk as it is. */
  add(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length >= LARGEST_BURST_BYTES) this.flush();
  }

  /** Adds a copy of the front of a buffer; not together with `add`. */
  copy(buffer: Uint8Array, count: number): void {
    if (this.#length + count > LARGEST_BURST_BYTES) this.flush();
    const memory = this.#memory ??= spare.pop() ?? newMemory();
    const isWhole = count === buffer.length;
    memory.set(isWhole ? buffer : buffer.subarray(0, count), this.#length);
    this.#length += count;
    if (this.#length === LARGEST_BURST_BYTES) this.flush();
  }

  /** Whether nothing has been gathered. */
  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** Gives what there is. */
  flush(): void {
    if (this.#length === 0) return;
    if (this.#memory !== undefined) this.#giveMemory(this.#memory);
    else this.#giveChunks();
  }

  #giveChunks(): void {
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#length = 0;
    this.#give(chunks.length === 1 ? chunks[0] as Uint8Array : concat(chunks));
  }

  #giveMemory(memory: Uint8Array): void {
    const length = this.#length;
    this.#memory = undefined;
    this.#length = 0;
    // A full one is given away, without another copy.
    if (length === memory.length) return this.#give(memory);
    this.#give(memory.subarray(0, length));
    if (spare.length < MAX_SPARE) spare.push(memory);
  }
}

/** Not zeroed: what is given of it has been written. */
function newMemory(): Uint8Array {
  const { buffer } = bufferModule().Buffer.allocUnsafeSlow(LARGEST_BURST_BYTES);
  return new Uint8Array(buffer);
}
