/**
 * What `node:net` can do, on each runtime that has it.
 *
 * @module
 */

import { MAX_UNIX_PATH_BYTES } from "../../address.ts";
import type { Feature, Support } from "../seam/supports.ts";
import { Fault } from "../seam/fault.ts";
import { nodeDatagramSupports } from "./datagram_gaps.ts";
import { nodeHost } from "./native.ts";
import { nodeOptionSupports } from "./options.ts";
import { quirks } from "./quirks.ts";
import { nodeTlsSupports } from "./tls_supports.ts";

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
    backlog: `${label} accepts at once; the library resets who comes while ` +
      `backlog, and at least 4096, wait`,
    connectErrors: !is.tellsFailuresAsRefused ||
      `node:net of ${label} tells every failed connect as ECONNREFUSED`,
    detachAccepted: true,
    ipv6Only: !is.ignoresIpv6Only || `${label} ignores ipv6Only`,
    localAddress: true,
    maxReadAhead: is.largestReadBytes,
    noDelay: true,
    reusePort: !is.ignoresReusePort || `${label} ignores reusePort`,
    unixStreams: true,
    unrefWrites: !is.holdsProcessToWrite ||
      `${label} keeps the process until a write is taken or \`lingerMs\` is over`,
    zeroCopyReceive: `${label} reads into memory of its own`,
    ...nodeDatagramSupports(host),
    ...nodeOptionSupports(host),
    ...nodeTlsSupports(host),
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
  if (!path.startsWith("\0")) return;
  const support = nodeSupports().abstractNames;
  if (typeof support === "string") {
    throw new Fault("EOPNOTSUPP", undefined, support);
  }
  const reason = misreadName(path);
  if (reason !== undefined) {
    throw new Fault("EOPNOTSUPP", undefined, `${nodeHost().label} ${reason}`);
  }
}

/** How this host would get a single name wrong. */
function misreadName(path: string): string | undefined {
  const { cutsNamesOfNuls, refusesLongestNames } = quirks();
  if (cutsNamesOfNuls && /^\0(\0|$)/.test(path)) {
    return "cuts the last byte off an abstract name that begins with a NUL";
  }
  const bytes = new TextEncoder().encode(path).length;
  return refusesLongestNames && bytes > MAX_UNIX_PATH_BYTES
    ? `takes abstract names of at most ${MAX_UNIX_PATH_BYTES} bytes`
    : undefined;
}
