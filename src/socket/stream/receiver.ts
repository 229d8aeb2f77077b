/**
 * The receiving half of a connection: one bounded queue that every receiving
 * call reads, whatever the runtime, with the end or the error behind the data.
 * The driver gives a chunk to `Connection.data`, which hands it on to `data`
 * here; that looks once more for the call that waits, or keeps the chunk.
 *
 * @module
 */

import { checkRoom } from "../../bytes.ts";
import { type Clock, USUAL_TURNS } from "../../clock.ts";
import { afterTurns } from "../../turn.ts";
import type { Bytes } from "../../contracts.ts";
import { ByteQueue, newScan } from "../../byte_queue.ts";
import type { SocketError } from "../../errors.ts";
import { IncompleteReadError, LimitOverrunError } from "../../errors.ts";
import type { Fault } from "../../runtime/seam/fault.ts";
import type { RawStream } from "../../runtime/seam/stream.ts";
import type { Wait } from "../../deadline.ts";
import type { PendingCallOwner } from "../../pending_call.ts";
import { FOREVER } from "../../deadline.ts";
import { PendingCall } from "../../pending_call.ts";

/** A stream that nobody reads is paused once so many bytes are in hand. */
export const READ_MARK_BYTES = 65_536;

/** What the receiving half needs from its connection. */
export interface ReceiverOwner extends PendingCallOwner {
  /** What time goes by. */
  readonly clock: Clock;
  /** The stream that it reads from now. */
  readonly raw: RawStream;
  /** Whether deadlines keep the process alive. */
  readonly isReferenced: boolean;
  /** What ended the connection; there once `failed` is told. */
  readonly fault: Fault | undefined;
  /** Something changed that a poll may wait for. */
  changed(): void;
  /** Makes the error of a fault. */
  faultError(fault: Fault, op: string): unknown;
}

/** What `recvUntil` looks for. */
export interface UntilOptions {
  /** One byte at least. */
  readonly delimiter: Uint8Array;
  /** How many bytes may come before it. */
  readonly maxBytes: number;
  /** Whether the result holds it. */
  readonly keepDelimiter: boolean;
}

/**
 * Takes what comes, chunk by chunk; `false` wants no more. Where it is not the
 * taker's own, the memory is the driver's again when this returns.
 */
export type Taker = (chunk: Uint8Array, isOwn: boolean) => boolean;

/** Takers are said to copy what comes after a chunk shorter than this. */
const COPIED_BYTES = 2048;

const NOTHING = new Uint8Array(0);

/**
 * The queue of all who have nothing in hand: a chunk usually goes to a call
 * that waits. Whoever has to keep one makes a queue of its own.
 */
const EMPTY_QUEUE = new ByteQueue();

/** The receiving half. */
export class Receiver implements PendingCallOwner {
  /** Bytes handed to the program since connect. */
  bytesReceived = 0;
  /**
   * A poll waits: one read is kept outstanding while fewer bytes than this are
   * in hand.
   */
  readAheadBytes = 0;
  readonly #owner: ReceiverOwner;
  /** Made for the first call. */
  #madeCall: PendingCall<Receiver> | undefined;
  #queue = EMPTY_QUEUE;
  #isPaused = false;
  #isEnded = false;
  #isShut = false;
  /** The connection's fault is next in line, behind what is in hand. */
  #isFailed = false;
  /** How many bytes the pending `recv` or `recvInto` takes at most. */
  #most = 0;
  /** What the pending `recvInto` fills, which had `#most` bytes when given. */
  #target: Uint8Array = NOTHING;
  /** Whom the pending `recvEach` gives what comes. */
  #taker: Taker = refuseAll;

  /** A half that reads from its owner's stream. */
  constructor(owner: ReceiverOwner) {
    this.#owner = owner;
  }

