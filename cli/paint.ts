/**
 * Colours, where a person looks and wants them.
 *
 * @module
 */

import type { Io, Output } from "./io.ts";

/** Ways to say something more loudly or less. */
export interface Paint {
  /** A heading. */
  bold(text: string): string;
  /** Beside the matter. */
  dim(text: string): string;
  /** Good. */
  green(text: string): string;
  /** Bad. */
  red(text: string): string;
  /** To be looked at. */
  yellow(text: string): string;
  /** Ours, where somebody else's is beside it. */
  cyan(text: string): string;
}

const same = (text: string): string => text;

/** No colours at all. */
export const plain: Paint = {
  ...{ bold: same, dim: same, green: same },
  ...{ red: same, yellow: same, cyan: same },
};

const coloured: Paint = {
  bold: between(1, 22),
  dim: between(2, 22),
  green: between(32, 39),
  red: between(31, 39),
  yellow: between(33, 39),
  cyan: between(36, 39),
};

function between(on: number, off: number): (text: string) => string {
  return (text) => `\x1b[${on}m${text}\x1b[${off}m`;
}

/** How to paint what is written to an output. */
export function paintFor(io: Io, output: Output): Paint {
  return io.wantsColours && output.isTerminal ? coloured : plain;
}
