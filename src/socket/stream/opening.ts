/**
 * How a stream socket comes to a connection or a listener: what it is bound
 * to, its connect and its listen, and how an endpoint is reached, with the
 * errors that belong to each.
 *
 * @module
 */

import type { Endpoint } from "../../address.ts";
import type { AddressFamily } from "../../constants.ts";
import { AF_INET, AF_INET6, AF_UNIX } from "../../constants.ts";
import type {
  Address,
  HostAndPort,
  InetAddress,
  UnixAddress,
} from "../../contracts.ts";
import { Deadline, FOREVER, pause, unlessAborted } from "../../deadline.ts";
import type { Wait } from "../../deadline.ts";
import { socketError } from "../../errors.ts";
import { errorOfFault } from "../../runtime/seam/error_mapping.ts";
import { Fault, lateFault } from "../../runtime/seam/fault.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import type {
  RawConnectOptions,
  RawListener,
  RawStream,
} from "../../runtime/seam/stream.ts";
import type { TlsRole, TlsServerRole } from "../../runtime/seam/tls.ts";
import { demandZone } from "../../runtime/seam/zones.ts";
import { connected, failed } from "../diagnostics.ts";
import { wildcard } from "../family.ts";
import { Acceptor } from "./acceptor.ts";
import { Connection } from "./connection.ts";
import type { ListenerTls } from "./handshakes.ts";
import { discard, interleave, Race } from "./race.ts";

/** What has to be said before a connection or listener exists. */
export interface OpenOptions {
  /** Connections must be able to send RST (needed on Deno alone). */
  readonly abortive?: boolean | undefined;
  /** `SO_REUSEPORT`. */
  readonly reusePort?: boolean | undefined;
  /** `IPV6_V6ONLY`. */
  readonly ipv6Only?: boolean | undefined;
  /** The keep-alive's idle time will be set (matters on Deno alone). */
  readonly keepAliveIdle?: boolean | undefined;
}

// ---- the connect and the listen of a socket

/** What a socket becomes. */
export type Holder = Connection | Acceptor;

/** Whose opening it is. */
export interface OpeningOwner {
  /** The address family. */
  readonly family: AddressFamily;
  /** What serves it. */
  readonly runtime: Runtime;
  /** Whether it was closed. */
  readonly isClosed: boolean;
  /** What has to be said before the connection or listener exists. */
  readonly ahead: OpenOptions;
  /** How it speaks TLS, if it is a listener that does. */
  readonly tls: ListenerTls | undefined;
  /**
   * The connection or listener is there: what was set before is set in it. The
   * socket has it from then on, unless this throws.
   */
  opened(op: "connect" | "listen", holder: Holder): void;
  /** A connect failed that nobody waits for. */
  connectFailed(error: unknown): void;
  /** A connect is over. */
  changed(): void;
}

/** What a non-blocking connect makes wait, and so fails with `EAGAIN`. */
const WAITING_CALLS: ReadonlySet<string> = new Set([
  "recv",
  "recvExactly",
  "recvInto",
  "recvUntil",
  "send",
  "sendAll",
]);

/** What is under way, or that the socket listens. */
type OpeningState = "none" | "connecting" | "connecting behind" | "listening";

/**
 * The connect or listen of one socket: at most one is under way. It keeps what
 * is asked of the socket before it is anything.
 */
export class Opening {
  /** Whether what the socket becomes is to keep the process alive. */
  isReferenced = true;
  readonly #owner: OpeningOwner;
  #bound: Endpoint | undefined;
  #lastState: OpeningState = "none";
  /** The connect or listen that was made last, which may be over. */
  #last: Promise<void> | undefined;
  /** Ends it, with an error, while it is under way. */
  #closing: AbortController | undefined;
  /** Of the connect under way, if it is waited for and has one. */
  #signal: AbortSignal | undefined;
  #released: Promise<void> | undefined;
  #onReleased: (() => void) | undefined;

  /** The opening of a socket that is nothing yet. */
  constructor(owner: OpeningOwner) {
    this.#owner = owner;
  }

  // ---- its state

