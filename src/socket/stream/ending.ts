/**
 * How a connection ends: in order, which flushes, sends FIN and drains; with
 * RST; or by itself. One phase says how far it has come.
 *
 * @module
 */

import { formatAddress } from "../../address.ts";
import type { Timer } from "../../clock.ts";
import type { Address } from "../../contracts.ts";
import { settleWithin, waitOf } from "../../deadline.ts";
import type { SocketError } from "../../errors.ts";
import { released } from "../../handle_counts.ts";
import { Fault } from "../../runtime/seam/fault.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import type { RawStream } from "../../runtime/seam/stream.ts";
import type { Receiver } from "./receiver.ts";
import type { Sender } from "./sender.ts";

/**
 * How far a connection has come to its end:
 *
 * - `open`: it is used;
 * - `upgrading`: TLS is put between it and its stream, and no call may begin;
 * - `lost`: the driver let go of it by itself, and nobody has closed it yet;
 * - `flushing`: it was closed; what was accepted is still being written, and
 *   what comes is read and dropped;
 * - `draining`: our FIN is out; what comes is dropped until the peer's FIN;
 * - `releasing`: the driver was told to let go;
 * - `released`: it has.
 */
type Phase =
  | "open"
  | "upgrading"
  | "lost"
  | "flushing"
  | "draining"
  | "releasing"
  | "released";

/** What ends: a connection. */
export interface EndingOwner {
  /** What serves it. */
  readonly runtime: Runtime;
  /** The stream that it goes over now. */
  readonly raw: RawStream;
  /** The receiving half. */
  readonly receiver: Receiver;
  /** The sending half. */
  readonly sender: Sender;
  /** The address of the peer; `undefined` if it was gone before it had one. */
  readonly peerAddress: Address | undefined;
  /** What ended it, or the sending half of it. */
  readonly failure: Fault | undefined;
  /** Whether it keeps the process alive, until our FIN is out. */
  readonly isReferenced: boolean;
  /** It died: both halves are told. */
  failed(fault: Fault): void;
  /** Makes the error of a code. */
  error(code: string, op: string): SocketError;
  /** Its descriptor has been released. */
  tellReleased(): void;
  /** Something changed that a poll may wait for. */
  changed(): void;
  /** What a call named `op` throws where the driver threw `error`. */
  translate(error: unknown, op: string): unknown;
}

/** So long `close` waits, from our FIN on, for the descriptor to be released. */
const GRACE_MS = 50;

/**
 * The drains that go on behind a settled close, by both addresses. If the peer
 * is of this process too, its close waits for ours to be over: a program that
 * has closed both ends has nothing left. Each network in memory has addresses
 * of its own, hence a table for each runtime.
 */
const drainsBehind: WeakMap<Runtime, Map<string, Ending>> = new WeakMap();

/**
 * The end of one connection and why it came; made when it begins, or when
 * somebody wants to be told of it.
 */
export class Ending {
  readonly #owner: EndingOwner;
  #phase: Phase = "open";
  #fault: Fault | undefined;
  #cutBy: Fault | undefined;
  #released: Promise<void> | undefined;
  #onReleased: (() => void) | undefined;
  /** Of a close that takes its time: what it settles, and its two clocks. */
  #closing: Promise<void> | undefined;
  #onSettled: (() => void) | undefined;
  #timer: Timer | undefined;
  #grace: Timer | undefined;
  /** Aborted when it begins while TLS is put there. */
  #upgrade: AbortController | undefined;

  /** An end that has not begun. */
  constructor(owner: EndingOwner) {
    this.#owner = owner;
  }

  // ---- how far it has come

  /** Whether a call has begun it, so that no other call may begin. */
  get isClosed(): boolean {
    return !this.#isUsed && this.#phase !== "lost";
  }