  get #call(): PendingCall<Receiver> {
    return this.#madeCall ??= this.#makeCall();
  }

  #makeCall(): PendingCall<Receiver> {
    const { clock, isReferenced } = this.#owner;
    const call = new PendingCall<Receiver>(clock, this);
    call.ref(isReferenced);
    return call;
  }

  /** Bytes in hand. */
  get buffered(): number {
    return this.#queue.length;
  }

  /** Whether a receiving call is pending. */
  get isBusy(): boolean {
    return this.#madeCall?.isBusy === true;
  }

  /** Whether a receive would give something, or fail, at once. */
  get isReadable(): boolean {
    return this.#queue.length > 0 || this.isEnded || this.#isShut;
  }

  /** Whether the peer's FIN or an error came. */
  get isEnded(): boolean {
    return this.#isEnded || this.#isFailed;
  }

  // ---- what the driver tells

  /** Bytes came. Gives whether more are wanted. */
  data(chunk: Bytes): boolean {
    if (this.#isShut) {
      this.#owner.raw.resume();
      return true;
    }
    if (this.#queue.length === 0) {
      if (this.#isPassing) return this.#pass(chunk, true);
      if (this.#handOver(chunk)) {
        this.keepReading();
        return true;
      }
    }
    if (this.#queue === EMPTY_QUEUE) this.#queue = new ByteQueue();
    this.#queue.push(chunk);
    this.#madeCall?.retry();
    this.keepReading();
    this.#isPaused = this.#queue.length >= READ_MARK_BYTES && !this.isBusy;
    return !this.#isPaused;
  }

  /**
   * Gives a chunk to a call that waits and takes all of it: the usual case by
   * far, and 100 ns shorter than by way of the queue.
   */
  #handOver(chunk: Bytes): boolean {
    if (this.#madeCall === undefined) return false;
    if (this.#madeCall.isWaitingFor(Receiver.#shiftMost)) {
      if (chunk.length > this.#most) return false;
      this.bytesReceived += chunk.length;
      this.#madeCall.finish(chunk);
      return true;
    }
    return this.#copyOver(chunk);
  }

  /** The same for a call that gave memory, which has to be as it was given. */
  #copyOver(chunk: Uint8Array): boolean {
    const call = this.#madeCall;
    if (!call?.isWaitingFor(Receiver.#fillTarget)) return false;
    const target = this.#target;
    if (chunk.length > this.#most || target.byteLength < this.#most) {
      return false;
    }
    target.set(chunk);
    this.#target = NOTHING;
    this.bytesReceived += chunk.length;
    call.finish(chunk.length);
    return true;
  }

  /** Bytes came in memory that is the driver's again afterwards. */
  passing(chunk: Uint8Array): boolean {
    if (this.#queue.length === 0 && this.#isPassing) {
      return this.#pass(chunk, false);
    }
    // The call that copies may have been ended meanwhile, or lack the room.
    if (this.#queue.length > 0 || !this.#copyOver(chunk)) {
      return this.data(chunk.slice());
    }
    this.keepReading();
    return true;
  }

  /** The peer's FIN. */
  end(): void {
    this.#isEnded = true;
    this.#madeCall?.retry();
  }

  /** The connection died. */
  failed(): void {
    if (this.isEnded) return;
    this.#isFailed = true;
    this.#madeCall?.retry();
  }

  // ---- what the program asks

  /** 1…`maxBytes` bytes, or `null` at the end. */
  recv(op: string, maxBytes: number, wait: Wait): Promise<Bytes | null> {
    const call = this.#call;
    if (!call.isBusy) this.#most = maxBytes;
    return call.run(op, Receiver.#shiftMost, wait);
  }

  static readonly #shiftMost = (receiver: Receiver, op: string) =>
    receiver.#shift(op, receiver.#most);

  /**
   * Gives `take` all that comes, from within the driver's telling: a promise
   * for each chunk would cost more than the rest of the way. Settles when it
   * wants no more, and nothing is read ahead then; with `null` at the end.
   */
  recvEach(op: string, take: Taker, wait: Wait): Promise<true | null> {
    const call = this.#call;
    if (!call.isBusy) this.#taker = take;
    return call.run(op, Receiver.#giveEach, wait);
  }

  static readonly #giveEach = (receiver: Receiver, op: string) =>
    receiver.#each(op);

  /** What is in hand; then, by `#pass`, what comes. */
  #each(op: string): true | null | undefined {
    while (this.#queue.length > 0) {
      const chunk = this.#queue.shift(Infinity);
      this.bytesReceived += chunk.length;
      if (this.#taker(chunk, true)) continue;
      this.#isPaused = true;
      this.#owner.raw.pause();
      return true;
    }
    return this.#starved(op);
  }

  /** Whether a `recvEach` waits. */
  get #isPassing(): boolean {
    return this.#madeCall?.isWaitingFor(Receiver.#giveEach) === true;
  }

  /** Gives a chunk to the pending `recvEach`; nothing is in hand before it. */
  #pass(chunk: Uint8Array, isOwn: boolean): boolean {
    this.bytesReceived += chunk.length;
    const wantsMore = this.#taker(chunk, isOwn);
    // What takes it may have ended the call.
    if (!this.#isPassing) return true;
    if (wantsMore) {
      this.#want(chunk.length < COPIED_BYTES);
      return true;
    }
    this.#isPaused = true;
    this.#call.finish(true);
    return false;
  }

  /** Like `recv`, without waiting: `undefined` if nothing is in hand. */
  tryRecv(op: string, maxBytes: number): Bytes | null | undefined {
    if (this.isBusy) throw this.#owner.error("EBUSY", op);
    return this.#shift(op, maxBytes);
  }

  /**
   * A copy of what is in hand, at most `size` bytes, which stays there. Where
   * that is less than asked for, the kernel is looked at first, as C does: else
   * a program that looks until there is more would never see it.
   */
  peek(
    op: string,
    size: number,
    isWhole: boolean,
    wait: Wait,
  ): Promise<Bytes | null> {
    const least = isWhole ? leastOf(size, wait) : 1;
    const isLooking = this.#look(size, wait);
    return this.#call.run(op, () => {
      if (!this.#has(least)) return this.#starved(op);
      if (isLooking()) return undefined;
      const view = new Uint8Array(Math.min(size, this.#queue.length));
      this.#queue.copyInto(view);
      return view;
    }, wait);
  }

  /**
   * Looks at the kernel for a peek at so many bytes, if fewer are in hand. Gives
   * what tells whether that is still going on. One that must not wait sees what
   * comes of it next time.
   */
  #look(size: number, wait: Wait): () => boolean {
    if (this.isBusy || !this.#mayGrow(size)) return never;
    this.#want();
    if (wait.timeoutMs === 0) return never;
    let isLooking = true;
    afterTurns(this.#owner.clock.turnsToLook ?? USUAL_TURNS, () => {
      isLooking = false;
      this.#madeCall?.retry();
    });
    return () => isLooking && this.#mayGrow(size);
  }

  /** Whether some of so many bytes are in hand, and more may be taken in. */
  #mayGrow(size: number): boolean {
    const { length } = this.#queue;
    return length > 0 && length < Math.min(size, READ_MARK_BYTES) &&
      !this.isEnded;
  }

  /** `MSG_WAITALL`: all `size` bytes, fewer only at the end or an error. */
  recvAll(op: string, size: number, wait: Wait): Promise<Bytes | null> {
    const least = leastOf(size, wait);
    return this.#call.run(op, () => {
      if (!this.#has(least)) return this.#starved(op);
      return this.#give(this.#queue.take(Math.min(size, this.#queue.length)));
    }, wait);
  }

  /** Fills the front of `buffer`; gives the count, or `null` at the end. */
  recvInto(op: string, buffer: Uint8Array, wait: Wait): Promise<number | null> {
    const call = this.#call;
    if (!call.isBusy) {
      this.#target = buffer;
      this.#most = buffer.byteLength;
    }
    return call.run(op, Receiver.#fillTarget, wait);
  }

  static readonly #fillTarget = (receiver: Receiver, op: string) =>
    receiver.#fill(op, receiver.#target, receiver.#most);

  /** Like `recvInto`, without waiting. */
  tryRecvInto(op: string, buffer: Uint8Array): number | null | undefined {
    if (this.isBusy) throw this.#owner.error("EBUSY", op);
    return this.#fill(op, buffer, buffer.byteLength);
  }

  /** `recvInto` with `MSG_PEEK`, `MSG_WAITALL`, or both. */
  recvIntoWith(
    op: string,
    buffer: Uint8Array,
    { isPeek, isWhole }: {
      readonly isPeek: boolean;
      readonly isWhole: boolean;
    },
    wait: Wait,
  ): Promise<number | null> {
    const room = buffer.byteLength;
    const least = isWhole ? leastOf(room, wait) : 1;
    const isLooking = isPeek ? this.#look(room, wait) : never;
    return this.#call.run(op, () => {
      if (!this.#has(least)) return this.#starved(op);
      if (isLooking()) return undefined;
      checkRoom(buffer, room);
      const count = this.#queue.copyInto(buffer);
      return isPeek ? count : this.#took(count);
    }, wait);
  }

  /** Exactly `size` bytes; memory grows only as they come. */
  recvExactly(op: string, size: number, wait: Wait): Promise<Bytes> {
    return this.#call.run(op, () => {
      if (this.#queue.length >= size) return this.#give(this.#queue.take(size));
      return this.#needMore(op, size);
    }, wait);
  }

  /** Everything to the end, at most `maxBytes`; `null` if that is nothing. */
  recvRest(op: string, maxBytes: number, wait: Wait): Promise<Bytes | null> {
    return this.#call.run(op, () => {
      const { length } = this.#queue;
      if (length > maxBytes) throw new LimitOverrunError(maxBytes);
      if (!this.#isEnded && !this.#isShut) return this.#needMore(op, undefined);
      return length === 0 ? null : this.#give(this.#queue.take(length));
    }, wait);
  }

  /** `count` characters of UTF-8, fewer only at the end; `null` if none. */
  recvCharacters(op: string, count: number, wait: Wait): Promise<Bytes | null> {
    const scan = newScan();
    return this.#call.run(op, () => {
      const bytes = this.#queue.characters(count, this.isEnded, scan);
      if (bytes === undefined) return this.#starved(op);
      return this.#give(this.#queue.take(bytes));
    }, wait);
  }

  /** Up to a delimiter, which is consumed. */
  recvUntil(op: string, options: UntilOptions, wait: Wait): Promise<Bytes> {
    const { delimiter, maxBytes, keepDelimiter } = options;
    let searched = 0;
    return this.#call.run(op, () => {
      const at = this.#queue.indexOf(delimiter, searched);
      searched = Math.max(this.#queue.length - delimiter.length + 1, 0);
      // `searched` is the first place where the delimiter can still begin.
      if ((at < 0 ? searched : at) > maxBytes) {
        throw new LimitOverrunError(maxBytes);
      }
      if (at < 0) return this.#needMore(op, undefined);
      const found = this.#queue.take(
        at + (keepDelimiter ? delimiter.length : 0),
      );
      if (!keepDelimiter) this.#queue.drop(delimiter.length);
      this.bytesReceived += at + delimiter.length;
      return found;
    }, wait);
  }

  /** `SHUT_RD`: drops what is and comes in hand; the peer does not block. */
  shut(): void {
    this.#isShut = true;
    this.#queue.clear();
    this.#madeCall?.retry();
    this.#owner.changed();
    this.#owner.raw.resume();
  }

  /** Ends the pending call if it is `caller`'s; the half lives on. */
  interrupt(caller: object | undefined): void {
    this.#madeCall?.interrupt(caller);
  }

  /** The socket is closed: ends the pending call and drops everything. */
  close(): void {
    this.#madeCall?.fail("EBADF");
    this.#madeCall?.dispose();
    // A file that reads on is told of a failure, not of an end.
    if (!this.#isFailed) this.#isShut = true;
    this.#queue.clear();
  }

  /** The program cut the connection: its fault comes next, and for ever. */
  cut(): void {
    this.#queue.clear();
    this.#isFailed = true;
    this.#madeCall?.fail("EBADF");
  }

  /** Makes the error of a code. */
  error(code: string, op: string, reason?: string): SocketError {
    return this.#owner.error(code, op, reason);
  }

  /** Whether the deadline of a pending call keeps the process alive. */
  ref(flag: boolean): void {
    this.#madeCall?.ref(flag);
  }

  // ---- another stream below

  /** Whether `SHUT_RD` was called, or the socket closed. */
  get isShut(): boolean {
    return this.#isShut;
  }

  /** No call may begin until `letGo` or `rawReplaced`. */
  hold(op: string): void {
    void this.#call.run(op, nothing, FOREVER).catch(ignore);
  }

  /** Calls may begin again. */
  letGo(): void {
    this.#call.finish(undefined);
  }

  /** Takes what is in hand: it is not the program's. */
  takeEarly(): Bytes {
    return this.#queue.take(this.#queue.length);
  }

  /** It reads from another stream from now on, paused as it is. */
  rawReplaced(): void {
    this.#isPaused = false;
    this.letGo();
    this.keepReading();
  }

  // ---- as it goes on

  /** Sees to it that what a poll waits for can come. */
  keepReading(): void {
    if (this.#queue.length >= this.readAheadBytes) return;
    if (!this.isEnded && !this.#isShut) this.#want();
  }

  /** Reads and drops until the end. */
  drain(): void {
    this.#owner.raw.resume();
  }

  // ---- steps

  #has(size: number): boolean {
    const { length } = this.#queue;
    return length >= size || (length > 0 && this.isEnded);
  }

  #shift(op: string, maxBytes: number): Bytes | null | undefined {
    if (this.#queue.length === 0) return this.#starved(op);
    return this.#give(this.#queue.shift(maxBytes));
  }

  #fill(
    op: string,
    buffer: Uint8Array,
    room: number,
  ): number | null | undefined {
    if (this.#queue.length === 0) return this.#starved(op, true);
    checkRoom(buffer, room);
    this.#target = NOTHING;
    return this.#took(this.#queue.copyInto(buffer));
  }

  /** The first `count` bytes have been copied out. */
  #took(count: number): number {
    this.#queue.drop(count);
    this.bytesReceived += count;
    this.#flow();
    return count;
  }

  #give(bytes: Bytes): Bytes {
    this.bytesReceived += bytes.length;
    this.#flow();
    return bytes;
  }

  /** Lets a paused flow go on once there is room again. */
  #flow(): void {
    this.keepReading();
    if (!this.#isPaused || this.#queue.length >= READ_MARK_BYTES) return;
    this.#isPaused = false;
    this.#owner.raw.resume();
  }

  /** Nothing in hand: the end, the error, or a wish for more. */
  #starved(op: string, isCopied = false): null | undefined {
    if (this.#isEnded || this.#isShut) return null;
    this.#checkFault(op);
    this.#want(isCopied);
    return undefined;
  }

  /** Less in hand than was asked for. */
  #needMore(op: string, expected: number | undefined): undefined {
    if (this.#isEnded || this.#isShut) {
      const partial = this.#queue.take(this.#queue.length);
      this.bytesReceived += partial.length;
      throw new IncompleteReadError(partial, expected);
    }
    this.#checkFault(op);
    this.#want();
    return undefined;
  }

  /** Throws the error of the connection, if that is what comes next. */
  #checkFault(op: string): void {
    const fault = this.#isFailed ? this.#owner.fault : undefined;
    if (fault !== undefined) throw this.#owner.faultError(fault, op);
  }

  #want(isCopied = false): void {
    this.#isPaused = false;
    this.#owner.raw.resume(isCopied);
  }
}

function nothing(): undefined {}
function refuseAll(): boolean {
  return false;
}
function ignore(): void {}

/** How many bytes `MSG_WAITALL` waits for: where it must not, as C does, 1. */
function leastOf(size: number, wait: Wait): number {
  return wait.timeoutMs === 0 ? 1 : size;
}

function never(): boolean {
  return false;
}
