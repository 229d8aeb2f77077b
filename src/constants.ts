/**
 * The constants of C's sockets, under their C names and with this platform's
 * numbers. What a platform does not have is `undefined` there and says so. A
 * few options and flags that the library answers itself have a number of its
 * own where the system has none (`SO_DOMAIN`, `SO_PROTOCOL`, `SO_REUSEPORT`,
 * `MSG_DONTWAIT`, `MSG_NOSIGNAL`, `SOCK_NONBLOCK`, `SOCK_CLOEXEC`).
 *
 * @module
 */

import {
  constantTable,
  errnoName,
  errnoTable,
  errnoText,
} from "./runtime/platform.ts";

/** An address family; only the constants `AF_…` are of this type. */
export type AddressFamily = number & { readonly "address family": true };

/**
 * This platform's error numbers by their C names, all positive. It is data:
 * it changes with no call.
 *
 * @example
 * ```ts
 * import { errno } from "@anysock/anysock";
 *
 * console.log(errno.ECONNREFUSED); // 111 on Linux
 * ```
 */
export const errno: Readonly<Record<string, number>> = errnoTable();

/**
 * What C says to an error number, such as `"Connection refused"`. The texts
 * are those of Linux on every platform.
 *
 * @example
 * ```ts
 * import { errno, strerror } from "@anysock/anysock";
 *
 * console.log(strerror(errno.ECONNREFUSED ?? 0)); // "Connection refused"
 * ```
 */
export function strerror(number: number): string {
  const name = errnoName(number);
  return name === undefined ? `Unknown error ${number}` : errnoText(name);
}

const c = constantTable();

/** Any family: what a lookup takes where the family does not matter. */
export const AF_UNSPEC: AddressFamily = c.AF_UNSPEC as AddressFamily;
/** Sockets on this machine, named by paths. */
export const AF_UNIX: AddressFamily = c.AF_UNIX as AddressFamily;
/** The Internet, version 4. */
export const AF_INET: AddressFamily = c.AF_INET as AddressFamily;
/** The Internet, version 6. */
export const AF_INET6: AddressFamily = c.AF_INET6 as AddressFamily;

/**
 * Whether there are sockets of `AF_INET6`, which is so on every platform. That
 * this host has an IPv6 address is another question.
 */
export const hasIPv6: boolean = c.AF_INET6 !== undefined;

/** A stream of bytes. 1 on every platform. */
export const SOCK_STREAM = 1;
/** Datagrams. 2 on every platform. */
export const SOCK_DGRAM = 2;
/** Raw packets. `socket()` does not support it. */
export const SOCK_RAW: number = c.SOCK_RAW;
/** Reliable datagrams. `socket()` does not support it. */
export const SOCK_RDM: number = c.SOCK_RDM;
/** Datagrams in sequence. `socket()` does not support it. */
export const SOCK_SEQPACKET: number = c.SOCK_SEQPACKET;
/** Or'ed to a type, makes a non-blocking socket. */
export const SOCK_NONBLOCK: number = c.SOCK_NONBLOCK;
/** Or'ed to a type, makes a socket that `exec` closes: always so here. */
export const SOCK_CLOEXEC: number = c.SOCK_CLOEXEC;

/** Level of the options `SO_…`. */
export const SOL_SOCKET: number = c.SOL_SOCKET;
/** Level of the options `IP_…`. */
export const SOL_IP: number = c.SOL_IP;
/** Level of the options `TCP_…`. */
export const SOL_TCP: number = c.SOL_TCP;
/** Level of the options of UDP. */
export const SOL_UDP: number = c.SOL_UDP;

