/**
 * What a trace keeps of the bytes that travelled: the first ones.
 *
 * @module
 */

/** So many bytes of a payload are shown. */
const SHOWN_BYTES = 24;

/** Each holds the payloads of some 1,400 events at least. */
const BLOCK_BYTES = 32_768;

/** The first bytes of a payload, within a block that it shares with others. */
export interface Shown {
  readonly block: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** Whether there were more. */
  readonly isCut: boolean;
}

/**
 * The first bytes of many payloads: a copy of their own for each would cost
 * more than all else that a trace keeps.
 */
export class Payloads {
  #block = new Uint8Array(0);
  #used = 0;

  /** Copies what is shown of a payload. */
  keep(bytes: Uint8Array): Shown {
    const length = Math.min(bytes.length, SHOWN_BYTES);
    if (this.#used + length > this.#block.length) {
      this.#block = new Uint8Array(BLOCK_BYTES);
      this.#used = 0;
    }
    const block = this.#block;
    const start = this.#used;
    for (let i = 0; i < length; i++) block[start + i] = bytes[i] as number;
    const end = this.#used = start + length;
    return { block, start, end, isCut: length < bytes.length };
  }
}

const NAMED: Readonly<Record<number, string>> = {
  9: "\\t",
  10: "\\n",
  13: "\\r",
  34: '\\"',
  92: "\\\\",
};

/** How each byte is shown, as character codes, all of them ASCII. */
const ESCAPES: readonly (readonly number[])[] = Array.from(
  { length: 256 },
  (_, byte) => {
    const isPlain = byte >= 32 && byte < 127;
    const text = NAMED[byte] ??
      (isPlain
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).padStart(2, "0")}`);
    return Array.from(text, (char) => char.charCodeAt(0));
  },
);

const QUOTE = 34;

/** The most bytes that {@linkcode writeQuoted} writes. */
export const MOST_QUOTED_BYTES: number = 4 * SHOWN_BYTES + 5;

/** "…" in UTF-8. */
const ELLIPSIS: readonly number[] = [0xe2, 0x80, 0xa6];

/** Writes bytes as a text in quotes, in UTF-8; gives the place behind it. */
export function writeQuoted(shown: Shown, to: Uint8Array, at: number): number {
  const { block, start, end, isCut } = shown;
  to[at++] = QUOTE;
  for (let i = start; i < end; i++) {
    const codes = ESCAPES[block[i] as number] as readonly number[];
    for (let k = 0; k < codes.length; k++) to[at++] = codes[k] as number;
  }
  to[at++] = QUOTE;
  if (isCut) { for (const byte of ELLIPSIS) to[at++] = byte; }
  return at;
}

/** The same as a text. */
export function quoted(shown: Shown): string {
  const bytes = new Uint8Array(MOST_QUOTED_BYTES);
  const end = writeQuoted(shown, bytes, 0);
  return new TextDecoder().decode(bytes.subarray(0, end));
}
