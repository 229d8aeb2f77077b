/**
 * One connection: its two halves, how it ends, and what it is called. The
 * driver below speaks to it as to a sink; the socket above owns it.
 *
 * @module
 */

import { opened, released } from "../../handle_counts.ts";
import type { Clock } from "../../clock.ts";
import type { Address, Bytes } from "../../contracts.ts";
import type { SocketError } from "../../errors.ts";
import { socketError } from "../../errors.ts";
import type { NativeSocket } from "../../runtime/seam/native.ts";
import type {
  KeepAliveTuning,
  OptionName,
} from "../../runtime/seam/options.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import type { RawStream, StreamSink } from "../../runtime/seam/stream.ts";
import { errorOfFault, Fault, toError } from "../../runtime/seam/fault.ts";
import type { Wait } from "../../deadline.ts";
import { Receiver } from "./receiver.ts";
import type { SenderOwner } from "./sender.ts";
import { Sender } from "./sender.ts";

/** How long flushing and draining may take unless told, in milliseconds. */
export const DEFAULT_LINGER_MS = 2000;

/** A connected stream and everything that is known of it. */
export class Connection implements StreamSink, SenderOwner {
  /** The receiving half. */
  readonly receiver: Receiver;
  /** The sending half. */
  readonly sender: Sender;
  /** Told of every change that a poll may wait for. */
  onChange: (() => void) | undefined;
  readonly #raw: RawStream;
  readonly #clock: Clock;
  #fault: Fault | undefined;
  #isClosing = false;
  #isReleased = false;
  #isShutdown = false;
  #released: Promise<void> | undefined;
  #onReleased: (() => void) | undefined;

  /** Takes charge of a raw stream. */
  constructor(raw: RawStream, runtime: Runtime) {
    this.#raw = raw;
    this.#clock = runtime.clock;
    this.sender = new Sender(raw, runtime.clock, this);
    this.receiver = new Receiver(raw, runtime.clock, this);
    opened("stream");
    raw.attach(this);
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

  /** The failure that ended the connection, if one did. */
  get fault(): Fault | undefined {
    return this.#fault ?? this.sender.fault;
  }

  // ---- what the driver tells

  /** Bytes came. */
  data(chunk: Bytes): boolean {
    const wantsMore = this.receiver.data(chunk);
    this.onChange?.();
    return wantsMore;
  }

  /** Bytes came in memory that was lent. */
  landed(count: number): void {
    this.receiver.landed(count);
    this.onChange?.();
  }

  /** The peer's FIN; or the rest of a reset that a write was told of already. */
  end(): void {
    if (this.#fault !== undefined) this.receiver.failed(this.#fault);
    else this.receiver.end();
    if (this.#isClosing && this.#isShutdown) this.#raw.close();
    this.onChange?.();
  }

  /** The connection died. */
  failed(fault: Fault): void {
    this.#fault ??= fault;
    this.receiver.failed(this.#fault);
    this.sender.failed(this.#fault);
    if (this.#isClosing) this.#raw.close();
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
    if (!this.#isClosing && !isOver && this.fault === undefined) {
      this.failed(new Fault("ECONNABORTED", undefined, CLOSED_ELSEWHERE));
    }
    this.#isReleased = true;
    released("stream");
    this.#onReleased?.();
  }

  // ---- what the halves ask

  /** Makes the error of a code. */
  error(code: string, op: string, bytesSent?: number): SocketError {
    return socketError(code, { op, address: this.peerAddress, bytesSent });
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

  // ---- what the socket asks

  /** Sends FIN behind everything accepted; later sends are `EPIPE`. */
  async finish(op: string, wait: Wait): Promise<void> {
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
    await this.sender.whenFlushed();
    // Should the connection die meanwhile, the next call is told.
    if (!this.#isReleased) await this.#raw.shutdown().catch(ignore);
  }

  /** Flushes, ends and releases. Settles when the descriptor is released. */
  close(lingerMs: number): Promise<void> {
    if (this.#isClosing) return this.released;
    this.#isClosing = true;
    const isEnded = this.receiver.isEnded;
    this.receiver.close();
    this.sender.close();
    const isFlushed = this.sender.unwritten === 0;
    if (this.#fault !== undefined || this.#isReleased) this.#raw.close();
    else if (isEnded && isFlushed && !this.sender.isBusy) this.#raw.close();
    else if (lingerMs === 0) this.#abandon();
    else void this.#linger(lingerMs);
    return this.released;
  }

  /** The socket is closed while files go on: ends the socket's own calls. */
  interrupt(): void {
    this.receiver.interrupt(undefined);
    this.sender.interrupt();
  }

  /** Flush, FIN, then read and drop until the peer's FIN, all in time. */
  async #linger(lingerMs: number): Promise<void> {
    const timer = this.#clock.start(lingerMs, () => this.#abandon());
    void this.released.then(() => timer.cancel());
    await this.sender.whenFlushed();
    if (this.#isReleased) return;
    try {
      if (!this.sender.isFinished) await this.#raw.shutdown();
    } catch {
      // The connection died on the way; there is nothing left to end.
      this.#raw.close();
      return;
    }
    this.#isShutdown = true;
    if (this.receiver.isEnded || this.#fault !== undefined) this.#raw.close();
    else this.receiver.drain();
  }

  /** Out of time: reset, or close where the runtime cannot. */
  #abandon(): void {
    try {
      this.#raw.reset();
    } catch {
      this.#raw.close();
    }
  }

  /** Ends with RST whatever is in hand. Settles as `close` does. */
  abort(): Promise<void> {
    if (this.#isClosing || this.#fault !== undefined) return this.close(0);
    this.#isClosing = true;
    this.receiver.close();
    this.sender.close();
    this.#abandon();
    return this.released;
  }

  /** Sends RST and releases. Throws where the runtime cannot. */
  reset(op: string): void {
    if (this.#isReleased) return;
    this.#letGo(op, () => this.#raw.reset());
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

  /** Ends here what `act` ends below; goes on where the runtime cannot. */
  #letGo<T>(op: string, act: () => T): T {
    const wasClosing = this.#isClosing;
    this.#isClosing = true; // the driver may say `closed()` before it returns
    try {
      const result = act();
      this.receiver.close();
      this.sender.close();
      return result;
    } catch (error) {
      this.#isClosing = wasClosing;
      throw this.#translate(error, op);
    }
  }

  /** Whether the open connection keeps the process alive. */
  ref(flag: boolean): void {
    this.receiver.ref(flag);
    this.sender.ref(flag);
    if (!this.#isReleased) this.#raw.ref(flag);
  }

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
    return { fd, local, peer: this.peerAddress };
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