  /**
   * A connect that was aborted is over for its caller, in that turn, although
   * its descriptor may not be released yet.
   */
  get #state(): OpeningState {
    return this.#signal?.aborted ? "none" : this.#lastState;
  }

  /** The local address that was claimed. */
  get bound(): Endpoint | undefined {
    return this.#bound;
  }

  /** Whether neither a connect nor a listen is under way, nor a listener is. */
  get isNone(): boolean {
    return this.#state === "none";
  }

  /** Whether a connect is under way. */
  get isConnecting(): boolean {
    return this.#state.startsWith("connecting");
  }

  /** Whether the socket listens, or is about to. */
  get isListening(): boolean {
    return this.#state === "listening";
  }

  /** The connect or listen that was made last, which may be over. */
  get last(): Promise<void> | undefined {
    return this.#last;
  }

  /** Whether a call named `op` would wait for it, were the socket blocking. */
  delays(op: string): boolean {
    return this.#state === "connecting behind" && WAITING_CALLS.has(op);
  }

  // ---- what the socket asks

  /** Claims a local address. */
  bind(endpoint: Endpoint): void {
    if (this.#bound !== undefined) throw socketError("EINVAL", { op: "bind" });
    this.#bound = endpoint;
  }

  /** Listens on the bound address. */
  listen(backlog: number): Promise<void> {
    return this.#last = this.#listen(backlog, this.#leftover);
  }

  /**
   * Connects. One that is not to wait goes on behind, and is told to the owner
   * when it is over.
   */
  connect(endpoint: Endpoint, wait: Wait): Promise<void> {
    const before = this.#leftover;
    const last = this.#last = this.#connect(endpoint, wait, before);
    if (wait.timeoutMs !== 0) return last;
    last.catch(ignore); // closed meanwhile
    return Promise.reject(socketError("EINPROGRESS", { op: "connect" }));
  }

  /** The socket is closed: ends what is under way. */
  close(): void {
    const op = this.isListening ? "listen" : "connect";
    this.#closing?.abort(socketError("EBADF", { op }));
  }

  /** An aborted connect that is not over below: the next comes behind it. */
  get #leftover(): Promise<void> | undefined {
    return this.#closing === undefined ? undefined : this.whenOver();
  }

  /** Settles when nothing of a connect or listen is left that was ended. */
  async whenOver(): Promise<void> {
    await this.#last?.catch(ignore);
  }

  /** Settles when what the socket becomes, be it nothing, is released. */
  get released(): Promise<void> {
    return this.#released ??= new Promise((resolve) =>
      this.#onReleased = resolve
    );
  }

  /** The socket was closed and has become nothing. */
  leftNothing(): void {
    this.#onReleased?.();
  }

  // ---- steps

  async #listen(
    backlog: number,
    before: Promise<void> | undefined,
  ): Promise<void> {
    const { ahead, family, runtime } = this.#owner;
    const bound = this.#bound ?? anyAddress(family);
    const closing = this.#begin("listening", undefined);
    try {
      if (before !== undefined) await before;
      const options = {
        ...ahead,
        family,
        backlog,
        closing: closing.signal,
        tls: this.#owner.tls?.role,
      };
      const raw = await openListener(runtime, bound, options);
      const acceptor = new Acceptor(raw, runtime, backlog, this.#owner.tls);
      await this.#handOver("listen", acceptor, undefined);
      this.#closing = undefined;
    } catch (error) {
      this.#finish(closing);
      throw error;
    }
  }

  async #connect(
    endpoint: Endpoint,
    wait: Wait,
    before: Promise<void> | undefined,
  ): Promise<void> {
    const isBehind = wait.timeoutMs === 0;
    const closing = isBehind
      ? this.#begin("connecting behind", undefined)
      : this.#begin("connecting", wait.signal);
    try {
      await this.#open(endpoint, isBehind ? FOREVER : wait, closing, before);
    } catch (error) {
      // Nobody waits for a connect in the background: it is told when asked.
      if (!isBehind || this.#owner.isClosed) throw error;
      this.#owner.connectFailed(error);
    } finally {
      this.#finish(closing);
      this.#owner.changed();
      if (before !== undefined) await before;
    }
  }

  /** Something is under way; gives what ends it when the socket is closed. */
  #begin(
    state: OpeningState,
    signal: AbortSignal | undefined,
  ): AbortController {
    this.#lastState = state;
    this.#signal = signal;
    return this.#closing = new AbortController();
  }

  /** Nothing is under way, unless another has begun since. */
  #finish(closing: AbortController): void {
    if (this.#closing !== closing) return;
    this.#lastState = "none";
    this.#signal = this.#closing = undefined;
  }

  async #open(
    endpoint: Endpoint,
    wait: Wait,
    { signal }: AbortController,
    before: Promise<void> | undefined,
  ): Promise<void> {
    const { ahead, family, runtime } = this.#owner;
    const options = {
      ...ahead,
      family,
      local: this.#bound,
      wait,
      closing: signal,
      before,
    };
    const connection = await openConnection(runtime, endpoint, options);
    await this.#handOver("connect", connection, wait.signal);
  }

  /** To the owner, or away if it does not want it. */
  async #handOver(
    op: "connect" | "listen",
    holder: Holder,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    try {
      if (this.#owner.isClosed) throw socketError("EBADF", { op });
      signal?.throwIfAborted();
      this.#owner.opened(op, holder);
      this.#became(holder);
    } catch (error) {
      // Nobody has seen it, and its peer is to know that nobody will.
      await (holder instanceof Acceptor ? holder.close() : holder.abort());
      throw error;
    }
  }

  /** What was asked of the socket before holds for it. */
  #became(holder: Holder): void {
    if (!this.isReferenced) holder.ref(false);
    if (this.#onReleased === undefined) return;
    void holder.released.then(this.#onReleased);
  }
}