/** Whether the socket listens. Read only. */
export const SO_ACCEPTCONN: number = c.SO_ACCEPTCONN;
/** Use one network interface alone. Linux only. */
export const SO_BINDTODEVICE: number | undefined = c.SO_BINDTODEVICE;
/** Allow datagrams to broadcast addresses. */
export const SO_BROADCAST: number = c.SO_BROADCAST;
/** Record debugging information. */
export const SO_DEBUG: number = c.SO_DEBUG;
/** The socket's family. Read only. */
export const SO_DOMAIN: number = c.SO_DOMAIN;
/** Send to directly connected hosts alone. */
export const SO_DONTROUTE: number = c.SO_DONTROUTE;
/** The pending error, cleared by reading it. Read only. */
export const SO_ERROR: number = c.SO_ERROR;
/** Let nobody else have the address. Windows only. */
export const SO_EXCLUSIVEADDRUSE: number | undefined = c.SO_EXCLUSIVEADDRUSE;
/** The CPU that serves the socket. Linux only. */
export const SO_INCOMING_CPU: number | undefined = c.SO_INCOMING_CPU;
/** Probe a silent connection. */
export const SO_KEEPALIVE: number = c.SO_KEEPALIVE;
/** What `close` does with unsent bytes: `struct linger`. */
export const SO_LINGER: number = c.SO_LINGER;
/** A mark for routing and filters. Linux only. */
export const SO_MARK: number | undefined = c.SO_MARK;
/** Send no signal on a broken connection. macOS only. */
export const SO_NOSIGPIPE: number | undefined = c.SO_NOSIGPIPE;
/** Urgent data among the rest. */
export const SO_OOBINLINE: number = c.SO_OOBINLINE;
/** Receive the sender's credentials. Linux only. */
export const SO_PASSCRED: number | undefined = c.SO_PASSCRED;
/** The peer's credentials. Linux only. */
export const SO_PEERCRED: number | undefined = c.SO_PEERCRED;
/** The priority of what is sent. Linux only. */
export const SO_PRIORITY: number | undefined = c.SO_PRIORITY;
/** The socket's protocol. Read only. */
export const SO_PROTOCOL: number = c.SO_PROTOCOL;
/** Size of the receive buffer, in bytes. */
export const SO_RCVBUF: number = c.SO_RCVBUF;
/** How many bytes make a socket readable. */
export const SO_RCVLOWAT: number = c.SO_RCVLOWAT;
/** How long a receive waits: `struct timeval`. */
export const SO_RCVTIMEO: number = c.SO_RCVTIMEO;
/** Allow an address that lingers in TIME_WAIT. */
export const SO_REUSEADDR: number = c.SO_REUSEADDR;
/** Let several listeners share a port. */
export const SO_REUSEPORT: number = c.SO_REUSEPORT;
/** Size of the send buffer, in bytes. */
export const SO_SNDBUF: number = c.SO_SNDBUF;
/** How much room makes a socket writable, in bytes. */
export const SO_SNDLOWAT: number = c.SO_SNDLOWAT;
/** How long a send waits: `struct timeval`. */
export const SO_SNDTIMEO: number = c.SO_SNDTIMEO;
/** `SOCK_STREAM` or `SOCK_DGRAM`. Read only. */
export const SO_TYPE: number = c.SO_TYPE;

/** Level of IPv4 options; as a protocol, "the usual one". */
export const IPPROTO_IP: number = c.IPPROTO_IP;
/** Control messages of IPv4. */
export const IPPROTO_ICMP: number = c.IPPROTO_ICMP;
/** Group management of IPv4. */
export const IPPROTO_IGMP: number = c.IPPROTO_IGMP;
/** TCP, and the level of its options. */
export const IPPROTO_TCP: number = c.IPPROTO_TCP;
/** UDP, and the level of its options. */
export const IPPROTO_UDP: number = c.IPPROTO_UDP;
/** IPv6, and the level of its options. */
export const IPPROTO_IPV6: number = c.IPPROTO_IPV6;
/** Control messages of IPv6. */
export const IPPROTO_ICMPV6: number = c.IPPROTO_ICMPV6;
/** Raw IP packets. */
export const IPPROTO_RAW: number = c.IPPROTO_RAW;
/** SCTP. */
export const IPPROTO_SCTP: number = c.IPPROTO_SCTP;
/** UDP-Lite. Linux only. */
export const IPPROTO_UDPLITE: number | undefined = c.IPPROTO_UDPLITE;
/** Multipath TCP. Linux only. */
export const IPPROTO_MPTCP: number | undefined = c.IPPROTO_MPTCP;
/** The hop-by-hop options of IPv6. */
export const IPPROTO_HOPOPTS: number = c.IPPROTO_HOPOPTS;
/** The routing header of IPv6. */
export const IPPROTO_ROUTING: number = c.IPPROTO_ROUTING;
/** The fragment header of IPv6. */
export const IPPROTO_FRAGMENT: number = c.IPPROTO_FRAGMENT;
/** Encapsulating security payload. */
export const IPPROTO_ESP: number = c.IPPROTO_ESP;
/** Authentication header. */
export const IPPROTO_AH: number = c.IPPROTO_AH;
/** No next header. */
export const IPPROTO_NONE: number = c.IPPROTO_NONE;
/** The destination options of IPv6. */
export const IPPROTO_DSTOPTS: number = c.IPPROTO_DSTOPTS;

