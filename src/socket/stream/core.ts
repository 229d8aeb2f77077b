/**
 * A stream socket below its public face: what it is bound to, what it becomes
 * when it connects or listens, and the end.
 *
 * @module
 */

import type { Endpoint } from "../../address.ts";
import type { AddressFamily } from "../../constants.ts";
import { AF_UNIX } from "../../constants.ts";
import type { Address, CloseOptions } from "../../contracts.ts";
import type { SocketError } from "../../errors.ts";
import { socketError } from "../../errors.ts";
import { toError } from "../../runtime/seam/fault.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import { Acceptor } from "./acceptor.ts";
import { toLinger } from "../arguments.ts";
import { Connecting } from "./connecting.ts";
import type { Connection } from "./connection.ts";
import type { EndpointOptions } from "./opening.ts";
import { openConnection, openListener } from "./opening.ts";
import { wildcard } from "../family.ts";
import { filenoOf } from "./fileno.ts";
import type { Wait } from "../../deadline.ts";
import { withErrors } from "../options/calls.ts";
import type { StreamOptions } from "../options/stream_options.ts";
import { StreamSettings } from "./settings.ts";
import type { StreamState } from "./readiness.ts";
import { StreamReadiness } from "./readiness.ts";

/** How a stream socket is made. Use `socket()`, `connect()` or `listen()`. */
export interface StreamSocketInit extends EndpointOptions {
  /** The address family. */
  readonly family: AddressFamily;
  /** The protocol number. */
  readonly proto: number;
  /** What serves it. */
  readonly runtime: Runtime;
  /** A connection that is there already. */
  readonly connection?: Connection;
  /** A listener that is there already. */
  readonly acceptor?: Acceptor;
  /** Whether somebody else made the socket, who may have set anything. */
  readonly isAdopted?: boolean;
}

/** A stream socket's state and what changes it. */
export class StreamCore implements StreamState {
  readonly #init: StreamSocketInit;
  readonly #settings: StreamSettings;
  #bound: Endpoint | undefined;
  #connection: Connection | undefined;
  #acceptor: Acceptor | undefined;
  #connecting: Connecting | undefined;
  /** The connect or listen that was made last, which may be over. */
  #opening: Promise<void> | undefined;
  /** Ends it, with an error, while it is under way. */
  #closing: AbortController | undefined;
  #isListening = false;
  #isClosed = false;
  #isReferenced = true;
  /** Files open on the connection, which they keep alive. */
  #files = 0;
  #lingerMs = 0;
  #released: Promise<void> | undefined;
  #onReleased: (() => void) | undefined;
  #readiness: StreamReadiness | undefined;

  /** A socket that has what `init` says, and is open. */
  constructor(init: StreamSocketInit) {
    this.#init = init;
    this.#settings = new StreamSettings(init, this);
    this.#connection = init.connection;
    this.#acceptor = init.acceptor;
    this.#isListening = init.acceptor !== undefined;
  }

  // ---- its state

  /** Whether `close`, `reset` or `detach` was called. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether it listens, or is about to. */
  get isListening(): boolean {
    return this.#isListening;
  }

  /** Whether a connect is under way. */
  get isConnecting(): boolean {
    return this.#connecting !== undefined && !this.#isClosed;
  }

