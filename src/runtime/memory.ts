/**
 * A network in one object: hosts, names, ports and paths that exist in the
 * memory of the program alone. It keeps the rules of Linux, brings events in
 * a fixed order, and can cut and join the bytes on their way by a seed.
 *
 * @module
 */

import { toEndpoint } from "../address.ts";
import { type Clock, systemClock } from "../clock.ts";
import type { Address, HostAndPort, InetAddress } from "../contracts.ts";
import { parseIPv4, parseIPv6 } from "../ip.ts";
import type { RawBindOptions, RawDatagram } from "./seam/datagram.ts";
import {
  MEMORY_DATAGRAM_SUPPORTS,
  MemoryDatagrams,
} from "./memory/datagram.ts";
import { Dice } from "./memory/dice.ts";
import { type Caller, MemoryListener } from "./memory/listener.ts";
import {
  type Ends,
  type MemoryStream,
  streamPair,
  type Wire,
} from "./memory/stream.ts";
import { type MemoryNames, memoryNames } from "./memory/names.ts";
import { MEMORY_OPTION_SUPPORTS } from "./memory/options.ts";
import {
  AddressTable,
  isGroup,
  isWildcard,
  mapped,
  unmapped,
} from "./memory/table.ts";
import { Turns } from "./memory/turns.ts";
import { nodeTls } from "./node/tls_engine.ts";
import { tlsSupportsHere } from "./node/tls_supports.ts";
import type { NameService, ResolvedHost } from "./seam/names.ts";
import { Fault } from "./seam/fault.ts";
import type { Runtime } from "./seam/runtime.ts";
import type {
  RawConnectOptions,
  RawListener,
  RawListenOptions,
  RawStream,
} from "./seam/stream.ts";
import type { Feature, Support } from "./seam/supports.ts";
import { isIndex, unknownZone, zoneOf } from "./seam/zones.ts";

/** 64 KiB: what this network gives a direction, and a chunk, unless told. */
const DEFAULT_BYTES = 65_536;

/** How a memory network differs from an ordinary one. */
export interface MemoryNetworkOptions {
  /** The clock of its deadlines; the system's unless told. */
  readonly clock?: Clock;
  /**
   * Cuts and joins chunks at random, lets writes take less than there is room
   * for, and lets some of them read the memory in a later turn, as Deno and
   * Node do. The same seed does the same again. Without one, everything that
   * fits goes at once and in one piece.
   */
  readonly seed?: number;
  /** Bytes of the largest chunk received; 65,536 unless told. */
  readonly maxChunkBytes?: number;
  /**
   * Bytes that one direction of a connection holds before the writer waits;
   * 65,536 unless told. Half of it is the receiver's.
   */
  readonly pipeBytes?: number;
  /**
   * The hosts besides this one, which is `localhost`: name → its numeric
   * addresses in the order in which a lookup gives them.
   */
  readonly hosts?: Readonly<Record<string, readonly string[]>>;
  /** This host's name, DNS aliases and system files; none unless told. */
  readonly names?: MemoryNames;
}

/**
 * A network in memory, to be given as `runtime`. Two networks know nothing of
 * each other. It holds no descriptor and keeps no process alive.
 *
 * @throws {TypeError} if a host's address is no numeric address.
 * @throws {RangeError} if a size is not a positive integer.
 *
 * @example
 * ```ts
 * import { connect, listen } from "@anysock/anysock";
 * import { memoryNetwork } from "@anysock/anysock/testing";
 *
 * const runtime = memoryNetwork({ hosts: { "db.test": ["10.0.0.7"] } });
 * await using listener = await listen("10.0.0.7:5432", { runtime });
 * await using client = await connect("db.test:5432", { runtime });
 * const [server] = await listener.accept();
 * await client.sendAll("hello");
 * console.log(await server.recv()); // 5 bytes
 * await server.close();
 * ```
 */
