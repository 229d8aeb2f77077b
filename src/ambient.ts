/**
 * The one place where something may stand in for the process's own world: a
 * simulation, for the code that runs inside it. Nothing does at first, which
 * costs one test.
 *
 * @module
 */

/** A world of its own. */
export interface World {
  /** The `Runtime` that is the current one there. */
  readonly runtime: unknown;
  /** What the library holds open there. */
  readonly counts: Record<"stream" | "listener" | "datagram", number>;
  /** Runs a task in a later turn there. */
  afterTurn(task: () => void): { cancel(): void };
}

let ask: (() => World | undefined) | undefined;

/** The world that the code at hand runs in, if it is not the process's own. */
export function ambient(): World | undefined {
  return ask?.();
}

/** Says who is asked from now on; nobody, if it is `undefined`. */
export function askFor(world: (() => World | undefined) | undefined): void {
  ask = world;
}
