/**
 * The numbers and texts of C on Linux, macOS and Windows. Made by
 * `npm run tables`: change `scripts/platform_data.ts` and run that. They
 * are functions, so that an import does not pay for the other systems (0.5 ms
 * on Bun 1.4.5, 2026-11-21).
 *
 * @module
 */

/** Every constant; those that not every platform has are optional. */
// deno-fmt-ignore
export interface Constants {
  readonly AF_UNSPEC: number; readonly AF_UNIX: number;
  readonly AF_INET: number; readonly AF_INET6: number;
  readonly SOCK_STREAM: number; readonly SOCK_DGRAM: number;
  readonly SOCK_RAW: number; readonly SOCK_RDM: number;
  readonly SOCK_SEQPACKET: number; readonly SOCK_NONBLOCK: number;
  readonly SOCK_CLOEXEC: number; readonly SOL_SOCKET: number;
  readonly SOL_IP: number; readonly SOL_TCP: number; readonly SOL_UDP: number;
  readonly SO_ACCEPTCONN: number; readonly SO_BINDTODEVICE?: number;
  readonly SO_BROADCAST: number; readonly SO_DEBUG: number;
  readonly SO_DOMAIN: number; readonly SO_DONTROUTE: number;
  readonly SO_ERROR: number; readonly SO_EXCLUSIVEADDRUSE?: number;
  readonly SO_INCOMING_CPU?: number; readonly SO_KEEPALIVE: number;
  readonly SO_LINGER: number; readonly SO_MARK?: number;
  readonly SO_NOSIGPIPE?: number; readonly SO_OOBINLINE: number;
  readonly SO_PASSCRED?: number; readonly SO_PEERCRED?: number;
  readonly SO_PRIORITY?: number; readonly SO_PROTOCOL: number;
  readonly SO_RCVBUF: number; readonly SO_RCVLOWAT: number;
  readonly SO_RCVTIMEO: number; readonly SO_REUSEADDR: number;
  readonly SO_REUSEPORT: number; readonly SO_SNDBUF: number;
  readonly SO_SNDLOWAT: number; readonly SO_SNDTIMEO: number;
  readonly SO_TYPE: number; readonly IPPROTO_IP: number;
  readonly IPPROTO_ICMP: number; readonly IPPROTO_IGMP: number;
  readonly IPPROTO_TCP: number; readonly IPPROTO_UDP: number;
  readonly IPPROTO_IPV6: number; readonly IPPROTO_ICMPV6: number;
  readonly IPPROTO_RAW: number; readonly IPPROTO_SCTP: number;
  readonly IPPROTO_UDPLITE?: number; readonly IPPROTO_MPTCP?: number;
  readonly IPPROTO_HOPOPTS: number; readonly IPPROTO_ROUTING: number;
  readonly IPPROTO_FRAGMENT: number; readonly IPPROTO_ESP: number;
  readonly IPPROTO_AH: number; readonly IPPROTO_NONE: number;
  readonly IPPROTO_DSTOPTS: number; readonly TCP_NODELAY: number;
  readonly TCP_MAXSEG: number; readonly TCP_CORK?: number;
  readonly TCP_KEEPIDLE: number; readonly TCP_KEEPINTVL: number;
  readonly TCP_KEEPCNT: number; readonly TCP_SYNCNT?: number;
  readonly TCP_LINGER2?: number; readonly TCP_DEFER_ACCEPT?: number;
  readonly TCP_WINDOW_CLAMP?: number; readonly TCP_INFO?: number;
  readonly TCP_QUICKACK?: number; readonly TCP_CONGESTION?: number;
  readonly TCP_USER_TIMEOUT?: number; readonly TCP_FASTOPEN: number;
  readonly TCP_NOTSENT_LOWAT?: number; readonly IP_OPTIONS: number;
  readonly IP_HDRINCL: number; readonly IP_TOS: number; readonly IP_TTL: number;
  readonly IP_RECVTOS: number; readonly IP_RECVTTL: number;
  readonly IP_RECVERR?: number; readonly IP_PKTINFO: number;
  readonly IP_MTU?: number; readonly IP_MTU_DISCOVER?: number;
  readonly IP_FREEBIND?: number; readonly IP_TRANSPARENT?: number;
  readonly IP_BIND_ADDRESS_NO_PORT?: number; readonly IP_MULTICAST_IF: number;
  readonly IP_MULTICAST_TTL: number; readonly IP_MULTICAST_LOOP: number;
  readonly IP_MULTICAST_ALL?: number; readonly IP_ADD_MEMBERSHIP: number;
  readonly IP_DROP_MEMBERSHIP: number;
  readonly IP_ADD_SOURCE_MEMBERSHIP: number;
  readonly IP_DROP_SOURCE_MEMBERSHIP: number; readonly IP_BLOCK_SOURCE: number;
  readonly IP_UNBLOCK_SOURCE: number; readonly IPV6_UNICAST_HOPS: number;
  readonly IPV6_MULTICAST_IF: number; readonly IPV6_MULTICAST_HOPS: number;
  readonly IPV6_MULTICAST_LOOP: number; readonly IPV6_JOIN_GROUP: number;
  readonly IPV6_LEAVE_GROUP: number; readonly IPV6_V6ONLY: number;
  readonly IPV6_CHECKSUM: number; readonly IPV6_RECVTCLASS: number;
  readonly IPV6_TCLASS: number; readonly IPV6_DONTFRAG: number;
  readonly IPV6_RECVERR?: number; readonly IPV6_MTU?: number;
  readonly IPV6_MTU_DISCOVER?: number; readonly IPV6_MULTICAST_ALL?: number;
  readonly MSG_OOB: number; readonly MSG_PEEK: number;
  readonly MSG_DONTROUTE: number; readonly MSG_CTRUNC: number;
  readonly MSG_TRUNC: number; readonly MSG_DONTWAIT: number;
  readonly MSG_EOR?: number; readonly MSG_WAITALL: number;
  readonly MSG_CONFIRM?: number; readonly MSG_ERRQUEUE?: number;
  readonly MSG_NOSIGNAL: number; readonly MSG_MORE?: number;
  readonly MSG_FASTOPEN?: number; readonly SHUT_RD: number;
  readonly SHUT_WR: number; readonly SHUT_RDWR: number;
  readonly SOMAXCONN: number; readonly AI_PASSIVE: number;
  readonly AI_CANONNAME: number; readonly AI_NUMERICHOST: number;
  readonly AI_NUMERICSERV: number; readonly AI_ALL: number;
  readonly AI_ADDRCONFIG: number; readonly AI_V4MAPPED: number;
  readonly NI_NUMERICHOST: number; readonly NI_NUMERICSERV: number;
  readonly NI_NOFQDN: number; readonly NI_NAMEREQD: number;
  readonly NI_DGRAM: number; readonly NI_MAXHOST: number;
  readonly NI_MAXSERV: number; readonly EAI_ADDRFAMILY?: number;
  readonly EAI_AGAIN: number; readonly EAI_BADFLAGS: number;
  readonly EAI_FAIL: number; readonly EAI_FAMILY: number;
  readonly EAI_MEMORY: number; readonly EAI_NODATA: number;
  readonly EAI_NONAME: number; readonly EAI_OVERFLOW?: number;
  readonly EAI_SERVICE: number; readonly EAI_SOCKTYPE: number;
  readonly EAI_SYSTEM?: number; readonly HOST_NOT_FOUND: number;
  readonly TRY_AGAIN: number; readonly NO_RECOVERY: number;
  readonly NO_DATA: number;
}

