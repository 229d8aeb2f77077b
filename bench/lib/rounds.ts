/** The order in which contestants are measured. */

import { progress } from "./output.ts";

/**
 * Lets all play in each round, there and back (A B C, C B A, …): nobody always
 * runs first, and a busy moment of the machine hits all alike.
 */
export async function interleave<T>(
  label: string,
  rounds: number,
  contestants: readonly T[],
  play: (each: T) => void | Promise<void>,
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    progress(`${label} round ${round + 1}/${rounds}`);
    for (const each of round % 2 ? contestants.toReversed() : contestants) {
      await play(each);
    }
  }
}

/**
 * How long a load runs before it counts, so that the JIT has settled: what its
 * suite found to be enough, but no longer than twice what is measured then. A
 * look whether a suite runs at all need not be warm.
 */
export function warmUpMs(enoughMs: number, seconds: number): number {
  return Math.min(enoughMs, 2_000 * seconds);
}
