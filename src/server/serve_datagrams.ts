/**
 * The short way to a server of datagrams.
 *
 * @module
 */

import { show, toEndpoint } from "../address.ts";
import type { Clock } from "../clock.ts";
import { AF_INET } from "../constants.ts";
import type { Address, AddressLike, Bytes } from "../contracts.ts";
import { checkOptions, checkSignal, pause } from "../deadline.ts";
import { SocketError } from "../errors.ts";
import { chosenRuntime } from "../runtime/detect.ts";
import type { Runtime } from "../runtime/seam/runtime.ts";
import { DatagramSocket } from "../socket/datagram/datagram_socket.ts";
import { familyOf } from "../socket/family.ts";
import { checkGrace, checkMost } from "./options.ts";
import { report } from "./report.ts";
import type { StopOptions, StopReport } from "./server.ts";

/** What serves one datagram, and may answer by the server's socket. */
export type DatagramHandler = (
  data: Bytes,
  address: Address,
  socket: DatagramSocket,
) => void | Promise<void>;

/** Options of {@linkcode serveDatagrams}. */
export interface ServeDatagramsOptions {
  /**
   * How many datagrams may be served at the same time; default 1,024. What
   * comes besides is dropped and counted.
   */
  readonly maxPending?: number;
  /** What serves the socket; default the current runtime. */
  readonly runtime?: Runtime;
  /** Its abort stops the server, with `graceMs`. */
  readonly signal?: AbortSignal;
  /** Milliseconds that a stop gives to handlers; default 10,000. */
  readonly graceMs?: number;
  /**
   * Told of each failure once: of a handler, with the client's address, and of
   * the socket, without. Without it what is no `SocketError` is written to the
   * console. What it throws is written there, too.
   */
  readonly onError?: (error: unknown, address: Address | undefined) => void;
}

/**
 * What a server of datagrams has counted; a copy. At any moment `received` is
 * the sum of the others.
 */
export interface DatagramServerStats {
  /** Datagrams that came. */
  readonly received: number;
  /** Those that are being served. */
  readonly active: number;
  /** Whose handler ended well. */
  readonly finished: number;
  /** Whose handler failed. */
  readonly failed: number;
  /** Dropped, because there were enough. */
  readonly dropped: number;
}

/** A server of datagrams. */
export interface DatagramServer extends AsyncDisposable {
  /** Where it is. */
  readonly address: Address;
  /** How far it has come. */
  readonly state: "listening" | "stopping" | "closed";
  /** What was counted so far, as a copy. */
  readonly stats: DatagramServerStats;
  /** Settles when the socket is released. Never rejects. */
  readonly closed: Promise<StopReport>;
  /**
   * Takes no more, waits for handlers, and closes the socket; after `graceMs`
   * it does so although some are at work (`reset` in the report). May be called
   * again: the first grace holds.
   */
  stop(options?: StopOptions): Promise<StopReport>;
  /** Lets the socket keep the process alive, as it does at first. */
  ref(): void;
  /** Lets the process end although the server is there. */
  unref(): void;
}

const KNOWN = ["maxPending", "runtime", "signal", "graceMs", "onError"];

/** What a peer's refusal of an answer is told as; nothing is wrong with us. */
const OF_ONE_PEER: ReadonlySet<string> = new Set([
  ...["ECONNREFUSED", "ECONNRESET", "EHOSTUNREACH", "ENETUNREACH"],
]);

/**
 * Serves datagrams: `handler` is called for each. A handler that fails harms
 * nobody else.
 *
 * @throws {TypeError} | {RangeError} for what the options cannot be.
 * @throws {SocketError} what `bind` fails with.
 *
 * @example An echo server
 * ```ts
 * import { serveDatagrams } from "@anysock/anysock/server";
 *
 * const server = await serveDatagrams(
 *   "127.0.0.1:0",
 *   async (data, address, socket) => {
 *     await socket.sendTo(data, address);
 *   },
 * );
 * console.log(server.address);
 * await server.stop();
 * ```
 */
