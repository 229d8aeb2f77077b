/**
 * The options that the library knows, a row each. What no row knows goes to the
 * kernel as it is, by way of the descriptor.
 *
 * @module
 */

import * as c from "../../constants.ts";
import {
  BROADCAST,
  bufferSize,
  changes,
  choice,
  leavesBy,
  number,
} from "./datagram_ways.ts";
import { LINGER as LINGER_VALUE } from "./linger.ts";
import { membership, multicastInterface } from "./multicast.ts";
import { keyText, type OptionKey } from "./names.ts";
import { type Option, type Row, row } from "./option.ts";
import type { DatagramOptions } from "./datagram_options.ts";
import type { SocketOptions } from "./socket_options.ts";
import type { StreamOptions } from "./stream_options.ts";
import {
  BUFFER_SIZE,
  ipv6Only,
  KEEP_ALIVE,
  LINGER,
  NO_DELAY,
  REUSE_ADDR,
  REUSE_PORT,
  tuned,
  typeOfService,
} from "./stream_ways.ts";
import { FLAG, INT, within } from "./values.ts";

let table: ReadonlyMap<string, Option> | undefined;

/** The option of a level and a name; `undefined` if no row knows it. */
export function findOption(key: OptionKey): Option | undefined {
  table ??= new Map(
    rows().map(([level, name, option]) => [keyText({ level, name }), option]),
  );
  return table.get(keyText(key));
}

type Telling<S> = (socket: S) => number;

/** An option that says what the socket is. */
function readOnly(both: Telling<SocketOptions>): Option<number>;
/** An option that says what the socket is, of each kind. */
function readOnly(
  stream: Telling<StreamOptions>,
  datagram: Telling<DatagramOptions>,
): Option<number>;
function readOnly(
  stream: Telling<StreamOptions>,
  datagram: Telling<DatagramOptions> = stream as Telling<SocketOptions>,
): Option<number> {
  return {
    value: INT,
    isEmulated: true,
    stream: { get: stream },
    datagram: { get: datagram },
  };
}

/** `SO_PROTOCOL`. */
function protocol(number: number): Telling<SocketOptions> {
  return ({ family }) => family === c.AF_UNIX ? 0 : number;
}

/** Linux's limits (`MAX_TCP_KEEPIDLE` and its like). */
const SECONDS = within(1, 32_767);
const PROBES = within(1, 127);

const BUFFER_BYTES = within(1, 0x7fffffff);
const BYTE = within(0, 255);
const HOPS = within(1, 255);
/** What the kernel of IPv6 takes, and so what is taken for IPv4. */
const BIT = within(0, 1);

function rows(): readonly Row[] {
  return [...general(), ...ofTcp(), ...ofIPv4(), ...ofIPv6()]
    .filter(([, name]) => name !== undefined);
}

function general(): readonly Row[] {
  const { SOL_SOCKET } = c;
  return [
    row(
      SOL_SOCKET,
      c.SO_TYPE,
      readOnly(() => c.SOCK_STREAM, () => c.SOCK_DGRAM),
    ),
    row(SOL_SOCKET, c.SO_DOMAIN, readOnly(({ family }) => family)),
    row(
      SOL_SOCKET,
      c.SO_PROTOCOL,
      readOnly(protocol(c.IPPROTO_TCP), protocol(c.IPPROTO_UDP)),
    ),
    row(
      SOL_SOCKET,
      c.SO_ACCEPTCONN,
      readOnly(({ isListening }) => isListening ? 1 : 0, () => 0),
    ),
    row(SOL_SOCKET, c.SO_ERROR, readOnly(({ takeError }) => takeError())),
    row(SOL_SOCKET, c.SO_REUSEADDR, {
      value: FLAG,
      isEarly: true,
      stream: REUSE_ADDR,
      datagram: choice("reuseAddr"),
    }),
    row(SOL_SOCKET, c.SO_REUSEPORT, {
      value: FLAG,
      isEarly: true,
      stream: REUSE_PORT,
      datagram: choice("reusePort"),
    }),
    row(SOL_SOCKET, c.SO_KEEPALIVE, { value: FLAG, stream: KEEP_ALIVE }),
    row(SOL_SOCKET, c.SO_LINGER, {
      value: LINGER_VALUE,
      isEmulated: true,
      stream: LINGER,
    }),
    row(SOL_SOCKET, c.SO_BROADCAST, { value: FLAG, datagram: BROADCAST }),
    row(SOL_SOCKET, c.SO_RCVBUF, {
      value: BUFFER_BYTES,
      stream: BUFFER_SIZE,
      datagram: bufferSize("receiveBuffer"),
    }),
    row(SOL_SOCKET, c.SO_SNDBUF, {
      value: BUFFER_BYTES,
      stream: BUFFER_SIZE,
      datagram: bufferSize("sendBuffer"),
    }),
    row(SOL_SOCKET, c.SO_PRIORITY, { value: INT }),
  ];
}

