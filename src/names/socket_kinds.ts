/**
 * The types of sockets that `getaddrinfo` gives for each address, and their
 * ports. The table and its order are those of glibc.
 *
 * @module
 */

import {
  IPPROTO_SCTP,
  IPPROTO_TCP,
  IPPROTO_UDP,
  IPPROTO_UDPLITE,
  SOCK_DGRAM,
  SOCK_RAW,
  SOCK_SEQPACKET,
  SOCK_STREAM,
} from "../constants.ts";
import { Fault } from "../runtime/seam/fault.ts";
import type { Query } from "./query.ts";
import { findService, portOf, services } from "./services.ts";

/** A kind of socket, ready for an address. */
export interface SocketKind {
  /** `SOCK_STREAM` and its like. */
  readonly type: number;
  /** `IPPROTO_TCP` and its like. */
  readonly proto: number;
  /** The port of the service. */
  readonly port: number;
}

/** What is asked for: 0 is any; a service is a port, a name, or none. */
export interface KindRequest {
  /** The type of the sockets, or 0. */
  readonly type: number;
  /** Their protocol, or 0. */
  readonly proto: number;
  /** Their service. */
  readonly service: number | string | null;
}

interface KnownKind {
  readonly type: number;
  readonly proto: number;
  readonly name: string;
  /** Whether it is given where nothing was asked for. */
  readonly isUsual: boolean;
}

/** `SOCK_DCCP` and `IPPROTO_DCCP` of Linux: no runtime has such sockets. */
const DCCP = { type: 6, proto: 33 };

const RAW: KnownKind = { type: SOCK_RAW, proto: 0, name: "raw", isUsual: true };

const KINDS: readonly KnownKind[] = [
  { type: SOCK_STREAM, proto: IPPROTO_TCP, name: "tcp", isUsual: true },
  { type: SOCK_DGRAM, proto: IPPROTO_UDP, name: "udp", isUsual: true },
  { ...DCCP, name: "dccp", isUsual: false },
  {
    type: SOCK_DGRAM,
    proto: IPPROTO_UDPLITE ?? 136,
    name: "udplite",
    isUsual: false,
  },
  { type: SOCK_STREAM, proto: IPPROTO_SCTP, name: "sctp", isUsual: false },
  { type: SOCK_SEQPACKET, proto: IPPROTO_SCTP, name: "sctp", isUsual: false },
  RAW,
];

/**
 * The kinds of sockets for a request, in order.
 *
 * @throws {Fault} `EAI_SOCKTYPE` if there is no such type of that protocol,
 *   `EAI_SERVICE` if there is no such service for them
 */
export async function socketKinds(
  query: Query,
  request: KindRequest,
): Promise<readonly SocketKind[]> {
  const { type, proto, service } = request;
  const isChosen = type !== 0 || proto !== 0;
  const kind = isChosen ? chosenKind(type, proto) : undefined;
  if (kind === RAW && service !== null) throw new Fault("EAI_SERVICE");
  if (typeof service === "string") {
    return await namedKinds(query, kind, service);
  }
  const port = service ?? 0;
  if (kind === RAW) return [{ type: SOCK_RAW, proto, port }];
  const kinds = kind ? [kind] : KINDS.filter(({ isUsual }) => isUsual);
  return kinds.map((each) => ({ type: each.type, proto: each.proto, port }));
}

function chosenKind(type: number, proto: number): KnownKind {
  const kind = KINDS.find((each) =>
    (type === 0 || each.type === type) &&
    (proto === 0 || each === RAW || each.proto === proto)
  );
  if (kind !== undefined) return kind;
  throw new Fault(type === 0 ? "EAI_SERVICE" : "EAI_SOCKTYPE");
}

async function namedKinds(
  query: Query,
  kind: KnownKind | undefined,
  service: string,
): Promise<readonly SocketKind[]> {
  const entries = await services(query);
  const kinds = kind ? [kind] : KINDS.filter((each) => each !== RAW);
  const found = kinds.flatMap(({ type, proto, name }) => {
    const entry = findService(entries, service, name);
    return entry ? [{ type, proto, port: portOf(entry) }] : [];
  });
  if (found.length === 0) throw new Fault("EAI_SERVICE");
  return found;
}
