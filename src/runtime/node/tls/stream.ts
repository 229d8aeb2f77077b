/**
 * A stream of plain bytes over a `TLSSocket`.
 *
 * @module
 */

import { systemClock } from "../../../clock.ts";
import type { Address } from "../../../contracts.ts";
import { faultOfEngine, tlsFault } from "../../../tls/error_mapping.ts";
import { afterTurn, atMicrotask } from "../../../turn.ts";
import type { TlsInfo } from "../../../tls_contracts.ts";
import { Fault } from "../../seam/fault.ts";
import type { KeepAliveTuning, OptionName } from "../../seam/options.ts";
import type { RawStream, StreamSink } from "../../seam/stream.ts";
import { alone, isAlone } from "../chunks.ts";
import type { NodeInternals } from "../native.ts";
import { quirks } from "../quirks.ts";
import { Burst } from "./burst.ts";
import { engineError } from "./engine_error.ts";
import type { TlsSocket } from "./native.ts";
import { readRecords, RECORD_BYTES } from "./record_reading.ts";
import type { Transport } from "./transport.ts";

/**
 * So many plain bytes go into the engine at once: Bun takes 32 MiB, says that
 * they are written, and has sent a tenth of a MiB.
 */
const LARGEST_WRITE_BYTES = 65_536;

/** So long the last record, which says that we end, may take to leave. */
const FAREWELL_MS = 200;

/** A write that waits for the stream below. */
interface PendingWrite {
  readonly bytes: number;
  resolve(bytes: number): void;
  reject(fault: Fault): void;
}

/** The driver of one connection, after its handshake. */
export class TlsStream implements RawStream {
  readonly writesAtOnce = false;
  readonly tls: TlsInfo;
  readonly #socket: TlsSocket;
  readonly #transport: Transport;
  #sink: StreamSink | undefined;
  #fault: Fault | undefined;
  #pending: PendingWrite | undefined;
  /** How many writes the engine has not told of. */
  #untold = 0;
  /** Plain bytes of records that came together. */
  readonly #burst = new Burst((chunk) => this.#giveBurst(chunk));
  /** The turn's end will give the burst. */
  #isFlushing = false;
  /** The sink copies what comes next. */
  #isCopied = false;
  #ending: Promise<void> | undefined;
  #isFlowing = true;
  /** The peer said by `close_notify` that it ends. */
  #isNotified = false;
  #isGivingRest = false;
  /** Its end was told. */
  #hasEnded = false;
  /** Nothing but `closed()` is told any more. */
  #isSilent = false;
  #isUnderClosed = false;
  #hasClosed = false;
  /** The program has let go. */
  #isReleased = false;

