/**
 * What Bun's own sockets can do.
 *
 * @module
 */

import { DATAGRAM_SUPPORTS } from "./datagram_gaps.ts";
import { OPTION_SUPPORTS } from "./options.ts";
import { BUN_TLS_SUPPORTS } from "../node/tls_supports.ts";
import type { Feature, Support } from "../seam/supports.ts";
import { Fault } from "../seam/fault.ts";
import type { BunSocket } from "./native.ts";

/** Bun's loop reads into a buffer of this size. A pause is exact beyond it. */
const LARGEST_READ_BYTES = 524_288;

const SHARED = "on Bun all connections of a listener share their handlers";

/** What Bun's own sockets can do. */
export const SUPPORTS: Readonly<Record<Feature, Support>> = {
  abortiveClose: true,
  abstractNames: true,
  backlog: "Bun accepts at once; the library resets who comes while backlog, " +
    "and at least 4096, wait",
  connectErrors: "Bun tells ETIMEDOUT and EHOSTUNREACH as ECONNREFUSED",
  detachAccepted: SHARED,
  ipv6Only: true,
  localAddress: true,
  maxReadAhead: LARGEST_READ_BYTES,
  noDelay: true,
  reusePort: true,
  unixStreams: true,
  unrefWrites: true,
  zeroCopyReceive: "Bun reads into memory of its own",
  ...DATAGRAM_SUPPORTS,
  ...OPTION_SUPPORTS,
  ...BUN_TLS_SUPPORTS,
};

/** Throws a Fault `EOPNOTSUPP` for a socket that has no handlers of its own. */
export function demandPrivate(socket: BunSocket): void {
  if (socket.listener === undefined) return;
  throw new Fault("EOPNOTSUPP", undefined, SHARED);
}
