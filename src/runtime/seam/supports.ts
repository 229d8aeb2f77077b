/**
 * What a runtime can do, feature by feature, as data.
 *
 * @module
 */

/**
 * What a runtime can do, as data: `true`, a figure, or a text that says why
 * not. The texts end up in error messages and in the generated table.
 */
export type Support = true | number | string;

/** The features that differ between runtimes. */
export type Feature =
  | "abortiveClose"
  | "abstractNames"
  | "backlog"
  | "connectErrors"
  | "detachAccepted"
  | "ipv6Only"
  | "localAddress"
  | "maxReadAhead"
  | "noDelay"
  | "reusePort"
  | "unixStreams"
  /** What an unreferenced socket has not written holds no process. */
  | "unrefWrites"
  | "zeroCopyReceive"
  | DatagramFeature
  | OptionFeature
  | TlsFeature;

/** The features of datagram sockets that differ between runtimes. */
export type DatagramFeature =
  | "udpBufferSizes"
  | "udpConnRefused"
  | "udpIpv6Hops"
  | "udpIpv6SourceMembership"
  | "udpReconnect"
  | "udpReusePort"
  /** Whether a send that fails says why, as the kernel does. */
  | "udpSendErrors"
  | "unixDatagrams";

/** What datagram sockets can do, by feature. */
export type DatagramSupports = Readonly<Record<DatagramFeature, Support>>;

/** The features of TLS that differ between runtimes. */
export type TlsFeature =
  /** `systemCertificates()`. */
  | "systemCertificates"
  /** What `native: true` gives up, or why there is none. */
  | "tlsNative"
  /** Sending on after the peer's `close_notify`. */
  | "tlsHalfClose"
  /** A client is told by an alert why its certificate was refused. */
  | "tlsServerAlerts";

/** What a runtime can do over TLS, feature by feature. */
export type TlsSupports = Readonly<Record<TlsFeature, Support>>;

/** The features around options and descriptors that differ between runtimes. */
export type OptionFeature =
  /** `SO_RCVBUF` and `SO_SNDBUF` of streams. */
  | "bufferSizes"
  /** `fileno()`. */
  | "fileno"
  /** `fromFd()`. */
  | "fromFd"
  /** `SO_KEEPALIVE`. */
  | "keepAlive"
  /** `TCP_KEEPIDLE`, also after `connect` and `listen`. */
  | "keepAliveIdle"
  /** `TCP_KEEPINTVL` and `TCP_KEEPCNT`. */
  | "keepAliveProbes"
  /** `SO_REUSEADDR`, set by the runtime itself on every listener. */
  | "reuseAddr"
  /** `IP_TOS` and `IPV6_TCLASS`. */
  | "typeOfService";

/** What a runtime can do with options and descriptors, feature by feature. */
export type OptionSupports = Readonly<Record<OptionFeature, Support>>;

/** Says the same of all features. */
export function sameSupports(support: Support): OptionSupports {
  return {
    bufferSizes: support,
    fileno: support,
    fromFd: support,
    keepAlive: support,
    keepAliveIdle: support,
    keepAliveProbes: support,
    reuseAddr: support,
    typeOfService: support,
  };
}