/** Send small segments at once. */
export const TCP_NODELAY: number = c.TCP_NODELAY;
/** The longest segment, in bytes. */
export const TCP_MAXSEG: number = c.TCP_MAXSEG;
/** Hold back partial segments. Linux only. */
export const TCP_CORK: number | undefined = c.TCP_CORK;
/** Seconds of silence before the first keep-alive probe. */
export const TCP_KEEPIDLE: number = c.TCP_KEEPIDLE;
/** Seconds between keep-alive probes. */
export const TCP_KEEPINTVL: number = c.TCP_KEEPINTVL;
/** How many unanswered probes end the connection. */
export const TCP_KEEPCNT: number = c.TCP_KEEPCNT;
/** How often a SYN is sent again. Linux only. */
export const TCP_SYNCNT: number | undefined = c.TCP_SYNCNT;
/** Seconds that a closed half waits for a FIN. Linux only. */
export const TCP_LINGER2: number | undefined = c.TCP_LINGER2;
/** Accept when the first bytes have come. Linux only. */
export const TCP_DEFER_ACCEPT: number | undefined = c.TCP_DEFER_ACCEPT;
/** The widest window, in bytes. Linux only. */
export const TCP_WINDOW_CLAMP: number | undefined = c.TCP_WINDOW_CLAMP;
/** The state of the connection: `struct tcp_info`. Linux only. */
export const TCP_INFO: number | undefined = c.TCP_INFO;
/** Acknowledge at once. Linux only. */
export const TCP_QUICKACK: number | undefined = c.TCP_QUICKACK;
/** The congestion control's name. Linux only. */
export const TCP_CONGESTION: number | undefined = c.TCP_CONGESTION;
/** Milliseconds that sent bytes may go unacknowledged. Linux only. */
export const TCP_USER_TIMEOUT: number | undefined = c.TCP_USER_TIMEOUT;
/** Take data with the SYN. */
export const TCP_FASTOPEN: number = c.TCP_FASTOPEN;
/** How many unsent bytes stop writability. Not on Windows. */
export const TCP_NOTSENT_LOWAT: number | undefined = c.TCP_NOTSENT_LOWAT;

/** The options in the IP header. */
export const IP_OPTIONS: number = c.IP_OPTIONS;
/** The program writes the IP header itself. */
export const IP_HDRINCL: number = c.IP_HDRINCL;
/** The type-of-service byte. */
export const IP_TOS: number = c.IP_TOS;
/** How many hops a packet may take. */
export const IP_TTL: number = c.IP_TTL;
/** Tell the type of service of what comes. */
export const IP_RECVTOS: number = c.IP_RECVTOS;
/** Tell the remaining hops of what comes. */
export const IP_RECVTTL: number = c.IP_RECVTTL;
/** Queue the errors of datagrams. Not on macOS. */
export const IP_RECVERR: number | undefined = c.IP_RECVERR;
/** Tell the interface and address of what comes. */
export const IP_PKTINFO: number = c.IP_PKTINFO;
/** The path's MTU, in bytes. Not on macOS. */
export const IP_MTU: number | undefined = c.IP_MTU;
/** How the path's MTU is found. Not on macOS. */
export const IP_MTU_DISCOVER: number | undefined = c.IP_MTU_DISCOVER;
/** Bind to an address that is not there yet. Linux only. */
export const IP_FREEBIND: number | undefined = c.IP_FREEBIND;
/** Act for foreign addresses. Linux only. */
export const IP_TRANSPARENT: number | undefined = c.IP_TRANSPARENT;
/** Choose the port at connect. Linux only. */
export const IP_BIND_ADDRESS_NO_PORT: number | undefined =
  c.IP_BIND_ADDRESS_NO_PORT;
