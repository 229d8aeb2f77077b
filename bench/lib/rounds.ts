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
