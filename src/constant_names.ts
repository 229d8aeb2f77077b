/**
 * The constants by their names. A program that names none of them needs no
 * constant: a bundler then leaves out what `constants.ts` would bring.
 *
 * @module
 */

import { constantTable } from "./runtime/platform.ts";

/** The numbers that this platform has, by their names in C. */
export function constantsByName(): Readonly<Record<string, number>> {
  return { ...constantTable() };
}