/** The interface that multicast leaves by. */
export const IP_MULTICAST_IF: number = c.IP_MULTICAST_IF;
/** How many hops a multicast datagram may take. */
export const IP_MULTICAST_TTL: number = c.IP_MULTICAST_TTL;
/** Whether this host gets its own multicast. */
export const IP_MULTICAST_LOOP: number = c.IP_MULTICAST_LOOP;
/** Deliver the groups that others joined. Linux only. */
export const IP_MULTICAST_ALL: number | undefined = c.IP_MULTICAST_ALL;
/** Join a group. */
export const IP_ADD_MEMBERSHIP: number = c.IP_ADD_MEMBERSHIP;
/** Leave a group. */
export const IP_DROP_MEMBERSHIP: number = c.IP_DROP_MEMBERSHIP;
/** Join a group for one sender. */
export const IP_ADD_SOURCE_MEMBERSHIP: number = c.IP_ADD_SOURCE_MEMBERSHIP;
/** Leave a group for one sender. */
export const IP_DROP_SOURCE_MEMBERSHIP: number = c.IP_DROP_SOURCE_MEMBERSHIP;
/** Take nothing from one sender of a group. */
export const IP_BLOCK_SOURCE: number = c.IP_BLOCK_SOURCE;
/** Take from a blocked sender again. */
export const IP_UNBLOCK_SOURCE: number = c.IP_UNBLOCK_SOURCE;

/** How many hops a packet may take. */
export const IPV6_UNICAST_HOPS: number = c.IPV6_UNICAST_HOPS;
/** The index of the interface that multicast leaves by. */
export const IPV6_MULTICAST_IF: number = c.IPV6_MULTICAST_IF;
/** How many hops a multicast datagram may take. */
export const IPV6_MULTICAST_HOPS: number = c.IPV6_MULTICAST_HOPS;
/** Whether this host gets its own multicast. */
export const IPV6_MULTICAST_LOOP: number = c.IPV6_MULTICAST_LOOP;
/** Join a group. */
export const IPV6_JOIN_GROUP: number = c.IPV6_JOIN_GROUP;
/** Leave a group. */
export const IPV6_LEAVE_GROUP: number = c.IPV6_LEAVE_GROUP;
/** Serve IPv6 alone, not IPv4 too. */
export const IPV6_V6ONLY: number = c.IPV6_V6ONLY;
/** Where the checksum of raw packets stands. */
export const IPV6_CHECKSUM: number = c.IPV6_CHECKSUM;
/** Tell the traffic class of what comes. */
export const IPV6_RECVTCLASS: number = c.IPV6_RECVTCLASS;
/** The traffic class of what is sent. */
export const IPV6_TCLASS: number = c.IPV6_TCLASS;
/** Never split a datagram. */
export const IPV6_DONTFRAG: number = c.IPV6_DONTFRAG;
/** Queue the errors of datagrams. Not on macOS. */
export const IPV6_RECVERR: number | undefined = c.IPV6_RECVERR;
/** The path's MTU, in bytes. Not on macOS. */
export const IPV6_MTU: number | undefined = c.IPV6_MTU;
/** How the path's MTU is found. Not on macOS. */
export const IPV6_MTU_DISCOVER: number | undefined = c.IPV6_MTU_DISCOVER;
/** Deliver the groups that others joined. Linux only. */
export const IPV6_MULTICAST_ALL: number | undefined = c.IPV6_MULTICAST_ALL;

/** Urgent data. */
export const MSG_OOB: number = c.MSG_OOB;
/** Look at what comes without taking it. */
export const MSG_PEEK: number = c.MSG_PEEK;
/** Send to directly connected hosts alone. */
export const MSG_DONTROUTE: number = c.MSG_DONTROUTE;
/** Ancillary data were cut. */
export const MSG_CTRUNC: number = c.MSG_CTRUNC;
/** The datagram was cut. */
export const MSG_TRUNC: number = c.MSG_TRUNC;
/** Do not wait in this call. */
export const MSG_DONTWAIT: number = c.MSG_DONTWAIT;
/** The end of a record. Not on Windows. */
export const MSG_EOR: number | undefined = c.MSG_EOR;
/** Wait for everything that was asked for. */
export const MSG_WAITALL: number = c.MSG_WAITALL;
/** The peer is known to be reachable. Linux only. */
export const MSG_CONFIRM: number | undefined = c.MSG_CONFIRM;
/** Receive from the queue of errors. Linux only. */
export const MSG_ERRQUEUE: number | undefined = c.MSG_ERRQUEUE;
/** No signal on a broken connection: always so here. */
export const MSG_NOSIGNAL: number = c.MSG_NOSIGNAL;
/** More will follow. Linux only. */
export const MSG_MORE: number | undefined = c.MSG_MORE;
/** Send with the SYN. Linux only. */
export const MSG_FASTOPEN: number | undefined = c.MSG_FASTOPEN;