  /**
   * Takes charge of a socket, in the event that tells that its handshake is
   * over: the peer's end may come in that same turn. It is paused.
   */
  constructor(socket: TlsSocket, transport: Transport, info: TlsInfo) {
    this.tls = info;
    this.#socket = socket;
    this.#transport = transport;
    socket.allowHalfOpen = true;
    transport.watch = undefined;
    this.#watchEnd();
    socket.on("error", (error) => this.#failed(error));
    socket.on("end", () => this.#ended());
    socket.on("close", () => this.#engineClosed());
    socket.on("data", (chunk) => this.#received(chunk));
    readRecords(socket, (buffer, count) => this.#read(buffer, count));
    this.pause();
    transport.onFed = () => this.#burst.flush();
    void transport.released.then(() => this.#underClosed());
  }

  /**
   * The engine tells an end alike whether the peer's `close_notify` or its FIN
   * came; but for the latter what carries the records has told its own end
   * before.
   */
  #watchEnd(): void {
    const socket = this.#socket;
    const transport = this.#transport;
    const push = socket.push;
    socket.push = (chunk, encoding) => {
      if (chunk === null) {
        this.#isNotified ||= transport.isNotified(this.#isShut);
      }
      return push.call(socket, chunk, encoding);
    };
  }

  get #isShut(): boolean {
    return this.#ending !== undefined;
  }

  get remoteAddress(): Address | undefined {
    return this.#transport.under.remoteAddress;
  }

  localAddress(): Address {
    return this.#transport.under.localAddress();
  }

  attach(sink: StreamSink): void {
    const isFirst = this.#sink === undefined;
    this.#sink = sink;
    if (isFirst) atMicrotask(() => this.#tellEarly());
  }

  /** What ended before there was a sink. */
  #tellEarly(): void {
    if (this.#hasEnded) this.#sink?.end();
    if (this.#fault !== undefined) this.#tell();
    this.#tellClosed();
  }

  resume(isCopied = false): void {
    this.#isCopied = isCopied;
    if (this.#isFlowing || this.#isReleased) return;
    this.#isFlowing = true;
    this.#transport.want(true);
    this.#socket.resume();
  }

  pause(): void {
    this.#isFlowing = false;
    this.#transport.want(false);
    this.#socket.pause();
  }

  /**
   * Encrypted, and so copied, before it returns. The engine may say that it
   * has written when it has not: what is below tells the truth.
   */
  write(data: Uint8Array): number | Promise<number> {
    if (this.#fault !== undefined) throw this.#fault;
    if (this.#isNotified && quirks().closesTlsBothWays) {
      throw new Fault("EPIPE");
    }
    if (this.#socket.destroyed) throw new Fault("EBADF");
    const bytes = Math.min(data.length, LARGEST_WRITE_BYTES);
    if (bytes === 0) return 0;
    const { taken } = this.#transport;
    const waiting = this.#waiting;
    this.#untold++;
    this.#socket.write(data.subarray(0, bytes), this.#onTold);
    if (waiting === 0 && this.#isTaken(taken, bytes)) {
      return written(bytes, data);
    }
    return new Promise((resolve, reject) => {
      this.#pending = { bytes, resolve, reject };
      // Some take it at once, and their word comes too late or early.
      if (!this.#transport.isNative && this.#socket.writableLength === 0) {
        this.#drain();
      }
    });
  }

  /**
   * How many bytes of records the engine of the runtime's own socket has in
   * hand. It forgets them a turn after the kernel has taken them; what is
   * written while there are some, such as session tickets, waits that long.
   */
  get #waiting(): number {
    if (!this.#transport.isNative) return 0;
    const { _handle } = this.#socket as unknown as NodeInternals;
    return _handle?.writeQueueSize ?? 0;
  }

  /**
   * Whether the kernel has taken the write that was just made: the engine may
   * tell of it in a later turn only, so that what is below is asked instead.
   * `before` is what that had taken before.
   */
  #isTaken(before: number, bytes: number): boolean {
    const transport = this.#transport;
    const isAlone = this.#untold <= 1;
    if (transport.isNative) {
      // What the kernel refused is told of later.
      if (this.#socket.errored) return false;
      // Some are told of before they return; some reach the engine later.
      return this.#untold === 0 ||
        (isAlone && this.#waiting > bytes && transport.isDrained);
    }
    if (!transport.isDrained) return false;
    if (this.#socket.writableLength === 0) return true;
    // Records are longer than what they hold.
    return quirks().encryptsAtOnce && isAlone &&
      transport.taken - before > bytes;
  }

  /** The engine tells of the oldest write that it has not told of. */
  readonly #onTold = (error?: Error | null): void => {
    this.#untold--;
    if (error) this.#rejectWrite(error);
    else if (this.#untold === 0) this.#drain();
  };

  /** Whether nothing is under way, up to the kernel. */
  get #isWritten(): boolean {
    if (this.#pending !== undefined) return false;
    return this.#transport.isNative || this.#transport.isDrained;
  }

  /** Settles the write that waits once the stream below has its records. */
  #drain(): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    if (this.#transport.isNative || this.#transport.isDrained) {
      return this.#settleWrite(pending);
    }
    this.#transport.drained().then(
      () => this.#settleWrite(pending),
      (error) => this.#rejectWrite(error),
    );
  }

  #settleWrite(pending: PendingWrite): void {
    if (this.#pending !== pending) return;
    this.#pending = undefined;
    pending.resolve(pending.bytes);
  }

  #rejectWrite(error: unknown): void {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.reject(this.#fault ?? this.#faultOf(error));
  }

  /** Sends `close_notify`, then FIN, behind everything written. */
  shutdown(): Promise<void> {
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    return this.#ending ??= new Promise((resolve, reject) => {
      // Bun has ended this side together with the peer's.
      if (this.#socket.destroyed) return resolve();
      this.#socket.end((error) =>
        error ? reject(this.#fault ?? this.#faultOf(error)) : resolve()
      );
    });
  }

  reset(): void {
    this.#transport.under.reset();
    this.#release();
  }

  close(isCut = false): void {
    if (this.#isReleased) return;
    const isUsable = this.#fault === undefined && this.#pending === undefined &&
      !this.#socket.destroyed && !this.#socket.writableEnded;
    if (isCut || !isUsable || !this.#isWritten) return this.#release();
    this.#isReleased = this.#isSilent = true;
    this.#farewell();
  }

  /** The peer is told that this is the end; it is not waited for. */
  #farewell(): void {
    const timer = systemClock.start(FAREWELL_MS, () => this.#release());
    timer.ref?.(false);
    this.#socket.end(() => {
      timer.cancel();
      this.#release();
    });
  }

  #release(): void {
    this.#isReleased = this.#isSilent = true;
    this.#transport.close();
    this.#tellClosed();
  }

  ref(flag: boolean): void {
    this.#transport.under.ref(flag);
  }

  setOption(name: OptionName, value: number, tuning?: KeepAliveTuning): void {
    this.#transport.under.setOption(name, value, tuning);
  }

  getOption(name: OptionName): number | undefined {
    return this.#transport.under.getOption?.(name);
  }

  fileno(): number | undefined {
    return this.#transport.under.fileno?.();
  }

  detach(): never {
    const reason = "what a TLS connection has agreed on cannot be given away";
    throw new Fault("EOPNOTSUPP", undefined, reason);
  }

  // ---- what the socket tells

  /**
   * Records came in one chunk of the engine's; Bun and Deno tell so, and what
   * waited in the socket while nothing was wanted.
   */
  #received(chunk: Uint8Array): void {
    if (this.#isSilent || this.#isGivingRest) return;
    if (this.#transport.isFeeding) this.#burst.add(chunk);
    else this.#give(chunk);
  }

  /** A record came in memory that is the engine's again afterwards. */
  #read(buffer: Uint8Array, count: number): boolean {
    if (this.#isSilent) return true;
    // What is not wanted waits in the socket, and what comes behind that.
    if (!this.#isFlowing || this.#socket.readableLength > 0) {
      this.#burst.flush();
      return this.#socket.push(buffer.slice(0, count));
    }
    const { isFeeding, isNative } = this.#transport;
    const isFull = count === RECORD_BYTES;
    // Others share the buffer, and may be read while this is told; but by the
    // kernel, and from within it nobody is.
    if (isNative && !isFull && this.#burst.isEmpty) {
      this.#give(buffer.subarray(0, count));
      return true;
    }
    this.#burst.copy(buffer, count);
    if (isFeeding) return true;
    // A full record is seldom the last of what was read.
    if (isFull) this.#flushSoon();
    else this.#burst.flush();
    return true;
  }

  /** By the end of the turn all of one read has been told. */
  #flushSoon(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    afterTurn(() => {
      this.#isFlushing = false;
      this.#burst.flush();
    });
  }

  #giveBurst(chunk: Uint8Array): void {
    if (!this.#isSilent) this.#give(chunk);
  }

  #give(chunk: Uint8Array): void {
    const sink = this.#sink;
    if (sink === undefined) return;
    const isCopied = this.#isCopied && !isAlone(chunk);
    this.#isCopied = false;
    const goesOn = isCopied && sink.passing !== undefined
      ? sink.passing(chunk)
      : sink.data(alone(chunk));
    if (!goesOn) this.pause();
  }

  #ended(): void {
    this.#burst.flush();
    if (this.#isSilent || this.#hasEnded) return;
    if (!this.#isNotified) {
      return this.#break(this.#transport.fault ?? tlsFault("TLS_TRUNCATED"));
    }
    this.#hasEnded = true;
    this.#sink?.end();
    this.#tellClosed();
  }

  #failed(error: unknown): void {
    if (this.#fault !== undefined) return;
    // Where the engine ends both ways at the peer's word, reading is over,
    // not broken.
    if (this.#isNotified) return this.#endBroken(error);
    this.#break(this.#faultOf(error));
  }

  #endBroken(error: unknown): void {
    if (!this.#isSilent && !this.#hasEnded) this.#giveRest();
    this.#ended();
    this.#fault = new Fault("EPIPE", error);
    this.#rejectWrite(error);
    // Where the engine does so by itself, nothing has happened to the stream.
    if (quirks().closesTlsBothWays || this.#isSilent) return;
    this.#isSilent = true;
    this.#sink?.failed(this.#fault);
    this.#tellClosed();
  }

  /**
   * `EPIPE` is what a write has to say of the peer's FIN, which came without
   * `close_notify`.
   */
  #break(fault: Fault): void {
    const isEnd = fault.code === "EPIPE" && !this.#transport.isNative;
    this.#fault = isEnd ? tlsFault("TLS_TRUNCATED", { cause: fault }) : fault;
    this.#rejectWrite(undefined);
    this.#tell();
  }

  #tell(): void {
    if (this.#isSilent || this.#sink === undefined) return;
    this.#giveRest();
    this.#isSilent = true;
    this.#sink.failed(this.#fault!);
    this.#tellClosed();
  }

  /** What the socket has in hand would be lost with it. */
  #giveRest(): void {
    this.#burst.flush();
    // A read tells it as an event, too, but not from a socket that failed.
    this.#isGivingRest = true;
    for (let chunk; (chunk = this.#socket.read()) !== null;) {
      this.#sink?.data(alone(chunk));
    }
    this.#isGivingRest = false;
  }

  /** The engine is done with the connection. */
  #engineClosed(): void {
    if (this.#fault === undefined && !this.#isSilent && !this.#hasEnded) {
      this.#giveRest();
      this.#ended();
    }
    // Bun ends both ways at the peer's word; the program has not let go yet.
    const isHalfOpen = this.#isNotified && this.#ending === undefined;
    if (this.#isReleased || !isHalfOpen) this.#transport.close();
  }

  /**
   * The descriptor is released. What the engine has in hand, and the fault
   * behind it, is told first.
   */
  #underClosed(): void {
    this.#isUnderClosed = true;
    this.#tellClosed();
  }

  #tellClosed(): void {
    const isOver = this.#hasEnded && this.#ending !== undefined;
    const isDone = this.#isSilent || isOver;
    if (!this.#isUnderClosed || !isDone || this.#sink === undefined) return;
    if (this.#hasClosed) return;
    this.#hasClosed = true;
    this.#rejectWrite(new Fault("EBADF"));
    this.#socket.destroy();
    this.#sink.closed();
  }

  #faultOf(error: unknown): Fault {
    const said = engineError(error);
    if (said.fault !== undefined) return said.fault;
    const isOfTls = said.code.startsWith("ERR_SSL");
    const fault = isOfTls ? undefined : this.#transport.faultOf(error);
    if (fault !== undefined) return fault;
    return faultOfEngine(said, { isUp: true });
  }
}

/** A short count would mean that the rest has to wait for room. */
function written(bytes: number, data: Uint8Array): number | Promise<number> {
  return bytes === data.length ? bytes : Promise.resolve(bytes);
}