export function memoryNetwork(options: MemoryNetworkOptions = {}): Runtime {
  return new MemoryNetwork(options);
}

class MemoryNetwork implements Runtime {
  readonly name = "memory";
  readonly supports: Readonly<Record<Feature, Support>>;
  readonly clock: Clock;
  readonly names: NameService;
  readonly tls: typeof nodeTls = nodeTls;
  readonly #turns = new Turns();
  readonly #names: ReadonlyMap<string, readonly ResolvedHost[]>;
  readonly #table: AddressTable;
  readonly #datagrams: MemoryDatagrams;
  readonly #wire: Wire;

  constructor(options: MemoryNetworkOptions) {
    const maxChunkBytes = size("maxChunkBytes", options.maxChunkBytes);
    const pipeBytes = size("pipeBytes", options.pipeBytes);
    this.clock = options.clock ?? systemClock;
    this.#names = readHosts(options.hosts ?? {});
    this.names = memoryNames(this.#names, options.names);
    const hosts = [...this.#names.values()].flat()
      .map((host) => host.hostname);
    this.#table = new AddressTable(hosts);
    this.#datagrams = new MemoryDatagrams(this.#turns, hosts);
    const dice = options.seed === undefined
      ? undefined
      : new Dice(options.seed);
    this.#wire = { turns: this.#turns, dice, pipeBytes, maxChunkBytes };
    this.supports = features(maxChunkBytes);
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
    const listener = new MemoryListener(claim.address, {
      turns: this.#turns,
      backlog: options.backlog,
      freed: () => this.#table.release(claim),
    });
    claim.listener = listener;
    return listener;
  }

  bindDatagram(options: RawBindOptions): Promise<RawDatagram> {
    return this.#datagrams.bind(options);
  }

  permits(_address: Address): boolean {
    return true;
  }

  // deno-lint-ignore require-await -- a Fault must reject, not throw
  async lookup(
    hostname: string,
    family: 0 | 4 | 6,
  ): Promise<readonly ResolvedHost[]> {
    const all = this.#names.get(hostname.toLowerCase()) ??
      numericHost(hostname);
    const wanted = family === 0 ? undefined : `ipv${family}`;
    const found = all.filter((host) => (wanted ?? host.family) === host.family);
    if (found.length === 0) throw new Fault("EAI_NONAME");
    return found;
  }

  /** A name becomes its first address. */
  async #numeric(address: Address | HostAndPort): Promise<Address> {
    if ("family" in address) return address;
    const [host] = await this.lookup(address.hostname, 0);
    return { ...host as ResolvedHost, port: address.port };
  }

  /** Asks the listener in the next turn, as a SYN would. */
  #connectTo(to: Address, options: RawConnectOptions): Promise<RawStream> {
    return new Promise((resolve, reject) => {
      const call = new Call(options.signal, reject, (listener) => {
        const ends = this.#ends(to, listener, options.localAddress);
        const [client, server] = this.#join(ends);
        resolve(client);
        return server;
      });
      this.#turns.run(() => {
        if (!call.isOver) call.dial(() => this.#answerer(to));
      });
    });
  }

  #answerer(to: Address): MemoryListener {
    if (isGroup(to)) throw new Fault("ENETUNREACH");
    if (!this.#table.has(to)) throw new Fault("EHOSTUNREACH");
    const found = this.#table.find(reachable(to));
    if (found !== undefined) return found;
    const isPath = to.family === "unix" && !to.path.startsWith("\0");
    throw new Fault(isPath ? "ENOENT" : "ECONNREFUSED");
  }

  #join(ends: Ends): [client: MemoryStream, server: MemoryStream] {
    const { local } = ends.client;
    return streamPair(this.#wire, ends, () => {
      const plain = unmapped(local);
      if (plain.family !== "unix") this.#table.unbind(plain);
    });
  }

  #ends(
    to: Address,
    listener: MemoryListener,
    localAddress: Address | undefined,
  ): Ends {
    if (to.family === "unix") {
      const client: Address = { family: "unix", path: "" };
      return {
        client: { local: client, remote: to },
        server: { local: to, remote: client },
      };
    }
    const target = reachable(to) as InetAddress;
    const local = this.#table.bind(source(target, localAddress));
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
}