// deno-fmt-ignore
export const linuxErrno = (): Readonly<Record<string, number>> => ({
  E2BIG: 7, EACCES: 13, EADDRINUSE: 98, EADDRNOTAVAIL: 99, EADV: 68,
  EAFNOSUPPORT: 97, EAGAIN: 11, EALREADY: 114, EBADE: 52, EBADF: 9, EBADFD: 77,
  EBADMSG: 74, EBADR: 53, EBADRQC: 56, EBADSLT: 57, EBFONT: 59, EBUSY: 16,
  ECANCELED: 125, ECHILD: 10, ECHRNG: 44, ECOMM: 70, ECONNABORTED: 103,
  ECONNREFUSED: 111, ECONNRESET: 104, EDEADLK: 35, EDEADLOCK: 35,
  EDESTADDRREQ: 89, EDOM: 33, EDOTDOT: 73, EDQUOT: 122, EEXIST: 17, EFAULT: 14,
  EFBIG: 27, EHOSTDOWN: 112, EHOSTUNREACH: 113, EHWPOISON: 133, EIDRM: 43,
  EILSEQ: 84, EINPROGRESS: 115, EINTR: 4, EINVAL: 22, EIO: 5, EISCONN: 106,
  EISDIR: 21, EISNAM: 120, EKEYEXPIRED: 127, EKEYREJECTED: 129,
  EKEYREVOKED: 128, EL2HLT: 51, EL2NSYNC: 45, EL3HLT: 46, EL3RST: 47,
  ELIBACC: 79, ELIBBAD: 80, ELIBEXEC: 83, ELIBMAX: 82, ELIBSCN: 81, ELNRNG: 48,
  ELOOP: 40, EMEDIUMTYPE: 124, EMFILE: 24, EMLINK: 31, EMSGSIZE: 90,
  EMULTIHOP: 72, ENAMETOOLONG: 36, ENAVAIL: 119, ENETDOWN: 100, ENETRESET: 102,
  ENETUNREACH: 101, ENFILE: 23, ENOANO: 55, ENOBUFS: 105, ENOCSI: 50,
  ENODATA: 61, ENODEV: 19, ENOENT: 2, ENOEXEC: 8, ENOKEY: 126, ENOLCK: 37,
  ENOLINK: 67, ENOMEDIUM: 123, ENOMEM: 12, ENOMSG: 42, ENONET: 64, ENOPKG: 65,
  ENOPROTOOPT: 92, ENOSPC: 28, ENOSR: 63, ENOSTR: 60, ENOSYS: 38, ENOTBLK: 15,
  ENOTCONN: 107, ENOTDIR: 20, ENOTEMPTY: 39, ENOTNAM: 118, ENOTRECOVERABLE: 131,
  ENOTSOCK: 88, ENOTSUP: 95, ENOTTY: 25, ENOTUNIQ: 76, ENXIO: 6, EOPNOTSUPP: 95,
  EOVERFLOW: 75, EOWNERDEAD: 130, EPERM: 1, EPFNOSUPPORT: 96, EPIPE: 32,
  EPROTO: 71, EPROTONOSUPPORT: 93, EPROTOTYPE: 91, ERANGE: 34, EREMCHG: 78,
  EREMOTE: 66, EREMOTEIO: 121, ERESTART: 85, ERFKILL: 132, EROFS: 30,
  ESHUTDOWN: 108, ESOCKTNOSUPPORT: 94, ESPIPE: 29, ESRCH: 3, ESRMNT: 69,
  ESTALE: 116, ESTRPIPE: 86, ETIME: 62, ETIMEDOUT: 110, ETOOMANYREFS: 109,
  ETXTBSY: 26, EUCLEAN: 117, EUNATCH: 49, EUSERS: 87, EWOULDBLOCK: 11,
  EXDEV: 18, EXFULL: 54,
});

