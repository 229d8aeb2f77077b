/**
 * Bytes accepted for sending, in memory of ours: the program may use its own
 * again at once, and a call that is cut short never shows reused memory.
 *
 * @module
 */

import type { RawStream } from "../../runtime/seam/stream.ts";
import { concatIfMany, WRITE_MARK_BYTES } from "./gather.ts";

/** Who hears of what becomes of accepted bytes. */
export interface AcceptedOwner {
  /** A write that had to wait is over. */
  changed(): void;
  /** A write failed: drops everything, or throws what is no fault. */
  writeFailed(error: unknown): void;
}

/**
 * The bounded queue of accepted bytes, oldest first. What it holds is with
 * the runtime, or waits for room in the kernel.
 */
export class Accepted {
  readonly #raw: RawStream;
  readonly #owner: AcceptedOwner;
  #chunks: Uint8Array[] = [];
  #unwritten = 0;
  /** The runtime holds the first chunk. */
  #isWriting = false;

  /** An empty queue in front of `raw`. */
  constructor(raw: RawStream, owner: AcceptedOwner) {
    this.#raw = raw;
    this.#owner = owner;
  }

  /** Bytes that the kernel has not taken, those of the runtime included. */
  get unwritten(): number {
    return this.#unwritten;
  }

  /** Copies what fits below the mark; gives how many bytes that is. */
  add(data: Uint8Array): number {
    const count = Math.min(WRITE_MARK_BYTES - this.#unwritten, data.length);
    if (count === 0) return 0;
    this.#chunks.push(data.slice(0, count));
    this.#unwritten += count;
    return count;
  }

  /** Forgets everything: nobody will take it. */
  clear(): void {
    this.#chunks = [];
    this.#unwritten = 0;
  }

  /** Hands bytes over until the runtime holds some or the kernel is full. */
  pump(): void {
    while (this.#chunks.length > 0 && !this.#isWriting) {
      const chunk = concatIfMany(this.#chunks);
      this.#chunks = [chunk];
      const taken = this.#handOver(chunk);
      if (typeof taken !== "number") return void this.#awaitWrite(taken);
      this.#written(taken);
      if (taken < chunk.length) return;
    }
  }

  #handOver(chunk: Uint8Array): number | Promise<number> {
    try {
      return this.#raw.write(chunk);
    } catch (error) {
      this.#owner.writeFailed(error);
      return 0;
    }
  }

  async #awaitWrite(taken: Promise<number>): Promise<void> {
    this.#isWriting = true;
    let count = 0;
    try {
      count = await taken;
    } catch (error) {
      this.#owner.writeFailed(error);
    }
    this.#isWriting = false;
    this.#written(count);
    this.pump();
    this.#owner.changed();
  }

  /** The kernel took the first `count` bytes. */
  #written(count: number): void {
    const first = this.#chunks[0];
    if (first === undefined) return;
    this.#unwritten -= count;
    // Rare on all but Bun: the kernel took a part. A view, not a copy.
    if (count < first.length) this.#chunks[0] = first.subarray(count);
    else this.#chunks.shift();
  }
}