/** One attempt to connect: it is let in, refused or given up, once. */
class Call implements Caller {
  readonly #signal: AbortSignal | undefined;
  readonly #reject: (reason: unknown) => void;
  readonly #connected: (listener: MemoryListener) => MemoryStream;
  #listener: MemoryListener | undefined;
  isOver = false;

  constructor(
    signal: AbortSignal | undefined,
    reject: (reason: unknown) => void,
    connected: (listener: MemoryListener) => MemoryStream,
  ) {
    this.#signal = signal;
    this.#reject = reject;
    this.#connected = connected;
    signal?.addEventListener("abort", this.#giveUp);
    if (signal?.aborted) this.#giveUp();
  }

  /** Finds the listener and asks it; a Fault of either ends the attempt. */
  dial(find: () => MemoryListener): void {
    try {
      this.#listener = find();
      this.#listener.call(this);
    } catch (error) {
      this.#end(error);
    }
  }

  admit(): MemoryStream | undefined {
    if (this.#listener === undefined) return undefined;
    try {
      const server = this.#connected(this.#listener);
      this.#settle();
      return server;
    } catch (error) {
      this.#end(error);
      return undefined;
    }
  }

  refuse(): void {
    this.#end(new Fault("ECONNREFUSED"));
  }

  readonly #giveUp = (): void => {
    this.#listener?.hangUp(this);
    this.#end(this.#signal?.reason);
  };

  #end(reason: unknown): void {
    this.#settle();
    this.#reject(reason);
  }

  #settle(): void {
    this.isOver = true;
    this.#signal?.removeEventListener("abort", this.#giveUp);
  }
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

/** The local end that Linux picks for a destination on this machine. */
function source(to: InetAddress, told: Address | undefined): InetAddress {
  const { family } = to;
  const isLoopback = to.hostname.startsWith("127.");
  const hostname = isLoopback ? "127.0.0.1" : to.hostname;
  if (told === undefined) return { family, hostname, port: 0 };
  const plain = unmapped(told);
  if (plain.family !== family) throw new Fault("EINVAL");
  return isWildcard(plain) ? { family, hostname, port: plain.port } : plain;
}

function size(name: string, value: number | undefined): number {
  if (value === undefined) return DEFAULT_BYTES;
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new RangeError(`${name} must be a positive integer: ${value}`);
}

function readHosts(
  hosts: Readonly<Record<string, readonly string[]>>,
): ReadonlyMap<string, readonly ResolvedHost[]> {
  const names = new Map<string, readonly ResolvedHost[]>([
    ["localhost", [...numericHost("::1"), ...numericHost("127.0.0.1")]],
  ]);
  for (const [name, addresses] of Object.entries(hosts)) {
    const resolved = addresses.flatMap((text) => {
      const found = numericHost(text);
      if (found.length > 0) return found;
      throw new TypeError(`Not an address of host ${name}: ${text}`);
    });
    names.set(name.toLowerCase(), resolved);
  }
  return names;
}

/** The host of a numeric address, in canonical form; none if it is a name. */
function numericHost(text: string): readonly ResolvedHost[] {
  if (!parseIPv4(text) && !parseIPv6(text)) return [];
  const endpoint = toEndpoint([text, 0], "any") as InetAddress | HostAndPort;
  if (!("family" in endpoint)) return [];
  return [{ family: endpoint.family, hostname: endpoint.hostname }];
}

function features(
  maxChunkBytes: number,
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
    get tlsHalfClose(): Support {
      return tlsSupportsHere().tlsHalfClose;
    },
    get tlsServerAlerts(): Support {
      return tlsSupportsHere().tlsServerAlerts;
    },
  };
}
