/**
 * One connection: its two halves, how it ends, and what it is called. The
 * driver below speaks to it as to a sink; the socket above owns it.
 *
 * @module
 */

import { opened, released } from "../../handle_counts.ts";
import { formatAddress } from "../../address.ts";
import type { Clock, Timer } from "../../clock.ts";
import type { Address, Bytes } from "../../contracts.ts";
import { SHUT_RD, SHUT_WR, SOCK_STREAM } from "../../constants.ts";
import type { SocketError } from "../../errors.ts";
import { socketError } from "../../errors.ts";
import type { NativeSocket } from "../../runtime/seam/native.ts";
import type {
  KeepAliveTuning,
  OptionName,
} from "../../runtime/seam/options.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import type { RawStream, StreamSink } from "../../runtime/seam/stream.ts";
import type { TlsInfo } from "../../tls_contracts.ts";
import { errorOfFault, toError } from "../../runtime/seam/error_mapping.ts";
import { Fault } from "../../runtime/seam/fault.ts";
import { settleWithin, type Wait, waitOf } from "../../deadline.ts";
import type { ReceiverOwner } from "./receiver.ts";
import { Receiver } from "./receiver.ts";
import type { SenderOwner } from "./sender.ts";
import { Sender } from "./sender.ts";

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

/** So long `close` waits, from our FIN on, for the descriptor to be released. */
const GRACE_MS = 50;

/**
 * The drains that go on behind a settled close, by both addresses. If the peer
 * is of this process too, its close waits for ours to be over: a program that
 * has closed both ends has nothing left. Each network in memory has addresses
 * of its own, hence a table for each runtime.
 */
const drainsBehind: WeakMap<Runtime, Map<string, Connection>> = new WeakMap();

/** A connected stream and everything that is known of it. */
export class Connection implements StreamSink, SenderOwner, ReceiverOwner {
  /** The receiving half. */
  readonly receiver: Receiver;
  /** The sending half. */
  readonly sender: Sender;
  /** Told of every change that a poll may wait for. */
  onChange: (() => void) | undefined;
  /** The host that it was to reach, by which TLS verifies the peer. */
  readonly hostname: string | undefined;
  #raw: RawStream;
  readonly #clock: Clock;
  readonly #runtime: Runtime;
  #phase: Phase = "open";
  #fault: Fault | undefined;
  /** Why the program cut it, which calls are told in the place of `EBADF`. */
  #cutBy: Fault | undefined;
  #released: Promise<void> | undefined;
  #onReleased: (() => void) | undefined;
  #isReferenced = true;
  /** Of a close that takes its time: what it settles, and its two clocks. */
  #closing: Promise<void> | undefined;
  #onSettled: (() => void) | undefined;
  #timer: Timer | undefined;
  #grace: Timer | undefined;
  /** Calls off an upgrade to TLS. */
  #upgrade: AbortController | undefined;

  /** Takes charge of a raw stream, which was to reach `hostname`. */
  constructor(raw: RawStream, runtime: Runtime, hostname?: string) {
    this.hostname = hostname;
    this.#raw = raw;
    this.#clock = runtime.clock;
    this.#runtime = runtime;
    this.sender = new Sender(raw, runtime.clock, this);
    this.receiver = new Receiver(raw, runtime.clock, this);
    opened("stream");
    raw.attach(this);
  }

  /** Whether it was closed, by whatever call, so that no call may begin. */
  get isClosed(): boolean {
    return !this.#isUsed && this.#phase !== "lost";
  }

