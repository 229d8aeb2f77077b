/**
 * A listening socket below its public face: connections that wait, the bound
 * on how many may, and the one pending `accept`.
 *
 * @module
 */

import { SOCK_STREAM } from "../../constants.ts";
import { opened, released } from "../../handle_counts.ts";
import type { Address } from "../../contracts.ts";
import type { SocketError } from "../../errors.ts";
import { socketError } from "../../errors.ts";
import type { NativeSocket } from "../../runtime/seam/native.ts";
import { errorOfFault } from "../../runtime/seam/error_mapping.ts";
import type { Fault } from "../../runtime/seam/fault.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import type {
  ListenerSink,
  RawListener,
  RawStream,
} from "../../runtime/seam/stream.ts";
import { accepted, listening } from "../diagnostics.ts";
import { Connection } from "./connection.ts";
import { Handshakes, type ListenerTls } from "./handshakes.ts";
import type { Wait } from "../../deadline.ts";
import { PendingCall, type PendingCallOwner } from "../../pending_call.ts";

/**
 * However small a backlog is, so many may wait where the runtime accepts by
 * itself: kernels let clients wait, too, instead of resetting them.
 */
export const LEAST_WAITING = 4_096;

/** A raw listener and the connections it brought. */
export class Acceptor implements ListenerSink {
  /** The address claimed. */
  readonly address: Address;
  /**
   * Settles when its descriptor is released and those of the connections that
   * nobody accepted; never rejects.
   */
  readonly released: Promise<void>;
  /** The handshakes under way, where it speaks TLS. */
  readonly handshakes: Handshakes | undefined;
  /** Told of every change that a poll may wait for. */
  onChange: (() => void) | undefined;
  /** Given what the runtime had accepted when the close came; else reset. */
  onLate: ((connection: Connection) => void) | undefined;
  /** What comes while so many wait is reset. */
  mostWaiting: number;
  /** Whether a poll waits for input: then one accept is kept outstanding. */
  isWatched = false;
  readonly #raw: RawListener;
  readonly #runtime: Runtime;
  readonly #call: PendingCall;
  readonly #waiting: Connection[] = [];
  #fault: Fault | undefined;
  #isClosed = false;
  #isReleased = false;
  #onReleased: () => void = ignore;
  /** What waited unaccepted at the close, until it is released. */
  #refused: readonly Promise<void>[] = [];

