/**
 * Chance by key, never by turn: what is decided about one packet depends on
 * the seed and the packet's own name, so that leaving one fault out moves no
 * other.
 *
 * @module
 */

/** What decides whether something happens, and how much of it. */
export interface Chance {
  /** A number from 0 up to, but not including, 1: the same for the same key. */
  draw(key: string): number;
  /** Whether what has this probability comes true. */
  strikes(rate: number, key: string): boolean;
}

/**
 * FNV-1a over the key, mixed by the finalizer of MurmurHash3: integers alone,
 * so that every engine gives the same.
 */
export function drawOf(seed: number, key: string): number {
  let hash = seed ^ 0x9e3779b9;
  for (let i = 0; i < key.length; i++) {
    hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000;
}

/** The chance of a seed. */
export function seededChance(seed: number): Chance {
  return {
    draw: (key) => drawOf(seed, key),
    strikes: (rate, key) => rate > 0 && drawOf(seed, key) < rate,
  };
}
