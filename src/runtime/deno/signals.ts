/**
 * What Deno sets up when it first needs it, done while it still can be.
 *
 * @module
 */

import { deno } from "./native.ts";

let areArmed = false;

/**
 * Deno sets up its signals when a listener first fails to accept for lack of
 * descriptors, which takes descriptors: the process panics. So it is made to
 * do so before. No permission is asked, and nothing is kept.
 */
export function armSignals(): void {
  if (areArmed) return;
  areArmed = true;
  try {
    deno().addSignalListener("SIGUSR2", nothing);
    deno().removeSignalListener("SIGUSR2", nothing);
  } catch {
    // Windows knows no such signal, and needs none.
  }
}

function nothing(): void {}
