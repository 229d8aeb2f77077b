/**
 * What is known of the process's descriptors before a server listens.
 *
 * @module
 */

import type { Runtime } from "../runtime/seam/runtime.ts";
import type { ListenerKind } from "../socket/stream/core.ts";
import type { DescriptorFacts } from "./limits.ts";

/**
 * Asks the process of a runtime; a network in memory has no limit. `sharers`
 * is how many servers there are to be in it.
 */
export function descriptorFacts(
  { host, supports }: Runtime,
  { abortive, reusePort, isAdopted }: ListenerKind,
  sharers = 1,
): DescriptorFacts {
  // What Deno's own listeners lack goes to `node:net`, which accepts by itself.
  const isElsewhere = supports.abortiveClose !== true &&
    (abortive === true || reusePort === true || isAdopted === true);
  return {
    limit: host === undefined ? Infinity : host.descriptorLimit()?.soft,
    open: host?.openDescriptors(),
    takesAhead: isElsewhere || supports.backlog !== true,
    sharers,
  };
}
