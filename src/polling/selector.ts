/**
 * `Selector`, with the rules of Python's `selectors`.
 *
 * @module
 */

import { systemClock, USUAL_TURNS } from "../clock.ts";
import type { WaitOptions } from "../contracts.ts";
import { checkOptions, type Wait } from "../deadline.ts";
import { socketError } from "../errors.ts";
import type { Pollable, Readiness, Watch } from "../readiness.ts";
import type { PollClock } from "./arguments.ts";
import { checkEvents, readinessOf, toPollWait, turnsOf } from "./arguments.ts";
import { KeyView, type SelectorKey } from "./selector_key.ts";
import { Wakeup } from "./wakeup.ts";

/** What is behind a key. */
interface Entry<S extends Pollable, D> {
  key: SelectorKey<S, D>;
  readonly point: Readiness;
  watch: Watch;
}

/**
 * Watches many sockets at once. Level-triggered: a socket is reported by each
 * `select` as long as it is ready. One that died, was closed or was reset is
 * reported for whatever was asked, and never makes a call fail.
 *
 * `select` costs O(sockets that changed or are ready), however many are
 * registered.
 *
 * @example One loop, many sockets
 * ```ts
 * import { connect, listen } from "@anysock/anysock";
 * import { EVENT_READ, Selector } from "@anysock/anysock/polling";
 *
 * await using server = await listen("127.0.0.1:0");
 * await using client = await connect(server.getSockName());
 * using selector = new Selector<typeof server, string>();
 * selector.register(server, EVENT_READ, "the server");
 * for (const [key] of await selector.select(1_000)) console.log(key.data);
 * ```
 */
export class Selector<S extends Pollable = Pollable, D = unknown> {
  readonly #entries = new Map<S, Entry<S, D>>();
  /** Those that were ready when somebody looked last. */
  readonly #candidates = new Set<Entry<S, D>>();
  readonly #wakeup: Wakeup;
  /** The most that any socket ever registered needs. */
  #turnsToLook = USUAL_TURNS;
  /** How the `select` waits that is pending. */
  #pending: Wait | undefined;
  #isNotified = false;
  #isClosed = false;

  /**
   * One without sockets.
   *
   * @throws {TypeError} for an option that there is not.
   */
  constructor(options: PollClock = {}) {
    checkOptions(options, ["clock"]);
    const { clock = systemClock }: PollClock = options;
    this.#wakeup = new Wakeup(clock);
  }

