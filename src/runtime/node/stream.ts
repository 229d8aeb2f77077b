/**
 * A connected `net.Socket` as the seam wants it.
 *
 * @module
 */

import { systemClock } from "../../clock.ts";
import { atMicrotask } from "../../turn.ts";
import type { Address, Bytes } from "../../contracts.ts";
import type { KeepAliveTuning, OptionName } from "../seam/options.ts";
import type { RawStream, StreamSink } from "../seam/stream.ts";
import { Fault } from "../seam/fault.ts";
import type { Ends } from "./addresses.ts";
import { alone, outOfHeap } from "./chunks.ts";
import type { NodeInternals, NodeSocket } from "./native.ts";
import { netModule } from "./native.ts";
import { descriptorOf, getNodeOption, setNodeOption } from "./options.ts";
import {
  connectionFault,
  hasNoPeer,
  hiddenFault,
  mayHideReset,
} from "./resets.ts";
import { quirks } from "./quirks.ts";
import { type Read, READER, type Reader, readingOptions } from "./reading.ts";

const NOTHING = new Uint8Array(0);

/** A socket and the stream around it, for listeners that all sockets share. */
interface Owned extends Read {
  [STREAM]?: NodeStream | undefined;
}
const STREAM = Symbol("stream");

/** Keeps an error event from ending the process where nobody listens yet. */
export function ignore(): void {}

/** The handle of a socket, which is left without. */
export function takeHandle(socket: NodeSocket): unknown {
  const shell = socket as unknown as NodeInternals;
  const handle = shell._handle;
  shell._handle = null;
  return handle;
}

/** A socket of ours around a connected handle. It reads nothing yet. */
export function wrapHandle(handle: unknown): NodeSocket {
  return new (netModule().Socket)({
    handle,
    allowHalfOpen: true,
    pauseOnCreate: true,
    ...readingOptions(),
  });
}

interface PendingWrite {
  readonly bytes: number;
  resolve(bytes: number): void;
  reject(fault: Fault): void;
}

/**
 * The driver of one socket. It reads nothing before the first `resume()`, so
 * that a connection nobody reads can still be handed on whole.
 */
export class NodeStream implements RawStream, Reader {
  readonly remoteAddress: Address | undefined;
  readonly writesAtOnce = false;
  readonly #local: Address | undefined;
  #socket: Owned;
  /** Whether bytes come by `onread`; else they come as 'data' events. */
  readonly #hasOnRead: boolean;
  #sink: StreamSink | undefined;
  #fault: Fault | undefined;
  #pending: PendingWrite | undefined;
  /** Told of the writes that go past the stream's own bookkeeping. */
  #onAnswer: ((error?: Error | null) => void) | undefined;
  /** Such a write has not returned yet, nor been answered. */
  #isAsking = false;
  /** What it was refused with before it returned. */
  #refused: Error | undefined;
  #ending: Promise<void> | undefined;
  #isFlowing = false;
  /** Whether the kernel is asked at once what it takes. */
  #isReady = !quirks().dropsWritesAtEnd;
  /** Bytes of ours were dropped on a connection that may be alive. */
  #isCut = false;
  /** The peer's FIN has been seen. */
  #hasEnded = false;
  /** An end that came behind our own is being asked for once more. */
  #isLookingAgain = false;
  /** Memory that what comes next may go into. */
  #isCopied = false;
  /** Nothing but `closed()` is told any more. */
  #isSilent = false;
  #hasClosed = false;

  /** `hasOnRead` tells whether it was made with `readingOptions()`. */
  constructor(socket: NodeSocket, ends: Ends, hasOnRead: boolean) {
    this.#socket = socket;
    this.#hasOnRead = hasOnRead;
    this.#local = ends.local;
    this.remoteAddress = ends.remote;
    if (!hasOnRead) socket.pause();
    this.#listen();
  }

