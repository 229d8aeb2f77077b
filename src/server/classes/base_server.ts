/**
 * A server of classes and what handles its requests, as Python's
 * `socketserver.BaseServer` and `BaseRequestHandler`: each names the other.
 *
 * @module
 */

import { formatAddress, show } from "../../address.ts";
import type { Clock } from "../../clock.ts";
import type { Address, AddressLike } from "../../contracts.ts";
import { checkOptions, pause, unlessAborted } from "../../deadline.ts";
import { SocketError, socketError } from "../../errors.ts";
import { END, iterate } from "../../iterate.ts";
import { chosenRuntime } from "../../runtime/detect.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import type { Socket } from "../../socket/socket.ts";
import { Patience, troubleOf } from "../accept_loop.ts";
import { checkFlag, checkGrace, DEFAULT_GRACE_MS } from "../options.ts";
import type { StreamSocket } from "../../socket/stream/stream_socket.ts";

/** Options of a server of classes. */
export interface ClassServerOptions {
  /**
   * Whether the server claims its address by itself, as soon as it is made;
   * default `true`. If not, `serverBind` and `serverActivate` are to be called.
   */
  readonly bindAndActivate?: boolean;
  /** What serves the sockets; default the current runtime. */
  readonly runtime?: Runtime;
}

/** Options of {@linkcode BaseServer.serveForever}. */
export interface ServeForeverOptions {
  /** Milliseconds between two calls of `serviceActions`; default 500. */
  readonly pollIntervalMs?: number;
}

/** A request and whose it is. */
export type TakenRequest<Request> = readonly [
  request: Request,
  clientAddress: Address,
];

/** How a handler is made for a request. */
export type RequestHandlerClass<Request extends object> = new (
  request: Request,
  clientAddress: Address,
  server: BaseServer<Request>,
) => BaseRequestHandler<Request>;

/**
 * Handles one request: a connection, or a datagram. A class of one's own says
 * how in `handle`. The methods may be asynchronous; each is awaited before the
 * next.
 */
export class BaseRequestHandler<Request extends object = StreamSocket> {
  /** The connection; of UDP the datagram and the socket to answer by. */
  readonly request: Request;
  /** The client. */
  readonly clientAddress: Address;
  /** The server that took the request. */
  readonly server: BaseServer<Request>;

  /** Made by the server, which calls the methods. */
  constructor(
    request: Request,
    clientAddress: Address,
    server: BaseServer<Request>,
  ) {
    this.request = request;
    this.clientAddress = clientAddress;
    this.server = server;
  }

  /** Comes first. If it fails, nothing else is called. */
  setup(): void | Promise<void> {}

  /** Does the work. */
  handle(): void | Promise<void> {}

  /** Comes last, also when `handle` has failed. */
  finish(): void | Promise<void> {}
}

/** A request that is waited for, and what came of it. */
interface Asked<Request> {
  outcome:
    | { readonly taken: TakenRequest<Request> }
    | { readonly error: unknown }
    | undefined;
  /** Settles when there is an outcome. */
  over: Promise<void> | undefined;
}

/**
 * Takes requests and gives each to a new object of the handler class. What
 * happens to a request is a chain of methods, every one of which a class of
 * one's own may replace, and may make asynchronous:
 *
 * `getRequest` → `verifyRequest` → `processRequest` → `finishRequest` (a new
 * handler: `setup` → `handle` → `finish`) → `shutdownRequest` → `closeRequest`
 *
 * A request that is refused, or one of whose methods fails (then comes
 * `handleError`), goes to `shutdownRequest` at once. That is called exactly
 * once for each request.
 */