function ofTcp(): readonly Row[] {
  const { IPPROTO_TCP } = c;
  return [
    row(IPPROTO_TCP, c.TCP_NODELAY, { value: FLAG, stream: NO_DELAY }),
    row(IPPROTO_TCP, c.TCP_KEEPIDLE, {
      value: SECONDS,
      stream: tuned("idle"),
    }),
    row(IPPROTO_TCP, c.TCP_KEEPINTVL, {
      value: SECONDS,
      stream: tuned("interval"),
    }),
    row(IPPROTO_TCP, c.TCP_KEEPCNT, { value: PROBES, stream: tuned("count") }),
  ];
}

function ofIPv4(): readonly Row[] {
  const { AF_INET, IPPROTO_IP } = c;
  const group = { value: membership(4, false) };
  const source = { value: membership(4, true) };
  return [
    row(IPPROTO_IP, c.IP_TOS, { value: BYTE, stream: typeOfService(AF_INET) }),
    row(IPPROTO_IP, c.IP_TTL, {
      value: HOPS,
      datagram: number("ttl", AF_INET),
    }),
    row(IPPROTO_IP, c.IP_RECVTOS, { value: FLAG }),
    row(IPPROTO_IP, c.IP_FREEBIND, { value: FLAG, isEarly: true }),
    row(IPPROTO_IP, c.IP_TRANSPARENT, { value: FLAG, isEarly: true }),
    row(IPPROTO_IP, c.IP_BIND_ADDRESS_NO_PORT, { value: FLAG, isEarly: true }),
    row(IPPROTO_IP, c.IP_MULTICAST_TTL, {
      value: BYTE,
      datagram: number("multicastTtl", AF_INET),
    }),
    row(IPPROTO_IP, c.IP_MULTICAST_LOOP, {
      value: BIT,
      datagram: number("multicastLoop", AF_INET),
    }),
    row(IPPROTO_IP, c.IP_MULTICAST_IF, {
      value: multicastInterface(4),
      datagram: leavesBy(AF_INET),
    }),
    row(IPPROTO_IP, c.IP_ADD_MEMBERSHIP, {
      ...group,
      datagram: changes("join", AF_INET),
    }),
    row(IPPROTO_IP, c.IP_DROP_MEMBERSHIP, {
      ...group,
      datagram: changes("leave", AF_INET),
    }),
    row(IPPROTO_IP, c.IP_ADD_SOURCE_MEMBERSHIP, {
      ...source,
      datagram: changes("join", AF_INET),
    }),
    row(IPPROTO_IP, c.IP_DROP_SOURCE_MEMBERSHIP, {
      ...source,
      datagram: changes("leave", AF_INET),
    }),
  ];
}

function ofIPv6(): readonly Row[] {
  const { AF_INET6, IPPROTO_IPV6 } = c;
  const group = { value: membership(6, false) };
  return [
    row(IPPROTO_IPV6, c.IPV6_TCLASS, {
      value: BYTE,
      stream: typeOfService(AF_INET6),
    }),
    row(IPPROTO_IPV6, c.IPV6_UNICAST_HOPS, {
      value: HOPS,
      datagram: number("ttl", AF_INET6),
    }),
    row(IPPROTO_IPV6, c.IPV6_RECVTCLASS, { value: FLAG }),
    row(IPPROTO_IPV6, c.IPV6_V6ONLY, {
      value: FLAG,
      isEarly: true,
      stream: ipv6Only(AF_INET6),
      datagram: choice("ipv6Only", (socket) => socket.demandFamily(AF_INET6)),
    }),
    row(IPPROTO_IPV6, c.IPV6_MULTICAST_HOPS, {
      value: BYTE,
      datagram: number("multicastTtl", AF_INET6),
    }),
    row(IPPROTO_IPV6, c.IPV6_MULTICAST_LOOP, {
      value: BIT,
      datagram: number("multicastLoop", AF_INET6),
    }),
    row(IPPROTO_IPV6, c.IPV6_MULTICAST_IF, {
      value: multicastInterface(6),
      datagram: leavesBy(AF_INET6),
    }),
    row(IPPROTO_IPV6, c.IPV6_JOIN_GROUP, {
      ...group,
      datagram: changes("join", AF_INET6),
    }),
    row(IPPROTO_IPV6, c.IPV6_LEAVE_GROUP, {
      ...group,
      datagram: changes("leave", AF_INET6),
    }),
  ];
}