  /** Whether neither the program nor the driver has let go. */
  get #isUsed(): boolean {
    return this.#phase === "open" || this.#phase === "upgrading";
  }

  /** Whether no byte of ours goes any more. */
  get isOver(): boolean {
    return this.#phase === "releasing" || this.#phase === "released";
  }

  /** Whether the descriptor is released. */
  get isReleased(): boolean {
    return this.#phase === "released" || this.#phase === "lost";
  }

  /** Settles when the descriptor is released; never rejects. */
  get released(): Promise<void> {
    if (this.isReleased) return DONE;
    return this.#released ??= new Promise((resolve) =>
      this.#onReleased = resolve
    );
  }

  /** Why it came, if the connection did not end well. */
  get fault(): Fault | undefined {
    return this.#fault;
  }

  /** The connection died; the first reason stays. */
  blame(fault: Fault): void {
    this.#fault ??= fault;
  }

  /** Why the program cut it, which calls are told in the place of `EBADF`. */
  get cutBy(): Fault | undefined {
    return this.#cutBy;
  }

  // ---- in order

  /**
   * Ends well: flushes, sends FIN, drains, releases. Settles when the
   * descriptor is released, or soon after the FIN where the peer keeps its
   * side open: the drain goes on behind, and keeps no process alive.
   */
  close(lingerMs: number): Promise<void> {
    const twin = this.#findTwin();
    const closing = this.#close(lingerMs);
    return twin === undefined ? closing : this.#awaitTwin(closing, twin);
  }

  #close(lingerMs: number): Promise<void> {
    const { sender, receiver } = this.#owner;
    if (this.isClosed) return this.#closing ?? this.released;
    if (this.isUpgrading) return this.#callOff();
    if (this.#isDead) this.#release();
    else if (sender.isIdle && receiver.isEnded) this.#release();
    else if (lingerMs > 0) return this.#closing = this.#linger(lingerMs);
    else if (sender.isIdle) this.#release();
    else this.#releaseWithReset();
    return this.released;
  }

  /** Whether there is nothing left to end but the descriptor. */
  get #isDead(): boolean {
    return this.isReleased || this.#fault !== undefined;
  }

  /** Flush and FIN in time; unread input would make the kernel send RST. */
  #linger(lingerMs: number): Promise<void> {
    const { runtime, receiver, sender } = this.#owner;
    this.#phase = "flushing";
    receiver.close();
    sender.leave();
    this.#timer = runtime.clock.start(lingerMs, () => this.#timeOut());
    this.#holdProcess();
    receiver.drain();
    void this.#sendEnd();
    return new Promise((resolve) => this.#onSettled = resolve);
  }

  async #sendEnd(): Promise<void> {
    const { raw, sender } = this.#owner;
    await sender.whenIdle();
    if (this.#phase !== "flushing") return;
    // A stream that was cut must not pass for a whole one.
    if (sender.isCut) return this.#releaseWithReset();
    try {
      if (!sender.isFinished) await raw.shutdown();
    } catch {
      // The connection died on the way; there is nothing left to end.
      return this.#release();
    }
    if (this.#phase === "flushing") this.#drain();
  }

  /** Our FIN is out: reads and drops until the peer's. */
  #drain(): void {
    const { runtime, receiver, isReferenced } = this.#owner;
    if (receiver.isEnded) return this.#release();
    this.#phase = "draining";
    this.#holdProcess();
    this.#grace = runtime.clock.start(GRACE_MS, () => this.#goOnBehind());
    this.#grace.ref?.(isReferenced);
  }

  /** The peer keeps its side open: the close settles, the drain goes on. */
  #goOnBehind(): void {
    const name = this.#name((local, peer) => `${local} ${peer}`);
    if (name !== undefined) this.#drainBehind(name);
    this.#settle();
  }

  /** What `close` waits for has come. */
  #settle(): void {
    this.#onSettled?.();
    this.#onSettled = undefined;
  }

  // ---- both ends of one process

  #drainBehind(name: string): void {
    const { runtime } = this.#owner;
    const drains = drainsBehind.get(runtime) ?? new Map();
    drainsBehind.set(runtime, drains);
    drains.set(name, this);
    void this.released.then(() => drains.delete(name));
  }

  /** The other end, if it is of this process and drains behind its close. */
  #findTwin(): Ending | undefined {
    const drains = drainsBehind.get(this.#owner.runtime);
    if (drains === undefined || drains.size === 0) return undefined;
    const name = this.#name((local, peer) => `${peer} ${local}`);
    return name === undefined ? undefined : drains.get(name);
  }

  async #awaitTwin(closing: Promise<void>, twin: Ending): Promise<void> {
    await closing;
    const { clock } = this.#owner.runtime;
    await settleWithin(twin.released, clock, waitOf(GRACE_MS), () => undefined)
      .catch(ignore);
  }

  /** Both addresses as one text; `undefined` where there are none. */
  #name(join: (local: string, peer: string) => string): string | undefined {
    const { raw, peerAddress: peer } = this.#owner;
    if (peer === undefined || peer.family === "unix") return undefined;
    try {
      return join(formatAddress(raw.localAddress()), formatAddress(peer));
    } catch {
      return undefined; // the runtime may know none any more
    }
  }

  // ---- with RST

  /** Ends with RST whatever is in hand. Settles when it is released. */
  abort(): Promise<void> {
    if (this.isClosed) return this.released;
    if (this.isUpgrading) return this.#callOff();
    if (this.#isDead) this.#release();
    else this.#releaseWithReset();
    return this.released;
  }

  /**
   * Like `abort`, also of a close that is under way, for a reason that pending
   * and later calls are told. What was sent whole stays sent.
   */
  cut(reason: Fault): void {
    if (this.isOver) return;
    if (this.isClosed) return this.#timeOut();
    this.#cutBy = reason;
    this.blame(reason);
    this.#owner.receiver.cut();
    if (this.isReleased) this.#release();
    else this.#releaseWithReset();
    this.#callOffUpgrade();
    this.#owner.changed();
  }

  /** Sends RST and releases. Throws where the runtime cannot. */
  reset(op: string): void {
    if (this.isReleased) return;
    this.letGo(op, () => this.#owner.raw.reset());
    this.#callOffUpgrade();
  }

  /** RST where a cut stream would else pass for a whole one. */
  #timeOut(): void {
    if (this.#phase === "draining") this.#release();
    else this.#releaseWithReset();
  }

  // ---- the last steps

  #release(): void {
    this.leave();
    this.#owner.raw.close();
  }

  /** RST, or a close where the runtime cannot. */
  #releaseWithReset(): void {
    const { raw } = this.#owner;
    this.leave();
    try {
      raw.reset();
    } catch {
      raw.close(true);
    }
  }

  /** Ends here what `act` ends below; goes on where the runtime cannot. */
  letGo<T>(op: string, act: () => T): T {
    const before = this.#phase;
    // The driver may say `closed()` before it returns.
    this.#phase = "releasing";
    try {
      const result = act();
      this.leave();
      return result;
    } catch (error) {
      this.#phase = before;
      throw this.#owner.translate(error, op);
    }
  }

  /** No call goes on or begins; what is in hand to be received is dropped. */
  leave(): void {
    this.#phase = this.isReleased ? "released" : "releasing";
    this.#owner.receiver.close();
    this.#owner.sender.close();
  }

  // ---- TLS in mid-stream

  /** Whether TLS is being put between the connection and its stream. */
  get isUpgrading(): boolean {
    return this.#phase === "upgrading";
  }

  /** TLS is put there; gives what is aborted when the end begins meanwhile. */
  beginUpgrade(): AbortSignal {
    this.#phase = "upgrading";
    this.#upgrade = new AbortController();
    return this.#upgrade.signal;
  }

  /** It is there, or will not be. */
  endUpgrade(): void {
    if (this.isUpgrading) this.#phase = "open";
    this.#upgrade = undefined;
  }

  /** Who puts it there ends the connection, and tells by `abort` or `leave`. */
  #callOff(): Promise<void> {
    this.#callOffUpgrade();
    return this.released;
  }

  #callOffUpgrade(): void {
    this.#upgrade?.abort(this.#owner.error("EBADF", "startTls"));
  }

  // ---- what the driver tells

  /** The peer's FIN: a drain is over. */
  ended(): void {
    if (this.#phase === "draining") this.#release();
  }

  /** The connection died: a close that is under way is over. */
  failed(): void {
    if (this.isClosed && !this.isOver) this.#release();
  }

  /** The descriptor is released. */
  closed(): void {
    if (this.isReleased) return;
    if (this.#isUsed) this.#lose();
    else this.#phase = "released";
    this.#timer?.cancel();
    this.#grace?.cancel();
    released("stream");
    this.#owner.tellReleased();
    this.#onReleased?.();
    this.#settle();
  }

  /** Nobody of ours has closed it. */
  #lose(): void {
    const { receiver, sender, failure } = this.#owner;
    const isOver = receiver.isEnded && sender.isFinished;
    if (!isOver && failure === undefined) {
      this.#owner.failed(
        new Fault("ECONNABORTED", undefined, CLOSED_ELSEWHERE),
      );
    }
    this.#phase = "lost";
  }

  // ---- the process

  /** Whether the connection keeps the process alive, until our FIN is out. */
  ref(flag: boolean): void {
    this.#grace?.ref?.(flag);
    this.#holdProcess();
  }

  #holdProcess(): void {
    if (this.isReleased) return;
    const { raw, isReferenced } = this.#owner;
    const isHeld = isReferenced && this.#phase !== "draining";
    raw.ref(isHeld);
    this.#timer?.ref?.(isHeld);
  }
}

const CLOSED_ELSEWHERE = "the program closed what the socket was made of";
function ignore(): void {}

const DONE: Promise<void> = Promise.resolve();
