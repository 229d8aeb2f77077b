/**
 * What V8 says of which code ran (`NODE_V8_COVERAGE`), as lines.
 *
 * @module
 */

/** A piece of code, and how often it ran. */
export interface V8Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

/** One script of a process. */
export interface V8Script {
  readonly url: string;
  readonly functions: readonly { readonly ranges: readonly V8Range[] }[];
}

/**
 * The lines of a text of which something ran. Ranges within others come behind
 * them; V8 tells functions that were called in detail, and others as a whole.
 */
export function linesRun(
  text: string,
  functions: V8Script["functions"],
): Set<number> {
  const ran = new Uint8Array(text.length).fill(1);
  const ranges = functions.flatMap((each) => each.ranges);
  // The wider comes first: what is within it is told more exactly.
  ranges.sort((a, b) =>
    a.startOffset - b.startOffset || b.endOffset - a.endOffset
  );
  for (const { startOffset, endOffset, count } of ranges) {
    ran.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  }
  const lines = new Set<number>();
  let line = 1;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "\n") line++;
    else if (ran[i] === 1 && /\S/.test(text[i] as string)) lines.add(line);
  }
  return lines;
}
