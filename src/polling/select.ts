/**
 * `select`, with Python's rules.
 *
 * @module
 */

import { show } from "../address.ts";
import { type Clock, systemClock, USUAL_TURNS } from "../clock.ts";
import type { WaitOptions } from "../contracts.ts";
import type { Pollable, Readiness } from "../readiness.ts";
import { EVENT_ERROR, EVENT_READ, EVENT_WRITE } from "../readiness.ts";
import { type Wait, WAIT_OPTIONS } from "../deadline.ts";
import type { PollClock } from "./arguments.ts";
import { readinessOf, toPollWait, turnsOf } from "./arguments.ts";
import { Wakeup } from "./wakeup.ts";

const OPTIONS = [...WAIT_OPTIONS, "clock"];

/** One list given to `select`, and what it asks of its sockets. */
interface Asked<T> {
  readonly sockets: readonly T[];
  readonly points: readonly Readiness[];
  readonly events: number;
}

/**
 * Waits until a socket is ready, and gives the subsets of the three lists
 * that are. Readable: bytes, the end, an error or a connection is in hand.
 * Writable: a send would take something. Exceptional: the socket is dead.
 *
 * A socket may be in several lists, and comes back in each where it is ready.
 * One that died, was closed or was reset comes back in every list it was
 * given in, and never makes the call fail. Costs O(all sockets given); a
 * {@linkcode Selector} costs O(those ready).
 *
 * @param readers sockets to wait for reading
 * @param writers sockets to wait for writing
 * @param errors sockets to wait for death
 * @param timeout milliseconds, or options; `0` polls, `null` waits for ever
 * @throws {TypeError} if a list holds anything but sockets.
 * @throws {RangeError} if the timeout is negative or NaN.
 *
 * @example
 * ```ts
 * import { connect, listen } from "@anysock/anysock";
 * import { select } from "@anysock/anysock/polling";
 *
 * await using server = await listen("127.0.0.1:0");
 * await using client = await connect(server.getSockName());
 * const [readers] = await select([server], [], [], 1_000);
 * console.log(readers[0] === server); // a connection waits
 * ```
 */
export async function select<
  R extends Pollable,
  W extends Pollable,
  X extends Pollable,
>(
  readers: Iterable<R>,
  writers: Iterable<W>,
  errors: Iterable<X>,
  timeout?: number | null | WaitOptions & PollClock,
): Promise<[R[], W[], X[]]> {
  const r = ask(readers, EVENT_READ, "The list of readers");
  const w = ask(writers, EVENT_WRITE, "The list of writers");
  const x = ask(errors, EVENT_ERROR, "The list of errors");
  const wait = toPollWait(timeout, OPTIONS);
  if (wait.timeoutMs !== null && wait.timeoutMs < 0) {
    throw new RangeError(`timeoutMs must not be negative: ${wait.timeoutMs}`);
  }
  wait.signal?.throwIfAborted();
  const clock = typeof timeout === "object" ? timeout?.clock : undefined;
  await untilReady([r, w, x], wait, clock ?? systemClock);
  return [ready(r), ready(w), ready(x)];
}

function ask<T extends Pollable>(
  sockets: Iterable<T>,
  events: number,
  where: string,
): Asked<T> {
  if (typeof sockets?.[Symbol.iterator] !== "function") {
    throw new TypeError(`${where} must be iterable: ${show(sockets)}`);
  }
  const list = [...sockets];
  const points = list.map((socket) => readinessOf(socket, where));
  return { sockets: list, points, events };
}

function ready<T>({ sockets, points, events }: Asked<T>): T[] {
  return sockets.filter((_, i) => holds(points[i], events));
}

function holds(point: Readiness | undefined, events: number): boolean {
  return point !== undefined && (point.events() & events) !== 0;
}

/** The most that any of the sockets needs. */
function turnsToLook(lists: readonly Asked<unknown>[]): number {
  let most = USUAL_TURNS;
  for (const { points } of lists) {
    for (const point of points) most = Math.max(most, turnsOf(point));
  }
  return most;
}

/** Settles when one socket is ready, or the time is up. */
async function untilReady(
  lists: readonly Asked<unknown>[],
  wait: Wait,
  clock: Clock,
): Promise<void> {
  const wakeup = new Wakeup(clock);
  const isReady = (): boolean =>
    lists.some(({ points, events }) =>
      points.some((point) => holds(point, events))
    );
  const watches = lists.flatMap(({ points, events }) =>
    points.map((point) =>
      point.watch(events, () => {
        if (holds(point, events)) wakeup.wake();
      })
    )
  );
  try {
    await wakeup.until(isReady, wait, turnsToLook(lists));
  } finally {
    for (const watch of watches) watch.end();
  }
}
