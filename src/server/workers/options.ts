/**
 * How many workers, and of which kind.
 *
 * @module
 */

import { show } from "../../address.ts";
import { checkOptions } from "../../deadline.ts";
import type { WorkerKind } from "../../runtime/seam/workers.ts";

/** Workers of a server: option `workers` of {@linkcode serve}. */
export interface WorkerOptions {
  /** How many, at most 1,024; `0` is one for each processor. */
  readonly count: number;
  /**
   * Threads of this process, or processes of their own; default `"thread"`,
   * and `"process"` where only processes can share a port (Node before 23.1).
   */
  readonly kind?: WorkerKind;
  /** What the module's `setup` is given, as a copy for each worker. */
  readonly data?: unknown;
  /**
   * Milliseconds that a worker has to import the module, to set up and to
   * listen, before it is ended and begun anew; default 60,000, `null` for ever.
   */
  readonly startTimeoutMs?: number | null;
  /**
   * Milliseconds after which a worker is ended and replaced that does not come
   * back to its event loop; default 30,000, `null` for never (as when it is
   * stopped in a debugger).
   */
  readonly stuckTimeoutMs?: number | null;
}

/** What was asked for, checked and filled in. */
export interface WorkerPlan {
  /** How many; `0` is one for each processor. */
  readonly count: number;
  /** What they are, if that was said. */
  readonly kind: WorkerKind | undefined;
  /** What `setup` is given. */
  readonly data: unknown;
  /** How long one may take to listen. */
  readonly startTimeoutMs: number | null;
  /** How long one may be silent. */
  readonly stuckTimeoutMs: number | null;
}

const KNOWN = ["count", "kind", "data", "startTimeoutMs", "stuckTimeoutMs"];

const DEFAULT_START_MS = 60_000;
const DEFAULT_STUCK_MS = 30_000;

/** More can only be a mistake. */
const MOST_WORKERS = 1024;

/**
 * What the option asks for.
 *
 * @throws {TypeError} | {RangeError} for what it cannot.
 */
export function workerPlanOf(asked: unknown): WorkerPlan | undefined {
  if (asked === undefined) return undefined;
  const options = typeof asked === "number" ? { count: asked } : asked;
  checkOptions(options as WorkerOptions, KNOWN);
  const { count, kind, data } = options as WorkerOptions;
  const { startTimeoutMs, stuckTimeoutMs } = options as WorkerOptions;
  if (kind !== undefined && kind !== "thread" && kind !== "process") {
    throw new TypeError(`kind is "thread" or "process": ${show(kind)}`);
  }
  return {
    count: checkCount(count),
    kind,
    data: copyOf(data, "data"),
    startTimeoutMs: checkMs(
      "startTimeoutMs",
      startTimeoutMs,
      DEFAULT_START_MS,
    ),
    stuckTimeoutMs: checkMs(
      "stuckTimeoutMs",
      stuckTimeoutMs,
      DEFAULT_STUCK_MS,
    ),
  };
}

function checkCount(count: unknown): number {
  if (typeof count !== "number") {
    throw new TypeError(`workers is a number: ${show(count)}`);
  }
  const isCount = Number.isInteger(count) && count >= 0;
  if (isCount && count <= MOST_WORKERS) return count;
  throw new RangeError(
    `There may be 0 to ${MOST_WORKERS} workers: ${count}`,
  );
}

function checkMs(name: string, value: unknown, usual: number): number | null {
  if (value === undefined) return usual;
  if (value === null || value === Infinity) return null;
  if (typeof value !== "number") {
    throw new TypeError(`${name} is a number or null: ${show(value)}`);
  }
  if (value > 0) return value;
  throw new RangeError(`${name} is more than 0 ms: ${value}`);
}

/**
 * A copy as workers get it, now: what comes later is no business of theirs.
 *
 * @throws {TypeError} for what cannot be copied, such as a function.
 */
export function copyOf<T>(value: T, name: string): T {
  try {
    return structuredClone(value);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const text = `${name} cannot be given to workers: ${why}`;
    throw new TypeError(text, { cause });
  }
}