  /** Takes charge of a raw listener, which may speak TLS. */
  constructor(
    raw: RawListener,
    runtime: Runtime,
    backlog: number,
    tls?: ListenerTls,
  ) {
    this.#raw = raw;
    this.#runtime = runtime;
    this.mostWaiting = Math.max(backlog, LEAST_WAITING);
    this.address = raw.localAddress;
    this.released = new Promise((resolve) => this.#onReleased = resolve);
    this.#call = new PendingCall<PendingCallOwner>(runtime.clock, this);
    this.handshakes = tls && new Handshakes(tls, runtime.clock, this.#shaken);
    opened("listener");
    if (listening.isHeard) listening.publish({ address: this.address });
    raw.attach(this);
    this.#keepShaking();
  }

  // ---- what the driver tells

  /** A connection came: to the pending call, or to the end of the queue. */
  connection(stream: RawStream): void {
    if (this.#isClosed && this.onLate !== undefined) {
      return this.onLate(new Connection(stream, this.#runtime));
    }
    if (this.#isClosed || !this.#hasRoom) {
      return void refuse(new Connection(stream, this.#runtime));
    }
    if (!this.#shakes) return this.#queue(stream);
    this.handshakes?.begin(stream);
    this.#keepShaking();
  }

  /** Handshakes under way count as connections that wait. */
  get #hasRoom(): boolean {
    const underWay = this.handshakes?.size ?? 0;
    return this.#waiting.length + underWay < this.mostWaiting;
  }

  /** A handshake is over: its stream to the queue, room for the next. */
  readonly #shaken = (stream: RawStream | undefined): void => {
    if (stream !== undefined && this.#isClosed) {
      void refuse(new Connection(stream, this.#runtime));
    } else if (stream !== undefined) this.#queue(stream);
    this.#keepShaking();
  };

  /**
   * Clients wait for our half of the handshake, whether or not somebody
   * accepts: with TLS connections are taken as long as there is room.
   */
  #keepShaking(): void {
    if (!this.#shakes || this.#isClosed) return;
    if (this.#hasRoom) this.#raw.resume();
  }

  /** Whether what comes is to be given TLS here. */
  get #shakes(): boolean {
    return this.handshakes?.areOurs === true;
  }

  #queue(stream: RawStream): void {
    const connection = new Connection(stream, this.#runtime);
    this.#waiting.push(connection);
    this.#call.retry();
    // Nobody reads it yet, so that it must not fill up meanwhile.
    if (this.#waiting.at(-1) === connection) stream.pause();
    this.onChange?.();
  }

  /** Accepting failed. Told to one `accept`, which may be called again. */
  failed(fault: Fault): void {
    this.#fault = fault;
    this.#call.retry();
    this.onChange?.();
  }

  /** Whether an accept would give something, or fail, at once. */
  get isReadable(): boolean {
    return this.#waiting.length > 0 || this.#fault !== undefined;
  }

  /** A poll waits: keeps one accept outstanding while nothing is in hand. */
  keepAccepting(): void {
    if (!this.isReadable && this.#hasRoom) this.#raw.resume();
  }

  /** The descriptor is released. */
  closed(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    released("listener");
    void Promise.all(this.#refused).then(this.#onReleased);
  }

  // ---- what the socket asks

  /** The oldest waiting connection; waits for one. */
  accept(op: string, wait: Wait): Promise<Connection> {
    return this.#call.run(op, () => this.#take(op), wait);
  }

  /** Ends the pending call if it is `caller`'s; others may follow. */
  interrupt(caller: object): void {
    this.#call.interrupt(caller);
  }

  /** The oldest waiting connection; `undefined` if none is in hand. */
  tryAccept(op: string): Connection | undefined {
    if (this.#call.isBusy) throw this.error("EBUSY", op);
    return this.#take(op);
  }

  #take(op: string): Connection | undefined {
    const connection = this.#waiting.shift();
    this.#keepShaking();
    if (this.isWatched) this.keepAccepting();
    if (connection !== undefined) {
      if (accepted.isHeard) this.#tell(connection);
      return connection;
    }
    const fault = this.#fault;
    this.#fault = undefined;
    if (fault !== undefined) throw this.#faultError(fault, op);
    if (this.#hasRoom) this.#raw.resume();
    return undefined;
  }

  #tell({ peerAddress: peer }: Connection): void {
    accepted.publish({ address: this.address, peer });
  }

  /** Stops listening and resets what waits unaccepted. */
  close(): Promise<void> {
    if (this.#isClosed) return this.released;
    this.#isClosed = true;
    this.#call.fail("EBADF");
    this.#call.dispose();
    const refused = this.#waiting.splice(0).map(refuse);
    const { handshakes } = this;
    // Before the listener goes: some tell at once that they are released.
    this.#refused = handshakes === undefined
      ? refused
      : [...refused, handshakes.close()];
    this.#raw.close();
    return this.released;
  }

  /** The descriptor, where the runtime tells it. */
  get fd(): number | undefined {
    return this.#isReleased ? -1 : this.#raw.fileno?.();
  }

  /** How the descriptor is found. */
  get native(): NativeSocket {
    const { fd, address } = this;
    return { type: SOCK_STREAM, fd, local: address, peer: undefined };
  }

  /** Whether the open listener keeps the process alive. */
  ref(flag: boolean): void {
    this.#call.ref(flag);
    if (!this.#isReleased) this.#raw.ref(flag);
  }

  /** Makes the error of a code. */
  error(code: string, op: string, reason?: string): SocketError {
    return socketError(code, { op, address: this.address, reason });
  }

  #faultError(fault: Fault, op: string): SocketError {
    return errorOfFault(fault, { op, address: this.address });
  }
}

/** Nobody will take the connection: RST, as the kernel does. */
function refuse(connection: Connection): Promise<void> {
  return connection.abort();
}

function ignore(): void {}
