/**
 * The driver for hosts that have no sockets, such as a browser: importing the
 * library works there, every call says plainly what is missing.
 *
 * @module
 */

import { systemClock } from "../clock.ts";
import { sameSupports } from "./seam/supports.ts";
import type { Runtime } from "./seam/runtime.ts";
import type { Feature, Support } from "./seam/supports.ts";
import { Fault } from "./seam/fault.ts";

const REASON = "this host has no sockets: neither Deno, nor Bun, nor Node";

const SUPPORTS: Readonly<Record<Feature, Support>> = {
  abortiveClose: REASON,
  abstractNames: REASON,
  backlog: REASON,
  connectErrors: REASON,
  detachAccepted: REASON,
  ipv6Only: REASON,
  localAddress: REASON,
  maxReadAhead: REASON,
  noDelay: REASON,
  reusePort: REASON,
  unixStreams: REASON,
  unrefWrites: REASON,
  udpBufferSizes: REASON,
  udpConnRefused: REASON,
  udpIpv6Hops: REASON,
  udpIpv6SourceMembership: REASON,
  udpReconnect: REASON,
  udpReusePort: REASON,
  udpSendErrors: REASON,
  unixDatagrams: REASON,
  systemCertificates: REASON,
  tlsHalfClose: REASON,
  tlsNative: REASON,
  tlsServerAlerts: REASON,
  zeroCopyReceive: REASON,
  ...sameSupports(REASON),
};

function refuseNow(): never {
  throw new Fault("EOPNOTSUPP", undefined, REASON);
}

function refuse(): Promise<never> {
  return Promise.reject(new Fault("EOPNOTSUPP", undefined, REASON));
}

const RUNTIME: Runtime = {
  name: "stub",
  supports: SUPPORTS,
  clock: systemClock,
  connect: refuse,
  listen: refuse,
  bindDatagram: refuse,
  permits: () => true,
  lookup: refuse,
  names: {
    hostname: refuseNow,
    reverse: refuse,
    alias: refuse,
    mayAskServers: () => false,
    addresses: refuseNow,
    interfaces: refuseNow,
    readSystemFile: refuse,
  },
};

/** The driver that refuses everything. */
export function stubRuntime(): Runtime {
  return RUNTIME;
}
