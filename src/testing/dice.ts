/**
 * Chance that repeats itself: the same seed gives the same throws.
 *
 * @module
 */

/** A seeded source of chance (mulberry32). */
export class Dice {
  #state: number;

  /** Equal seeds give equal throws. */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A number from 0 up to, but not including, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  }

  /** Whether an event of this probability happens. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /**
   * A size from 1 to `most`. Every order of magnitude is equally likely, so
   * that single bytes and full buffers both turn up often.
   */
  size(most: number): number {
    const size = Math.floor(2 ** (this.next() * Math.log2(most + 1)));
    return Math.min(Math.max(size, 1), most);
  }
}
