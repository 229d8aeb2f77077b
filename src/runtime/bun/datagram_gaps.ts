/**
 * What Bun's own datagram sockets cannot do, and why.
 *
 * @module
 */

import type { DatagramSupports } from "../seam/supports.ts";

/** Why there are no Unix ones. */
export const NO_UNIX = "Bun has no Unix datagram sockets";
/** Why some cannot be connected anew. */
export const FIXED_PEER =
  "Bun fixes the peer of a socket that is connected before it is bound";
/** Why buffers cannot be resized. */
export const NO_SIZES = "Bun sets buffer sizes only if asked before the bind";

/** What Bun's own datagram sockets can do. */
export const DATAGRAM_SUPPORTS: DatagramSupports = {
  udpBufferSizes: NO_SIZES,
  udpConnRefused: true,
  udpIpv6Hops: true,
  udpIpv6SourceMembership: true,
  udpReconnect: FIXED_PEER,
  udpReusePort: true,
  udpSendErrors: true,
  unixDatagrams: NO_UNIX,
};
