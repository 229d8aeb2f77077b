/**
 * The driver for Deno's own network API. Deno pulls: one read, one write loop
 * and one accept are outstanding at most. What the native API lacks goes to
 * `node:net` in the same process: abortive close and a local address.
 *
 * @module
 */

import type { Address, Bytes, HostAndPort } from "../contracts.ts";
import { systemClock } from "../clock.ts";
import type { RawBindOptions, RawDatagram } from "./datagram.ts";
import {
  bindDenoDatagram,
  DATAGRAM_SUPPORTS,
  denoUnixDatagrams,
} from "./deno/datagram.ts";
import { denoNames } from "./deno/names.ts";
import { OPTION_SUPPORTS, setDenoOption } from "./deno/options.ts";
import { streamOfNodeFd } from "./node/descriptor.ts";
import { listenNodeFd } from "./node/listen.ts";
import { nodeRuntime } from "./node.ts";
import type {
  Feature,
  KeepAliveTuning,
  ListenerSink,
  OptionName,
  RawConnectOptions,
  RawListener,
  RawListenOptions,
  RawStream,
  ResolvedHost,
  Runtime,
  StreamSink,
  Support,
} from "./runtime.ts";
import { Fault } from "./runtime.ts";

/** The address shapes of Deno. */
type DenoAddress =
  | {
    readonly transport: "tcp" | "udp";
    readonly hostname: string;
    readonly port: number;
  }
  | { readonly transport: string; readonly path: string | null };

/** The members of `Deno.Conn` that are used. */
export interface DenoConn {
  readonly localAddr: unknown;
  readonly remoteAddr: unknown;
  read(buffer: Uint8Array): Promise<number | null>;
  write(data: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
  ref(): void;
  unref(): void;
  setNoDelay?(on?: boolean): void;
  setKeepAlive?(on?: boolean): void;
}

/** The members of `Deno.Listener` that are used. */
interface DenoListener {
  readonly addr: unknown;
  accept(): Promise<DenoConn>;
  close(): void;
  ref(): void;
  unref(): void;
}

/** The members of the `Deno` namespace that are used. */
export interface DenoNamespace {
  connect(options: object): Promise<DenoConn>;
  listen(options: object): DenoListener;
  readonly permissions: {
    querySync(descriptor: { name: "net"; host: string }): { state: string };
  };
}

function deno(): DenoNamespace {
  // dnt-shim-ignore
  return (globalThis as unknown as { Deno: DenoNamespace }).Deno;
}

/** Reads start small, so that an idle connection pins little memory. */
const SMALLEST_READ_BYTES = 4096;
const LARGEST_READ_BYTES = 65_536;

/**
 * From this size on a buffer that is half full is given away instead of copied
 * from: zeroing the next one costs less than the copy and an array beside it.
 */
const LARGE_BUFFER_BYTES = 32_768;

class DenoStream implements RawStream {
  readonly remoteAddress: Address | undefined;
  readonly writesAtOnce = false;
  readonly #conn: DenoConn;
  #sink: StreamSink | undefined;
  #scratch: Bytes | undefined;
  #readBytes = SMALLEST_READ_BYTES;
  /** What the read that stands reads into, unless it is the caller's. */
  #armed: Bytes = new Uint8Array(0);
  #isLent = false;
  #isReading = false;
  #reading: Promise<void> | undefined;
  #writing: Promise<number> | undefined;
  #isClosed = false;

  constructor(conn: DenoConn) {
    this.#conn = conn;
    this.remoteAddress = toAddress(conn.remoteAddr as DenoAddress);
    conn.setNoDelay?.(true);
  }