// ---- connecting

/** How to connect. */
export interface ConnectionOptions extends OpenOptions {
  /** The family of the socket; any, if it is made for the address. */
  readonly family: AddressFamily | undefined;
  /** What it is bound to. */
  readonly local: Endpoint | undefined;
  /** How long it may take. */
  readonly wait: Wait;
  /** Aborted with an error when the socket is closed meanwhile. */
  readonly closing?: AbortSignal | undefined;
  /** Speaks TLS from the start. */
  readonly tls?: TlsRole | undefined;
  /**
   * An attempt before it that may still hold the address to bind to; never
   * rejects.
   */
  readonly before?: Promise<void> | undefined;
}

/** Codes that speak of the local address, so that `bind` is to blame. */
const BIND_CODES: ReadonlySet<string> = new Set([
  "EACCES",
  "EADDRINUSE",
  "EADDRNOTAVAIL",
  "EISDIR",
  "ELOOP",
  "ENAMETOOLONG",
  "ENODEV",
  "ENOENT",
  "ENOTDIR",
  "EPERM",
  "EROFS",
]);

/**
 * Connects, or rejects with an error of the family or the signal's reason, and
 * only when nothing of the attempt is left.
 */
export async function openConnection(
  runtime: Runtime,
  endpoint: Endpoint,
  options: ConnectionOptions,
): Promise<Connection> {
  const { family, abortive = false, local, closing, wait } = options;
  const { before, keepAliveIdle } = options;
  const deadline = new Deadline(
    runtime.clock,
    wait,
    closing,
    () => lateFault("connect", wait.timeoutMs),
  );
  const { signal } = deadline;
  const isHeard = connected.isHeard || failed.isHeard;
  const start = isHeard ? runtime.clock.now() : 0;
  try {
    options.tls?.demandConnect?.({
      isUnix: "path" in endpoint,
      isBound: local !== undefined,
      abortive,
      keepAliveIdle: keepAliveIdle === true,
    });
    if (before !== undefined) await unlessAborted(before, signal);
    const localAddress = local === undefined
      ? undefined
      : await unlessAborted(localOf(runtime, local, family), signal);
    demandZone(endpoint);
    demandSameFamily(endpoint, localAddress);
    const stream = await dial(runtime, {
      endpoint,
      family: lookupFamily(family),
      localAddress,
      abortive,
      keepAliveIdle,
      signal,
    });
    const talking = options.tls === undefined
      ? stream
      : await shake(options.tls, stream, signal);
    const connection = new Connection(talking, runtime, hostOf(endpoint));
    if (isHeard) {
      const durationMs = runtime.clock.now() - start;
      connected.publish({ peer: connection.peerAddress, durationMs });
    }
    return connection;
  } catch (cause) {
    const error = connectError(cause, endpoint, local);
    if (isHeard) {
      const durationMs = runtime.clock.now() - start;
      failed.publish({ op: "connect", address: endpoint, error, durationMs });
    }
    throw error;
  } finally {
    deadline.dispose();
  }
}

/** TLS from the start: nothing goes over the stream before. */
async function shake(
  role: TlsRole,
  under: RawStream,
  signal: AbortSignal | undefined,
): Promise<RawStream> {
  const stream = await role.shake(under, { signal });
  if (signal?.aborted !== true) return stream;
  await discard(stream);
  throw signal.reason;
}

