/**
 * The end of a turn of the event loop.
 *
 * @module
 */

import { ambient } from "./ambient.ts";
import { chainsImmediates } from "./runtime/platform.ts";

interface Tasks {
  readonly queueMicrotask: (task: () => void) => void;
  readonly setImmediate?: (task: () => void) => unknown;
  readonly clearImmediate?: (id: unknown) => void;
  readonly setTimeout: (task: () => void, delayMs: number) => unknown;
  readonly clearTimeout: (id: unknown) => void;
}

/** The platform's own, as the clock's are: others may come to stand still. */
// dnt-shim-ignore
const platform = globalThis as unknown as Tasks;
const { queueMicrotask, clearImmediate, setTimeout, clearTimeout } = platform;
const setImmediate = chainsImmediates() ? platform.setImmediate : undefined;

/** Runs a task as soon as the code that is running has come to its end. */
export const atMicrotask: (task: () => void) => void = queueMicrotask;

/**
 * Runs a task in a later turn of the event loop, once what is pending in this
 * one has run. A microtask would be too early: `await` of a settled promise is
 * one too.
 */
export function afterTurn(task: () => void): void {
  const world = ambient();
  if (world !== undefined) world.afterTurn(task);
  else if (setImmediate !== undefined) setImmediate(task);
  else setTimeout(task, 0);
}

/** Runs a task so many turns later. */
export function afterTurns(count: number, task: () => void): void {
  if (count <= 0) task();
  else afterTurn(() => afterTurns(count - 1, task));
}

/** A task that waits for the end of the turn. */
export interface TurnEnd {
  /** Takes it back; nothing happens when it has run already. */
  cancel(): void;
}

/** Like {@linkcode afterTurn}, for a task that may be taken back. */
export function atTurnEnd(task: () => void): TurnEnd {
  const world = ambient();
  if (world !== undefined) return world.afterTurn(task);
  if (setImmediate !== undefined && clearImmediate !== undefined) {
    const id = setImmediate(task);
    return { cancel: () => clearImmediate(id) };
  }
  const id = setTimeout(task, 0);
  return { cancel: () => clearTimeout(id) };
}
