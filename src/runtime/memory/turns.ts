/**
 * The order in which things happen in a memory network: first come, first
 * served, one batch per turn of the event loop.
 *
 * @module
 */

import { afterTurn } from "../../turn.ts";

/**
 * Runs tasks in order, never within the call that gave them. What a task
 * gives runs one turn of the event loop later: were it the same turn, two
 * talking sockets would starve timers and signals.
 */
export class Turns {
  #tasks: (() => void)[] = [];
  #isArmed = false;

  /** Runs a task in the next turn, behind those that were given before. */
  run(task: () => void): void {
    this.#tasks.push(task);
    this.#arm();
  }

  #arm(): void {
    if (this.#isArmed || this.#tasks.length === 0) return;
    this.#isArmed = true;
    afterTurn(() => this.#runBatch());
  }

  #runBatch(): void {
    const batch = this.#tasks;
    this.#tasks = [];
    let done = 0;
    try {
      for (const task of batch) {
        done++;
        task();
      }
    } finally {
      // A task that throws takes only itself down.
      this.#tasks = [...batch.slice(done), ...this.#tasks];
      this.#isArmed = false;
      this.#arm();
    }
  }
}
