/**
 * The driver for Bun's own sockets. Bun pushes: bytes flow until the sink says
 * stop, and a pause is exact. What the native API lacks, a connect that can
 * be taken back and look-ups, goes to `node:net` and `node:dns`.
 *
 * All sockets of a role share one handler object and keep their state in
 * `socket.data`. An exception of a sink ends its own connection with
 * `ECONNABORTED` and is its cause; one thrown on being told that is uncaught.
 *
 * @module
 */

import type { Address, Bytes, HostAndPort } from "../contracts.ts";
import { systemClock } from "../clock.ts";
import {
  isWildcard,
  localOf,
  remoteOf,
  toBunSource,
  toBunTarget,
  toInetAddress,
  UNNAMED,
} from "./bun/addresses.ts";
import { bindBunDatagram } from "./bun/datagram.ts";
import { EarlySink } from "./bun/early_sink.ts";
import { toConnectFault, toFault } from "./bun/faults.ts";
import { bun, type BunListener, type BunSocket } from "./bun/native.ts";
import { setBunOption } from "./bun/options.ts";
import { demandSocket } from "./bun/descriptor.ts";
import { demandPrivate, SUPPORTS } from "./bun/supports.ts";
import { adoptNodeSocket, nodeRuntime, type NodeSocket } from "./node.ts";
import { demandFamily } from "./node/descriptor.ts";
import { nodeNames } from "./node/names.ts";
import { FORCED_PROBES } from "./options.ts";
import type {
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
} from "./runtime.ts";
import { Fault } from "./runtime.ts";

export type { BunSocket } from "./bun/native.ts";

/** `readyState` of a socket that is neither connecting nor closed. */
const OPEN = 1;

class BunStream implements RawStream {
  readonly remoteAddress: Address | undefined;
  readonly writesAtOnce = true;
  readonly #socket: BunSocket;
  readonly #localAddress: Address | undefined;
  #sink: StreamSink = new EarlySink();
  #fault: Fault | undefined;
  #isPaused = false;
  /** Whether the kernel took less than was given at the last write. */
  #isFull = false;
  #isEnded = false;
  /** Whether this side let go: what comes then is no news. */
  #isReleased = false;
  #isClosed = false;

  constructor(
    socket: BunSocket,
    remote: Address | undefined,
    local: Address | undefined,
  ) {
    this.#socket = socket;
    this.remoteAddress = remote;
    this.#localAddress = local;
    socket.data = this;
  }