// deno-fmt-ignore
export const darwinErrno = (): Readonly<Record<string, number>> => ({
  EPERM: 1, ENOENT: 2, ESRCH: 3, EINTR: 4, EIO: 5, ENXIO: 6, E2BIG: 7,
  ENOEXEC: 8, EBADF: 9, ECHILD: 10, EDEADLK: 11, ENOMEM: 12, EACCES: 13,
  EFAULT: 14, ENOTBLK: 15, EBUSY: 16, EEXIST: 17, EXDEV: 18, ENODEV: 19,
  ENOTDIR: 20, EISDIR: 21, EINVAL: 22, ENFILE: 23, EMFILE: 24, ENOTTY: 25,
  ETXTBSY: 26, EFBIG: 27, ENOSPC: 28, ESPIPE: 29, EROFS: 30, EMLINK: 31,
  EPIPE: 32, EDOM: 33, ERANGE: 34, EAGAIN: 35, EWOULDBLOCK: 35, EINPROGRESS: 36,
  EALREADY: 37, ENOTSOCK: 38, EDESTADDRREQ: 39, EMSGSIZE: 40, EPROTOTYPE: 41,
  ENOPROTOOPT: 42, EPROTONOSUPPORT: 43, ESOCKTNOSUPPORT: 44, ENOTSUP: 45,
  EPFNOSUPPORT: 46, EAFNOSUPPORT: 47, EADDRINUSE: 48, EADDRNOTAVAIL: 49,
  ENETDOWN: 50, ENETUNREACH: 51, ENETRESET: 52, ECONNABORTED: 53,
  ECONNRESET: 54, ENOBUFS: 55, EISCONN: 56, ENOTCONN: 57, ESHUTDOWN: 58,
  ETOOMANYREFS: 59, ETIMEDOUT: 60, ECONNREFUSED: 61, ELOOP: 62,
  ENAMETOOLONG: 63, EHOSTDOWN: 64, EHOSTUNREACH: 65, ENOTEMPTY: 66, EUSERS: 68,
  EDQUOT: 69, ESTALE: 70, EREMOTE: 71, ENOLCK: 77, ENOSYS: 78, EOVERFLOW: 84,
  ECANCELED: 89, EIDRM: 90, ENOMSG: 91, EILSEQ: 92, EBADMSG: 94, EMULTIHOP: 95,
  ENODATA: 96, ENOLINK: 97, ENOSR: 98, ENOSTR: 99, EPROTO: 100, ETIME: 101,
  EOPNOTSUPP: 102, ENOTRECOVERABLE: 104, EOWNERDEAD: 105,
});

