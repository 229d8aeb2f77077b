/**
 * What a callback of the program throws.
 *
 * @module
 */

import { nextTick } from "node:process";

/**
 * Makes it an uncaught exception, as it is where `node:net` calls: it is
 * nobody's here, and no end of what goes on.
 */
export function throwLater(error: unknown): void {
  nextTick(() => {
    throw error;
  });
}
