/**
 * Finds the first of several byte strings in a stream that comes in chunks.
 * Each byte is looked at once, however the stream is cut.
 *
 * @module
 */

/** How far a search has come; belongs to one stream. */
export interface SearchState {
  /** What the automaton remembers of the bytes before; 0 at the beginning. */
  state: number;
  /** The length of the needle that was found. */
  matched: number;
}

/** A search that is ready for any number of streams. */
export interface ByteSearch {
  /**
   * Looks at `bytes` from `from` to their end. Gives the place behind the
   * needle that ends first (the longest of several that end there), or −1.
   * After a hit the state is 0 again.
   */
  find(bytes: Uint8Array, from: number, search: SearchState): number;
  /** How many of the bytes seen last may be the beginning of a needle. */
  pending(state: number): number;
}

/** Prepares the search for any of `needles`, none of which is empty. */
export function byteSearch(needles: readonly Uint8Array[]): ByteSearch {
  const [needle] = needles;
  if (needles.length === 1 && needle?.length === 1) {
    return singleByteSearch(needle[0]!);
  }
  return new Automaton(needles);
}

function singleByteSearch(byte: number): ByteSearch {
  return {
    pending: () => 0,
    find(bytes, from, search) {
      const at = bytes.indexOf(byte, from);
      search.matched = 1;
      return at + 1 || -1;
    },
  };
}

/**
 * Aho and Corasick's automaton, its transitions in one table: the state is the
 * longest end of what was seen that begins a needle.
 */
class Automaton implements ByteSearch {
  /** The state that follows a state and a byte. */
  readonly #next: Int32Array;
  /** The bytes that a state stands for. */
  readonly #depth: number[] = [0];
  /** The length of the longest needle that ends in a state, or 0. */
  readonly #match: number[] = [0];
  /** The byte that all needles begin with, or −1. */
  readonly #first: number;

  constructor(needles: readonly Uint8Array[]) {
    const states = needles.reduce((sum, each) => sum + each.length, 1);
    this.#next = new Int32Array(states * 256);
    for (const needle of needles) this.#add(needle);
    this.#link();
    const [first = -1, ...others] = needles.map((needle) => needle[0]!);
    this.#first = others.every((each) => each === first) ? first : -1;
  }

  /** Adds the states of a needle, as a tree. */
  #add(needle: Uint8Array): void {
    let state = 0;
    for (const byte of needle) {
      let next = this.#next[state * 256 + byte]!;
      if (next === 0) {
        next = this.#depth.length;
        this.#next[state * 256 + byte] = next;
        this.#depth.push(this.#depth[state]! + 1);
        this.#match.push(0);
      }
      state = next;
    }
    this.#match[state] = needle.length;
  }

  /** Leads each byte that continues no needle to the state that fits best. */
  #link(): void {
    const next = this.#next;
    const fallback = new Int32Array(this.#depth.length);
    const queue = [0];
    // Breadth first: a fallback is shorter, so it is complete already.
    for (const state of queue) {
      for (let byte = 0; byte < 256; byte++) {
        const place = state * 256 + byte;
        const child = next[place]!;
        const other = state === 0 ? 0 : next[fallback[state]! * 256 + byte]!;
        if (child === 0) next[place] = other;
        else {
          fallback[child] = other;
          this.#match[child] ||= this.#match[other]!;
          queue.push(child);
        }
      }
    }
  }

  pending(state: number): number {
    return this.#depth[state]!;
  }

  find(bytes: Uint8Array, from: number, search: SearchState): number {
    const next = this.#next;
    const match = this.#match;
    const first = this.#first;
    let state = search.state;
    for (let at = from; at < bytes.length; at++) {
      if (state === 0 && first >= 0 && bytes[at] !== first) {
        at = bytes.indexOf(first, at + 1);
        if (at < 0) break;
      }
      state = next[state * 256 + bytes[at]!]!;
      if (match[state] === 0) continue;
      search.matched = match[state]!;
      search.state = 0;
      return at + 1;
    }
    search.state = state;
    return -1;
  }
}
