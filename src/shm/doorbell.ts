/**
 * How the two threads of a channel wake one another. Whoever is about to sleep
 * says so in the memory and looks once more; whoever has done something for
 * which the other sleeps rings. So no bell rings for one that is awake.
 *
 * @module
 */

import { atMicrotask } from "../turn.ts";
import { BELL, ROOM_WANTED, type Side, SLEEPS } from "./memory.ts";

/**
 * How a thread that waits without blocking is woken: by a message at its
 * `MessagePort`, or by `Atomics.waitAsync`.
 */
export type DoorbellKind = "port" | "atomics";

/** Bytes came, or how the other direction ends. */
export const INPUT = 1;
/** There is room for more bytes. */
export const ROOM = 2;

/** The sleeper waits for `Atomics.notify`. */
const BY_ATOMICS = 4;
/** The sleeper waits for a message. */
const BY_PORT = 8;

/** A blocked thread looks again after so many milliseconds at the latest. */
const SLICE_MS = 1000;

/** The part of a `MessagePort` that is used; some have no `ref`. */
export interface BellPort {
  /** Sends to the other port of the pair. */
  postMessage(message: unknown): void;
  /** Tells of messages, and of the end of the other port. */
  addEventListener(type: "message" | "close", listener: () => void): void;
  /** Begins to tell of messages. */
  start(): void;
  /** Ends both ports. */
  close(): void;
  /** Keeps the thread alive. */
  ref?(): void;
  /** Lets the thread end. */
  unref?(): void;
}

/** What the doorbell tells. */
export interface BellOwner {
  /** Something may have happened. */
  rung(): void;
  /** The other thread has closed its port, or has ended. */
  gone(): void;
}

/** Not in the types of every TypeScript that we are compiled by. */
interface WaitAsync {
  waitAsync?(
    words: Int32Array,
    at: number,
    value: number,
  ):
    | { readonly async: false }
    | { readonly async: true; readonly value: Promise<unknown> };
}

/** Whether threads can be woken by `Atomics.waitAsync` here. */
export function hasWaitAsync(): boolean {
  return typeof (Atomics as WaitAsync).waitAsync === "function";
}

/** One side's doorbell, and its finger on the other's. */
export class Doorbell {
  readonly #words: Int32Array;
  readonly #port: BellPort;
  readonly #owner: BellOwner;
  readonly #isByPort: boolean;
  readonly #ownSleeps: number;
  readonly #ownBell: number;
  readonly #otherSleeps: number;
  readonly #otherBell: number;
  readonly #ownRoom: number;
  readonly #otherRoom: number;
  /** Whether `Atomics.waitAsync` is under way. */
  #isHearing = false;
  #isClosed = false;

  /** The doorbell of `side`. */
  constructor(
    words: Int32Array,
    side: Side,
    port: BellPort,
    kind: DoorbellKind,
    owner: BellOwner,
  ) {
    const other = side === 0 ? 1 : 0;
    this.#words = words;
    this.#port = port;
    this.#owner = owner;
    this.#isByPort = kind === "port";
    this.#ownSleeps = SLEEPS[side];
    this.#ownBell = BELL[side];
    this.#otherSleeps = SLEEPS[other];
    this.#otherBell = BELL[other];
    this.#ownRoom = ROOM_WANTED[side];
    this.#otherRoom = ROOM_WANTED[other];
    port.addEventListener("message", () => this.#tell());
    port.addEventListener("close", () => {
      if (!this.#isClosed) owner.gone();
    });
    port.start();
    port.ref?.();
  }

  // ---- the other side

  /** Whether the other side sleeps for something of `what`. */
  isAwaited(what: number): boolean {
    return (Atomics.load(this.#words, this.#otherSleeps) & what) !== 0;
  }

  /** Bytes, or an end, are there: wakes the other side if it sleeps for them. */
  ringForInput(): void {
    const flags = Atomics.load(this.#words, this.#otherSleeps);
    if ((flags & INPUT) !== 0) this.#wake(flags, INPUT);
  }

  /**
   * There is `room` of `capacity`: wakes the other side if that is what it
   * sleeps for. Half of it always is, whatever stands in the memory.
   */
  ringForRoom(room: number, capacity: number): void {
    const flags = Atomics.load(this.#words, this.#otherSleeps);
    if ((flags & ROOM) === 0) return;
    const wanted = Atomics.load(this.#words, this.#otherRoom);
    if (room >= wanted || room >= capacity / 2) this.#wake(flags, ROOM);
  }

  /** Wakes the other side, whatever it sleeps for. */
  ringAlways(): void {
    this.#strike(Atomics.load(this.#words, this.#otherSleeps));
  }

  #wake(flags: number, what: number): void {
    Atomics.and(this.#words, this.#otherSleeps, ~what);
    this.#strike(flags);
  }

  #strike(flags: number): void {
    if ((flags & BY_ATOMICS) !== 0) strike(this.#words, this.#otherBell);
    if ((flags & BY_PORT) !== 0) this.#port.postMessage(0);
  }

  // ---- this side

  /**
   * Says that this side sleeps until something of `what` happens, or there is
   * so much `room`. Afterwards it has to look once more: what happened before
   * rang no bell.
   */
  sleep(what: number, room: number): void {
    Atomics.store(this.#words, this.#ownRoom, room);
    if (this.#isByPort) {
      Atomics.or(this.#words, this.#ownSleeps, what | BY_PORT);
      return;
    }
    const seen = Atomics.load(this.#words, this.#ownBell);
    Atomics.or(this.#words, this.#ownSleeps, what | BY_ATOMICS);
    if (!this.#isHearing) this.#hear(seen);
  }

  #hear(seen: number): void {
    const waiting = (Atomics as WaitAsync).waitAsync!(
      this.#words,
      this.#ownBell,
      seen,
    );
    this.#isHearing = true;
    const heard = () => {
      this.#isHearing = false;
      this.#tell();
    };
    if (waiting.async) void waiting.value.then(heard);
    else atMicrotask(heard);
  }

  #tell(): void {
    if (!this.#isClosed) this.#owner.rung();
  }

  /**
   * Blocks the thread until the bell rings, at most `timeoutMs` or a second.
   * `isStill` is the look once more: whether there is anything to wait for.
   *
   * @throws {TypeError} where the thread may not block.
   */
  block(
    what: number,
    room: number,
    timeoutMs: number,
    isStill: () => boolean,
  ): void {
    Atomics.store(this.#words, this.#ownRoom, room);
    const seen = Atomics.load(this.#words, this.#ownBell);
    Atomics.or(this.#words, this.#ownSleeps, what | BY_ATOMICS);
    if (!isStill()) return;
    const sliceMs = Math.min(timeoutMs, SLICE_MS);
    Atomics.wait(this.#words, this.#ownBell, seen, sliceMs);
  }

  /** Whether it keeps the thread alive. */
  ref(flag: boolean): void {
    if (flag) this.#port.ref?.();
    else this.#port.unref?.();
  }

  /** Rings for the last time, and tells nothing any more. */
  close(): void {
    this.#isClosed = true;
    this.ringAlways();
    Atomics.notify(this.#words, this.#ownBell);
    this.#port.close();
  }
}

/** Wakes whoever waits at a bell by `Atomics`. */
export function strike(words: Int32Array, bell: number): void {
  Atomics.add(words, bell, 1);
  Atomics.notify(words, bell);
}
