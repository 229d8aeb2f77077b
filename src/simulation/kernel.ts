/**
 * Virtual time: it jumps to the next event as soon as nothing is due, and never
 * passes while code runs.
 *
 * One event has one turn of the real event loop to itself, so that every
 * microtask that it makes has run before the next.
 *
 * @module
 */

import type { Timer } from "../clock.ts";
import type { Scheduler } from "../runtime/memory/scheduler.ts";
import { enter, type Inside, type VirtualTime } from "./bubble.ts";
import { SimulationStuck } from "./errors.ts";
import { EventQueue } from "./event_queue.ts";

/** The platform's own, which a simulation replaces. */
// dnt-shim-ignore
const platform = globalThis as unknown as {
  setImmediate(task: () => void): unknown;
  setTimeout(task: () => void, delayMs: number): unknown;
  clearTimeout(timer: unknown): void;
};
const { setImmediate, setTimeout, clearTimeout } = platform;

/**
 * So many immediates are armed at once: every runtime runs all microtasks
 * between two of them, and looks at the kernel once for all.
 */
const DRUM = 32;

/** What a turn takes, in milliseconds, so that a loop that polls lets time pass. */
export const TURN_MS = 0.01;

/** More events than any program has at one instant, unless it polls. */
const MOST_AT_ONCE = 100_000;

/** Who looks at the clock so often within one event waits for it to go on. */
const MOST_LOOKS = 10_000_000;

/** What bounds a run. */
export interface KernelLimits {
  readonly maxVirtualMs: number;
  readonly maxEvents: number;
  readonly graceMs: number;
}

/** What the kernel asks of the simulation around it. */
export interface KernelHooks {
  /** Looks, after an event and all that came of it, whether all is well. */
  afterEvent(): void;
  /** What everybody waits for. */
  waiting(): string;
}

/** The clock, the queue and the loop of one run. */
export class Kernel implements Scheduler, VirtualTime {
  readonly #limits: KernelLimits;
  readonly #hooks: KernelHooks;
  readonly #queue = new EventQueue();
  #now = 0;
  #events = 0;
  #atThisInstant = 0;
  #externals = 0;
  #looks = 0;
  /** Where events begin; set while the kernel runs. */
  #root: Inside | undefined;
  #fail: ((reason: unknown) => void) | undefined;
  /** No immediate is armed. */
  #isParked = true;
  /** Set while nothing is in the queue: when it ends, the run is stuck. */
  #grace: unknown;
  #settlers: (() => void)[] = [];
  /** Whether nothing from outside was seen to wake it. */
  isExact = true;

  /** A kernel at time 0. */
  constructor(limits: KernelLimits, hooks: KernelHooks) {
    this.#limits = limits;
    this.#hooks = hooks;
  }

  /** How many events there were. */
  get events(): number {
    return this.#events;
  }

  /** Whether it goes on. */
  get isRunning(): boolean {
    return this.#fail !== undefined;
  }

  now(): number {
    return this.#now;
  }

  /** The time, for programs: whoever waits by looking would wait for ever. */
  look(): number {
    if (++this.#looks <= MOST_LOOKS) return this.#now;
    const text = `a loop looks at the clock for ever at ${this.#now} ms`;
    throw new SimulationStuck(text);
  }

  run(task: () => void): void {
    this.#add(0, task);
  }

  after(delayMs: number, task: () => void): Timer {
    return this.#add(delayMs, task);
  }

  #add(delayMs: number, task: () => void): Timer {
    const event = this.#queue.add(this.#now + Math.max(0, delayMs), task);
    if (this.#isParked) this.#wake();
    return event;
  }

  /** Settles when nothing is due at this instant. */
  settle(): Promise<void> {
    return new Promise((resolve) => {
      this.#settlers.push(resolve);
      if (this.#isParked) this.#wake();
    });
  }

  /** Real work: time stands still until it has settled. */
  async external<T>(work: Promise<T>): Promise<T> {
    this.#externals++;
    try {
      return await work;
    } finally {
      this.#externals--;
      if (this.#isParked) this.#wake();
    }
  }

  /** Ends the run with a failure. */
  fail(reason: unknown): void {
    const fail = this.#fail;
    this.#fail = undefined;
    fail?.(reason);
  }

  /** Runs a body from time 0 until it has settled, or the run fails. */
  async start<T>(root: Inside, body: () => Promise<T>): Promise<T> {
    this.#root = root;
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#fail = reject;
        const settled = () => this.#lookForOutside();
        this.run(() => void body().finally(settled).then(resolve, reject));
      });
    } finally {
      this.#fail = undefined;
      this.#queue.clear();
      this.#settlers = [];
      this.#endGrace();
    }
  }

  /** Nothing was in the queue, and yet something happens. */
  #lookForOutside(): void {
    if (this.#grace !== undefined) this.isExact = false;
  }

  #wake(): void {
    if (!this.isRunning) return;
    this.#lookForOutside();
    this.#isParked = false;
    this.#endGrace();
    this.#roll();
  }

  /** Immediates run where they were armed: every event begins in the root. */
  #roll(): void {
    enter(this.#root as Inside, this.#arm);
  }

  readonly #arm = (): void => {
    for (let i = 1; i < DRUM; i++) setImmediate(this.#step);
    setImmediate(this.#lastStep);
  };

  readonly #lastStep = (): void => {
    this.#step();
    if (!this.#isParked && this.isRunning) this.#roll();
  };

  readonly #step = (): void => {
    if (this.#isParked || !this.isRunning) return;
    try {
      this.#oneEvent();
    } catch (error) {
      this.fail(error);
    }
  };

  #oneEvent(): void {
    if (this.#events > 0) this.#hooks.afterEvent();
    if (!this.isRunning) return;
    // What ends it wakes it.
    if (this.#externals > 0) return void (this.#isParked = true);
    const next = this.#queue.peek();
    if (this.#settlers.length > 0 && !(next && next.at <= this.#now)) {
      const settlers = this.#settlers;
      this.#settlers = [];
      for (const settle of settlers) settle();
      return;
    }
    if (next === undefined) return this.#rest();
    this.#queue.take();
    this.#advance(next.at);
    this.#events++;
    this.#looks = 0;
    const fire = next.fire as () => void;
    next.fire = undefined;
    fire();
  }

  #advance(at: number): void {
    const { maxVirtualMs, maxEvents } = this.#limits;
    if (at > this.#now) this.#atThisInstant = 0;
    if (++this.#atThisInstant > MOST_AT_ONCE) {
      throw new SimulationStuck(
        `${MOST_AT_ONCE} events at ${this.#now} ms: a loop that lets no time pass`,
      );
    }
    if (at > maxVirtualMs) {
      throw new SimulationStuck(
        `no end within ${maxVirtualMs} virtual ms: ${this.#hooks.waiting()}`,
      );
    }
    if (this.#events >= maxEvents) {
      throw new SimulationStuck(
        `no end within ${maxEvents} events: ${this.#hooks.waiting()}`,
      );
    }
    this.#now = at;
  }

  /** Nothing is in the queue: something from outside may bring more. */
  #rest(): void {
    this.#isParked = true;
    this.#grace = setTimeout(() => {
      this.#grace = undefined;
      if (this.#externals > 0) return;
      const when = `nothing can happen any more at ${this.#now} ms`;
      this.fail(new SimulationStuck(`${when}: ${this.#hooks.waiting()}`));
    }, this.#limits.graceMs);
  }

  #endGrace(): void {
    if (this.#grace === undefined) return;
    clearTimeout(this.#grace);
    this.#grace = undefined;
  }
}