/** The receiving side. */
export const SHUT_RD: number = c.SHUT_RD;
/** The sending side. */
export const SHUT_WR: number = c.SHUT_WR;
/** Both sides. */
export const SHUT_RDWR: number = c.SHUT_RDWR;

/** The backlog that `listen` asks for by default. */
export const SOMAXCONN: number = c.SOMAXCONN;

/** For a listener: no host means the wildcard address. */
export const AI_PASSIVE: number = c.AI_PASSIVE;
/** Give the canonical name. */
export const AI_CANONNAME: number = c.AI_CANONNAME;
/** The host is an address: look nothing up. */
export const AI_NUMERICHOST: number = c.AI_NUMERICHOST;
/** The service is a port: look nothing up. */
export const AI_NUMERICSERV: number = c.AI_NUMERICSERV;
/** With `AI_V4MAPPED`: IPv6 and mapped IPv4 addresses. */
export const AI_ALL: number = c.AI_ALL;
/** Only families that this host has addresses of. */
export const AI_ADDRCONFIG: number = c.AI_ADDRCONFIG;
/** Without IPv6 addresses, give mapped IPv4 ones. */
export const AI_V4MAPPED: number = c.AI_V4MAPPED;

/** Give the address, not the name. */
export const NI_NUMERICHOST: number = c.NI_NUMERICHOST;
/** Give the port, not the service's name. */
export const NI_NUMERICSERV: number = c.NI_NUMERICSERV;
/** Give local names without the domain. */
export const NI_NOFQDN: number = c.NI_NOFQDN;
/** Fail if there is no name. */
export const NI_NAMEREQD: number = c.NI_NAMEREQD;
/** The service of UDP, not of TCP. */
export const NI_DGRAM: number = c.NI_DGRAM;
/** The longest host name in C, in bytes. */
export const NI_MAXHOST: number = c.NI_MAXHOST;
/** The longest service name in C, in bytes. */
export const NI_MAXSERV: number = c.NI_MAXSERV;

/** The name has no address of that family. Not on Windows. */
export const EAI_ADDRFAMILY: number | undefined = c.EAI_ADDRFAMILY;
/** The name server did not answer: try again later. */
export const EAI_AGAIN: number = c.EAI_AGAIN;
/** The flags are wrong. */
export const EAI_BADFLAGS: number = c.EAI_BADFLAGS;
/** The name server failed for good. */
export const EAI_FAIL: number = c.EAI_FAIL;
/** The family is not supported. */
export const EAI_FAMILY: number = c.EAI_FAMILY;
/** Out of memory. */
export const EAI_MEMORY: number = c.EAI_MEMORY;
/** The name has no address. */
export const EAI_NODATA: number = c.EAI_NODATA;
/** There is no such name or service. */
export const EAI_NONAME: number = c.EAI_NONAME;
/** A buffer was too small. Not on Windows. */
export const EAI_OVERFLOW: number | undefined = c.EAI_OVERFLOW;
/** The service does not go with the type. */
export const EAI_SERVICE: number = c.EAI_SERVICE;
/** The type is not supported. */
export const EAI_SOCKTYPE: number = c.EAI_SOCKTYPE;
/** The system's error, in `errno`. Not on Windows. */
export const EAI_SYSTEM: number | undefined = c.EAI_SYSTEM;

/** The first port that needs no privileges. */
export const IPPORT_RESERVED = 1024;
/** The first port that systems of old gave to servers of users. */
export const IPPORT_USERRESERVED = 5000;

/** `0.0.0.0`: every address of this host. As a host, `""` says it too. */
export const INADDR_ANY = 0x00000000;
/** `255.255.255.255`. As a host, `"<broadcast>"` says it too. */
export const INADDR_BROADCAST = 0xffffffff;
/** `127.0.0.1`: this host. */
export const INADDR_LOOPBACK = 0x7f000001;
/** What C's `inet_addr` returns for a text that is no address. */
export const INADDR_NONE = 0xffffffff;
/** `224.0.0.0`: the first multicast address. */
export const INADDR_UNSPEC_GROUP = 0xe0000000;
/** `224.0.0.1`: all hosts of the network. */
export const INADDR_ALLHOSTS_GROUP = 0xe0000001;
/** `224.0.0.255`: the last multicast address that is never routed. */
export const INADDR_MAX_LOCAL_GROUP = 0xe00000ff;
