/**
 * One connection: its two halves, what it is called, and what its errors say.
 * The driver below speaks to it as to a sink; the socket above owns it. How it
 * ends is in `ending.ts`.
 *
 * @module
 */

import { opened } from "../../handle_counts.ts";
import type { Clock } from "../../clock.ts";
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
import type { Wait } from "../../deadline.ts";
import { Ending, type EndingOwner } from "./ending.ts";
import { closed, failed, noteOpening, openingOf } from "../diagnostics.ts";
import type { ReceiverOwner } from "./receiver.ts";
import { Receiver } from "./receiver.ts";
import type { SenderOwner } from "./sender.ts";
import { Sender } from "./sender.ts";

/** A connected stream and everything that is known of it. */
export class Connection
  implements StreamSink, SenderOwner, ReceiverOwner, EndingOwner {
  /** The receiving half. */
  readonly receiver: Receiver;
  /** The sending half. */
  readonly sender: Sender;
  /** Told of every change that a poll may wait for. */
  onChange: (() => void) | undefined;
  /** The host that it was to reach, by which TLS verifies the peer. */
  readonly hostname: string | undefined;
  /** What serves it. */
  readonly runtime: Runtime;
  #raw: RawStream;
  #isReferenced = true;
  #ending: Ending | undefined;

  /** Takes charge of a raw stream, which was to reach `hostname`. */
  constructor(raw: RawStream, runtime: Runtime, hostname?: string) {
    this.hostname = hostname;
    this.runtime = runtime;
    this.#raw = raw;
    this.sender = new Sender(this);
    this.receiver = new Receiver(this);
    opened("stream");
    if (closed.isHeard) noteOpening(this, runtime.clock.now());
    raw.attach(this);
  }

  /** What time goes by. */
  get clock(): Clock {
    return this.runtime.clock;
  }

  /** The stream that it goes over now. */
  get raw(): RawStream {
    return this.#raw;
  }

  /** The address of the peer; `undefined` if it was gone before it had one. */
  get peerAddress(): Address | undefined {
    return this.#raw.remoteAddress;
  }

  /** The address of this end. */
  localAddress(op: string): Address {
    return this.#translated(op, () => this.#raw.localAddress());
  }

  /** What ended the connection, if it did not end well. */
  get fault(): Fault | undefined {
    return this.#ending?.fault;
  }

  /** What ended the connection, or the sending half of it. */
  get failure(): Fault | undefined {
    return this.fault ?? this.sender.fault;
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
    if (this.fault !== undefined) this.receiver.failed();
    else this.receiver.end();
    this.#ending?.ended();
    this.onChange?.();
  }

  /** The connection died. */
  failed(fault: Fault): void {
    const ending = this.#madeEnding;
    ending.blame(fault);
    if (failed.isHeard) {
      failed.publish({ op: "stream", peer: this.peerAddress, error: fault });
    }
    this.receiver.failed();
    this.sender.failed();
    ending.failed();
    this.onChange?.();
  }

  /** The kernel takes more. */
  writable(): void {
    this.sender.writable();
  }

  /** The descriptor is released. */
  closed(): void {
    this.#madeEnding.closed();
  }

  /** Its descriptor has been released: whoever listens is told. */
  tellReleased(): void {
    if (!closed.isHeard) return;
    const { peerAddress: peer, receiver, sender, runtime } = this;
    const openedAt = openingOf(this);
    closed.publish({
      peer,
      durationMs: openedAt && runtime.clock.now() - openedAt,
      bytesReceived: receiver.bytesReceived,
      bytesSent: sender.bytesSent,
    });
  }

  // ---- what the halves ask

  /** Makes the error of a code. */
  error(
    code: string,
    op: string,
    reason?: string,
    bytesSent?: number,
  ): SocketError {
    const cutBy = code === "EBADF" ? this.#ending?.cutBy : undefined;
    if (cutBy !== undefined) return this.faultError(cutBy, op, bytesSent);
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
    this.#madeEnding.blame(fault);
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
      throw this.translate(error, op);
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

  /** Ends well: flushes, sends FIN, drains, releases. See {@linkcode Ending}. */
  close(lingerMs: number): Promise<void> {
    return this.#madeEnding.close(lingerMs);
  }

  /** Ends with RST whatever is in hand. Settles when it is released. */
  abort(): Promise<void> {
    return this.#madeEnding.abort();
  }

  /** Like `abort`, also of a close under way, for a reason that calls are told. */
  cut(reason: Fault): void {
    this.#madeEnding.cut(reason);
  }

  /** Sends RST and releases. Throws where the runtime cannot. */
  reset(op: string): void {
    this.#madeEnding.reset(op);
  }

  /** Gives the runtime's object back. The connection is over for us. */
  detach(op: string): unknown {
    const { receiver, sender } = this;
    if (receiver.isBusy || sender.isBusy) throw this.error("EBUSY", op);
    if (receiver.buffered > 0 || sender.unwritten > 0) {
      const reason = "bytes are in hand";
      throw socketError("EBUSY", { op, address: this.peerAddress, reason });
    }
    return this.#madeEnding.letGo(op, () => this.#raw.detach());
  }

  get #madeEnding(): Ending {
    return this.#ending ??= new Ending(this);
  }

  /** Whether it was closed, by whatever call, so that no call may begin. */
  get isClosed(): boolean {
    return this.#ending?.isClosed === true;
  }

  /** Whether no byte of ours goes any more. */
  get isOver(): boolean {
    return this.#ending?.isOver === true;
  }

  get #isReleased(): boolean {
    return this.#ending?.isReleased === true;
  }

  /** Settles when the descriptor is released; never rejects. */
  get released(): Promise<void> {
    return this.#madeEnding.released;
  }

  // ---- TLS in mid-stream

  /** What was agreed on, if it is a connection of TLS. */
  get tls(): TlsInfo | undefined {
    return this.#raw.tls;
  }

  /**
   * Whether TLS is being put between it and its stream: no other call may
   * begin.
   */
  get isUpgrading(): boolean {
    return this.#ending?.isUpgrading === true;
  }

  /**
   * From now on no call may begin, until the upgrade is over. Gives what is
   * aborted when the connection is closed meanwhile.
   */
  beginUpgrade(op: string): AbortSignal {
    const closing = this.#madeEnding.beginUpgrade();
    this.receiver.hold(op);
    return closing;
  }

  /** Nothing has happened: it is used as before. */
  cancelUpgrade(): void {
    this.#madeEnding.endUpgrade();
    this.receiver.letGo();
    this.sender.letGo();
  }

  /** Goes on over another stream, which lies over the one it had. */
  replaceRaw(raw: RawStream): void {
    this.#madeEnding.endUpgrade();
    this.#raw = raw;
    raw.attach(this);
    raw.ref(this.#isReferenced);
    this.sender.rawReplaced();
    this.receiver.rawReplaced();
    this.onChange?.();
  }

  /**
   * The upgrade failed, and there is no way back to plain text. `isReleased`
   * says that whoever took the stream has ended it already.
   */
  failUpgrade(isReleased: boolean): Promise<void> {
    this.#madeEnding.endUpgrade();
    if (!isReleased) return this.abort();
    this.#madeEnding.leave();
    this.closed();
    this.onChange?.();
    return this.released;
  }

  // ---- the process

  /** Whether the connection keeps the process alive, until our FIN is out. */
  get isReferenced(): boolean {
    return this.#isReferenced;
  }

  /** Sets whether it does. */
  ref(flag: boolean): void {
    this.#isReferenced = flag;
    this.receiver.ref(flag);
    this.sender.ref(flag);
    if (this.#ending === undefined) this.#raw.ref(flag);
    else this.#ending.ref(flag);
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
      throw this.translate(error, op);
    }
  }

  /** What a call named `op` throws where the driver threw `error`. */
  translate(error: unknown, op: string): unknown {
    return toError(error, { op, address: this.peerAddress });
  }
}

function ignore(): void {}
