/**
 * What `node:net` can do, on each runtime that has it.
 *
 * @module
 */

import type { Feature, Support } from "../seam/supports.ts";
import { Fault } from "../seam/fault.ts";
import { nodeDatagramSupports } from "./datagram_gaps.ts";
import { type Host, nodeHost } from "./native.ts";
import { nodeOptionSupports } from "./options.ts";

let found: Readonly<Record<Feature, Support>> | undefined;

/** What the `node:net` of this runtime can do. */
export function nodeSupports(): Readonly<Record<Feature, Support>> {
  return found ??= supportsOf(nodeHost());
}

function supportsOf(host: Host): Readonly<Record<Feature, Support>> {
  const { name, label } = host;
  const isNode = name === "node";
  return {
    abortiveClose: true,
    // libuv 1.48 is the first that does not pad the name to 108 bytes.
    abstractNames: !isNode || host.has("uv", 1, 48) ||
      `${label} pads abstract names with NUL bytes`,
    backlog: `${label} accepts at once; the library resets the surplus`,
    connectErrors: name !== "bun" ||
      `node:net of ${label} tells every failed connect as ECONNREFUSED`,
    detachAccepted: true,
    ipv6Only: name !== "deno" || `${label} ignores ipv6Only`,
    localAddress: true,
    // Bun's 'data' events, on accepted sockets, come in larger pieces.
    maxReadAhead: name === "bun" ? 524_288 : 65_536,
    noDelay: true,
    reusePort: !isNode || host.has("node", 23, 1) ||
      (host.has("node", 22, 12) && !host.has("node", 23, 0)) ||
      `${label} ignores reusePort`,
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