/** The host of an endpoint; a path is no host. */
export function hostOf(endpoint: Endpoint): string | undefined {
  return "path" in endpoint ? undefined : endpoint.hostname;
}

/** The numeric local address; what fails is said to be its fault. */
async function localOf(
  runtime: Runtime,
  local: Endpoint,
  family: AddressFamily | undefined,
): Promise<Address> {
  try {
    demandZone(local);
    return await resolveLocal(runtime, local, family);
  } catch (error) {
    throw error instanceof Fault ? error.asLocal() : error;
  }
}

/** The runtimes say it in three ways, one of them that nobody listens. */
function demandSameFamily(
  endpoint: Endpoint,
  localAddress: Address | undefined,
): void {
  if (localAddress === undefined || !("family" in endpoint)) return;
  if (endpoint.family === localAddress.family) return;
  const reason = `the local address is ${localAddress.family}`;
  throw new Fault("EAFNOSUPPORT", undefined, reason);
}

function connectError(
  error: unknown,
  endpoint: Endpoint,
  local: Endpoint | undefined,
): unknown {
  if (!(error instanceof Fault)) return error;
  const { code } = error;
  const isLocal = local !== undefined &&
    (error.isLocal || code === "EADDRINUSE" || code === "EADDRNOTAVAIL");
  return isLocal
    ? errorOfFault(error, { op: "bind", address: local })
    : errorOfFault(error, { op: "connect", address: endpoint });
}

/** Where to and how. */
interface DialOptions {
  /** The checked endpoint; its host may be a name. */
  readonly endpoint: Endpoint;
  /** Which addresses of a name are wanted: 4, 6, or 0 for both. */
  readonly family: 0 | 4 | 6;
  /** Bind to this first. */
  readonly localAddress: Address | undefined;
  /** The connection must be able to send RST. */
  readonly abortive: boolean;
  /** The idle time of its keep-alive will be set. */
  readonly keepAliveIdle?: boolean | undefined;
  /** Aborts it. Nothing is set up that could be, if there is none. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Connects. Rejects with a Fault or with what aborted it, and only when
 * nothing of the attempt is left.
 */
async function dial(
  runtime: Runtime,
  options: DialOptions,
): Promise<RawStream> {
  const { signal } = options;
  signal?.throwIfAborted();
  const stream = await attempt(runtime, options);
  if (signal?.aborted !== true) return stream;
  await discard(stream);
  throw signal.reason;
}

async function attempt(
  runtime: Runtime,
  { endpoint, family, signal, ...rest }: DialOptions,
): Promise<RawStream> {
  if ("path" in endpoint) {
    return await connectUnix(runtime, { address: endpoint, signal, ...rest });
  }
  if ("family" in endpoint) {
    return await runtime.connect({ address: endpoint, signal, ...rest });
  }
  const lookup = resolve(runtime, endpoint, family, rest.localAddress)
    .catch(noneIfForbidden);
  const addresses = await unlessAborted(lookup, signal);
  const [first] = addresses;
  if (!first || !addresses.every((address) => runtime.permits(address))) {
    // A permission for a name does not cover its addresses, and one for a name
    // and a port no look-up: the runtime resolves and races by itself.
    return await runtime.connect({ address: endpoint, signal, ...rest });
  }
  if (addresses.length === 1) {
    return await runtime.connect({ address: first, signal, ...rest });
  }
  return await new Race(runtime, addresses, rest, signal).run();
}

/** How long a full listener is left alone, in ms: doubled each time. */
const FULL_FIRST_MS = 1;
const FULL_LAST_MS = 64;

/**
 * Connects to a Unix socket. While its listener's queue is full the kernel
 * lets a blocking connect wait; the runtimes' own do not block and fail with
 * `EAGAIN`, so the waiting is done here.
 */
async function connectUnix(
  runtime: Runtime,
  options: RawConnectOptions,
): Promise<RawStream> {
  let delayMs = FULL_FIRST_MS;
  while (true) {
    try {
      return await runtime.connect(options);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== "EAGAIN") throw error;
    }
    await pause(runtime.clock, delayMs, options.signal);
    delayMs = Math.min(delayMs * 2, FULL_LAST_MS);
  }
}

/** No addresses, where it was not permitted to ask for them. */
function noneIfForbidden(error: unknown): readonly InetAddress[] {
  if (error instanceof Fault && error.code === "EPERM") return [];
  throw error;
}

