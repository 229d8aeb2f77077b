/**
 * What `node:net` can do, on each runtime that has it.
 *
 * @module
 */

import type { Feature, Support } from "../seam/supports.ts";
import { Fault } from "../seam/fault.ts";
import { nodeDatagramSupports } from "./datagram_gaps.ts";
import { nodeHost } from "./native.ts";
import { nodeOptionSupports } from "./options.ts";
import { quirks } from "./quirks.ts";

let found: Readonly<Record<Feature, Support>> | undefined;

/** What the `node:net` of this runtime can do. */
export function nodeSupports(): Readonly<Record<Feature, Support>> {
  return found ??= supports();
}

function supports(): Readonly<Record<Feature, Support>> {
  const host = nodeHost();
  const { label } = host;
  const is = quirks();
  return {
    abortiveClose: true,
    abstractNames: !is.padsAbstractNames ||
      `${label} pads abstract names with NUL bytes`,
    backlog: `${label} accepts at once; the library resets the surplus`,
    connectErrors: !is.tellsFailuresAsRefused ||
      `node:net of ${label} tells every failed connect as ECONNREFUSED`,
    detachAccepted: true,
    ipv6Only: !is.ignoresIpv6Only || `${label} ignores ipv6Only`,
    localAddress: true,
    maxReadAhead: is.largestReadBytes,
    noDelay: true,
    reusePort: !is.ignoresReusePort || `${label} ignores reusePort`,
    unixStreams: true,
    zeroCopyReceive: `${label} reads into memory of its own`,
    ...nodeDatagramSupports(host),
    ...nodeOptionSupports(host),
  };
}

/** Throws a Fault `ENOPROTOOPT`, with the reason, unless there is support. */
export function demand(feature: Feature): void {
  const support = nodeSupports()[feature];
  if (typeof support !== "string") return;
  throw new Fault("ENOPROTOOPT", undefined, support);
}

/** Throws a Fault `EOPNOTSUPP` for an abstract name that would come out wrong. */
export function demandName(path: string): void {
  const support = nodeSupports().abstractNames;
  if (!path.startsWith("\0") || typeof support !== "string") return;
  throw new Fault("EOPNOTSUPP", undefined, support);
}
