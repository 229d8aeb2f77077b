/**
 * The option `keepAlive` of `connect` and `listen`.
 *
 * @module
 */

import { show } from "../address.ts";
import {
  AF_INET,
  IPPROTO_TCP,
  SO_KEEPALIVE,
  SOL_SOCKET,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_KEEPINTVL,
} from "../constants.ts";
import { checkOptions } from "../deadline.ts";
import type { Runtime } from "../runtime/seam/runtime.ts";
import { readSetting, setOption, withErrors } from "./options/calls.ts";
import { StreamOptions } from "./options/stream_options.ts";

/** How a keep-alive probes. What is left out stays the system's. */
export interface KeepAlive {
  /** Silence before the first probe: milliseconds, in whole seconds. */
  readonly idleMs: number;
  /**
   * Between two probes: milliseconds, in whole seconds. Where the runtime picks
   * it by itself (`capabilities().keepAliveProbes`), another is `ENOPROTOOPT`.
   */
  readonly intervalMs?: number;
  /** How many unanswered probes end the connection; likewise. */
  readonly count?: number;
}

/** An option to be set. */
export type Wish = readonly [level: number, name: number, value: number];

/** Linux's limit of an idle time and of an interval, in milliseconds. */
const MOST_MS = 32_767_000;

/**
 * What `keepAlive` asks for, as options of C.
 *
 * @throws {TypeError} | {RangeError} if it is no keep-alive.
 */
export function keepAliveWishes(value: unknown): readonly Wish[] {
  if (value === undefined || value === false) return [];
  if (value === true) return [[SOL_SOCKET, SO_KEEPALIVE, 1]];
  checkOptions(value, ["idleMs", "intervalMs", "count"]);
  const { idleMs, intervalMs, count } = value as Partial<KeepAlive>;
  const wishes: Wish[] = [[IPPROTO_TCP, TCP_KEEPIDLE, toSeconds(idleMs)]];
  if (intervalMs !== undefined) {
    wishes.push([IPPROTO_TCP, TCP_KEEPINTVL, toSeconds(intervalMs)]);
  }
  if (count !== undefined) {
    wishes.push([IPPROTO_TCP, TCP_KEEPCNT, checkNumber(count)]);
  }
  return [...wishes, [SOL_SOCKET, SO_KEEPALIVE, 1]];
}

/** The kernel counts in seconds. */
function toSeconds(ms: unknown): number {
  const number = checkNumber(ms);
  const isFine = number % 1000 === 0 && number >= 1000 && number <= MOST_MS;
  if (isFine) return number / 1000;
  throw new RangeError(
    `A keep-alive's times are whole seconds, 1,000 to ${MOST_MS} ms: ${number}`,
  );
}

function checkNumber(value: unknown): number {
  if (typeof value === "number") return value;
  throw new TypeError(
    `A keep-alive is { idleMs, intervalMs?, count? } of numbers: ${
      show(value)
    }`,
  );
}

/**
 * Throws for what the runtime does not have, before anything is opened.
 *
 * @throws {SocketError} `ENOPROTOOPT`, of the method `op`.
 */
export function demandKeepAlive(
  op: "connect" | "listen",
  runtime: Runtime,
  wishes: readonly Wish[],
): void {
  if (wishes.length === 0) return;
  const takeError = () => 0;
  const options = new StreamOptions({ family: AF_INET, runtime, takeError });
  withErrors(op, undefined, () => {
    for (const wish of wishes) setOption(options, readSetting(...wish));
  });
}
