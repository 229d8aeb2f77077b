/**
 * A host of a network in memory, as the library sees it: a runtime of its own.
 *
 * @module
 */

import { toEndpoint } from "../../address.ts";
import type { Clock } from "../../clock.ts";
import type { Address, HostAndPort, InetAddress } from "../../contracts.ts";
import { parseIPv4, parseIPv6 } from "../../ip.ts";
import { nodeTls } from "../node/tls_engine.ts";
import { tlsSupportsHere } from "../node/tls_supports.ts";
import type { RawBindOptions, RawDatagram } from "../seam/datagram.ts";
import { Fault } from "../seam/fault.ts";
import type { NameService, ResolvedHost } from "../seam/names.ts";
import type { Runtime } from "../seam/runtime.ts";
import type {
  RawConnectOptions,
  RawListener,
  RawListenOptions,
  RawStream,
} from "../seam/stream.ts";
import type { Feature, Support } from "../seam/supports.ts";
import { isIndex, unknownZone, zoneOf } from "../seam/zones.ts";
import { Call } from "./call.ts";
import {
  isForMany,
  MEMORY_DATAGRAM_SUPPORTS,
  MemoryDatagrams,
} from "./datagram.ts";
import { MemoryListener } from "./listener.ts";
import { MEMORY_OPTION_SUPPORTS } from "./options.ts";
import type { Protocol } from "./rules.ts";
import { type Ends, type MemoryStream, streamPair } from "./stream.ts";
import {
  AddressTable,
  isGroup,
  isWildcard,
  mapped,
  unmapped,
} from "./table.ts";
import { type Place, schedule, type Wire } from "./wire.ts";

/** The hosts of a network, and the wire between them. */
export interface Net {
  readonly wire: Wire;
  /** All hosts that are up. */
  hosts(): Iterable<MemoryHost>;
  /** The host that has an address. */
  hostOf(hostname: string): MemoryHost | undefined;
  /** What a name stands for; `undefined` if nobody knows it. */
  addressesOf(name: string): readonly ResolvedHost[] | undefined;
}

/** What a host is made of. */
export interface MemoryHostOptions {
  readonly net: Net;
  readonly place: Place;
  /** What `Runtime.name` is. */
  readonly name: string;
  /** Its numeric addresses besides loopback. */
  readonly addresses: readonly ResolvedHost[];
  /** The clock of its deadlines. */
  readonly clock: Clock;
  readonly names: NameService;
}

/** After so long a name server that does not answer is given up: 2 × 5 s. */
const LOOKUP_TIMEOUT_MS = 10_000;

/** One host, from its start to its end. */
export class MemoryHost implements Runtime {
  readonly name: string;
  readonly supports: Readonly<Record<Feature, Support>>;
  readonly clock: Clock;
  readonly names: NameService;
  readonly tls: typeof nodeTls = nodeTls;
  readonly place: Place;
  readonly datagrams: MemoryDatagrams;
  readonly #net: Net;
  readonly #addresses: readonly ResolvedHost[];
  readonly #table: AddressTable;
  readonly #listeners: Set<MemoryListener> = new Set();
  readonly #streams: Set<MemoryStream> = new Set();
  readonly #calls: Map<Call, Address> = new Map();

  /** Made when the host starts. */
  constructor(options: MemoryHostOptions) {
    this.#net = options.net;
    this.place = options.place;
    this.name = options.name;
    this.clock = options.clock;
    this.names = options.names;
    this.#addresses = options.addresses;
    const own = options.addresses.map(({ hostname }) => hostname);
    this.#table = new AddressTable(own);
    const { wire } = options.net;
    const net = {
      wire,
      hosts: () => options.net.hosts(),
      hostOf: (address: Address) => this.#hostOf(address),
      sourceFor: (to: InetAddress) => this.#sourceFor(to),
    };
    this.datagrams = new MemoryDatagrams(net, options.place, own);
    this.supports = features(wire);
  }

  async connect(options: RawConnectOptions): Promise<RawStream> {
    const { address } = options;
    demandNoInterface(address);
    if ("family" in address) return await this.#connectTo(address, options);
    let failure: unknown;
    for (const host of await this.lookup(address.hostname, 0)) {
      try {
        const to = { ...host, port: address.port };
        return await this.#connectTo(to, options);
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        failure ??= error;
      }
    }
    throw failure;
  }

  async listen(options: RawListenOptions): Promise<RawListener> {
    const address = await this.#numeric(options.address);
    demandNoInterface(address);
    const claim = this.#table.claim(address, options);
    const listener: MemoryListener = new MemoryListener(claim.address, {
      wire: this.#net.wire,
      place: this.place,
      backlog: options.backlog,
      freed: () => {
        this.#table.release(claim);
        this.#listeners.delete(listener);
      },
    });
    claim.listener = listener;
    this.#listeners.add(listener);
    return listener;
  }