/** The addresses of a name, families taking turns (RFC 8305 §4). */
async function resolve(
  runtime: Runtime,
  endpoint: HostAndPort,
  family: 0 | 4 | 6,
  localAddress: Address | undefined,
): Promise<readonly InetAddress[]> {
  const hosts = await runtime.lookup(endpoint.hostname, family);
  const usable = hosts.filter((host) =>
    localAddress === undefined || host.family === localAddress.family
  );
  if (usable.length === 0) throw new Fault("EAI_NONAME");
  return interleave(usable).map((host) => ({ ...host, port: endpoint.port }));
}

// ---- listening

/** How to listen. */
export interface ListenerOptions extends OpenOptions {
  /** The family of the socket. */
  readonly family: AddressFamily;
  /** How many connections may wait. */
  readonly backlog: number;
  /** Aborted with an error when the socket is closed meanwhile. */
  readonly closing: AbortSignal;
  /** The role of its connections, if they speak TLS. */
  readonly tls?: TlsServerRole | undefined;
}

/** Listens, or rejects with an error of the family. */
export async function openListener(
  runtime: Runtime,
  endpoint: Endpoint,
  options: ListenerOptions,
): Promise<RawListener> {
  const { family, backlog, reusePort, ipv6Only, abortive } = options;
  const { keepAliveIdle, closing, tls } = options;
  try {
    demandZone(endpoint);
    const resolving = localEndpoint(runtime, endpoint, family);
    const address = await unlessAborted(resolving, closing);
    const listenAt = (address: Endpoint) => {
      const how = {
        address,
        backlog,
        reusePort,
        ipv6Only,
        abortive,
        keepAliveIdle,
      };
      return tls?.listen?.(how) ?? runtime.listen(how);
    };
    return await ("path" in address && address.path === ""
      ? listenAtPicked(listenAt)
      : listenAt(address));
  } catch (error) {
    throw listenError(error, endpoint);
  }
}

/** So many names are tried before it is said that there is none. */
const MOST_PICKED = 1000;

/**
 * Listens at a name that nobody has. Linux picks such names itself for who
 * binds to none, but no runtime lets a listener ask it to.
 */
async function listenAtPicked(
  listenAt: (address: UnixAddress) => Promise<RawListener>,
): Promise<RawListener> {
  for (let left = MOST_PICKED; true; left--) {
    try {
      return await listenAt({ family: "unix", path: pickedName() });
    } catch (error) {
      const isTaken = error instanceof Fault && error.code === "EADDRINUSE";
      if (!isTaken || left === 0) throw error;
    }
  }
}

/** A name of the kind that Linux picks. */
function pickedName(): string {
  const digits = Math.floor(Math.random() * 0x100000).toString(16);
  return `\0${digits.padStart(5, "0")}`;
}

/**
 * Where a socket listens that was bound to nothing.
 *
 * @throws {SocketError} `EINVAL` for a Unix socket, as in C.
 */
function anyAddress(family: AddressFamily): Address {
  if (family === AF_UNIX) throw socketError("EINVAL", { op: "listen" });
  return wildcard(family);
}

/** The error of a failed listen, which mostly is the bind's. */
export function listenError(error: unknown, endpoint: Endpoint): unknown {
  if (!(error instanceof Fault)) return error;
  const { code } = error;
  const op = BIND_CODES.has(code) || code.startsWith("EAI_")
    ? "bind"
    : "listen";
  return errorOfFault(error, { op, address: endpoint });
}

/** A name becomes its first address, unless only the name is permitted. */
async function localEndpoint(
  runtime: Runtime,
  endpoint: Endpoint,
  family: AddressFamily,
): Promise<Endpoint> {
  if ("family" in endpoint) return endpoint;
  const address = await resolveLocal(runtime, endpoint, family);
  return runtime.permits(address) ? address : endpoint;
}

async function resolveLocal(
  runtime: Runtime,
  endpoint: Endpoint,
  family: AddressFamily | undefined,
): Promise<Address> {
  if ("family" in endpoint) return endpoint;
  const { hostname, port } = endpoint;
  const [host] = await runtime.lookup(hostname, lookupFamily(family));
  if (host === undefined) throw new Fault("EAI_NONAME");
  return { ...host, port };
}

function lookupFamily(family: AddressFamily | undefined): 0 | 4 | 6 {
  if (family === AF_INET) return 4;
  return family === AF_INET6 ? 6 : 0;
}

function ignore(): void {}
