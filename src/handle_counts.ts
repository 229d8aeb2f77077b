/**
 * How many descriptors the library holds, by kind: plain counters that the
 * socket cores keep and that tests read to prove that nothing leaks.
 *
 * @module
 */

import { ambient } from "./ambient.ts";

/** What can be held open. */
export type HandleKind = "stream" | "listener" | "datagram";

/** How many handles of each kind are open. */
export type HandleCounts = Readonly<Record<HandleKind, number>>;

const counts: Record<HandleKind, number> = {
  stream: 0,
  listener: 0,
  datagram: 0,
};

/** A descriptor came into the library's hands. */
export function opened(kind: HandleKind): void {
  (ambient()?.counts ?? counts)[kind]++;
}

/** A descriptor was released; once for every {@linkcode opened}. */
export function released(kind: HandleKind): void {
  (ambient()?.counts ?? counts)[kind]--;
}

/** The counts at this moment, as a copy. */
export function handleCounts(): HandleCounts {
  return { ...(ambient()?.counts ?? counts) };
}
