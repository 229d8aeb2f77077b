/**
 * The end of a turn of the event loop.
 *
 * @module
 */

interface Macrotasks {
  readonly setImmediate?: (task: () => void) => unknown;
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
