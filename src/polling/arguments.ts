/**
 * What callers hand to `select` and `Selector`, checked.
 *
 * @module
 */

import { show } from "../address.ts";
import { type Clock, USUAL_TURNS } from "../clock.ts";
import type { WaitOptions } from "../contracts.ts";
import {
  checkMilliseconds,
  checkOptions,
  checkSignal,
  FOREVER,
  type Wait,
  WAIT_OPTIONS,
} from "../deadline.ts";
import type { Pollable, Readiness } from "../readiness.ts";
import { ALL_EVENTS } from "../readiness.ts";

/** What deadlines of polls can run on. */
export interface PollClock {
  /** The source of time; default: the system's clock. */
  readonly clock?: Clock;
}

/** The readiness of what should be a socket. */
export function readinessOf(socket: Pollable, where: string): Readiness {
  const found = (socket as Partial<Pollable> | null | undefined)?.readiness;
  if (typeof found?.watch !== "function") {
    throw new TypeError(
      `${where} holds sockets of this library: ${show(socket)}`,
    );
  }
  return found;
}

/** A set of events that is not empty. */
export function checkEvents(events: unknown): number {
  if (typeof events !== "number") {
    throw new TypeError(`Events are a number: ${show(events)}`);
  }
  if (!Number.isInteger(events) || events <= 0 || events > ALL_EVENTS) {
    throw new RangeError(
      `Events are EVENT_READ, EVENT_WRITE, EVENT_ERROR or'ed: ${events}`,
    );
  }
  return events;
}

/** The argument `timeoutMs` or `{ timeoutMs, signal }`; not NaN. */
export function toPollWait(
  value: number | null | WaitOptions | undefined,
  known: readonly string[] = WAIT_OPTIONS,
): Wait {
  if (typeof value !== "object" || value === null) {
    return { ...FOREVER, timeoutMs: checkMilliseconds(value ?? null) };
  }
  checkOptions(value, known);
  const { timeoutMs = null, signal } = value as WaitOptions;
  return {
    timeoutMs: checkMilliseconds(timeoutMs),
    signal: checkSignal(signal),
  };
}

/** How many turns it takes until a socket's kernel has been looked at. */
export function turnsOf({ turnsToLook = USUAL_TURNS }: Readiness): number {
  return turnsToLook;
}
