/**
 * The numbers and texts of C on Linux, macOS and Windows. Made by
 * `npm run tables`: change `scripts/platform_data.ts` and run that. A
 * column each, beside one of names, is a third smaller than objects, and an
 * import does not pay for the columns of the other systems.
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

type Numbers = Readonly<Record<string, number>>;

function column<T>(
  names: readonly string[],
  values: readonly T[],
): Record<string, T> {
  const table: Record<string, T> = {};
  for (const [i, name] of names.entries()) table[name] = values[i]!;
  return table;
}

function numbers(names: string, values: string): object {
  const all = column(names.split(" "), values.split(","));
  const known = Object.entries(all).filter(([, value]) => value !== "");
  return Object.fromEntries(known.map(([name, text]) => [name, Number(text)]));
}

// deno-fmt-ignore
const ERRORS =
  "E2BIG EACCES EADDRINUSE EADDRNOTAVAIL EADV EAFNOSUPPORT EAGAIN EALREADY " +
  "EBADE EBADF EBADFD EBADMSG EBADR EBADRQC EBADSLT EBFONT EBUSY ECANCELED " +
  "ECHILD ECHRNG ECOMM ECONNABORTED ECONNREFUSED ECONNRESET EDEADLK " +
  "EDEADLOCK EDESTADDRREQ EDOM EDOTDOT EDQUOT EEXIST EFAULT EFBIG EHOSTDOWN " +
  "EHOSTUNREACH EHWPOISON EIDRM EILSEQ EINPROGRESS EINTR EINVAL EIO EISCONN " +
  "EISDIR EISNAM EKEYEXPIRED EKEYREJECTED EKEYREVOKED EL2HLT EL2NSYNC " +
  "EL3HLT EL3RST ELIBACC ELIBBAD ELIBEXEC ELIBMAX ELIBSCN ELNRNG ELOOP " +
  "EMEDIUMTYPE EMFILE EMLINK EMSGSIZE EMULTIHOP ENAMETOOLONG ENAVAIL " +
  "ENETDOWN ENETRESET ENETUNREACH ENFILE ENOANO ENOBUFS ENOCSI ENODATA " +
  "ENODEV ENOENT ENOEXEC ENOKEY ENOLCK ENOLINK ENOMEDIUM ENOMEM ENOMSG " +
  "ENONET ENOPKG ENOPROTOOPT ENOSPC ENOSR ENOSTR ENOSYS ENOTBLK ENOTCONN " +
  "ENOTDIR ENOTEMPTY ENOTNAM ENOTRECOVERABLE ENOTSOCK ENOTSUP ENOTTY " +
  "ENOTUNIQ ENXIO EOPNOTSUPP EOVERFLOW EOWNERDEAD EPERM EPFNOSUPPORT EPIPE " +
  "EPROTO EPROTONOSUPPORT EPROTOTYPE ERANGE EREMCHG EREMOTE EREMOTEIO " +
  "ERESTART ERFKILL EROFS ESHUTDOWN ESOCKTNOSUPPORT ESPIPE ESRCH ESRMNT " +
  "ESTALE ESTRPIPE ETIME ETIMEDOUT ETOOMANYREFS ETXTBSY EUCLEAN EUNATCH " +
  "EUSERS EWOULDBLOCK EXDEV EXFULL";

// deno-fmt-ignore
export const linuxErrno = (): Numbers => numbers(ERRORS,
  "7,13,98,99,68,97,11,114,52,9,77,74,53,56,57,59,16,125,10,44,70,103,111," +
  "104,35,35,89,33,73,122,17,14,27,112,113,133,43,84,115,4,22,5,106,21,120," +
  "127,129,128,51,45,46,47,79,80,83,82,81,48,40,124,24,31,90,72,36,119,100," +
  "102,101,23,55,105,50,61,19,2,8,126,37,67,123,12,42,64,65,92,28,63,60,38," +
  "15,107,20,39,118,131,88,95,25,76,6,95,75,130,1,96,32,71,93,91,34,78,66," +
  "121,85,132,30,108,94,29,3,69,116,86,62,110,109,26,117,49,87,11,18,54") as Numbers;

// deno-fmt-ignore
export const darwinErrno = (): Numbers => numbers(ERRORS,
  "7,13,48,49,,47,35,37,,9,,94,,,,,16,89,10,,,53,61,54,11,,39,33,,69,17,14," +
  "27,64,65,,90,92,36,4,22,5,56,21,,,,,,,,,,,,,,,62,,24,31,40,95,63,,50,52," +
  "51,23,,55,,96,19,2,8,,77,97,,12,91,,,42,28,98,99,78,15,57,20,66,,104,38," +
  "45,25,,6,102,84,105,1,46,32,100,43,41,34,,71,,,,30,58,44,29,3,,70,,101," +
  "60,59,26,,,68,35,18,") as Numbers;

// deno-fmt-ignore
export const win32Errno = (): Numbers => numbers(ERRORS,
  "7,13,100,101,,102,11,103,,9,,104,,,,,16,105,10,,,106,107,108,36,,109,33,," +
  "10069,17,14,27,10064,110,,111,42,112,4,22,5,113,21,,,,,,,,,,,,,,,114,,24," +
  "31,115,,38,,116,117,118,23,,119,,120,19,2,8,,39,121,,12,122,,,123,28,124," +
  "125,40,,126,20,41,,127,128,129,25,,6,130,132,133,1,10046,32,134,135,136," +
  "34,,10071,,,,30,10058,10044,29,3,,10070,,137,138,10059,139,,,10068,140," +
  "18,") as Numbers;

// deno-fmt-ignore
const CONSTANTS =
  "AF_UNSPEC AF_UNIX AF_INET AF_INET6 SOCK_STREAM SOCK_DGRAM SOCK_RAW " +
  "SOCK_RDM SOCK_SEQPACKET SOCK_NONBLOCK SOCK_CLOEXEC SOL_SOCKET SOL_IP " +
  "SOL_TCP SOL_UDP SO_ACCEPTCONN SO_BINDTODEVICE SO_BROADCAST SO_DEBUG " +
  "SO_DOMAIN SO_DONTROUTE SO_ERROR SO_EXCLUSIVEADDRUSE SO_INCOMING_CPU " +
  "SO_KEEPALIVE SO_LINGER SO_MARK SO_NOSIGPIPE SO_OOBINLINE SO_PASSCRED " +
  "SO_PEERCRED SO_PRIORITY SO_PROTOCOL SO_RCVBUF SO_RCVLOWAT SO_RCVTIMEO " +
  "SO_REUSEADDR SO_REUSEPORT SO_SNDBUF SO_SNDLOWAT SO_SNDTIMEO SO_TYPE " +
  "IPPROTO_IP IPPROTO_ICMP IPPROTO_IGMP IPPROTO_TCP IPPROTO_UDP " +
  "IPPROTO_IPV6 IPPROTO_ICMPV6 IPPROTO_RAW IPPROTO_SCTP IPPROTO_UDPLITE " +
  "IPPROTO_MPTCP IPPROTO_HOPOPTS IPPROTO_ROUTING IPPROTO_FRAGMENT " +
  "IPPROTO_ESP IPPROTO_AH IPPROTO_NONE IPPROTO_DSTOPTS TCP_NODELAY " +
  "TCP_MAXSEG TCP_CORK TCP_KEEPIDLE TCP_KEEPINTVL TCP_KEEPCNT TCP_SYNCNT " +
  "TCP_LINGER2 TCP_DEFER_ACCEPT TCP_WINDOW_CLAMP TCP_INFO TCP_QUICKACK " +
  "TCP_CONGESTION TCP_USER_TIMEOUT TCP_FASTOPEN TCP_NOTSENT_LOWAT " +
  "IP_OPTIONS IP_HDRINCL IP_TOS IP_TTL IP_RECVTOS IP_RECVTTL IP_RECVERR " +
  "IP_PKTINFO IP_MTU IP_MTU_DISCOVER IP_FREEBIND IP_TRANSPARENT " +
  "IP_BIND_ADDRESS_NO_PORT IP_MULTICAST_IF IP_MULTICAST_TTL " +
  "IP_MULTICAST_LOOP IP_MULTICAST_ALL IP_ADD_MEMBERSHIP IP_DROP_MEMBERSHIP " +
  "IP_ADD_SOURCE_MEMBERSHIP IP_DROP_SOURCE_MEMBERSHIP IP_BLOCK_SOURCE " +
  "IP_UNBLOCK_SOURCE IPV6_UNICAST_HOPS IPV6_MULTICAST_IF " +
  "IPV6_MULTICAST_HOPS IPV6_MULTICAST_LOOP IPV6_JOIN_GROUP IPV6_LEAVE_GROUP " +
  "IPV6_V6ONLY IPV6_CHECKSUM IPV6_RECVTCLASS IPV6_TCLASS IPV6_DONTFRAG " +
  "IPV6_RECVERR IPV6_MTU IPV6_MTU_DISCOVER IPV6_MULTICAST_ALL MSG_OOB " +
  "MSG_PEEK MSG_DONTROUTE MSG_CTRUNC MSG_TRUNC MSG_DONTWAIT MSG_EOR " +
  "MSG_WAITALL MSG_CONFIRM MSG_ERRQUEUE MSG_NOSIGNAL MSG_MORE MSG_FASTOPEN " +
  "SHUT_RD SHUT_WR SHUT_RDWR SOMAXCONN AI_PASSIVE AI_CANONNAME " +
  "AI_NUMERICHOST AI_NUMERICSERV AI_ALL AI_ADDRCONFIG AI_V4MAPPED " +
  "NI_NUMERICHOST NI_NUMERICSERV NI_NOFQDN NI_NAMEREQD NI_DGRAM NI_MAXHOST " +
  "NI_MAXSERV EAI_ADDRFAMILY EAI_AGAIN EAI_BADFLAGS EAI_FAIL EAI_FAMILY " +
  "EAI_MEMORY EAI_NODATA EAI_NONAME EAI_OVERFLOW EAI_SERVICE EAI_SOCKTYPE " +
  "EAI_SYSTEM HOST_NOT_FOUND TRY_AGAIN NO_RECOVERY NO_DATA";

// deno-fmt-ignore
export const linuxConstants = (): Constants => numbers(CONSTANTS,
  "0,1,2,10,1,2,3,4,5,2048,524288,1,0,6,17,30,25,6,1,39,5,4,,49,9,13,36,,10," +
  "16,17,12,38,8,18,20,2,15,7,19,21,3,0,1,2,6,17,41,58,255,132,136,262,0,43," +
  "44,50,51,59,60,1,2,3,4,5,6,7,8,9,10,11,12,13,18,23,25,4,3,1,2,13,12,11,8," +
  "14,10,15,19,24,32,33,34,49,35,36,39,40,38,37,16,17,18,19,20,21,26,7,66," +
  "67,62,25,24,23,29,1,2,4,8,32,64,128,256,2048,8192,16384,32768,536870912," +
  "0,1,2,4096,1,2,4,1024,16,32,8,1,2,4,8,16,1025,32,-9,-3,-1,-4,-6,-10,-5," +
  "-2,-12,-8,-7,-11,1,2,3,4") as Constants;

// deno-fmt-ignore
export const darwinConstants = (): Constants => numbers(CONSTANTS,
  "0,1,2,30,1,2,3,4,5,2048,524288,65535,0,6,17,2,,32,1,65575,16,4103,,,8," +
  "128,,4130,256,,,,65574,4098,4100,4102,4,512,4097,4099,4101,4104,0,1,2,6," +
  "17,41,58,255,132,,,0,43,44,50,51,59,60,1,2,,16,257,258,,,,,,,,,261,513,1," +
  "2,3,4,27,24,,26,,,,,,9,10,11,,12,13,70,71,72,73,4,9,10,11,12,13,27,26,35," +
  "36,62,,,,,1,2,4,32,16,128,8,64,,,524288,,,0,1,2,128,1,2,4,4096,256,1024," +
  "2048,2,8,1,4,16,1025,32,1,2,3,4,5,6,7,8,14,9,10,11,1,2,3,4") as Constants;

// deno-fmt-ignore
export const win32Constants = (): Constants => numbers(CONSTANTS,
  "0,1,2,23,1,2,3,4,5,2048,524288,65535,0,6,17,2,,32,1,65575,16,4103,-5,,8," +
  "128,,,256,,,,65574,4098,4100,4102,4,65551,4097,4099,4101,4104,0,1,2,6,17," +
  "41,58,255,132,,,0,43,44,50,51,59,60,1,4,,3,17,16,,,,,,,,,15,,1,2,3,4,40," +
  "21,75,19,73,71,,,,9,10,11,,12,13,15,16,17,18,4,9,10,11,12,13,27,26,40,39," +
  "14,75,72,71,,1,2,4,512,256,16777216,,8,,,33554432,,,0,1,2,2147483647,1,2," +
  "4,8,256,1024,2048,2,8,1,4,16,1025,32,,11002,10022,11003,10047,8,11004," +
  "11001,,10109,10044,,11001,11002,11003,11004") as Constants;

// deno-fmt-ignore
const OF_LOOKUPS =
  "EAI_ADDRFAMILY EAI_AGAIN EAI_BADFLAGS EAI_FAIL EAI_FAMILY EAI_MEMORY " +
  "EAI_NODATA EAI_NONAME EAI_OVERFLOW EAI_SERVICE EAI_SOCKTYPE EAI_SYSTEM " +
  "HOST_NOT_FOUND TRY_AGAIN NO_RECOVERY NO_DATA";

// deno-fmt-ignore
export const texts = (): Readonly<Record<string, string>> => column(
  `${ERRORS} ${OF_LOOKUPS}`.split(" "),
  (  "Argument list too long|Permission denied|Address already in use|Cannot " +
  "assign requested address|Advertise error|Address family not supported by " +
  "protocol|Resource temporarily unavailable|Operation already in progress|" +
  "Invalid exchange|Bad file descriptor|File descriptor in bad state|Bad " +
  "message|Invalid request descriptor|Invalid request code|Invalid slot|Bad " +
  "font file format|Device or resource busy|Operation canceled|No child " +
  "processes|Channel number out of range|Communication error on send|" +
  "Software caused connection abort|Connection refused|Connection reset by " +
  "peer|Resource deadlock avoided|Resource deadlock avoided|Destination " +
  "address required|Numerical argument out of domain|RFS specific error|" +
  "Disk quota exceeded|File exists|Bad address|File too large|Host is down|" +
  "No route to host|Memory page has hardware error|Identifier removed|" +
  "Invalid or incomplete multibyte or wide character|Operation now in " +
  "progress|Interrupted system call|Invalid argument|Input/output error|" +
  "Transport endpoint is already connected|Is a directory|Is a named type " +
  "file|Key has expired|Key was rejected by service|Key has been revoked|" +
  "Level 2 halted|Level 2 not synchronized|Level 3 halted|Level 3 reset|Can " +
  "not access a needed shared library|Accessing a corrupted shared library|" +
  "Cannot exec a shared library directly|Attempting to link in too many " +
  "shared libraries|.lib section in a.out corrupted|Link number out of " +
  "range|Too many levels of symbolic links|Wrong medium type|Too many open " +
  "files|Too many links|Message too long|Multihop attempted|File name too " +
  "long|No XENIX semaphores available|Network is down|Network dropped " +
  "connection on reset|Network is unreachable|Too many open files in system|" +
  "No anode|No buffer space available|No CSI structure available|No data " +
  "available|No such device|No such file or directory|Exec format error|" +
  "Required key not available|No locks available|Link has been severed|No " +
  "medium found|Cannot allocate memory|No message of desired type|Machine " +
  "is not on the network|Package not installed|Protocol not available|No " +
  "space left on device|Out of streams resources|Device not a stream|" +
  "Function not implemented|Block device required|Transport endpoint is not " +
  "connected|Not a directory|Directory not empty|Not a XENIX named type " +
  "file|State not recoverable|Socket operation on non-socket|Operation not " +
  "supported|Inappropriate ioctl for device|Name not unique on network|No " +
  "such device or address|Operation not supported|Value too large for " +
  "defined data type|Owner died|Operation not permitted|Protocol family not " +
  "supported|Broken pipe|Protocol error|Protocol not supported|Protocol " +
  "wrong type for socket|Numerical result out of range|Remote address " +
  "changed|Object is remote|Remote I/O error|Interrupted system call should " +
  "be restarted|Operation not possible due to RF-kill|Read-only file system|" +
  "Cannot send after transport endpoint shutdown|Socket type not supported|" +
  "Illegal seek|No such process|Srmount error|Stale file handle|Streams " +
  "pipe error|Timer expired|Connection timed out|Too many references: " +
  "cannot splice|Text file busy|Structure needs cleaning|Protocol driver " +
  "not attached|Too many users|Resource temporarily unavailable|Invalid " +
  "cross-device link|Exchange full|Address family for hostname not " +
  "supported|Temporary failure in name resolution|Bad value for ai_flags|" +
  "Non-recoverable failure in name resolution|ai_family not supported|" +
  "Memory allocation failure|No address associated with hostname|Name or " +
  "service not known|Unknown error|Servname not supported for ai_socktype|" +
  "ai_socktype not supported|System error|Unknown host|Host name lookup " +
  "failure|Unknown server error|No address associated with name").split("|"));