  /** Whether a connect or a listen is under way. */
  get isOpening(): boolean {
    return this.isConnecting ||
      (this.#isListening && this.#acceptor === undefined);
  }

  /** Whether a connect failed whose error nobody has asked for. */
  get hasError(): boolean {
    return this.#settings.hasError;
  }

  /** What it is connected by, whatever its state. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** What it listens with. */
  get acceptor(): Acceptor | undefined {
    return this.#acceptor;
  }

  /**
   * The connection that a call named `op` uses.
   *
   * @throws {SocketError} `EBADF` after close, `ENOTCONN` without one.
   */
  live(op: string): Connection {
    this.#demandOpen(op);
    if (this.#connection !== undefined) return this.#connection;
    this.#settings.raiseError();
    const isEarly = this.#connecting?.delays(op) === true;
    throw fail(isEarly ? "EAGAIN" : "ENOTCONN", op);
  }

  /** The descriptor; −1 after close. */
  get fileno(): number {
    if (this.#isClosed) return -1;
    return filenoOf(this.#holder, this.#init.runtime);
  }

  /** What the socket has become, once it is connected or listens. */
  get #holder(): Connection | Acceptor | undefined {
    return this.#connection ?? this.#acceptor;
  }

  /** Whether it has neither connected nor listened, nor begun to. */
  get #isFresh(): boolean {
    return this.#holder === undefined && !this.#isListening &&
      this.#connecting === undefined;
  }

  #demandOpen(op: string): void {
    if (this.#isClosed) throw fail("EBADF", op);
  }

  // ---- addresses

  /** Claims a local address. */
  bind(endpoint: Endpoint): void {
    if (this.#bound !== undefined || !this.#isFresh) {
      throw fail("EINVAL", "bind");
    }
    this.#bound = endpoint;
  }

  /** The address of this end. */
  localAddress(op: string): Address {
    this.#demandOpen(op);
    if (this.#acceptor !== undefined) return this.#acceptor.address;
    const connected = this.#connection?.localAddress(op);
    if (connected !== undefined) return connected;
    const bound = this.#bound;
    return bound !== undefined && "family" in bound
      ? bound
      : wildcard(this.#init.family);
  }

  /** The address of the peer, until close. */
  get peerAddress(): Address | undefined {
    return this.#isClosed ? undefined : this.#connection?.peerAddress;
  }

  // ---- listening

  /** Listens on the bound address. */
  async listen(backlog: number): Promise<void> {
    this.#demandOpen("listen");
    const isUnnamed = this.#bound === undefined &&
      this.#init.family === AF_UNIX;
    if (!this.#isFresh || isUnnamed) throw fail("EINVAL", "listen");
    await (this.#opening = this.#listen(backlog));
  }

  async #listen(backlog: number): Promise<void> {
    const { family, runtime } = this.#init;
    const { signal } = this.#closing = new AbortController();
    this.#isListening = true;
    try {
      const raw = await openListener(
        runtime,
        this.#bound ?? wildcard(family),
        { ...this.#settings.ahead, family, backlog, closing: signal },
      );
      const acceptor = new Acceptor(raw, runtime, backlog);
      const refusal = this.#refusal("listen", acceptor);
      if (refusal !== undefined) {
        await acceptor.close();
        throw refusal;
      }
      this.#acceptor = acceptor;
      this.#opened(acceptor);
    } catch (error) {
      this.#isListening = false;
      throw error;
    } finally {
      this.#closing = undefined;
    }
  }

  /** What a call named `op` accepts with. */
  listener(op: string): Acceptor {
    this.#demandOpen(op);
    if (this.#acceptor === undefined) throw fail("EINVAL", op);
    return this.#acceptor;
  }

  /** How the socket of an accepted connection is made. */
  accepted(connection: Connection): StreamSocketInit {
    const { family, proto, runtime, abortive, isAdopted } = this.#init;
    return {
      family,
      proto,
      runtime,
      connection,
      abortive,
      isAdopted: isAdopted === true,
    };
  }

  /** What was set on a listener holds for what it accepts. */
  inherit(listener: StreamCore): void {
    const connection = this.#connection;
    if (connection === undefined) return;
    try {
      this.#settings.inherit(listener.#settings, connection);
    } catch (error) {
      void this.close({ lingerMs: 0 });
      const address = connection.peerAddress;
      throw toError(error, { op: "accept", address });
    }
  }

  // ---- connecting

  /** Connects; without waiting if `wait` says so. */
  async connect(endpoint: Endpoint, wait: Wait): Promise<void> {
    this.#demandOpen("connect");
    if (this.isConnecting) throw fail("EALREADY", "connect");
    this.#settings.raiseError();
    if (this.#connection !== undefined || this.#isListening) {
      throw fail("EISCONN", "connect");
    }
    this.#settings.demandConnectable();
    const opening = this.#opening = this.#open(endpoint, wait);
    if (wait.timeoutMs !== 0) return await opening;
    opening.catch(ignore); // closed meanwhile
    throw fail("EINPROGRESS", "connect");
  }

  async #open(endpoint: Endpoint, wait: Wait): Promise<void> {
    const connecting = this.#connecting = new Connecting(wait);
    const { signal } = this.#closing = new AbortController();
    try {
      const { family, runtime } = this.#init;
      const connection = await openConnection(runtime, endpoint, {
        ...this.#settings.ahead,
        family,
        local: this.#bound,
        wait: connecting.wait,
        closing: signal,
      });
      const refusal = this.#refusal("connect", connection);
      if (refusal !== undefined) {
        await connection.close(0);
        throw refusal;
      }
      this.#connection = connection;
      this.#opened(connection);
    } catch (error) {
      // Nobody waits for a connect in the background: it is told when asked.
      if (!connecting.isInBackground || this.#isClosed) throw error;
      this.#settings.connectFailed(error);
    } finally {
      this.#connecting = this.#closing = undefined;
      this.#readiness?.changed();
    }
  }

  /** The connection or listener is there: what was said before holds for it. */
  #opened(holder: Connection | Acceptor): void {
    if (!this.#isReferenced) holder.ref(false);
    this.#readiness?.adopt();
    if (this.#onReleased !== undefined) {
      void holder.released.then(this.#onReleased);
    }
  }

  // ---- options

  /** Does something with the options, whose faults become errors of `op`. */
  withOptions<T>(op: string, act: (options: StreamOptions) => T): T {
    this.#demandOpen(op);
    const address = this.#connection?.peerAddress ?? this.#acceptor?.address;
    const options = () => act(this.#settings.options(this.#holder));
    return withErrors(op, address, options);
  }

  /** Sets what was asked for before. Gives why the call `op` has to fail. */
  #refusal(op: "connect" | "listen", holder: Connection | Acceptor): unknown {
    try {
      this.#demandOpen(op);
      this.#settings.opened(holder);
      return undefined;
    } catch (error) {
      return toError(error, { op, address: this.#bound });
    }
  }

  // ---- polling

  /** What `select` and `Selector` ask. */
  get readiness(): StreamReadiness {
    return this.#readiness ??= new StreamReadiness(this);
  }

  // ---- ending

  /** Whether the open socket keeps the process alive. */
  ref(flag: boolean): void {
    this.#isReferenced = flag;
    this.#holder?.ref(flag);
  }

  /** A file is open on the connection; gives what its close must call. */
  holdFile(): () => void {
    this.#files++;
    return () => {
      this.#files--;
      if (this.#files > 0 || !this.#isClosed) return;
      void this.#end();
    };
  }

  /** Settles when the descriptor is released. Never rejects. */
  get released(): Promise<void> {
    const holder = this.#holder;
    if (holder !== undefined && this.#released === undefined) {
      return holder.released;
    }
    if (this.#isClosed && holder === undefined) return this.#undone();
    return this.#released ??= new Promise((resolve) => {
      this.#onReleased = resolve;
    });
  }

  /** Ends calls, sends what was accepted, releases. */
  async close(options?: CloseOptions): Promise<void> {
    const told = toLinger(options);
    const isTold = options?.lingerMs !== undefined;
    const lingerMs = isTold ? told : this.#settings.lingerMs ?? told;
    if (this.#isClosed) return await this.#whenReleased();
    this.#setClosed();
    this.#lingerMs = lingerMs;
    const op = this.#isListening ? "listen" : "connect";
    this.#closing?.abort(fail("EBADF", op));
    if (this.#files > 0) return this.#connection?.interrupt();
    await this.#end();
    await this.#undone();
    this.#onReleased?.();
  }

  /** Settles when nothing of a connect or listen is left that was ended. */
  async #undone(): Promise<void> {
    await this.#opening?.catch(ignore);
  }

  #setClosed(): void {
    this.#isClosed = true;
    this.#readiness?.changed();
  }

  /** Ends what there is, as `SO_LINGER` says. */
  #end(): Promise<void> | undefined {
    const connection = this.#connection;
    if (connection === undefined) return this.#acceptor?.close();
    return this.#settings.closesWithReset
      ? connection.abort()
      : connection.close(this.#lingerMs);
  }

  async #whenReleased(): Promise<void> {
    if (this.#files > 0) return;
    await this.released;
  }

  /** Sends RST and closes. */
  reset(): void {
    this.live("reset").reset("reset");
    this.#setClosed();
  }

  /** Gives the runtime's own object back and closes. */
  detach(): unknown {
    const connection = this.live("detach");
    if (this.#files > 0) {
      const reason = "a file is open on the connection";
      throw socketError("EBUSY", { op: "detach", reason });
    }
    const native = connection.detach("detach");
    this.#setClosed();
    return native;
  }
}

function fail(code: string, op: string): SocketError {
  return socketError(code, { op });
}

function ignore(): void {}