  #listen(): void {
    this.#socket[STREAM] = this.#socket[READER] = this;
    this.#socket.on("error", onError);
    this.#socket.on("end", onEnd);
    this.#socket.on("close", onClose);
  }

  #unlisten(): void {
    this.#socket[STREAM] = this.#socket[READER] = undefined;
    this.#socket.off("error", onError);
    this.#socket.off("end", onEnd);
    this.#socket.off("close", onClose);
    this.#socket.off("data", onData);
  }

  localAddress(): Address {
    if (this.#local === undefined) throw new Fault("ENOTCONN");
    return this.#local;
  }

  attach(sink: StreamSink): void {
    const isFirst = this.#sink === undefined;
    this.#sink = sink;
    if (!isFirst) return;
    if (!this.#hasOnRead) this.#socket.on("data", onData);
    if (this.#fault === undefined && !this.#socket.readableEnded) return;
    atMicrotask(() => {
      if (this.#fault === undefined && !this.#isSilent) return sink.end();
      this.#tellFault();
      if (this.#hasClosed) sink.closed();
    });
  }

  resume(isCopied = false): void {
    this.#isCopied = isCopied;
    if (this.#isFlowing) return;
    this.#isFlowing = true;
    this.#socket.resume();
  }

  pause(): void {
    this.#isFlowing = false;
    this.#socket.pause();
  }

  write(data: Uint8Array): number | Promise<number> {
    const socket = this.#socket;
    if (this.#fault !== undefined) throw this.#fault;
    if (socket.destroyed) throw new Fault("EBADF");
    if (socket.writableEnded) throw new Fault("EPIPE");
    if (data.length === 0) return 0;
    if (!this.#isReady) return this.#writeOnceReady(data);
    // A socket of others may do as it likes with what is written to it.
    if (this.#hasOnRead && quirks().writesAtOnce) return this.#ask(data);
    // No callback: one costs a tick of its own, 5 % of an echo on Node 26.
    socket.write(outOfHeap(data));
    if (socket.writableLength > 0) return this.#untilWritten(data.length);
    // A write that failed at once leaves nothing behind to be written either.
    const { errored } = socket;
    if (!errored) return data.length;
    this.#readOn(errored);
    throw this.#faultOf(errored);
  }

  /**
   * Writes past the stream's own bookkeeping: what comes after a write waits
   * above already. Spares a tick for each write, and where the kernel does not
   * take all at once a second one, to be told when it has.
   */
  #ask(data: Uint8Array): number | Promise<number> {
    this.#isAsking = true;
    this.#onAnswer ??= (error) => this.#answered(error);
    const internals = this.#socket as unknown as NodeInternals;
    internals._write(outOfHeap(data), "buffer", this.#onAnswer);
    if (this.#isAsking) return this.#untilAnswered(data.length);
    const refused = this.#refused;
    if (refused === undefined) return data.length;
    this.#refused = undefined;
    this.#readOn(refused);
    throw this.#faultOf(refused);
  }

  #untilAnswered(bytes: number): Promise<number> {
    this.#isAsking = false;
    return new Promise((resolve, reject) => {
      this.#pending = { bytes, resolve, reject };
    });
  }

  #answered(error: Error | null | undefined): void {
    if (!this.#isAsking) return this.#written(error);
    this.#isAsking = false;
    this.#refused = error ?? undefined;
  }

  /** Where a new socket takes nothing before the loop has looked at it. */
  async #writeOnceReady(data: Uint8Array): Promise<number> {
    await new Promise<void>((resolve) => systemClock.afterPoll!(resolve));
    this.#isReady = true;
    return this.write(data);
  }

  /** The kernel did not take all: nothing follows, and tells when it has. */
  #untilWritten(bytes: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#pending = { bytes, resolve, reject };
      this.#socket.write(NOTHING, (error) => this.#written(error));
    });
  }

  shutdown(): Promise<void> {
    if (this.#fault !== undefined) return Promise.reject(this.#fault);
    return this.#ending ??= new Promise((resolve, reject) => {
      const socket = this.#socket;
      if (socket.destroyed) return reject(this.#faultOf(undefined));
      // An adopted socket may have been ended before.
      socket.end((error) => {
        if (error && !socket.writableFinished) reject(this.#faultOf(error));
        else resolve();
      });
    });
  }

  reset(): void {
    if (this.#local?.family === "unix") {
      throw new Fault("EOPNOTSUPP", undefined, "Unix sockets know no reset");
    }
    this.#isSilent = true;
    this.#reset();
  }

  /**
   * While a FIN is on its way Node's reset fails, and then it neither closes
   * the descriptor nor says so: that takes a turn.
   */
  #reset(): void {
    const socket = this.#socket;
    if (socket.destroyed) return;
    const isEnding = socket.writableEnded && !socket.writableFinished &&
      socket.writableLength === 0;
    if (!isEnding) return void socket.resetAndDestroy();
    socket.once("finish", () => {
      if (!socket.destroyed) socket.resetAndDestroy();
    });
  }

  close(): void {
    this.#isSilent = true;
    this.#destroy();
  }

  /** What was cut must not pass for whole at the peer. */
  #destroy(): void {
    const isReset = this.#isCut && this.#local?.family !== "unix";
    if (isReset) this.#reset();
    else this.#socket.destroy();
  }

  ref(flag: boolean): void {
    if (flag) this.#socket.ref();
    else this.#socket.unref();
  }

  setOption(name: OptionName, value: number, tuning?: KeepAliveTuning): void {
    if (this.#local?.family === "unix") {
      throw new Fault("ENOPROTOOPT", undefined, "not a TCP connection");
    }
    setNodeOption(this.#socket, name, value, tuning);
  }

  getOption(name: OptionName): number | undefined {
    return getNodeOption(this.#socket, name);
  }

  fileno(): number | undefined {
    return descriptorOf(this.#socket);
  }

  detach(): unknown {
    const socket = this.#socket;
    this.#unlisten();
    socket.pause();
    // As if nobody had asked for bytes yet: a 'data' listener starts the flow.
    (socket as unknown as NodeInternals).readableFlowing = null;
    if (this.#hasOnRead) socket[READER] = feeder(socket);
    this.#isSilent = true;
    this.#sink?.closed();
    return socket;
  }

  // ---- what the socket tells

  /** Whether the sink copies what comes next. */
  get isCopied(): boolean {
    return this.#isCopied;
  }

  /** To be copied by the sink, else as a copy or whole. */
  read(buffer: Bytes, count: number, isGiven: boolean): boolean {
    const isCopied = this.#isCopied;
    // It is said for one chunk: its call is over then.
    this.#isCopied = false;
    if (!isCopied || this.#isSilent || this.#sink?.passing === undefined) {
      return this.#received(isGiven ? buffer : buffer.slice(0, count));
    }
    const isFull = count === buffer.length;
    const chunk = isFull ? buffer : buffer.subarray(0, count);
    return this.#isFlowing = this.#sink.passing(chunk);
  }

  #received(chunk: Bytes): boolean {
    this.#isReady = true;
    if (this.#isSilent || this.#sink === undefined) return true;
    return this.#isFlowing = this.#sink.data(chunk);
  }

  /** A chunk of a 'data' event. */
  chunk(chunk: Uint8Array): void {
    if (!this.#received(alone(chunk))) this.#socket.pause();
  }

  /** The peer's FIN. */
  ended(): void {
    if (this.#isSilent || this.#isTakenAway()) return;
    const isDoubtful = this.#fault === undefined && !this.#isLookingAgain &&
      mayHideReset(this.#socket);
    if (isDoubtful && this.#socket.writableEnded) return this.#lookAgain();
    this.#hasEnded = true;
    const fault = this.#fault ??
      (isDoubtful ? hiddenFault(this.#socket) : undefined);
    if (fault === undefined) this.#sink?.end();
    else this.failed(fault);
    if (fault !== undefined || this.#isLookingAgain) this.#destroy();
  }

  /**
   * Whether the write under way has taken a reset away, so that what follows it
   * looks like an end: the peer has no name any more, though our side is open.
   * The write is about to tell, and is read on from there.
   */
  #isTakenAway(): boolean {
    return this.#pending !== undefined && this.#fault === undefined &&
      this.#hasOnRead && hasNoPeer(this.#socket);
  }

  /**
   * After our FIN no peer has a name, and no write tells an end from a reset;
   * but the kernel still has its error for the next read.
   */
  #lookAgain(): void {
    this.#isLookingAgain = true;
    if (!this.#hasOnRead) return this.ended(); // it is not ours to take apart
    this.#moveHandle();
    this.#socket.resume();
  }

  /** The connection died. */
  failed(error: unknown): void {
    this.#fault = connectionFault(error, this.#hasEnded);
    this.#tellFault();
  }

  #tellFault(): void {
    if (this.#isSilent || this.#sink === undefined) return;
    // What the stream itself had in hand would be lost with it.
    if (!this.#hasOnRead) this.#drain(this.#sink);
    this.#isSilent = true;
    const fault = this.#fault!;
    // EPIPE is about our sends: all was read up to the end that came before.
    if (fault.code === "EPIPE" && this.#hasOnRead) this.#sink.end();
    this.#sink.failed(fault);
  }

  #drain(sink: StreamSink): void {
    for (let chunk; (chunk = this.#socket.read()) !== null;) {
      sink.data(alone(chunk));
    }
  }

  #written(error: Error | null | undefined): void {
    const { destroyed } = this.#socket;
    if (error) this.#isCut = true;
    if (error && !destroyed) this.#readOn(error);
    // Node 20 tells success for writes that its own `destroy` cut off.
    if (error || destroyed) this.#rejectWrite(error);
    else this.#resolveWrite();
  }

  /**
   * What the peer said before it closed can be read after a write has failed.
   * But the stream takes itself for ended, or destroys itself next, unread
   * bytes and all: so the handle moves to another, which tells the failure when
   * there is no more to read.
   */
  #readOn(error: Error): void {
    if (this.#isSilent || !this.#hasOnRead) return;
    this.#fault = connectionFault(error, this.#hasEnded);
    this.#moveHandle();
    if (this.#isFlowing) this.#socket.resume();
  }

  /** Goes on with another socket, where Node will destroy the one of now. */
  #moveHandle(): void {
    this.#unlisten();
    this.#socket.on("error", ignore);
    this.#socket = wrapHandle(takeHandle(this.#socket));
    this.#listen();
  }

  #resolveWrite(): void {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.resolve(pending.bytes);
  }

  #rejectWrite(error: unknown): void {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.reject(this.#faultOf(error));
  }

  /** The descriptor is released. */
  closed(): void {
    this.#hasClosed = true;
    this.#rejectWrite(undefined);
    this.#sink?.closed();
  }

  /** Why a call failed: what ended the connection, else the error given. */
  #faultOf(error: unknown): Fault {
    if (this.#fault !== undefined) return this.#fault;
    if (this.#isSilent) return new Fault("EBADF");
    // What destroyed the socket comes before what that did to the call.
    const cause = this.#socket.errored ?? error;
    return cause ? connectionFault(cause, this.#hasEnded) : new Fault("EBADF");
  }
}

function onData(this: Owned, chunk: Uint8Array): void {
  this[STREAM]?.chunk(chunk);
}

function onEnd(this: Owned): void {
  this[STREAM]?.ended();
}

function onError(this: Owned, error: unknown): void {
  this[STREAM]?.failed(error);
}

function onClose(this: Owned): void {
  this[STREAM]?.closed();
}

/** `onread` cannot be unset, but it can feed the stream's own buffer. */
function feeder(socket: NodeSocket): Reader {
  return {
    isCopied: false,
    read: (buffer, count) => socket.push(buffer.slice(0, count)),
  };
}
