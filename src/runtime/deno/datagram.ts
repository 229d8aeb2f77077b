/**
 * The driver for Deno's own datagram sockets, there with `--unstable-net`
 * alone: twice as fast as `node:dgram`, and the only Unix datagrams of all
 * runtimes. Without the flag, and for what they lack, `node:dgram` serves.
 *
 * Deno pulls: one receive and one send are outstanding at most, for Deno
 * serves several of either in reverse.
 *
 * @module
 */

import type { Address, InetAddress } from "../../contracts.ts";
import type {
  DatagramOptionName,
  DatagramSink,
  DatagramWish,
  RawBindOptions,
  RawDatagram,
  RawMembership,
  SendDone,
} from "../seam/datagram.ts";
import type { DatagramSupports, Support } from "../seam/supports.ts";
import { Fault, refuseOption } from "../seam/fault.ts";
import { bindNodeDatagram } from "../node/datagram.ts";
import { hostText } from "../node/addresses.ts";

const NATIVE = "Deno's own datagram sockets, used under --unstable-net,";
const NO_FLAG =
  "Deno needs --unstable-net for Unix datagram sockets (denoland/deno#11022)";

/** An address as Deno tells and takes it. */
type DenoAddress =
  | {
    readonly transport: "udp";
    readonly hostname: string;
    readonly port: number;
  }
  | { readonly transport: "unixpacket"; readonly path: string | null };

/** The members of `Deno.DatagramConn` that are used. */
interface DenoDatagram {
  readonly addr: DenoAddress;
  receive(buffer: Uint8Array): Promise<[Uint8Array, DenoAddress]>;
  send(data: Uint8Array, to: object): Promise<number>;
  close(): void;
  ref(): void;
  unref(): void;
}

type ListenDatagram = (options: object) => DenoDatagram;

/** The members of the `Deno` namespace that are used. */
interface DenoNamespace {
  readonly listenDatagram?: ListenDatagram;
  removeSync(path: string): void;
}

function deno(): DenoNamespace {
  // dnt-shim-ignore
  return (globalThis as unknown as { Deno: DenoNamespace }).Deno;
}

/** Missing without the flag. */
function listenDatagram(): ListenDatagram | undefined {
  return deno().listenDatagram;
}

/** What Deno's own error means: the driver's one table. */
export type ToFault = (error: unknown) => Fault;

/** Whether there are Unix datagram sockets: it takes a flag. */
export function denoUnixDatagrams(): Support {
  return listenDatagram() !== undefined || NO_FLAG;
}

/** What the other datagram sockets of Deno can do. */
export const DATAGRAM_SUPPORTS: Omit<DatagramSupports, "unixDatagrams"> = {
  udpBufferSizes: "Deno keeps the sizes of datagram buffers to itself",
  udpConnRefused: "Deno does not connect datagram sockets in the kernel",
  udpIpv6Hops: "Deno does not set the hop limits of IPv6 datagrams",
  udpIpv6SourceMembership: "Deno has no source-specific IPv6 groups",
  udpReconnect: true,
  udpReusePort: "Deno has no reusePort for datagram sockets",
};

/** Binds, or rejects with a {@linkcode Fault}. */
export async function bindDenoDatagram(
  options: RawBindOptions,
  toFault: ToFault,
): Promise<RawDatagram> {
  const { address, peer } = options;
  const listen = listenDatagram();
  if (address.family === "unix") {
    if (listen === undefined) {
      throw new Fault("EOPNOTSUPP", undefined, NO_FLAG);
    }
  } else if (listen === undefined || !isNative(options)) {
    return await bindNodeDatagram(options);
  }
  try {
    const conn = listen({
      ...toDenoAddress(address),
      reuseAddress: options.reuseAddr === true,
      // As the kernel has it: a sender that joined the group hears itself.
      loopback: true,
    });
    const raw = new DenoDatagramDriver(conn, address, toFault);
    if (peer !== undefined) await raw.connect(peer);
    return raw;
  } catch (error) {
    throw toFault(error);
  }
}

/** Whether the native socket has all that is going to be asked of it. */
function isNative({ ipv6Only, reusePort, wants }: RawBindOptions): boolean {
  const isPlain = wants === undefined || wants.size === 0 ||
    [...wants].every((wish) => NATIVE_WISHES.has(wish));
  return isPlain && ipv6Only !== true && reusePort !== true;
}

/** None: Deno's `joinMulticastV4` is a promise, too late for an option. */
const NATIVE_WISHES: ReadonlySet<DatagramWish> = new Set();

/** Linux's limit of a Unix datagram unless told (`net.core.wmem_default`). */
const UNIX_BUFFER_BYTES = 212_992;
const UDP_BUFFER_BYTES = 65_536;

class DenoDatagramDriver implements RawDatagram {
  readonly sendsAtOnce = false;
  readonly queuesSends = false;
  readonly #conn: DenoDatagram;
  readonly #asked: Address;
  readonly #toFault: ToFault;
  readonly #buffer: Uint8Array<ArrayBuffer>;
  #sink: DatagramSink | undefined;
  #peer: Address | undefined;
  #isReceiving = false;
  /** Told of the one send that is under way. */
  #done: SendDone | undefined;
  #lastTo: Address | undefined;
  #lastTarget: object = {};
  /** Calls that Deno has not settled yet. */
  #outstanding = 0;
  #isClosed = false;