// deno-fmt-ignore
export const win32Errno = (): Readonly<Record<string, number>> => ({
  EPERM: 1, ENOENT: 2, ESRCH: 3, EINTR: 4, EIO: 5, ENXIO: 6, E2BIG: 7,
  ENOEXEC: 8, EBADF: 9, ECHILD: 10, EAGAIN: 11, ENOMEM: 12, EACCES: 13,
  EFAULT: 14, EBUSY: 16, EEXIST: 17, EXDEV: 18, ENODEV: 19, ENOTDIR: 20,
  EISDIR: 21, EINVAL: 22, ENFILE: 23, EMFILE: 24, ENOTTY: 25, EFBIG: 27,
  ENOSPC: 28, ESPIPE: 29, EROFS: 30, EMLINK: 31, EPIPE: 32, EDOM: 33,
  ERANGE: 34, EDEADLK: 36, ENAMETOOLONG: 38, ENOLCK: 39, ENOSYS: 40,
  ENOTEMPTY: 41, EILSEQ: 42, EADDRINUSE: 100, EADDRNOTAVAIL: 101,
  EAFNOSUPPORT: 102, EALREADY: 103, EBADMSG: 104, ECANCELED: 105,
  ECONNABORTED: 106, ECONNREFUSED: 107, ECONNRESET: 108, EDESTADDRREQ: 109,
  EHOSTUNREACH: 110, EIDRM: 111, EINPROGRESS: 112, EISCONN: 113, ELOOP: 114,
  EMSGSIZE: 115, ENETDOWN: 116, ENETRESET: 117, ENETUNREACH: 118, ENOBUFS: 119,
  ENODATA: 120, ENOLINK: 121, ENOMSG: 122, ENOPROTOOPT: 123, ENOSR: 124,
  ENOSTR: 125, ENOTCONN: 126, ENOTRECOVERABLE: 127, ENOTSOCK: 128, ENOTSUP: 129,
  EOPNOTSUPP: 130, EOVERFLOW: 132, EOWNERDEAD: 133, EPROTO: 134,
  EPROTONOSUPPORT: 135, EPROTOTYPE: 136, ETIME: 137, ETIMEDOUT: 138,
  ETXTBSY: 139, EWOULDBLOCK: 140, ESOCKTNOSUPPORT: 10044, EPFNOSUPPORT: 10046,
  ESHUTDOWN: 10058, ETOOMANYREFS: 10059, EHOSTDOWN: 10064, EUSERS: 10068,
  EDQUOT: 10069, ESTALE: 10070, EREMOTE: 10071,
});

// deno-fmt-ignore
export const linuxConstants = (): Constants => ({
  AF_UNSPEC: 0, AF_UNIX: 1, AF_INET: 2, AF_INET6: 10, SOCK_STREAM: 1,
  SOCK_DGRAM: 2, SOCK_RAW: 3, SOCK_RDM: 4, SOCK_SEQPACKET: 5,
  SOCK_NONBLOCK: 2048, SOCK_CLOEXEC: 524288, SOL_SOCKET: 1, SOL_IP: 0,
  SOL_TCP: 6, SOL_UDP: 17, SO_ACCEPTCONN: 30, SO_BINDTODEVICE: 25,
  SO_BROADCAST: 6, SO_DEBUG: 1, SO_DOMAIN: 39, SO_DONTROUTE: 5, SO_ERROR: 4,
  SO_INCOMING_CPU: 49, SO_KEEPALIVE: 9, SO_LINGER: 13, SO_MARK: 36,
  SO_OOBINLINE: 10, SO_PASSCRED: 16, SO_PEERCRED: 17, SO_PRIORITY: 12,
  SO_PROTOCOL: 38, SO_RCVBUF: 8, SO_RCVLOWAT: 18, SO_RCVTIMEO: 20,
  SO_REUSEADDR: 2, SO_REUSEPORT: 15, SO_SNDBUF: 7, SO_SNDLOWAT: 19,
  SO_SNDTIMEO: 21, SO_TYPE: 3, IPPROTO_IP: 0, IPPROTO_ICMP: 1, IPPROTO_IGMP: 2,
  IPPROTO_TCP: 6, IPPROTO_UDP: 17, IPPROTO_IPV6: 41, IPPROTO_ICMPV6: 58,
  IPPROTO_RAW: 255, IPPROTO_SCTP: 132, IPPROTO_UDPLITE: 136, IPPROTO_MPTCP: 262,
  IPPROTO_HOPOPTS: 0, IPPROTO_ROUTING: 43, IPPROTO_FRAGMENT: 44,
  IPPROTO_ESP: 50, IPPROTO_AH: 51, IPPROTO_NONE: 59, IPPROTO_DSTOPTS: 60,
  TCP_NODELAY: 1, TCP_MAXSEG: 2, TCP_CORK: 3, TCP_KEEPIDLE: 4, TCP_KEEPINTVL: 5,
  TCP_KEEPCNT: 6, TCP_SYNCNT: 7, TCP_LINGER2: 8, TCP_DEFER_ACCEPT: 9,
  TCP_WINDOW_CLAMP: 10, TCP_INFO: 11, TCP_QUICKACK: 12, TCP_CONGESTION: 13,
  TCP_USER_TIMEOUT: 18, TCP_FASTOPEN: 23, TCP_NOTSENT_LOWAT: 25, IP_OPTIONS: 4,
  IP_HDRINCL: 3, IP_TOS: 1, IP_TTL: 2, IP_RECVTOS: 13, IP_RECVTTL: 12,
  IP_RECVERR: 11, IP_PKTINFO: 8, IP_MTU: 14, IP_MTU_DISCOVER: 10,
  IP_FREEBIND: 15, IP_TRANSPARENT: 19, IP_BIND_ADDRESS_NO_PORT: 24,
  IP_MULTICAST_IF: 32, IP_MULTICAST_TTL: 33, IP_MULTICAST_LOOP: 34,
  IP_MULTICAST_ALL: 49, IP_ADD_MEMBERSHIP: 35, IP_DROP_MEMBERSHIP: 36,
  IP_ADD_SOURCE_MEMBERSHIP: 39, IP_DROP_SOURCE_MEMBERSHIP: 40,
  IP_BLOCK_SOURCE: 38, IP_UNBLOCK_SOURCE: 37, IPV6_UNICAST_HOPS: 16,
  IPV6_MULTICAST_IF: 17, IPV6_MULTICAST_HOPS: 18, IPV6_MULTICAST_LOOP: 19,
  IPV6_JOIN_GROUP: 20, IPV6_LEAVE_GROUP: 21, IPV6_V6ONLY: 26, IPV6_CHECKSUM: 7,
  IPV6_RECVTCLASS: 66, IPV6_TCLASS: 67, IPV6_DONTFRAG: 62, IPV6_RECVERR: 25,
  IPV6_MTU: 24, IPV6_MTU_DISCOVER: 23, IPV6_MULTICAST_ALL: 29, MSG_OOB: 1,
  MSG_PEEK: 2, MSG_DONTROUTE: 4, MSG_CTRUNC: 8, MSG_TRUNC: 32, MSG_DONTWAIT: 64,
  MSG_EOR: 128, MSG_WAITALL: 256, MSG_CONFIRM: 2048, MSG_ERRQUEUE: 8192,
  MSG_NOSIGNAL: 16384, MSG_MORE: 32768, MSG_FASTOPEN: 536870912, SHUT_RD: 0,
  SHUT_WR: 1, SHUT_RDWR: 2, SOMAXCONN: 4096, AI_PASSIVE: 1, AI_CANONNAME: 2,
  AI_NUMERICHOST: 4, AI_NUMERICSERV: 1024, AI_ALL: 16, AI_ADDRCONFIG: 32,
  AI_V4MAPPED: 8, NI_NUMERICHOST: 1, NI_NUMERICSERV: 2, NI_NOFQDN: 4,
  NI_NAMEREQD: 8, NI_DGRAM: 16, NI_MAXHOST: 1025, NI_MAXSERV: 32,
  EAI_ADDRFAMILY: -9, EAI_AGAIN: -3, EAI_BADFLAGS: -1, EAI_FAIL: -4,
  EAI_FAMILY: -6, EAI_MEMORY: -10, EAI_NODATA: -5, EAI_NONAME: -2,
  EAI_OVERFLOW: -12, EAI_SERVICE: -8, EAI_SOCKTYPE: -7, EAI_SYSTEM: -11,
  HOST_NOT_FOUND: 1, TRY_AGAIN: 2, NO_RECOVERY: 3, NO_DATA: 4,
});