  bindDatagram(options: RawBindOptions): Promise<RawDatagram> {
    return this.datagrams.bind(options);
  }

  permits(_address: Address): boolean {
    return true;
  }

  async lookup(
    hostname: string,
    family: 0 | 4 | 6,
  ): Promise<readonly ResolvedHost[]> {
    const all = numericHost(hostname) ?? await this.#ask(hostname);
    const wanted = family === 0 ? undefined : `ipv${family}`;
    const found = all.filter((host) => (wanted ?? host.family) === host.family);
    if (found.length === 0) throw new Fault("EAI_NONAME");
    return found;
  }

  /** What its programs wait for, for who asks why nothing happens. */
  *waiting(): Iterable<string> {
    for (const each of this.#listeners) {
      if (each.isWaiting) yield `accept at ${text(each.localAddress)}`;
    }
    for (const to of this.#calls.values()) yield `connect to ${text(to)}`;
    for (const each of this.#streams) {
      const { waiting, remoteAddress } = each;
      if (waiting === undefined) continue;
      yield `${waiting} ${remoteAddress ? text(remoteAddress) : "a gone peer"}`;
    }
    yield* this.datagrams.waiting();
  }

  async #ask(hostname: string): Promise<readonly ResolvedHost[]> {
    const { wire } = this.#net;
    const { names, lookupMs = 0 } = wire.rules(
      this.place,
      this.place,
      "udp",
      53,
    );
    const name = hostname.toLowerCase();
    const isHit = names !== undefined &&
      wire.chance.strikes(1, `names ${this.place.name} ${name}`);
    const isSilent = isHit && names === "timeout";
    const waitMs = isSilent ? LOOKUP_TIMEOUT_MS : lookupMs;
    if (waitMs > 0 || wire.isReal) {
      await new Promise<void>((resolve) =>
        schedule(wire, waitMs, () => this.place.run(resolve))
      );
    }
    if (isHit && typeof names === "string") {
      throw new Fault(isSilent ? "EAI_AGAIN" : names);
    }
    const told =
      isHit && typeof names === "object" && Object.hasOwn(names, name)
        ? hostsOf(name, names[name] as readonly string[])
        : undefined;
    const found = told ?? this.#net.addressesOf(name);
    if (found === undefined) throw new Fault("EAI_NONAME");
    return found;
  }

  /** A name becomes its first address. */
  async #numeric(address: Address | HostAndPort): Promise<Address> {
    if ("family" in address) return address;
    const [host] = await this.lookup(address.hostname, 0);
    return { ...host as ResolvedHost, port: address.port };
  }

  /** Whose an address is: this host's own, another one's, or nobody's. */
  #hostOf(address: Address): MemoryHost | undefined {
    const plain = unmapped(address);
    if (plain.family === "unix" || this.#table.has(plain)) return this;
    return this.#net.hostOf(plain.hostname);
  }

  async #connectTo(
    to: Address,
    options: RawConnectOptions,
  ): Promise<RawStream> {
    const { wire } = this.#net;
    const plain = unmapped(to);
    const isPath = plain.family === "unix";
    const proto: Protocol = isPath ? "unix" : "tcp";
    const port = isPath ? 0 : plain.port;
    const target = this.#hostOf(to);
    const peer = target?.place ?? this.place;
    const id = wire.isReal
      ? `c${wire.count(`${this.place.name}>${peer.name}:${port}`)}`
      : "c";
    const call: Call = new Call({
      wire,
      from: this.place,
      // Who has no host is told so here.
      to: peer,
      proto,
      port,
      name: `${id}:${this.place.name}>${peer.name}:${port}`,
      signal: options.signal,
      find: () => this.#answerer(to),
      connect: (listener) =>
        this.#join(to, listener, options.localAddress, { proto, port, id }),
      ended: () => void this.#calls.delete(call),
    });
    if (!call.isOver) this.#calls.set(call, to);
    return await call.result;
  }

  #answerer(to: Address): MemoryListener {
    if (isGroup(to)) throw new Fault("ENETUNREACH");
    const host = this.#hostOf(to);
    if (host === undefined) throw new Fault("EHOSTUNREACH");
    const found = host.#table.find(reachable(to));
    if (found !== undefined) return found;
    const isPath = to.family === "unix" && !to.path.startsWith("\0");
    throw new Fault(isPath ? "ENOENT" : "ECONNREFUSED");
  }

  /** Makes the two ends of a connection. */
  #join(
    to: Address,
    listener: MemoryListener,
    localAddress: Address | undefined,
    names: Pick<Ends, "proto" | "port" | "id">,
  ): [client: MemoryStream, server: MemoryStream] {
    const host = this.#hostOf(to) as MemoryHost;
    const { client, server } = this.#addressesTo(to, listener, localAddress);
    const plain = unmapped(client.local);
    const freed = (end: MemoryStream) => {
      this.#streams.delete(end);
      if (plain.family !== "unix") this.#table.unbind(plain);
    };
    const freedThere = (end: MemoryStream) => void host.#streams.delete(end);
    const ends = streamPair(this.#net.wire, {
      ...names,
      client: { ...client, place: this.place, freed },
      server: { ...server, place: host.place, freed: freedThere },
    });
    this.#streams.add(ends[0]);
    host.#streams.add(ends[1]);
    return ends;
  }

  #addressesTo(
    to: Address,
    listener: MemoryListener,
    localAddress: Address | undefined,
  ): Record<"client" | "server", { local: Address; remote: Address }> {
    if (to.family === "unix") {
      const client: Address = { family: "unix", path: "" };
      return {
        client: { local: client, remote: to },
        server: { local: to, remote: client },
      };
    }
    const target = reachable(to) as InetAddress;
    const local = this.#table.bind(this.#source(target, localAddress));
    const listening = listener.localAddress;
    const seenByClient = (address: InetAddress) =>
      to.family === target.family ? address : mapped(address);
    const seenByServer = (address: InetAddress) =>
      listening.family === target.family ? address : mapped(address);
    return {
      client: { local: seenByClient(local), remote: seenByClient(target) },
      server: { local: seenByServer(target), remote: seenByServer(local) },
    };
  }

  /** The local end that Linux picks for a destination. */
  #source(to: InetAddress, told: Address | undefined): InetAddress {
    const { family } = to;
    const hostname = this.#sourceFor(to);
    if (told === undefined) return { family, hostname, port: 0 };
    const plain = unmapped(told);
    if (plain.family !== family) throw new Fault("EINVAL");
    return isWildcard(plain) ? { family, hostname, port: plain.port } : plain;
  }

  /** The address that a destination sees this host at. */
  #sourceFor(to: InetAddress): string {
    const loopback = to.family === "ipv4" ? "127.0.0.1" : "::1";
    if (to.hostname.startsWith("127.")) return loopback;
    if (!isForMany(to) && this.#table.has(to)) return to.hostname;
    const own = this.#addresses.find(({ family }) => family === to.family);
    if (isForMany(to) && !this.#net.wire.isReal) return loopback;
    if (own !== undefined) return own.hostname;
    if (isForMany(to)) return loopback;
    throw new Fault("ENETUNREACH");
  }
}