export abstract class BaseServer<Request extends object>
  implements AsyncDisposable {
  /** What is made for each request. */
  readonly RequestHandlerClass: RequestHandlerClass<Request>;
  /** What was asked for; once it is claimed, where the server is. */
  serverAddress: AddressLike;
  /** Milliseconds that `handleRequest` waits; default `null`, for ever. */
  timeout: number | null = null;
  /** Whether requests are served at the same time; default `true`. */
  concurrent = true;
  /** Whether `serverClose` waits for handlers; default `true`. */
  blockOnClose = true;
  /** Milliseconds that it waits for them; default 10,000. */
  graceMs: number = DEFAULT_GRACE_MS;
  /** How often `handleError` itself has failed. */
  handleErrorFailures = 0;
  /**
   * Settles when the address is claimed, where the server does so by itself.
   * Whatever serves waits for it, and fails with what it failed with:
   * `ECANCELED` if the server was closed before.
   */
  readonly activated: Promise<void>;
  /** What serves the sockets. */
  protected readonly runtime: Runtime;
  readonly #requests: Map<Request, Promise<void>> = new Map();
  readonly #patience = new Patience();
  /** The request that is waited for, also while nobody does. */
  #asked: Asked<Request> | undefined;
  #isTaking = false;
  #loop: Promise<void> | undefined;
  #ending: AbortController | undefined;
  #closing: Promise<void> | undefined;
  /** Settles when the address is claimed, or is not any more. */
  #claiming: Promise<void> | undefined;
  /** Wakes what waits for a request, or for room. */
  #onChange: (() => void) | undefined;

  /** A server of an address. */
  constructor(
    serverAddress: AddressLike,
    RequestHandlerClass: RequestHandlerClass<Request>,
    options: ClassServerOptions = {},
  ) {
    checkOptions(options, ["bindAndActivate", "runtime"]);
    if (typeof RequestHandlerClass !== "function") {
      throw new TypeError(
        `A class of handlers is expected: ${show(RequestHandlerClass)}`,
      );
    }
    this.serverAddress = serverAddress;
    this.RequestHandlerClass = RequestHandlerClass;
    this.runtime = chosenRuntime(options.runtime);
    const { bindAndActivate = true } = options;
    checkFlag("bindAndActivate", bindAndActivate);
    this.activated = bindAndActivate ? this.#activate() : Promise.resolve();
    // Told by what waits for it.
    this.activated.catch(() => {});
  }

  async #activate(): Promise<void> {
    try {
      await (this.#claiming = this.#claim());
    } catch (error) {
      await this.serverClose();
      throw error;
    }
  }

  /** After the constructor: a class of one's own has set its fields then. */
  async #claim(): Promise<void> {
    await Promise.resolve();
    this.#demandOpen();
    await this.serverBind();
    await this.serverActivate();
    this.#demandOpen();
  }

  #demandOpen(): void {
    if (!this.#isClosed) return;
    const reason = "the server is closed";
    throw socketError("ECANCELED", { op: "serve", reason });
  }

  // ---- what a kind of server says

  /** The socket that requests come by, once it is bound. */
  abstract get socket(): Pick<Socket, "close" | "closed" | "isClosed">;

  /** Claims the address. */
  abstract serverBind(): Promise<void>;

  /** Listens, where there is anything to listen with. */
  abstract serverActivate(): Promise<void>;

  /** Waits for a request. */
  abstract getRequest(): Promise<TakenRequest<Request>>;

  /** Ends a request by force. */
  protected abstract abandon(request: Request): void;

  /** How many requests may be served at the same time. */
  protected abstract get mostRequests(): number;

  // ---- the chain

  /** Whether the request is to be served; default all are. */
  verifyRequest(
    _request: Request,
    _clientAddress: Address,
  ): boolean | Promise<boolean> {
    return true;
  }

  /** Serves a request that was not refused; default `finishRequest`. */
  async processRequest(
    request: Request,
    clientAddress: Address,
  ): Promise<void> {
    await this.finishRequest(request, clientAddress);
  }

  /** Makes a handler and calls its methods. */
  async finishRequest(request: Request, clientAddress: Address): Promise<void> {
    const { RequestHandlerClass } = this;
    const handler = new RequestHandlerClass(request, clientAddress, this);
    await handler.setup();
    try {
      await handler.handle();
    } finally {
      await handler.finish();
    }
  }

  /** Ends a request; default `closeRequest`. */
  async shutdownRequest(request: Request): Promise<void> {
    await this.closeRequest(request);
  }

  /** Releases what a request holds. */
  abstract closeRequest(request: Request): void | Promise<void>;

  /** Told what failed; default writes it to the console. */
  handleError(
    _request: Request,
    clientAddress: Address,
    error: unknown,
  ): void | Promise<void> {
    const line = "-".repeat(40);
    const from = formatAddress(clientAddress);
    console.error(line);
    console.error(`Exception occurred during processing of request from`, from);
    console.error(error);
    console.error(line);
  }

  /** Called when `handleRequest` has waited long enough; default nothing. */
  handleTimeout(): void | Promise<void> {}

  /** Called while the server serves, now and then; default nothing. */
  serviceActions(): void | Promise<void> {}

  // ---- serving

  /**
   * Serves until `shutdown` or `serverClose`. A failure of `getRequest` that is
   * a `SocketError` is passed over; any other ends it.
   *
   * @throws {SocketError} what the address could not be claimed for.
   */
  async serveForever(options: ServeForeverOptions = {}): Promise<void> {
    checkOptions(options, ["pollIntervalMs"]);
    const { pollIntervalMs = 500 } = options;
    if (typeof pollIntervalMs !== "number") {
      throw new TypeError(
        `pollIntervalMs is a number: ${show(pollIntervalMs)}`,
      );
    }
    if (!(pollIntervalMs > 0)) {
      throw new RangeError(`pollIntervalMs is more than 0: ${pollIntervalMs}`);
    }
    if (this.#loop !== undefined) throw new TypeError("It serves already");
    const ending = this.#ending = new AbortController();
    this.#loop = this.#serve(pollIntervalMs, ending.signal);
    try {
      await this.#loop;
    } finally {
      this.#loop = this.#ending = undefined;
    }
  }

  async #serve(intervalMs: number, ending: AbortSignal): Promise<void> {
    await this.activated;
    while (!ending.aborted && !this.#isClosed) {
      if (this.#requests.size < this.#most) {
        const taken = await this.#takeWithin(intervalMs, ending);
        if (taken !== undefined) this.#begin(taken);
      } else await this.#awake(intervalMs, ending);
      if (!ending.aborted) await unlessEnded(this.serviceActions(), ending);
    }
  }

  get #most(): number {
    return this.concurrent ? this.mostRequests : 1;
  }

  get #clock(): Clock {
    return this.runtime.clock;
  }

  get #isClosed(): boolean {
    return this.#closing !== undefined;
  }

  /** A request, unless none comes in time or something else is the matter. */
  async #takeWithin(
    timeoutMs: number | null,
    ending: AbortSignal | undefined,
  ): Promise<TakenRequest<Request> | undefined> {
    if (this.#isTaking) throw new TypeError("It takes requests already");
    this.#isTaking = true;
    const asked = this.#asked ??= this.#ask();
    if (asked.outcome === undefined) await this.#awake(timeoutMs, ending);
    this.#isTaking = false;
    const { outcome } = asked;
    if (outcome === undefined) return undefined;
    this.#asked = undefined;
    if ("error" in outcome) {
      return await this.#failedToTake(outcome.error, ending);
    }
    this.#patience.reset();
    return outcome.taken;
  }

  #ask(): Asked<Request> {
    const asked: Asked<Request> = { outcome: undefined, over: undefined };
    const get = async () => await this.getRequest();
    asked.over = get().then(
      (taken) => void (asked.outcome = { taken }),
      (error: unknown) => void (asked.outcome = { error }),
    ).then(() => this.#onChange?.());
    return asked;
  }

  async #failedToTake(
    error: unknown,
    ending: AbortSignal | undefined,
  ): Promise<undefined> {
    if (this.#isClosed) return undefined;
    if (!(error instanceof SocketError) || this.socket.isClosed) throw error;
    if (troubleOf(error) === "one") return undefined;
    const waitMs = this.#patience.next();
    await pause(this.#clock, waitMs, ending).catch(() => {});
    return undefined;
  }

  /** Settles when something has come, or there is room, or the time is up. */
  #awake(
    timeoutMs: number | null,
    ending: AbortSignal | undefined,
  ): Promise<void> {
    return new Promise((resolve) => {
      const timer = timeoutMs === null
        ? undefined
        : this.#clock.start(timeoutMs, () => wake());
      const wake = this.#onChange = () => {
        this.#onChange = undefined;
        timer?.cancel();
        ending?.removeEventListener("abort", wake);
        resolve();
      };
      ending?.addEventListener("abort", wake);
      if (ending?.aborted) wake();
    });
  }

  /** Serves a request; gives a promise that never rejects. */
  #begin([request, clientAddress]: TakenRequest<Request>): Promise<void> {
    const served = this.#chain(request, clientAddress).then(() => {
      this.#requests.delete(request);
      this.#onChange?.();
    });
    this.#requests.set(request, served);
    return served;
  }

  async #chain(request: Request, clientAddress: Address): Promise<void> {
    try {
      if (await this.verifyRequest(request, clientAddress)) {
        await this.processRequest(request, clientAddress);
      }
    } catch (error) {
      await this.#tell(request, clientAddress, error);
    }
    await this.#shut(request, clientAddress);
  }

  /** Comes last, and whatever it does the request is over. */
  async #shut(request: Request, clientAddress: Address): Promise<void> {
    try {
      await this.shutdownRequest(request);
    } catch (error) {
      await this.#tell(request, clientAddress, error);
      this.abandon(request);
    }
  }

  async #tell(
    request: Request,
    clientAddress: Address,
    error: unknown,
  ): Promise<void> {
    try {
      await this.handleError(request, clientAddress, error);
    } catch {
      this.handleErrorFailures++;
    }
  }

  /**
   * Serves one request to its end; calls `handleTimeout` if none comes within
   * `timeout`.
   *
   * @throws {TypeError} | {RangeError} for a `timeout` that is none.
   * @throws {SocketError} what the address could not be claimed for.
   */
  async handleRequest(): Promise<void> {
    checkWait(this.timeout);
    await this.activated;
    const deadline = this.timeout === null
      ? undefined
      : this.#clock.now() + this.timeout;
    while (!this.#isClosed) {
      const leftMs = deadline === undefined
        ? null
        : Math.max(0, deadline - this.#clock.now());
      const taken = await this.#takeWithin(leftMs, undefined);
      if (taken !== undefined) return await this.#begin(taken);
      if (leftMs !== null && this.#clock.now() >= (deadline ?? 0)) {
        return await this.handleTimeout();
      }
    }
  }

  /**
   * Requests as they come, one at a time, for a loop to serve by itself. Each
   * goes to `shutdownRequest` when the loop asks for the next, or is left.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<TakenRequest<Request>> {
    let last: TakenRequest<Request> | undefined;
    const shutLast = async () => {
      const before = last;
      last = undefined;
      if (before !== undefined) await this.#shut(...before);
    };
    const steps = iterate<TakenRequest<Request>>(async (step) => {
      await shutLast();
      last = await this.#nextVerified();
      return step(last ?? END);
    });
    return {
      next: () => steps.next(),
      return: async () => {
        await steps.return?.();
        await shutLast();
        return { done: true, value: undefined };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  async #nextVerified(): Promise<TakenRequest<Request> | undefined> {
    await this.activated;
    while (!this.#isClosed) {
      const taken = await this.#takeWithin(null, undefined);
      if (taken === undefined) continue;
      try {
        if (await this.verifyRequest(...taken)) return taken;
      } catch (error) {
        await this.#tell(...taken, error);
      }
      await this.#shut(...taken);
    }
    return undefined;
  }

  // ---- the end

  /**
   * Ends `serveForever`; settles when it has ended. Handlers go on, so that one
   * of them may call it and wait.
   */
  async shutdown(): Promise<void> {
    this.#ending?.abort();
    // How it ended is for who called it.
    await this.#loop?.catch(() => {});
  }

  /**
   * Closes the socket, and waits for handlers if `blockOnClose`; after
   * `graceMs` what is left is ended by force. May be called again; never
   * rejects.
   */
  serverClose(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    this.#ending?.abort();
    await this.#closeSocket();
    await this.#closeClaimed();
    await this.#shutAsked();
    this.#onChange?.();
    if (this.blockOnClose) await this.#awaitHandlers();
  }

  /** A socket that is yet to be made, of an address that is being claimed. */
  async #closeClaimed(): Promise<void> {
    const claimed = this.#claiming?.catch(() => {})
      .then(() => this.#closeSocket());
    // A `serverBind` of the program's own may never settle.
    if (claimed !== undefined) await this.#within(claimed);
  }

  async #closeSocket(): Promise<void> {
    const socket = this.#socketIfAny();
    await socket?.close();
    await socket?.closed;
  }

  /** Somebody came whom nobody has taken. */
  async #shutAsked(): Promise<void> {
    const asked = this.#asked;
    if (asked?.over === undefined) return;
    await this.#within(asked.over);
    // A `getRequest` of the program's own may take longer.
    if (asked.outcome === undefined) {
      return void asked.over.then(() => this.#shutAsked());
    }
    // Else whoever waits for it has taken it.
    if (this.#asked === undefined) return;
    this.#asked = undefined;
    if (!("taken" in asked.outcome)) return;
    const { taken } = asked.outcome;
    await this.#within(this.#shut(...taken));
    this.abandon(taken[0]);
  }

  /** There is none if it could not be bound. */
  #socketIfAny(): BaseServer<Request>["socket"] | undefined {
    try {
      return this.socket;
    } catch {
      return undefined;
    }
  }

  async #awaitHandlers(): Promise<void> {
    await this.#within(Promise.all(this.#requests.values()));
    for (const request of this.#requests.keys()) this.abandon(request);
  }

  /** Waits for what the program does, as long as it is given. */
  async #within(work: Promise<unknown>): Promise<void> {
    const over = new AbortController();
    const grace = pause(this.#clock, checkGrace(this.graceMs), over.signal);
    await Promise.race([work, grace]);
    grace.catch(() => {}); // it is cut short, and nobody waits for it
    over.abort();
  }

  /** Ends serving, and closes. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown();
    await this.serverClose();
  }
}

/** What the program does, or the end at once: it may never settle. */
function unlessEnded(
  work: void | Promise<void>,
  ending: AbortSignal,
): Promise<void> | undefined {
  if (!(work instanceof Promise)) return undefined;
  return unlessAborted(work, ending).catch((error) => {
    if (!ending.aborted || error !== ending.reason) throw error;
  });
}

/** How long `handleRequest` waits. */
function checkWait(timeout: unknown): void {
  if (timeout === null) return;
  if (typeof timeout !== "number") {
    throw new TypeError(`timeout is a number or null: ${show(timeout)}`);
  }
  if (timeout >= 0) return;
  throw new RangeError(`timeout is not negative: ${timeout}`);
}