// deno-fmt-ignore
export const darwinConstants = (): Constants => ({
  AF_UNSPEC: 0, AF_UNIX: 1, AF_INET: 2, AF_INET6: 30, SOCK_STREAM: 1,
  SOCK_DGRAM: 2, SOCK_RAW: 3, SOCK_RDM: 4, SOCK_SEQPACKET: 5,
  SOCK_NONBLOCK: 2048, SOCK_CLOEXEC: 524288, SOL_SOCKET: 65535, SOL_IP: 0,
  SOL_TCP: 6, SOL_UDP: 17, SO_ACCEPTCONN: 2, SO_BROADCAST: 32, SO_DEBUG: 1,
  SO_DOMAIN: 65575, SO_DONTROUTE: 16, SO_ERROR: 4103, SO_KEEPALIVE: 8,
  SO_LINGER: 128, SO_NOSIGPIPE: 4130, SO_OOBINLINE: 256, SO_PROTOCOL: 65574,
  SO_RCVBUF: 4098, SO_RCVLOWAT: 4100, SO_RCVTIMEO: 4102, SO_REUSEADDR: 4,
  SO_REUSEPORT: 512, SO_SNDBUF: 4097, SO_SNDLOWAT: 4099, SO_SNDTIMEO: 4101,
  SO_TYPE: 4104, IPPROTO_IP: 0, IPPROTO_ICMP: 1, IPPROTO_IGMP: 2,
  IPPROTO_TCP: 6, IPPROTO_UDP: 17, IPPROTO_IPV6: 41, IPPROTO_ICMPV6: 58,
  IPPROTO_RAW: 255, IPPROTO_SCTP: 132, IPPROTO_HOPOPTS: 0, IPPROTO_ROUTING: 43,
  IPPROTO_FRAGMENT: 44, IPPROTO_ESP: 50, IPPROTO_AH: 51, IPPROTO_NONE: 59,
  IPPROTO_DSTOPTS: 60, TCP_NODELAY: 1, TCP_MAXSEG: 2, TCP_KEEPIDLE: 16,
  TCP_KEEPINTVL: 257, TCP_KEEPCNT: 258, TCP_FASTOPEN: 261,
  TCP_NOTSENT_LOWAT: 513, IP_OPTIONS: 1, IP_HDRINCL: 2, IP_TOS: 3, IP_TTL: 4,
  IP_RECVTOS: 27, IP_RECVTTL: 24, IP_PKTINFO: 26, IP_MULTICAST_IF: 9,
  IP_MULTICAST_TTL: 10, IP_MULTICAST_LOOP: 11, IP_ADD_MEMBERSHIP: 12,
  IP_DROP_MEMBERSHIP: 13, IP_ADD_SOURCE_MEMBERSHIP: 70,
  IP_DROP_SOURCE_MEMBERSHIP: 71, IP_BLOCK_SOURCE: 72, IP_UNBLOCK_SOURCE: 73,
  IPV6_UNICAST_HOPS: 4, IPV6_MULTICAST_IF: 9, IPV6_MULTICAST_HOPS: 10,
  IPV6_MULTICAST_LOOP: 11, IPV6_JOIN_GROUP: 12, IPV6_LEAVE_GROUP: 13,
  IPV6_V6ONLY: 27, IPV6_CHECKSUM: 26, IPV6_RECVTCLASS: 35, IPV6_TCLASS: 36,
  IPV6_DONTFRAG: 62, MSG_OOB: 1, MSG_PEEK: 2, MSG_DONTROUTE: 4, MSG_CTRUNC: 32,
  MSG_TRUNC: 16, MSG_DONTWAIT: 128, MSG_EOR: 8, MSG_WAITALL: 64,
  MSG_NOSIGNAL: 524288, SHUT_RD: 0, SHUT_WR: 1, SHUT_RDWR: 2, SOMAXCONN: 128,
  AI_PASSIVE: 1, AI_CANONNAME: 2, AI_NUMERICHOST: 4, AI_NUMERICSERV: 4096,
  AI_ALL: 256, AI_ADDRCONFIG: 1024, AI_V4MAPPED: 2048, NI_NUMERICHOST: 2,
  NI_NUMERICSERV: 8, NI_NOFQDN: 1, NI_NAMEREQD: 4, NI_DGRAM: 16,
  NI_MAXHOST: 1025, NI_MAXSERV: 32, EAI_ADDRFAMILY: 1, EAI_AGAIN: 2,
  EAI_BADFLAGS: 3, EAI_FAIL: 4, EAI_FAMILY: 5, EAI_MEMORY: 6, EAI_NODATA: 7,
  EAI_NONAME: 8, EAI_OVERFLOW: 14, EAI_SERVICE: 9, EAI_SOCKTYPE: 10,
  EAI_SYSTEM: 11, HOST_NOT_FOUND: 1, TRY_AGAIN: 2, NO_RECOVERY: 3, NO_DATA: 4,
});

