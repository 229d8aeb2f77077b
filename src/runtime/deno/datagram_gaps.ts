/**
 * What the datagram sockets of Deno cannot do, and why.
 *
 * @module
 */

import type { DatagramSupports, Support } from "../seam/supports.ts";
import { deno } from "./native.ts";

/** Why there are no Unix ones. */
export const NO_FLAG =
  "Deno needs --unstable-net for Unix datagram sockets (denoland/deno#11022)";
const NO_SEND_ERRORS =
  "Deno without --unstable-net tells failures to send as ENETUNREACH";

/** Whether there are Unix datagram sockets: it takes a flag. */
export function denoUnixDatagrams(): Support {
  return deno().listenDatagram !== undefined || NO_FLAG;
}

/** Whether a failed send says why: the sockets of the flag do. */
export function denoSendErrors(): Support {
  return deno().listenDatagram !== undefined || NO_SEND_ERRORS;
}

/** What the other datagram sockets of Deno can do. */
export const DATAGRAM_SUPPORTS: Omit<
  DatagramSupports,
  "udpSendErrors" | "unixDatagrams"
> = {
  udpBufferSizes: "Deno keeps the sizes of datagram buffers to itself",
  udpConnRefused: "Deno does not connect datagram sockets in the kernel",
  udpIpv6Hops: "Deno does not set the hop limits of IPv6 datagrams",
  udpIpv6SourceMembership: "Deno has no source-specific IPv6 groups",
  udpReconnect: true,
  udpReusePort: "Deno has no reusePort for datagram sockets",
};
