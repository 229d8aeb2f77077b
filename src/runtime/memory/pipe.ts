/**
 * One direction of a connection in memory: the sender's and the receiver's
 * kernel buffer in one ring.
 *
 * @module
 */

import type { Bytes } from "../../contracts.ts";

/** The ring starts this small, so that an idle connection costs little. */
const FIRST_RING_BYTES = 4_096;

/**
 * Bytes on their way. At most half the capacity has *arrived* and survives a
 * reset, as what is in the receiver's buffer does; the rest is still the
 * sender's, and a reset drops it.
 */
export class Pipe {
  readonly #capacity: number;
  #ring: Uint8Array = new Uint8Array(0);
  #start = 0;
  #length = 0;
  #arrived = 0;
  #isEnded = false;
  #hasEndArrived = false;

  /** An empty pipe that holds up to `capacity` bytes. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** How many bytes it would still take. */
  get free(): number {
    return this.#capacity - this.#length;
  }

  /** How many bytes the receiver can take. */
  get arrived(): number {
    return this.#arrived;
  }

  /** Whether bytes are in it, arrived or not. */
  get isEmpty(): boolean {
    return this.#length === 0;
  }

  /** Whether the sender has said that nothing more comes. */
  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** Whether the FIN stands next in line. */
  get isAtEnd(): boolean {
    return this.#hasEndArrived && this.#length === 0;
  }

  /** Whether the FIN has come, behind bytes perhaps. */
  get hasEndArrived(): boolean {
    return this.#hasEndArrived;
  }

  /** Copies `data` in, which must fit. */
  put(data: Uint8Array): void {
    this.#grow(this.#length + data.length);
    const at = (this.#start + this.#length) % this.#ring.length;
    const head = data.subarray(0, this.#ring.length - at);
    this.#ring.set(head, at);
    this.#ring.set(data.subarray(head.length), 0);
    this.#length += data.length;
  }

  /** Puts the FIN behind what is in it. */
  end(): void {
    this.#isEnded = true;
  }

  /** Moves what fits from the sender's side to the receiver's. */
  arrive(): void {
    const window = Math.max(1, Math.ceil(this.#capacity / 2));
    this.#arrived = Math.min(this.#length, window);
    this.#hasEndArrived = this.#isEnded && this.#arrived === this.#length;
  }

  /** Takes `size` arrived bytes, which must be here. */
  take(size: number): Bytes {
    const bytes = new Uint8Array(size);
    const head = this.#ring.subarray(this.#start, this.#start + size);
    bytes.set(head, 0);
    bytes.set(this.#ring.subarray(0, size - head.length), head.length);
    this.#start = (this.#start + size) % this.#ring.length;
    this.#length -= size;
    this.arrive();
    return bytes;
  }

  /** Forgets what has not arrived; a FIN among it never comes. */
  dropUnarrived(): void {
    this.#length = this.#arrived;
    this.#isEnded = this.#hasEndArrived;
  }

  /** Forgets every byte. */
  clear(): void {
    this.#ring = new Uint8Array(0);
    this.#start = this.#length = this.#arrived = 0;
  }

  #grow(needed: number): void {
    if (needed <= this.#ring.length) return;
    const doubled = Math.max(this.#ring.length * 2, FIRST_RING_BYTES, needed);
    const ring = new Uint8Array(Math.min(doubled, this.#capacity));
    const head = this.#ring.subarray(this.#start, this.#start + this.#length);
    ring.set(head, 0);
    ring.set(
      this.#ring.subarray(0, this.#length - head.length),
      head.length,
    );
    this.#ring = ring;
    this.#start = 0;
  }
}