// deno-fmt-ignore
export const win32Constants = (): Constants => ({
  AF_UNSPEC: 0, AF_UNIX: 1, AF_INET: 2, AF_INET6: 23, SOCK_STREAM: 1,
  SOCK_DGRAM: 2, SOCK_RAW: 3, SOCK_RDM: 4, SOCK_SEQPACKET: 5,
  SOCK_NONBLOCK: 2048, SOCK_CLOEXEC: 524288, SOL_SOCKET: 65535, SOL_IP: 0,
  SOL_TCP: 6, SOL_UDP: 17, SO_ACCEPTCONN: 2, SO_BROADCAST: 32, SO_DEBUG: 1,
  SO_DOMAIN: 65575, SO_DONTROUTE: 16, SO_ERROR: 4103, SO_EXCLUSIVEADDRUSE: -5,
  SO_KEEPALIVE: 8, SO_LINGER: 128, SO_OOBINLINE: 256, SO_PROTOCOL: 65574,
  SO_RCVBUF: 4098, SO_RCVLOWAT: 4100, SO_RCVTIMEO: 4102, SO_REUSEADDR: 4,
  SO_REUSEPORT: 65551, SO_SNDBUF: 4097, SO_SNDLOWAT: 4099, SO_SNDTIMEO: 4101,
  SO_TYPE: 4104, IPPROTO_IP: 0, IPPROTO_ICMP: 1, IPPROTO_IGMP: 2,
  IPPROTO_TCP: 6, IPPROTO_UDP: 17, IPPROTO_IPV6: 41, IPPROTO_ICMPV6: 58,
  IPPROTO_RAW: 255, IPPROTO_SCTP: 132, IPPROTO_HOPOPTS: 0, IPPROTO_ROUTING: 43,
  IPPROTO_FRAGMENT: 44, IPPROTO_ESP: 50, IPPROTO_AH: 51, IPPROTO_NONE: 59,
  IPPROTO_DSTOPTS: 60, TCP_NODELAY: 1, TCP_MAXSEG: 4, TCP_KEEPIDLE: 3,
  TCP_KEEPINTVL: 17, TCP_KEEPCNT: 16, TCP_FASTOPEN: 15, IP_OPTIONS: 1,
  IP_HDRINCL: 2, IP_TOS: 3, IP_TTL: 4, IP_RECVTOS: 40, IP_RECVTTL: 21,
  IP_RECVERR: 75, IP_PKTINFO: 19, IP_MTU: 73, IP_MTU_DISCOVER: 71,
  IP_MULTICAST_IF: 9, IP_MULTICAST_TTL: 10, IP_MULTICAST_LOOP: 11,
  IP_ADD_MEMBERSHIP: 12, IP_DROP_MEMBERSHIP: 13, IP_ADD_SOURCE_MEMBERSHIP: 15,
  IP_DROP_SOURCE_MEMBERSHIP: 16, IP_BLOCK_SOURCE: 17, IP_UNBLOCK_SOURCE: 18,
  IPV6_UNICAST_HOPS: 4, IPV6_MULTICAST_IF: 9, IPV6_MULTICAST_HOPS: 10,
  IPV6_MULTICAST_LOOP: 11, IPV6_JOIN_GROUP: 12, IPV6_LEAVE_GROUP: 13,
  IPV6_V6ONLY: 27, IPV6_CHECKSUM: 26, IPV6_RECVTCLASS: 40, IPV6_TCLASS: 39,
  IPV6_DONTFRAG: 14, IPV6_RECVERR: 75, IPV6_MTU: 72, IPV6_MTU_DISCOVER: 71,
  MSG_OOB: 1, MSG_PEEK: 2, MSG_DONTROUTE: 4, MSG_CTRUNC: 512, MSG_TRUNC: 256,
  MSG_DONTWAIT: 16777216, MSG_WAITALL: 8, MSG_NOSIGNAL: 33554432, SHUT_RD: 0,
  SHUT_WR: 1, SHUT_RDWR: 2, SOMAXCONN: 2147483647, AI_PASSIVE: 1,
  AI_CANONNAME: 2, AI_NUMERICHOST: 4, AI_NUMERICSERV: 8, AI_ALL: 256,
  AI_ADDRCONFIG: 1024, AI_V4MAPPED: 2048, NI_NUMERICHOST: 2, NI_NUMERICSERV: 8,
  NI_NOFQDN: 1, NI_NAMEREQD: 4, NI_DGRAM: 16, NI_MAXHOST: 1025, NI_MAXSERV: 32,
  EAI_AGAIN: 11002, EAI_BADFLAGS: 10022, EAI_FAIL: 11003, EAI_FAMILY: 10047,
  EAI_MEMORY: 8, EAI_NODATA: 11004, EAI_NONAME: 11001, EAI_SERVICE: 10109,
  EAI_SOCKTYPE: 10044, HOST_NOT_FOUND: 11001, TRY_AGAIN: 11002,
  NO_RECOVERY: 11003, NO_DATA: 11004,
});