function text(address: Address): string {
  return address.family === "unix"
    ? address.path
    : `${address.hostname}:${address.port}`;
}

/** No interface is in memory, so that no zone names one. */
function demandNoInterface(address: Address | HostAndPort): void {
  const zone = zoneOf(address);
  if (zone !== undefined && !isIndex(zone)) throw unknownZone(zone);
}

/** Where a destination really is: a wildcard means this host. */
function reachable(to: Address): Address {
  const plain = unmapped(to);
  if (plain.family === "unix" || !isWildcard(plain)) return plain;
  const hostname = plain.family === "ipv4" ? "127.0.0.1" : "::1";
  return { family: plain.family, hostname, port: plain.port };
}

/** The hosts of numeric addresses. @throws {TypeError} if one is none. */
export function hostsOf(
  name: string,
  addresses: readonly string[],
): readonly ResolvedHost[] {
  return addresses.flatMap((text) => {
    const found = numericHost(text);
    if (found !== undefined) return found;
    throw new TypeError(`Not an address of host ${name}: ${text}`);
  });
}

/** The host of a numeric address, in canonical form; none if it is a name. */
function numericHost(text: string): readonly ResolvedHost[] | undefined {
  if (!parseIPv4(text) && !parseIPv6(text)) return undefined;
  const endpoint = toEndpoint([text, 0], "any") as InetAddress | HostAndPort;
  if (!("family" in endpoint)) return undefined;
  return [{ family: endpoint.family, hostname: endpoint.hostname }];
}

function features(
  { maxChunkBytes }: Wire,
): Readonly<Record<Feature, Support>> {
  return {
    abortiveClose: true,
    abstractNames: true,
    backlog: true,
    connectErrors: true,
    detachAccepted: "a memory network has no handle",
    ipv6Only: true,
    localAddress: true,
    maxReadAhead: maxChunkBytes,
    noDelay: true,
    reusePort: true,
    unixStreams: true,
    unrefWrites: true,
    zeroCopyReceive: "a memory network copies",
    ...MEMORY_OPTION_SUPPORTS,
    ...MEMORY_DATAGRAM_SUPPORTS,
    // Asked when read: on Deno merely touching `process` costs 12 ms.
    get systemCertificates(): Support {
      return tlsSupportsHere().systemCertificates;
    },
    tlsNative: "none: a network in memory has no TLS sockets",
    get tlsHalfClose(): Support {
      return tlsSupportsHere().tlsHalfClose;
    },
    get tlsServerAlerts(): Support {
      return tlsSupportsHere().tlsServerAlerts;
    },
  };
}