  localAddress(): Address {
    if (this.#localAddress === undefined) throw new Fault("ENOTCONN");
    return this.#localAddress;
  }

  attach(sink: StreamSink): void {
    const early = this.#sink as EarlySink;
    this.#sink = sink;
    if (early.replay(sink)) this.resume();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#socket.pause();
  }

  write(data: Uint8Array): number {
    const taken = this.#socket.write(data);
    if (taken < 0) throw this.#fault ?? new Fault("EPIPE");
    this.#isFull = taken < data.length;
    return taken;
  }

  shutdown(): Promise<void> {
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    // Not `end()`, which closes both ways.
    this.#socket.shutdown();
    return Promise.resolve();
  }

  reset(): void {
    if (this.#localAddress?.family === "unix") {
      throw new Fault("EOPNOTSUPP", undefined, "Unix sockets know no reset");
    }
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#socket.terminate();
  }

  close(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#socket.close();
  }

  ref(flag: boolean): void {
    if (flag) this.#socket.ref();
    else this.#socket.unref();
  }

  setOption(name: OptionName, value: number, tuning?: KeepAliveTuning): void {
    // Asked first: Bun says `true` for a Unix socket, and nothing happens.
    if (this.#localAddress?.family === "unix") {
      throw new Fault("ENOPROTOOPT", undefined, "not a TCP connection");
    }
    setBunOption(this.#socket, name, value, tuning);
  }

  getOption(name: OptionName): number | undefined {
    return name === "typeOfService"
      ? this.#socket.getTypeOfService()
      : undefined;
  }

  fileno(): number {
    return this.#socket.fd;
  }

  detach(): unknown {
    const socket = this.#socket;
    demandPrivate(socket);
    this.pause();
    this.#isReleased = true;
    socket.reload({ socket: ORPHAN_HANDLER });
    socket.data = undefined;
    this.#sink.closed();
    return socket;
  }

  // ---- what the handlers tell

  received(chunk: Bytes): void {
    if (!this.#sink.data(chunk)) this.pause();
  }

  finished(): void {
    this.#isEnded = true;
    this.#sink.end();
  }

  drained(): void {
    if (!this.#isFull) return;
    this.#isFull = false;
    this.#sink.writable();
  }

  /** Bun has released the descriptor. */
  ended(error: unknown): void {
    this.#isClosed = true;
    // Later, because `close()` and `reset()` come here before they return.
    queueMicrotask(() => this.#sink.closed());
    if (this.#isReleased) return;
    const fault = error == null ? undefined : toFault(error);
    this.#fault ??= fault;
    // With our side shut down Bun tells of the peer's FIN in this way only.
    // EPIPE is the answer to what we sent after that FIN: reading is at its
    // end, not broken.
    const isEnd = fault === undefined || fault.code === "EPIPE";
    if (isEnd && !this.#isEnded) this.finished();
    if (fault !== undefined && !this.#isReleased) this.#sink.failed(fault);
  }

  /** The sink threw. */
  threw(error: unknown): void {
    const fault = new Fault("ECONNABORTED", error, "a callback threw");
    this.#fault ??= fault;
    this.#isReleased = true;
    if (!this.#isClosed) this.#socket.terminate();
    this.#sink.failed(fault);
  }
}

class BunListenerDriver implements RawListener {
  readonly localAddress: Address;
  readonly #listener: BunListener;
  #sink: ListenerSink | undefined;
  readonly #early: BunStream[] = [];
  #isClosed = false;

  /** `where` is what Bun calls an address, or a descriptor. */
  constructor(where: object, asked: Address | HostAndPort) {
    this.#listener = bun().listen({
      ...where,
      allowHalfOpen: true,
      data: this,
      socket: SERVER_HANDLER,
    });
    this.localAddress = this.#name(asked);
  }

  #name(asked: Address | HostAndPort): Address {
    if ("path" in asked) return asked;
    const bound: { address?: string; port?: number } = {};
    this.#listener.getsockname(bound);
    return toInetAddress(bound.address, bound.port, asked) as Address;
  }

  attach(sink: ListenerSink): void {
    this.#sink = sink;
    for (const stream of this.#early.splice(0)) this.#deliver(stream, sink);
  }

  resume(): void {}

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#listener.stop();
    queueMicrotask(() => this.#sink?.closed());
  }

  ref(flag: boolean): void {
    if (flag) this.#listener.ref();
    else this.#listener.unref();
  }

  fileno(): number {
    return this.#listener.fd;
  }

  // ---- what the handlers tell

  accepted(socket: BunSocket): void {
    const own = this.localAddress;
    const isUnix = own.family === "unix";
    // Asking the kernel costs; one address needs it only if it stands for many.
    const local = isUnix || !isWildcard(own.hostname) ? own : localOf(socket);
    const remote = isUnix ? UNNAMED : remoteOf(socket);
    const stream = new BunStream(socket, remote, local);
    if (this.#sink === undefined) this.#early.push(stream);
    else this.#deliver(stream, this.#sink);
  }

  #deliver(stream: BunStream, sink: ListenerSink): void {
    try {
      sink.connection(stream);
    } catch (error) {
      stream.close();
      sink.failed(new Fault("ECONNABORTED", error, "a callback threw"));
    }
  }
}

class BunRuntime implements Runtime {
  readonly name = "bun";
  readonly supports = SUPPORTS;
  readonly forcedProbes = FORCED_PROBES;
  readonly clock = systemClock;
  readonly names = nodeNames();

  async connect(options: RawConnectOptions): Promise<RawStream> {
    const { address, localAddress, signal } = options;
    const ends = {
      ...toBunTarget(address),
      ...toBunSource(address, localAddress),
    };
    try {
      if (signal !== undefined) return await connectRevocably(options);
      const socket = await bun().connect({
        ...ends,
        allowHalfOpen: true,
        data: address,
        socket: CLIENT_HANDLER,
      });
      return socket.data as BunStream;
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw await toConnectFault(error, address);
    }
  }

  listen(options: RawListenOptions): Promise<RawListener> {
    const { address, reusePort, ipv6Only } = options;
    const where = {
      ...toBunTarget(address),
      reusePort: reusePort === true,
      ipv6Only: ipv6Only === true,
    };
    try {
      return Promise.resolve(new BunListenerDriver(where, address));
    } catch (error) {
      return Promise.reject(toFault(error));
    }
  }

  readonly bindDatagram: Runtime["bindDatagram"] = bindBunDatagram;

  streamOfFd(fd: number, family: Address["family"]): RawStream {
    demandSocket(fd);
    const address = unspecified(family);
    // Bun opens it before it returns; the promise comes too late to matter.
    const holder: { socket?: BunSocket } = {};
    const socket = {
      ...CLIENT_HANDLER,
      open(opened: BunSocket): void {
        holder.socket = opened;
        CLIENT_HANDLER.open(opened);
      },
    };
    bun().connect({ fd, allowHalfOpen: true, data: address, socket })
      .catch(() => {});
    if (holder.socket === undefined) throw new Fault("ENOTSOCK");
    const opened = holder.socket;
    const stream = opened.data as BunStream;
    demandFamilyOf(stream, localOf(opened), family);
    if (family !== "unix") opened.setNoDelay(true);
    return stream;
  }

  listenerOfFd(fd: number, family: Address["family"]): RawListener {
    demandSocket(fd);
    let listener: BunListenerDriver;
    try {
      listener = new BunListenerDriver({ fd }, unspecified(family));
    } catch (error) {
      throw toFault(error);
    }
    demandFamilyOf(listener, listener.localAddress, family);
    return listener;
  }

  permits(): boolean {
    return true;
  }

  lookup(
    hostname: string,
    family: 0 | 4 | 6,
  ): Promise<readonly ResolvedHost[]> {
    return nodeRuntime().lookup(hostname, family);
  }
}

const RUNTIME: Runtime = new BunRuntime();

/** The driver for Bun. Made without touching the runtime. */
export function bunRuntime(): Runtime {
  return RUNTIME;
}

/**
 * A stream over a client socket that the program got from Bun itself, made
 * with `allowHalfOpen: true` if the peer's FIN must not close our side.
 *
 * @throws {Fault} `EOPNOTSUPP` for an accepted socket, which shares its
 * handlers; `ENOTCONN` if it is not connected.
 */
export function adoptBunSocket(socket: BunSocket): RawStream {
  demandPrivate(socket);
  if (socket.readyState !== OPEN) throw new Fault("ENOTCONN");
  const isUnix = socket.localAddress === undefined;
  return adopt(socket, isUnix ? UNNAMED : remoteOf(socket));
}

/** `node:net` can take a SYN back, and has a socket of Bun's own inside. */
async function connectRevocably(
  options: RawConnectOptions,
): Promise<RawStream> {
  const raw = await nodeRuntime().connect(options);
  const outer = raw.detach() as NodeSocket & { readonly _handle?: BunSocket };
  const { _handle } = outer;
  if (typeof _handle?.reload !== "function") return adoptNodeSocket(outer);
  return adopt(_handle, raw.remoteAddress);
}

function adopt(socket: BunSocket, remote: Address | undefined): RawStream {
  const local = remote?.family === "unix" ? UNNAMED : localOf(socket);
  const stream = new BunStream(socket, remote, local);
  socket.reload({ socket: CLIENT_HANDLER });
  // What it was before is not known: now it is. A handle taken out of
  // `node:net` would keep no process alive.
  socket.ref();
  socket.resume();
  stream.pause();
  return stream;
}

/** Closes what turns out to be of another family. */
function demandFamilyOf(
  holder: BunStream | BunListenerDriver,
  found: Address | undefined,
  family: Address["family"],
): void {
  try {
    demandFamily(found, family);
  } catch (error) {
    holder.close();
    throw error;
  }
}

/** Stands for an address until the kernel has told it. */
function unspecified(family: Address["family"]): Address {
  return family === "unix" ? UNNAMED : { family, hostname: "", port: 0 };
}

/** What both roles do alike. */
const SHARED_HANDLER = {
  binaryType: "uint8array",
  data(socket: BunSocket, chunk: Bytes): void {
    (socket.data as BunStream).received(chunk);
  },
  drain(socket: BunSocket): void {
    (socket.data as BunStream).drained();
  },
  end(socket: BunSocket): void {
    (socket.data as BunStream).finished();
  },
  close(socket: BunSocket, error?: Error): void {
    (socket.data as BunStream).ended(error);
  },
  /** Tells of exceptions in the functions above, not of the network. */
  error(socket: BunSocket, error: Error): void {
    (socket.data as BunStream).threw(error);
  },
};

const CLIENT_HANDLER = {
  ...SHARED_HANDLER,
  open(socket: BunSocket): void {
    const asked = socket.data as Address | HostAndPort;
    const isUnix = "path" in asked;
    const remote = isUnix ? asked : remoteOf(socket, asked);
    new BunStream(socket, remote, isUnix ? UNNAMED : localOf(socket, asked));
  },
  /** The promise of `Bun.connect` rejects as well. */
  connectError(): void {},
};

const SERVER_HANDLER = {
  ...SHARED_HANDLER,
  open(socket: BunSocket): void {
    (socket.data as BunListenerDriver).accepted(socket);
  },
};

/** Of a socket given back, until its new owner says `reload()`. */
const ORPHAN_HANDLER = { data(): void {}, error(): void {} };
