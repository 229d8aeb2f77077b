/**
 * When things happen in a network in memory.
 *
 * @module
 */

import type { Clock, Timer } from "../../clock.ts";
import { afterTurn } from "../../turn.ts";

/**
 * What a network's events run on: a simulation's queue in virtual time, or
 * {@linkcode TurnScheduler}. Events of one instant run in the order of asking,
 * never within the call that asked.
 */
export interface Scheduler {
  /** Milliseconds since some fixed moment. */
  now(): number;
  /** Runs a task as soon as it may, behind those that were given before. */
  run(task: () => void): void;
  /** Runs a task so many milliseconds from now. */
  after(delayMs: number, task: () => void): Timer;
}

/**
 * Real turns of the event loop: a batch of tasks each. What a task gives runs
 * one turn later: were it the same turn, two talking sockets would starve
 * timers and signals.
 */
export class TurnScheduler implements Scheduler {
  readonly #clock: Clock;
  #tasks: (() => void)[] = [];
  #isArmed = false;

  /** Delays run on `clock`. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  run(task: () => void): void {
    this.#tasks.push(task);
    this.#arm();
  }

  after(delayMs: number, task: () => void): Timer {
    if (delayMs > 0) return this.#clock.start(delayMs, task);
    let isOff = false;
    this.run(() => isOff || task());
    return { cancel: () => void (isOff = true) };
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