  localAddress(): Address {
    const address = toAddress(this.#conn.localAddr as DenoAddress);
    if (address === undefined) throw new Fault("ENOTCONN");
    return address;
  }

  attach(sink: StreamSink): void {
    this.#sink = sink;
  }

  resume(into?: Uint8Array): void {
    if (this.#isReading || this.#isClosed) return;
    this.#isReading = true;
    this.#isLent = into !== undefined;
    const buffer = into ?? this.#buffer();
    // No async function around it: each costs 0.2 µs, 3 % of a small echo.
    this.#reading = this.#conn.read(buffer)
      .then(this.#onRead, this.#onReadFailed);
  }

  pause(): void {}

  #buffer(): Bytes {
    return this.#armed = this.#scratch ??= new Uint8Array(this.#readBytes);
  }

  readonly #onRead = (count: number | null): void => {
    this.#isReading = false;
    if (this.#isClosed) return;
    if (count === null) this.#sink?.end();
    else if (this.#isLent) this.#sink?.landed?.(count);
    else this.#sink?.data(this.#received(count));
  };

  readonly #onReadFailed = (error: unknown): void => {
    this.#isReading = false;
    if (!this.#isClosed) this.#sink?.failed(toFault(error));
  };

  /** What was read: a copy, or a view of a buffer that is given away. */
  #received(count: number): Bytes {
    const buffer = this.#armed;
    this.#adapt(count);
    const isLarge = buffer.length >= LARGE_BUFFER_BYTES;
    if (!isLarge || count * 2 < buffer.length) return buffer.slice(0, count);
    this.#scratch = undefined;
    return buffer.subarray(0, count);
  }

  /** The next buffer: doubled if this one was filled, halved if hardly. */
  #adapt(count: number): void {
    const size = this.#readBytes;
    if (count === size) {
      this.#readBytes = Math.min(size * 2, LARGEST_READ_BYTES);
    } else if (count * 4 < size) {
      this.#readBytes = Math.max(size / 2, SMALLEST_READ_BYTES);
    }
    if (this.#readBytes !== size) this.#scratch = undefined;
  }

  /** Deno's own promise: `faultOf` names what it rejects with. */
  write(data: Uint8Array): Promise<number> {
    return this.#writing = this.#conn.write(data);
  }

  faultOf(error: unknown): Fault {
    return toFault(error);
  }

  async shutdown(): Promise<void> {
    try {
      await this.#conn.closeWrite();
    } catch (error) {
      throw toFault(error);
    }
  }

  reset(): void {
    throw new Fault("EOPNOTSUPP", undefined, SUPPORTS.abortiveClose as string);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#conn.close();
    // What Deno holds of the caller's memory it lets go of now.
    void Promise.allSettled([this.#reading, this.#writing])
      .then(() => this.#sink?.closed());
  }

  ref(flag: boolean): void {
    if (flag) this.#conn.ref();
    else this.#conn.unref();
  }

  setOption(name: OptionName, value: number, tuning?: KeepAliveTuning): void {
    try {
      setDenoOption(this.#conn, name, value, tuning);
    } catch (error) {
      throw toFault(error);
    }
  }

  detach(): unknown {
    if (this.#isReading) {
      throw new Fault(
        "EBUSY",
        undefined,
        "a read is outstanding, and Deno cannot take it back",
      );
    }
    this.#isClosed = true;
    this.#sink?.closed();
    return this.#conn;
  }
}

class DenoListenerDriver implements RawListener {
  readonly localAddress: Address;
  readonly #listener: DenoListener;
  #sink: ListenerSink | undefined;
  #isAccepting = false;
  #isClosed = false;

  constructor(listener: DenoListener, fallback: Address | HostAndPort) {
    this.#listener = listener;
    this.localAddress = toAddress(listener.addr as DenoAddress) ??
      fallback as Address;
  }

  attach(sink: ListenerSink): void {
    this.#sink = sink;
  }

  resume(): void {
    if (this.#isAccepting || this.#isClosed) return;
    this.#isAccepting = true;
    void this.#accept();
  }

  async #accept(): Promise<void> {
    let conn: DenoConn | undefined;
    let fault: Fault | undefined;
    do {
      fault = undefined;
      try {
        conn = await this.#listener.accept();
      } catch (error) {
        fault = toFault(error);
      }
      // The peer reset before it was accepted: that is nobody's failure.
    } while (fault !== undefined && GONE_BEFORE_ACCEPT.has(fault.code));
    this.#isAccepting = false;
    if (this.#isClosed) return this.#finish(conn);
    if (fault !== undefined) this.#sink?.failed(fault);
    if (conn !== undefined) this.#deliver(conn);
  }

  #deliver(conn: DenoConn): void {
    let stream: DenoStream;
    try {
      stream = new DenoStream(conn);
    } catch {
      // Reset since: setting TCP_NODELAY failed. Dropped unseen, like one
      // that was reset before `accept`.
      conn.close();
      return this.resume();
    }
    this.#sink?.connection(stream);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener.close();
    if (!this.#isAccepting) queueMicrotask(() => this.#finish(undefined));
  }

  #finish(late: DenoConn | undefined): void {
    late?.close();
    this.#sink?.closed();
  }

  ref(flag: boolean): void {
    if (flag) this.#listener.ref();
    else this.#listener.unref();
  }
}

const SUPPORTS: Readonly<Record<Feature, Support>> = {
  abortiveClose:
    "Deno closes with FIN; say `abortive: true` at connect, listen or serve",
  abstractNames: true,
  backlog: true,
  detachAccepted: true,
  ipv6Only: "Deno has no way to set IPV6_V6ONLY",
  localAddress: true,
  maxReadAhead: LARGEST_READ_BYTES,
  noDelay: true,
  reusePort: true,
  unixStreams: true,
  zeroCopyReceive: true,
  ...DATAGRAM_SUPPORTS,
  ...OPTION_SUPPORTS,
  get unixDatagrams(): Support {
    return denoUnixDatagrams();
  },
};

class DenoRuntime implements Runtime {
  readonly name = "deno";
  readonly supports = SUPPORTS;
  readonly clock = systemClock;
  readonly names = denoNames();

  async connect(options: RawConnectOptions): Promise<RawStream> {
    const { address, localAddress, abortive, keepAliveIdle } = options;
    // Whoever gives both has made the one follow the other.
    const signal = options.signal ?? options.closing;
    const isPlain = localAddress === undefined && abortive !== true &&
      keepAliveIdle !== true;
    if (!isPlain) {
      return await nodeRuntime().connect(options);
    }
    const target = toDenoTarget(address);
    try {
      const conn = await deno().connect({ ...target, signal });
      return new DenoStream(conn);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw toFault(error);
    }
  }

  async listen(options: RawListenOptions): Promise<RawListener> {
    if (options.ipv6Only === true) {
      const reason = SUPPORTS.ipv6Only as string;
      throw new Fault("ENOPROTOOPT", undefined, reason);
    }
    // Without `--unstable-net` Deno ends the process when asked for reusePort.
    const { abortive, reusePort, keepAliveIdle } = options;
    if (abortive === true || reusePort === true || keepAliveIdle === true) {
      return await nodeRuntime().listen(options);
    }
    try {
      const listener = deno().listen({
        ...toDenoTarget(options.address),
        tcpBacklog: Math.max(options.backlog, 1),
      });
      return new DenoListenerDriver(listener, options.address);
    } catch (error) {
      throw toFault(error);
    }
  }

  bindDatagram(options: RawBindOptions): Promise<RawDatagram> {
    return bindDenoDatagram(options, toFault);
  }

  streamOfFd(fd: number, family: Address["family"]): RawStream {
    return streamOfNodeFd(fd, family);
  }

  listenerOfFd(fd: number, family: Address["family"]): RawListener {
    return listenNodeFd(fd, family);
  }

  permits(address: Address): boolean {
    if (address.family === "unix") return true;
    const host = address.family === "ipv6"
      ? `[${address.hostname}]:${address.port}`
      : `${address.hostname}:${address.port}`;
    return deno().permissions.querySync({ name: "net", host }).state ===
      "granted";
  }

  lookup(
    hostname: string,
    family: 0 | 4 | 6,
  ): Promise<readonly ResolvedHost[]> {
    return nodeRuntime().lookup(hostname, family);
  }
}

const RUNTIME: Runtime = new DenoRuntime();

/** The driver for Deno. Made without touching the runtime. */
export function denoRuntime(): Runtime {
  return RUNTIME;
}

/** A stream over a connection that the program got from Deno itself. */
export function adoptDenoConn(conn: DenoConn): RawStream {
  return new DenoStream(conn);
}

function toDenoTarget(address: Address | HostAndPort): object {
  if ("path" in address) return { transport: "unix", path: address.path };
  const zone = "scopeId" in address && address.scopeId !== undefined
    ? `%${address.scopeId}`
    : "";
  return {
    transport: "tcp",
    hostname: address.hostname + zone,
    port: address.port,
  };
}

/** `undefined` if the peer can no longer be named. */
function toAddress(address: DenoAddress | null): Address | undefined {
  if (address === null || address === undefined) return undefined;
  if ("path" in address) return { family: "unix", path: address.path ?? "" };
  const { hostname, port } = address;
  const family = hostname.includes(":") ? "ipv6" : "ipv4";
  return { family, hostname, port };
}

/** Codes of `accept` that speak of one connection, not of the listener. */
const GONE_BEFORE_ACCEPT: ReadonlySet<string> = new Set([
  "ECONNABORTED",
  "ECONNRESET",
  "ENOTCONN",
  "EPROTO",
]);

/** Deno's error classes, where an error has no code. */
const CLASS_CODES: Readonly<Record<string, string>> = {
  AddrInUse: "EADDRINUSE",
  AddrNotAvailable: "EADDRNOTAVAIL",
  BadResource: "EBADF",
  BrokenPipe: "EPIPE",
  Busy: "EBUSY",
  ConnectionAborted: "ECONNABORTED",
  ConnectionRefused: "ECONNREFUSED",
  ConnectionReset: "ECONNRESET",
  Interrupted: "ECANCELED",
  NetworkUnreachable: "ENETUNREACH",
  NotCapable: "EPERM",
  NotConnected: "ENOTCONN",
  NotFound: "ENOENT",
  PermissionDenied: "EACCES",
  TimedOut: "ETIMEDOUT",
};

/** Texts of failed look-ups, which carry neither code nor class. */
const MESSAGE_CODES: readonly (readonly [RegExp, string])[] = [
  [/Temporary failure in name resolution/i, "EAI_AGAIN"],
  [/No address associated/i, "EAI_NODATA"],
  [/failed to lookup address|No such host|not known/i, "EAI_NONAME"],
];

/** The one table from Deno's errors to C codes. */
function toFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const { code, name, message = "" } = error as {
    code?: string;
    name?: string;
    message?: string;
  };
  const known = code ?? CLASS_CODES[name ?? ""] ??
    MESSAGE_CODES.find(([pattern]) => pattern.test(message))?.[1];
  return new Fault(
    known ?? "EIO",
    error,
    known === undefined ? message : undefined,
  );
}