  /** Whether neither the program nor the driver has let go of it. */
  get #isUsed(): boolean {
    return this.#phase === "open" || this.#phase === "upgrading";
  }

  /** Whether no byte of ours goes any more. */
  get isOver(): boolean {
    return this.#phase === "releasing" || this.#phase === "released";
  }

  get #isReleased(): boolean {
    return this.#phase === "released" || this.#phase === "lost";
  }

  /** Settles when the descriptor is released; never rejects. */
  get released(): Promise<void> {
    if (this.#isReleased) return DONE;
    return this.#released ??= new Promise((resolve) =>
      this.#onReleased = resolve
    );
  }

  /** The address of the peer; `undefined` if it was gone before it had a name. */
  get peerAddress(): Address | undefined {
    return this.#raw.remoteAddress;
  }

  /** The address of this end. */
  localAddress(op: string): Address {
    return this.#translated(op, () => this.#raw.localAddress());
  }

  /** What ended the connection, if it did not end well. */
  get fault(): Fault | undefined {
    return this.#fault;
  }

  /** What ended the connection, or the sending half of it. */
  get failure(): Fault | undefined {
    return this.#fault ?? this.sender.fault;
  }

  // ---- what the driver tells

  /** Bytes came. */
  data(chunk: Bytes): boolean {
    const wantsMore = this.receiver.data(chunk);
    this.onChange?.();
    return wantsMore;
  }

  /** Bytes came in memory that is the driver's again afterwards. */
  passing(chunk: Uint8Array): boolean {
    const wantsMore = this.receiver.passing(chunk);
    this.onChange?.();
    return wantsMore;
  }

  /** The peer's FIN; or the rest of a reset that a write was told of already. */
  end(): void {
    if (this.#fault !== undefined) this.receiver.failed();
    else this.receiver.end();
    if (this.#phase === "draining") this.#release();
    this.onChange?.();
  }

  /** The connection died. */
  failed(fault: Fault): void {
    this.#fault ??= fault;
    this.receiver.failed();
    this.sender.failed();
    if (this.isClosed && !this.isOver) this.#release();
    this.onChange?.();
  }

  /** The kernel takes more. */
  writable(): void {
    this.sender.writable();
  }

  /** The descriptor is released. */
  closed(): void {
    if (this.#isReleased) return;
    const isOver = this.receiver.isEnded && this.sender.isFinished;
    const isLost = this.#isUsed;
    if (isLost && !isOver && this.failure === undefined) {
      this.failed(new Fault("ECONNABORTED", undefined, CLOSED_ELSEWHERE));
    }
    this.#phase = isLost ? "lost" : "released";
    this.#timer?.cancel();
    this.#grace?.cancel();
    released("stream");
    this.#onReleased?.();
    this.#settle();
  }

  // ---- what the halves ask

  /** Makes the error of a code. */
  error(
    code: string,
    op: string,
    reason?: string,
    bytesSent?: number,
  ): SocketError {
    if (code === "EBADF" && this.#cutBy !== undefined) {
      return this.faultError(this.#cutBy, op, bytesSent);
    }
    const address = this.peerAddress;
    return socketError(code, { op, address, bytesSent, reason });
  }

  /** Makes the error of a fault. */
  faultError(fault: Fault, op: string, bytesSent?: number): SocketError {
    return errorOfFault(fault, { op, address: this.peerAddress, bytesSent });
  }

  /** A half changed. */
  changed(): void {
    this.onChange?.();
  }

  /** A write was told that the connection is dead; reads will follow. */
  connectionFailed(fault: Fault): void {
    this.#fault ??= fault;
  }

  // ---- ending a direction

  /** Ends one or both directions, as `SHUT_RD`, `SHUT_WR`, `SHUT_RDWR`. */
  async shutdown(op: string, how: number, wait: Wait): Promise<void> {
    if (this.isUpgrading) throw this.error("EBUSY", op, undefined, 0);
    const ends = how !== SHUT_RD;
    // Before the reading side is shut, which cannot be undone.
    if (ends && this.sender.isBusy) throw this.error("EBUSY", op, undefined, 0);
    if (how !== SHUT_WR) this.receiver.shut();
    if (ends) await this.#finish(op, wait);
  }

  /** Sends FIN behind everything accepted; later sends are `EPIPE`. */
  async #finish(op: string, wait: Wait): Promise<void> {
    if (this.sender.isFinished) return;
    await this.sender.flush(op, wait);
    this.sender.finish();
    this.onChange?.();
    // A call that must not wait leaves the FIN behind what is unwritten.
    if (this.sender.unwritten > 0) return void this.#finishLater();
    try {
      await this.#raw.shutdown();
    } catch (error) {
      throw this.#translate(error, op);
    }
  }

  async #finishLater(): Promise<void> {
    await this.sender.whenIdle();
    // Should the connection die meanwhile, the next call is told.
    if (!this.#isReleased) await this.#raw.shutdown().catch(ignore);
  }

  // ---- ending the connection

  /** The socket is closed while files go on: ends the socket's own calls. */
  interrupt(): void {
    this.receiver.interrupt(undefined);
    this.sender.interrupt();
  }

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

  /** The other end, if it is of this process and drains behind its close. */
  #findTwin(): Connection | undefined {
    const drains = drainsBehind.get(this.#runtime);
    if (drains === undefined || drains.size === 0) return undefined;
    const name = this.#name((local, peer) => `${peer} ${local}`);
    return name === undefined ? undefined : drains.get(name);
  }

  async #awaitTwin(closing: Promise<void>, twin: Connection): Promise<void> {
    await closing;
    const wait = waitOf(GRACE_MS);
    await settleWithin(twin.released, this.#clock, wait, () => undefined)
      .catch(ignore);
  }

  /** Both addresses as one text; `undefined` where there are none. */
  #name(join: (local: string, peer: string) => string): string | undefined {
    const peer = this.peerAddress;
    if (peer === undefined || peer.family === "unix") return undefined;
    try {
      return join(formatAddress(this.#raw.localAddress()), formatAddress(peer));
    } catch {
      return undefined; // the runtime may know none any more
    }
  }

  #close(lingerMs: number): Promise<void> {
    if (this.isClosed) return this.#closing ?? this.released;
    if (this.isUpgrading) return this.#callOff();
    if (this.#isReleased || this.#fault !== undefined) this.#release();
    else if (this.sender.isIdle && this.receiver.isEnded) this.#release();
    else if (lingerMs > 0) return this.#closing = this.#linger(lingerMs);
    else if (this.sender.isIdle) this.#release();
    else this.#releaseWithReset();
    return this.released;
  }

  /** Ends with RST whatever is in hand. Settles when it is released. */
  abort(): Promise<void> {
    if (this.isClosed) return this.released;
    if (this.isUpgrading) return this.#callOff();
    if (this.#isReleased || this.#fault !== undefined) this.#release();
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
    const upgrade = this.#upgrade;
    this.#cutBy = reason;
    this.#fault ??= reason;
    this.receiver.cut();
    if (this.#isReleased) this.#release();
    else this.#releaseWithReset();
    upgrade?.abort(this.error("EBADF", "startTls"));
    this.onChange?.();
  }

  /** Sends RST and releases. Throws where the runtime cannot. */
  reset(op: string): void {
    if (this.#isReleased) return;
    const upgrade = this.#upgrade;
    this.#letGo(op, () => this.#raw.reset());
    upgrade?.abort(this.error("EBADF", "startTls"));
  }

  /** Gives the runtime's object back. The connection is over for us. */
  detach(op: string): unknown {
    const { receiver, sender } = this;
    if (receiver.isBusy || sender.isBusy) throw this.error("EBUSY", op);
    if (receiver.buffered > 0 || sender.unwritten > 0) {
      const reason = "bytes are in hand";
      throw socketError("EBUSY", { op, address: this.peerAddress, reason });
    }
    return this.#letGo(op, () => this.#raw.detach());
  }

  /** Flush and FIN in time; unread input would make the kernel send RST. */
  #linger(lingerMs: number): Promise<void> {
    this.#phase = "flushing";
    this.receiver.close();
    this.sender.leave();
    this.#timer = this.#clock.start(lingerMs, () => this.#timeOut());
    this.#holdProcess();
    this.receiver.drain();
    void this.#sendEnd();
    return new Promise((resolve) => this.#onSettled = resolve);
  }

  async #sendEnd(): Promise<void> {
    await this.sender.whenIdle();
    if (this.#phase !== "flushing") return;
    // A stream that was cut must not pass for a whole one.
    if (this.sender.isCut) return this.#releaseWithReset();
    try {
      if (!this.sender.isFinished) await this.#raw.shutdown();
    } catch {
      // The connection died on the way; there is nothing left to end.
      return this.#release();
    }
    if (this.#phase === "flushing") this.#drain();
  }

  /** Our FIN is out: reads and drops until the peer's. */
  #drain(): void {
    if (this.receiver.isEnded) return this.#release();
    this.#phase = "draining";
    this.#holdProcess();
    this.#grace = this.#clock.start(GRACE_MS, () => this.#goOnBehind());
    this.#grace.ref?.(this.#isReferenced);
  }

  /** The peer keeps its side open: the close settles, the drain goes on. */
  #goOnBehind(): void {
    const name = this.#name((local, peer) => `${local} ${peer}`);
    if (name !== undefined) this.#drainBehind(name);
    this.#settle();
  }

  #drainBehind(name: string): void {
    const drains = drainsBehind.get(this.#runtime) ?? new Map();
    drainsBehind.set(this.#runtime, drains);
    drains.set(name, this);
    void this.released.then(() => drains.delete(name));
  }

  /** RST where a cut stream would else pass for a whole one. */
  #timeOut(): void {
    if (this.#phase === "draining") this.#release();
    else this.#releaseWithReset();
  }

  #release(): void {
    this.#leave();
    this.#raw.close();
  }

  /** RST, or a close where the runtime cannot. */
  #releaseWithReset(): void {
    this.#leave();
    try {
      this.#raw.reset();
    } catch {
      this.#raw.close(true);
    }
  }

  /** Ends here what `act` ends below; goes on where the runtime cannot. */
  #letGo<T>(op: string, act: () => T): T {
    const before = this.#phase;
    // The driver may say `closed()` before it returns.
    this.#phase = "releasing";
    try {
      const result = act();
      this.#leave();
      return result;
    } catch (error) {
      this.#phase = before;
      throw this.#translate(error, op);
    }
  }

  /** No call goes on or begins; what is in hand to be received is dropped. */
  #leave(): void {
    this.#phase = this.#isReleased ? "released" : "releasing";
    this.receiver.close();
    this.sender.close();
  }

  /** What `close` waits for has come. */
  #settle(): void {
    this.#onSettled?.();
    this.#onSettled = undefined;
  }

  // ---- TLS in mid-stream

  /** What was agreed on, if it is a connection of TLS. */
  get tls(): TlsInfo | undefined {
    return this.#raw.tls;
  }

  /** Whether TLS is being put between it and its stream. */
  get isUpgrading(): boolean {
    return this.#phase === "upgrading";
  }

  /**
   * From now on no call may begin, until the upgrade is over. Gives what is
   * aborted when the connection is closed meanwhile.
   */
  beginUpgrade(op: string): AbortSignal {
    this.#phase = "upgrading";
    this.#upgrade = new AbortController();
    this.receiver.hold(op);
    return this.#upgrade.signal;
  }

  /** The stream, of which whoever takes it becomes the sink. */
  takeRaw(): RawStream {
    return this.#raw;
  }

  /** Nothing has happened: it is used as before. */
  cancelUpgrade(): void {
    this.#endUpgrade();
    this.receiver.letGo();
    this.sender.letGo();
  }

  /** Goes on over another stream, which lies over the one it had. */
  replaceRaw(raw: RawStream): void {
    this.#endUpgrade();
    this.#raw = raw;
    raw.attach(this);
    this.#holdProcess();
    this.sender.replaceRaw(raw);
    this.receiver.replaceRaw(raw);
    this.onChange?.();
  }

  /**
   * The upgrade failed, and there is no way back to plain text. `isReleased`
   * says that whoever took the stream has ended it already.
   */
  failUpgrade(isReleased: boolean): Promise<void> {
    if (this.isUpgrading) this.#endUpgrade();
    if (!isReleased) return this.abort();
    this.#leave();
    this.closed();
    this.onChange?.();
    return this.released;
  }

  #endUpgrade(): void {
    this.#phase = "open";
    this.#upgrade = undefined;
  }

  #callOff(): Promise<void> {
    this.#upgrade?.abort(this.error("EBADF", "startTls"));
    return this.released;
  }

  // ---- the process

  /** Whether the connection keeps the process alive, until our FIN is out. */
  ref(flag: boolean): void {
    this.#isReferenced = flag;
    this.receiver.ref(flag);
    this.sender.ref(flag);
    this.#grace?.ref?.(flag);
    this.#holdProcess();
  }

  #holdProcess(): void {
    if (this.#isReleased) return;
    const isHeld = this.#isReferenced && this.#phase !== "draining";
    this.#raw.ref(isHeld);
    this.#timer?.ref?.(isHeld);
  }

  // ---- what the socket asks

  /** Sets an option in the kernel, or throws a Fault. */
  setOption(name: OptionName, value: number, tuning?: KeepAliveTuning): void {
    if (this.#isReleased) {
      throw new Fault("EINVAL", undefined, "the connection is gone");
    }
    this.#raw.setOption(name, value, tuning);
  }

  /** What the kernel says of an option, where the runtime can ask it. */
  getOption(name: OptionName): number | undefined {
    return this.#isReleased ? undefined : this.#raw.getOption?.(name);
  }

  /** The descriptor, where the runtime tells it. */
  get fd(): number | undefined {
    return this.#isReleased ? -1 : this.#raw.fileno?.();
  }

  /** How the descriptor is found. */
  get native(): NativeSocket {
    const { fd } = this;
    const local = fd === undefined ? this.#raw.localAddress() : undefined;
    return { type: SOCK_STREAM, fd, local, peer: this.peerAddress };
  }

  #translated<T>(op: string, act: () => T): T {
    try {
      return act();
    } catch (error) {
      throw this.#translate(error, op);
    }
  }

  #translate(error: unknown, op: string): unknown {
    return toError(error, { op, address: this.peerAddress });
  }
}

const CLOSED_ELSEWHERE = "the program closed what the socket was made of";
function ignore(): void {}

const DONE: Promise<void> = Promise.resolve();