  constructor(conn: DenoDatagram, asked: Address, toFault: ToFault) {
    this.#conn = conn;
    this.#asked = asked;
    this.#toFault = toFault;
    const isUnix = asked.family === "unix";
    this.#buffer = new Uint8Array(
      isUnix ? UNIX_BUFFER_BYTES : UDP_BUFFER_BYTES,
    );
  }

  localAddress(): Address {
    return fromDeno(this.#conn.addr) ?? this.#asked;
  }

  attach(sink: DatagramSink): void {
    this.#sink = sink;
  }

  resume(): void {
    if (this.#isReceiving || this.#isClosed) return;
    this.#isReceiving = true;
    this.#outstanding++;
    this.#conn.receive(this.#buffer).then(this.#onReceived, this.#onFailed);
  }

  readonly #onReceived = ([view, from]: [Uint8Array, DenoAddress]): void => {
    this.#isReceiving = false;
    if (!this.#isClosed && this.#deliver(view, from)) this.resume();
    this.#settled();
  };

  #deliver(view: Uint8Array, from: DenoAddress): boolean {
    // Copied, for the buffer serves again; a fresh one costs 15 µs.
    const data = view.slice() as Uint8Array<ArrayBuffer>;
    const isTruncated = this.#asked.family === "unix" &&
      view.length === this.#buffer.length;
    return this.#sink!.datagram(
      data,
      fromDeno(from) ?? { family: "unix", path: "" },
      isTruncated,
    );
  }

  readonly #onFailed = (error: unknown): void => {
    this.#isReceiving = false;
    if (!this.#isClosed) this.#sink!.failed(this.#toFault(error));
    this.#settled();
  };

  connect(peer: Address): Promise<void> {
    this.#peer = peer;
    return Promise.resolve();
  }

  send(data: Uint8Array, to: Address | undefined, done: SendDone): undefined {
    const target = (to ?? this.#peer) as Address;
    // Deno's sockets may always broadcast. All hosts at least are asked for.
    if ("hostname" in target && target.hostname === "255.255.255.255") {
      throw new Fault("EACCES", undefined, "SO_BROADCAST is not set");
    }
    this.#outstanding++;
    this.#done = done;
    this.#conn.send(data, this.#target(target)).then(
      this.#onSent,
      this.#onSendFailed,
    );
    return undefined;
  }

  /** Most go where the last one went, and are given the same object. */
  #target(to: Address): object {
    if (to !== this.#lastTo) {
      const isMapped = this.#asked.family === "ipv6" && to.family === "ipv4";
      this.#lastTarget = isMapped ? toMapped(to) : toDenoAddress(to);
      this.#lastTo = to;
    }
    return this.#lastTarget;
  }

  readonly #onSent = (): void => this.#land(undefined);

  readonly #onSendFailed = (error: unknown): void =>
    this.#land(this.#isClosed ? new Fault("EBADF") : this.#toFault(error));

  #land(fault: Fault | undefined): void {
    const done = this.#done!;
    // Before the call: it may send the next.
    this.#done = undefined;
    done(fault);
    this.#settled();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#outstanding++;
    this.#conn.close();
    this.#unlink();
    queueMicrotask(() => this.#settled());
  }

  /** Deno removes the paths of listeners, not those of datagram sockets. */
  #unlink(): void {
    if (this.#asked.family !== "unix" || !/^[^\0]/.test(this.#asked.path)) {
      return;
    }
    try {
      deno().removeSync(this.#asked.path);
    } catch {
      // Somebody else has removed it, or may not.
    }
  }

  #settled(): void {
    this.#outstanding--;
    if (this.#isClosed && this.#outstanding === 0) this.#sink?.closed();
  }

  ref(flag: boolean): void {
    if (flag) this.#conn.ref();
    else this.#conn.unref();
  }

  setOption(name: DatagramOptionName, _value: number): void {
    return refuseOption(gap(name));
  }

  getOption(name: DatagramOptionName): number {
    return refuseOption(gap(name));
  }

  setMulticastInterface(_iface: string | number): void {
    return refuseOption(gap("multicastInterface"));
  }

  join(_membership: RawMembership): void {
    return refuseOption(gap("membership"));
  }

  leave(_membership: RawMembership): void {
    return refuseOption(gap("membership"));
  }
}

function gap(wish: DatagramWish): string {
  return wish === "receiveBuffer" || wish === "sendBuffer"
    ? DATAGRAM_SUPPORTS.udpBufferSizes as string
    : `${NATIVE} cannot: set it before the bind, and node:dgram will serve`;
}

function toDenoAddress(address: Address): object {
  if (address.family === "unix") {
    return { transport: "unixpacket", path: address.path };
  }
  return {
    transport: "udp",
    hostname: hostText(address),
    port: address.port,
  };
}

/** An IPv4 host as an IPv6 socket reaches it. */
function toMapped(address: Address): object {
  const { hostname, port } = address as InetAddress;
  return { transport: "udp", hostname: `::ffff:${hostname}`, port };
}

function fromDeno(address: DenoAddress | null): Address | undefined {
  if (address === null) return undefined;
  if ("path" in address) return { family: "unix", path: address.path ?? "" };
  const { hostname, port } = address;
  const family = hostname.includes(":") ? "ipv6" : "ipv4";
  return { family, hostname, port };
}