  /**
   * Registers a socket. Acts on a pending `select` too.
   *
   * @param events `EVENT_READ`, `EVENT_WRITE`, `EVENT_ERROR`, or'ed together
   * @throws {TypeError} | {RangeError} if it is no socket or no event.
   * @throws {SocketError} `EEXIST` if it is registered, `EBADF` after close.
   */
  register(
    socket: S,
    events: number,
    ...data: undefined extends D ? [data?: D] : [data: D]
  ): SelectorKey<S, D> {
    this.#check("register");
    const point = readinessOf(socket, "A selector");
    const mask = checkEvents(events);
    if (this.#entries.has(socket)) throw fail("EEXIST", "register");
    const key = { socket, events: mask, data: data[0] as D };
    const entry: Entry<S, D> = { key, point, watch: NO_WATCH };
    this.#entries.set(socket, entry);
    this.#turnsToLook = Math.max(this.#turnsToLook, turnsOf(point));
    this.#watch(entry);
    return key;
  }

  /**
   * Changes events and data of a registered socket. Acts on a pending
   * `select` too.
   *
   * @throws {SocketError} `ENOENT` if it is not registered, `EBADF`.
   */
  modify(
    socket: S,
    events: number,
    ...data: undefined extends D ? [data?: D] : [data: D]
  ): SelectorKey<S, D> {
    const entry = this.#entry("modify", socket);
    const mask = checkEvents(events);
    entry.watch.end();
    entry.key = { socket, events: mask, data: data[0] as D };
    this.#watch(entry);
    return entry.key;
  }

  /**
   * Forgets a socket and gives its key. What was read for it meanwhile stays
   * with it.
   *
   * @throws {SocketError} `ENOENT` if it is not registered, `EBADF`.
   */
  unregister(socket: S): SelectorKey<S, D> {
    const entry = this.#entry("unregister", socket);
    this.#entries.delete(socket);
    this.#candidates.delete(entry);
    entry.watch.end();
    return entry.key;
  }

  /**
   * The key of a registered socket.
   *
   * @throws {SocketError} `ENOENT` if it is not registered, `EBADF`.
   */
  getKey(socket: S): SelectorKey<S, D> {
    return this.#entry("getKey", socket).key;
  }

  /**
   * The registered sockets and their keys: a live view.
   *
   * @throws {SocketError} `EBADF` after close.
   */
  getMap(): ReadonlyMap<S, SelectorKey<S, D>> {
    this.#check("getMap");
    return new KeyView(this.#entries);
  }

  /**
   * Waits until a registered socket is ready, and gives the keys of those that
   * are, with the events that hold among those asked for.
   *
   * @param timeout milliseconds, or options; `0` or less polls, `null` waits
   * @returns empty when the time is up or `notify` was called
   * @throws {RangeError} if the timeout is NaN.
   * @throws {SocketError} `EBUSY` if a `select` is pending; `EBADF` after
   *   close, which also ends a pending one.
   */
  async select(
    timeout?: number | null | WaitOptions,
  ): Promise<[SelectorKey<S, D>, number][]> {
    this.#check("select");
    const wait = toPollWait(timeout);
    wait.signal?.throwIfAborted();
    if (this.#isBusy) throw fail("EBUSY", "select");
    this.#pending = wait;
    try {
      await this.#wakeup.until(this.#isDue, wait, this.#turnsToLook);
    } finally {
      if (this.#pending === wait) this.#pending = undefined;
    }
    this.#check("select");
    this.#isNotified = false;
    return this.#collect();
  }

  /** Whether a `select` is pending; one that was aborted is over. */
  get #isBusy(): boolean {
    return this.#pending !== undefined && !this.#pending.signal?.aborted;
  }

  /** Whether a pending `select` has something to tell. */
  readonly #isDue = (): boolean => {
    if (this.#isClosed || this.#isNotified) return true;
    for (const entry of this.#candidates) {
      if (eventsOf(entry) !== 0) return true;
      this.#candidates.delete(entry);
    }
    return false;
  };

  /** Looks at the candidates alone, and drops those that are not ready. */
  #collect(): [SelectorKey<S, D>, number][] {
    const ready: [SelectorKey<S, D>, number][] = [];
    for (const entry of this.#candidates) {
      const events = eventsOf(entry);
      if (events !== 0) ready.push([entry.key, events]);
      else this.#candidates.delete(entry);
    }
    return ready;
  }

  /** Ends a pending `select`, or the next one, with an empty result. */
  notify(): void {
    this.#check("notify");
    this.#isNotified = true;
    this.#wakeup.wake();
  }

  /** Forgets all sockets, closing none. May be called again. */
  close(): void {
    this.#isClosed = true;
    for (const entry of this.#entries.values()) entry.watch.end();
    this.#entries.clear();
    this.#candidates.clear();
    this.#wakeup.wake();
  }

  /** Closes, so that `using` works. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** The results of one `select` after another, until `close`. */
  async *[Symbol.asyncIterator](): AsyncGenerator<
    [SelectorKey<S, D>, number][]
  > {
    while (!this.#isClosed) {
      try {
        yield await this.select();
      } catch (error) {
        // Closed while it waited: the end, no failure.
        if (this.#isClosed) return;
        throw error;
      }
    }
  }

  #watch(entry: Entry<S, D>): void {
    const look = (): void => {
      if (eventsOf(entry) === 0) return;
      this.#candidates.add(entry);
      this.#wakeup.wake();
    };
    entry.watch = entry.point.watch(entry.key.events, look);
    look();
  }

  #entry(op: string, socket: S): Entry<S, D> {
    this.#check(op);
    const entry = this.#entries.get(socket);
    if (entry === undefined) throw fail("ENOENT", op);
    return entry;
  }

  #check(op: string): void {
    if (this.#isClosed) throw fail("EBADF", op);
  }
}

/** Those of the events asked for that hold now. */
function eventsOf({ point, key }: Entry<Pollable, unknown>): number {
  return point.events() & key.events;
}

const NO_WATCH: Watch = { end: () => {} };

/** What a selector refuses by itself. */
const REASONS = {
  EBADF: "the selector is closed",
  EBUSY: "another select is pending: await it first",
  EEXIST: "it is registered already: modify() it instead",
  ENOENT: "it is not registered: register() it first",
};

function fail(code: keyof typeof REASONS, op: string): Error {
  return socketError(code, { op, reason: REASONS[code] });
}
