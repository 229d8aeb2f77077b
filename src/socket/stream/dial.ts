/**
 * Reaching an endpoint: names are resolved and their addresses raced, the way
 * RFC 8305 ("Happy Eyeballs") asks for.
 *
 * @module
 */

import type { Endpoint } from "../../address.ts";
import type { Timer } from "../../clock.ts";
import type { Address, HostAndPort, InetAddress } from "../../contracts.ts";
import type { ResolvedHost } from "../../runtime/seam/names.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import type {
  RawConnectOptions,
  RawStream,
} from "../../runtime/seam/stream.ts";
import { Fault } from "../../runtime/seam/fault.ts";
import { pause, unlessAborted } from "../../deadline.ts";

/** RFC 8305 §5: so long an attempt has before the next one joins, in ms. */
const ATTEMPT_DELAY_MS = 250;

/** Where to and how. */
export interface DialOptions {
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
export async function dial(
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
  const lookup = resolve(runtime, endpoint, family, rest.localAddress);
  const addresses = await unlessAborted(lookup, signal);
  const [first] = addresses;
  if (!addresses.every((address) => runtime.permits(address))) {
    // A permission for a name does not cover its addresses: the runtime
    // resolves and races by itself.
    return await runtime.connect({ address: endpoint, signal, ...rest });
  }
  if (addresses.length === 1 && first !== undefined) {
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

/** The first family stays first; then one of each in turn. */
function interleave(hosts: readonly ResolvedHost[]): readonly ResolvedHost[] {
  const lead = hosts.filter(({ family }) => family === hosts[0]?.family);
  const other = hosts.filter(({ family }) => family !== hosts[0]?.family);
  const turns = Math.max(lead.length, other.length);
  return Array.from({ length: turns }, (_, i) => [lead[i], other[i]])
    .flat()
    .filter((host) => host !== undefined);
}

/** What every attempt is told besides the address. */
type Rest = Pick<
  RawConnectOptions,
  "localAddress" | "abortive" | "keepAliveIdle"
>;

/** Attempts that overlap; the first to connect wins, the others are undone. */
class Race {
  readonly #runtime: Runtime;
  readonly #addresses: readonly InetAddress[];
  readonly #rest: Rest;
  readonly #outer: AbortSignal | undefined;
  readonly #losers = new AbortController();
  readonly #faults: Fault[] = [];
  #next = 0;
  #pending = 0;
  #timer: Timer | undefined;
  #isOver = false;
  #resolve: (stream: RawStream) => void = () => {};
  #reject: (reason: unknown) => void = () => {};

  constructor(
    runtime: Runtime,
    addresses: readonly InetAddress[],
    rest: Rest,
    outer: AbortSignal | undefined,
  ) {
    this.#runtime = runtime;
    this.#addresses = addresses;
    this.#rest = rest;
    this.#outer = outer;
  }

  run(): Promise<RawStream> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#outer?.addEventListener("abort", this.#onAbort);
      this.#start();
    });
  }

  readonly #onAbort = (): void => {
    this.#finish();
    this.#late();
  };

  /** The race is over: the last to give up after an abort tells it. */
  #late(): void {
    if (this.#pending > 0 || this.#outer?.aborted !== true) return;
    this.#reject(this.#outer.reason);
  }

  /** Starts the next attempt and gives it a head start. */
  #start(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const address = this.#addresses[this.#next++];
    if (address === undefined) return;
    this.#pending++;
    const { signal } = this.#losers;
    void connectWith(this.#runtime, { address, signal, ...this.#rest })
      .then((stream) => this.#won(stream), (error) => this.#lost(error));
    this.#timer = this.#runtime.clock.start(
      ATTEMPT_DELAY_MS,
      () => this.#start(),
    );
  }

  #won(stream: RawStream): void {
    if (this.#isOver) {
      void discard(stream).then(() => this.#lost(undefined));
      return;
    }
    this.#pending--;
    this.#finish();
    this.#resolve(stream);
  }

  #lost(error: unknown): void {
    this.#pending--;
    if (this.#isOver) return this.#late();
    if (!(error instanceof Fault)) {
      this.#finish();
      return this.#reject(error);
    }
    this.#faults.push(error);
    if (this.#next < this.#addresses.length) return this.#start();
    if (this.#pending > 0) return;
    this.#finish();
    this.#reject(this.#verdict());
  }

  /** The first failure speaks; all of them are in its cause. */
  #verdict(): Fault {
    const causes = this.#faults.map((fault) => fault.cause ?? fault.code);
    const [first] = this.#faults;
    const all = new AggregateError(causes, "every address failed");
    const { code = "EAI_NONAME", reason, isLocal } = first ?? {};
    return new Fault(code, all, reason, isLocal);
  }

  #finish(): void {
    this.#isOver = true;
    this.#timer?.cancel();
    this.#outer?.removeEventListener("abort", this.#onAbort);
    this.#losers.abort();
  }
}

/** A runtime may throw what it should reject with. */
async function connectWith(
  runtime: Runtime,
  options: RawConnectOptions,
): Promise<RawStream> {
  return await runtime.connect(options);
}

/**
 * A stream that nobody wants: its events go nowhere, its descriptor away.
 * Settles when that is released.
 */
function discard(stream: RawStream): Promise<void> {
  return new Promise((resolve) => {
    stream.attach({
      data: () => true,
      end: () => {},
      failed: () => {},
      writable: () => {},
      closed: resolve,
    });
    try {
      stream.reset();
    } catch {
      // This runtime cannot send RST; a FIN says as much: nobody is here.
      stream.close();
    }
  });
}