export async function serveDatagrams(
  address: AddressLike,
  handler: DatagramHandler,
  options: ServeDatagramsOptions = {},
): Promise<DatagramServer> {
  if (typeof handler !== "function") {
    throw new TypeError(`A handler is a function: ${show(handler)}`);
  }
  checkOptions(options, KNOWN);
  const { maxPending = 1024, onError } = options;
  const runtime = chosenRuntime(options.runtime);
  const signal = checkSignal(options.signal);
  const graceMs = checkGrace(options.graceMs);
  checkMost("maxPending", maxPending);
  if (onError !== undefined && typeof onError !== "function") {
    throw new TypeError(`onError is a function: ${show(onError)}`);
  }
  signal?.throwIfAborted();
  const endpoint = toEndpoint(address, "any");
  const family = "family" in endpoint ? familyOf(endpoint) : AF_INET;
  const socket = DatagramSocket.create({ family, proto: 0, runtime });
  try {
    await socket.bind(address);
    signal?.throwIfAborted();
  } catch (error) {
    await socket.close();
    throw error;
  }
  const plan = { socket, handler, maxPending, graceMs, onError };
  const server = new DatagramCore({ ...plan, clock: runtime.clock });
  const onAbort = () => void server.stop();
  signal?.addEventListener("abort", onAbort, { once: true });
  void server.closed.then(() => signal?.removeEventListener("abort", onAbort));
  return server;
}

interface DatagramPlan {
  readonly socket: DatagramSocket;
  readonly handler: DatagramHandler;
  readonly maxPending: number;
  readonly graceMs: number;
  readonly onError: ServeDatagramsOptions["onError"];
  readonly clock: Clock;
}

class DatagramCore implements DatagramServer {
  readonly address: Address;
  readonly closed: Promise<StopReport>;
  readonly #plan: DatagramPlan;
  readonly #ending: AbortController = new AbortController();
  #state: DatagramServer["state"] = "listening";
  #active = 0;
  #finished = 0;
  #failed = 0;
  #dropped = 0;
  #onIdle: (() => void) | undefined;
  #onClosed: (report: Promise<StopReport>) => void = ignore;

  constructor(plan: DatagramPlan) {
    this.#plan = plan;
    this.address = plan.socket.getSockName();
    this.closed = new Promise((resolve) => this.#onClosed = resolve);
    void this.#receive();
  }

  get state(): DatagramServer["state"] {
    return this.#state;
  }

  get stats(): DatagramServerStats {
    const [active, finished] = [this.#active, this.#finished];
    const [failed, dropped] = [this.#failed, this.#dropped];
    const received = active + finished + failed + dropped;
    return { received, active, finished, failed, dropped };
  }

  ref(): void {
    this.#plan.socket.ref();
  }

  unref(): void {
    this.#plan.socket.unref();
  }

  // deno-lint-ignore require-await -- misuse rejects, as in all async calls
  async stop(options: StopOptions = {}): Promise<StopReport> {
    checkOptions(options, ["graceMs"]);
    const graceMs = checkGrace(options.graceMs ?? this.#plan.graceMs);
    if (this.#state === "listening") this.#onClosed(this.#stop(graceMs));
    return this.closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  // ---- serving

  async #receive(): Promise<void> {
    const { socket } = this.#plan;
    const wait = { timeoutMs: null, signal: this.#ending.signal };
    while (this.#state === "listening") {
      try {
        const [data, address] = await socket.recvFrom(wait);
        this.#take(data, address);
      } catch (error) {
        if (this.#state !== "listening") return;
        const code = error instanceof SocketError ? error.code : "";
        if (OF_ONE_PEER.has(code)) continue;
        report(this.#plan.onError, error, undefined);
        void this.stop();
      }
    }
  }

  #take(data: Bytes, address: Address): void {
    if (this.#active >= this.#plan.maxPending) this.#dropped++;
    else void this.#serve(data, address);
  }

  async #serve(data: Bytes, address: Address): Promise<void> {
    const { handler, socket, onError } = this.#plan;
    this.#active++;
    try {
      await handler(data, address, socket);
      this.#finished++;
    } catch (error) {
      this.#failed++;
      if (this.#state !== "closed") report(onError, error, address);
    }
    this.#active--;
    if (this.#active === 0) this.#onIdle?.();
  }

  // ---- stopping

  async #stop(graceMs: number): Promise<StopReport> {
    const { socket, clock } = this.#plan;
    this.#state = "stopping";
    this.#ending.abort();
    const before = this.#active;
    if (before > 0) await this.#awaitHandlers(clock, graceMs);
    const reset = this.#active;
    await socket.close();
    await socket.closed;
    this.#state = "closed";
    return { finished: before - reset, reset };
  }

  async #awaitHandlers(clock: Clock, graceMs: number): Promise<void> {
    const over = new AbortController();
    this.#onIdle = () => over.abort();
    await pause(clock, graceMs, over.signal).catch(ignore);
  }
}

function ignore(): void {}