// deno-fmt-ignore
export const texts = (): Readonly<Record<string, string>> => ({
  E2BIG: "Argument list too long", EACCES: "Permission denied",
  EADDRINUSE: "Address already in use",
  EADDRNOTAVAIL: "Cannot assign requested address", EADV: "Advertise error",
  EAFNOSUPPORT: "Address family not supported by protocol",
  EAGAIN: "Resource temporarily unavailable",
  EALREADY: "Operation already in progress", EBADE: "Invalid exchange",
  EBADF: "Bad file descriptor", EBADFD: "File descriptor in bad state",
  EBADMSG: "Bad message", EBADR: "Invalid request descriptor",
  EBADRQC: "Invalid request code", EBADSLT: "Invalid slot",
  EBFONT: "Bad font file format", EBUSY: "Device or resource busy",
  ECANCELED: "Operation canceled", ECHILD: "No child processes",
  ECHRNG: "Channel number out of range", ECOMM: "Communication error on send",
  ECONNABORTED: "Software caused connection abort",
  ECONNREFUSED: "Connection refused", ECONNRESET: "Connection reset by peer",
  EDEADLK: "Resource deadlock avoided", EDEADLOCK: "Resource deadlock avoided",
  EDESTADDRREQ: "Destination address required",
  EDOM: "Numerical argument out of domain", EDOTDOT: "RFS specific error",
  EDQUOT: "Disk quota exceeded", EEXIST: "File exists", EFAULT: "Bad address",
  EFBIG: "File too large", EHOSTDOWN: "Host is down",
  EHOSTUNREACH: "No route to host", EHWPOISON: "Memory page has hardware error",
  EIDRM: "Identifier removed",
  EILSEQ: "Invalid or incomplete multibyte or wide character",
  EINPROGRESS: "Operation now in progress", EINTR: "Interrupted system call",
  EINVAL: "Invalid argument", EIO: "Input/output error",
  EISCONN: "Transport endpoint is already connected", EISDIR: "Is a directory",
  EISNAM: "Is a named type file", EKEYEXPIRED: "Key has expired",
  EKEYREJECTED: "Key was rejected by service",
  EKEYREVOKED: "Key has been revoked", EL2HLT: "Level 2 halted",
  EL2NSYNC: "Level 2 not synchronized", EL3HLT: "Level 3 halted",
  EL3RST: "Level 3 reset", ELIBACC: "Can not access a needed shared library",
  ELIBBAD: "Accessing a corrupted shared library",
  ELIBEXEC: "Cannot exec a shared library directly",
  ELIBMAX: "Attempting to link in too many shared libraries",
  ELIBSCN: ".lib section in a.out corrupted",
  ELNRNG: "Link number out of range",
  ELOOP: "Too many levels of symbolic links", EMEDIUMTYPE: "Wrong medium type",
  EMFILE: "Too many open files", EMLINK: "Too many links",
  EMSGSIZE: "Message too long", EMULTIHOP: "Multihop attempted",
  ENAMETOOLONG: "File name too long", ENAVAIL: "No XENIX semaphores available",
  ENETDOWN: "Network is down", ENETRESET: "Network dropped connection on reset",
  ENETUNREACH: "Network is unreachable",
  ENFILE: "Too many open files in system", ENOANO: "No anode",
  ENOBUFS: "No buffer space available", ENOCSI: "No CSI structure available",
  ENODATA: "No data available", ENODEV: "No such device",
  ENOENT: "No such file or directory", ENOEXEC: "Exec format error",
  ENOKEY: "Required key not available", ENOLCK: "No locks available",
  ENOLINK: "Link has been severed", ENOMEDIUM: "No medium found",
  ENOMEM: "Cannot allocate memory", ENOMSG: "No message of desired type",
  ENONET: "Machine is not on the network", ENOPKG: "Package not installed",
  ENOPROTOOPT: "Protocol not available", ENOSPC: "No space left on device",
  ENOSR: "Out of streams resources", ENOSTR: "Device not a stream",
  ENOSYS: "Function not implemented", ENOTBLK: "Block device required",
  ENOTCONN: "Transport endpoint is not connected", ENOTDIR: "Not a directory",
  ENOTEMPTY: "Directory not empty", ENOTNAM: "Not a XENIX named type file",
  ENOTRECOVERABLE: "State not recoverable",
  ENOTSOCK: "Socket operation on non-socket",
  ENOTSUP: "Operation not supported", ENOTTY: "Inappropriate ioctl for device",
  ENOTUNIQ: "Name not unique on network", ENXIO: "No such device or address",
  EOPNOTSUPP: "Operation not supported",
  EOVERFLOW: "Value too large for defined data type", EOWNERDEAD: "Owner died",
  EPERM: "Operation not permitted",
  EPFNOSUPPORT: "Protocol family not supported", EPIPE: "Broken pipe",
  EPROTO: "Protocol error", EPROTONOSUPPORT: "Protocol not supported",
  EPROTOTYPE: "Protocol wrong type for socket",
  ERANGE: "Numerical result out of range", EREMCHG: "Remote address changed",
  EREMOTE: "Object is remote", EREMOTEIO: "Remote I/O error",
  ERESTART: "Interrupted system call should be restarted",
  ERFKILL: "Operation not possible due to RF-kill",
  EROFS: "Read-only file system",
  ESHUTDOWN: "Cannot send after transport endpoint shutdown",
  ESOCKTNOSUPPORT: "Socket type not supported", ESPIPE: "Illegal seek",
  ESRCH: "No such process", ESRMNT: "Srmount error",
  ESTALE: "Stale file handle", ESTRPIPE: "Streams pipe error",
  ETIME: "Timer expired", ETIMEDOUT: "Connection timed out",
  ETOOMANYREFS: "Too many references: cannot splice", ETXTBSY: "Text file busy",
  EUCLEAN: "Structure needs cleaning", EUNATCH: "Protocol driver not attached",
  EUSERS: "Too many users", EWOULDBLOCK: "Resource temporarily unavailable",
  EXDEV: "Invalid cross-device link", EXFULL: "Exchange full",
  EAI_ADDRFAMILY: "Address family for hostname not supported",
  EAI_AGAIN: "Temporary failure in name resolution",
  EAI_BADFLAGS: "Bad value for ai_flags",
  EAI_FAIL: "Non-recoverable failure in name resolution",
  EAI_FAMILY: "ai_family not supported",
  EAI_MEMORY: "Memory allocation failure",
  EAI_NODATA: "No address associated with hostname",
  EAI_NONAME: "Name or service not known", EAI_OVERFLOW: "Unknown error",
  EAI_SERVICE: "Servname not supported for ai_socktype",
  EAI_SOCKTYPE: "ai_socktype not supported", EAI_SYSTEM: "System error",
  HOST_NOT_FOUND: "Unknown host", TRY_AGAIN: "Host name lookup failure",
  NO_RECOVERY: "Unknown server error",
  NO_DATA: "No address associated with name",
});
