/**
 * The end of a turn of the event loop.
 *
 * @module
 */

interface Macrotasks {
  readonly setImmediate?: (task: () => void) => unknown;
  readonly clearImmediate?: (id: unknown) => void;
}

/**
 * Runs a task in a later turn of the event loop, once what is pending in this
 * one has run. A microtask would be too early: `await` of a settled promise is
 * one too.
 */
export function afterTurn(task: () => void): void {
  // dnt-shim-ignore
  const { setImmediate } = globalThis as Macrotasks;
  if (setImmediate !== undefined) setImmediate(task);
  else setTimeout(task, 0);
}

/** A task that waits for the end of the turn. */
export interface TurnEnd {
  /** Takes it back; nothing happens when it has run already. */
  cancel(): void;
}

/** Like {@linkcode afterTurn}, for a task that may be taken back. */
export function atTurnEnd(task: () => void): TurnEnd {
  // dnt-shim-ignore
  const { setImmediate, clearImmediate } = globalThis as Macrotasks;
  if (setImmediate !== undefined && clearImmediate !== undefined) {
    const id = setImmediate(task);
    return { cancel: () => clearImmediate(id) };
  }
  const id = setTimeout(task, 0);
  return { cancel: () => clearTimeout(id) };
}
