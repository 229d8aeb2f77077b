/**
 * Whose code is running: the bubble of a simulation, which every promise and
 * timer that is made inside carries on.
 *
 * @module
 */

import type { HandleKind } from "../handle_counts.ts";
import type { World } from "../ambient.ts";
import { builtin } from "../runtime/node/builtins.ts";
import type { TurnEnd } from "../turn.ts";
import type { Timer } from "../clock.ts";

/** What the virtual globals ask of a run. */
export interface VirtualTime {
  /** Whether the run goes on. */
  readonly isRunning: boolean;
  /** The time, in virtual milliseconds. */
  now(): number;
  /** The time, for programs, which may not look for ever. */
  look(): number;
  /** Runs a task so much later. */
  after(delayMs: number, task: () => void): Timer;
  /** Real work: time stands still until it has settled. */
  external<T>(work: Promise<T>): Promise<T>;
  /** Ends the run with a failure. */
  fail(reason: unknown): void;
}

/** A part of a simulation that code runs in: a host's life, or the scenario. */
export interface Inside extends World {
  /** What its time comes from. */
  readonly kernel: VirtualTime;
  /** What the wall clock shows there, in milliseconds since 1970. */
  wallMs(): number;
  /**
   * Runs a task of this part, wherever the code at hand is: now, once the
   * stopped host goes on, or never.
   */
  admit(task: () => void): void;
  /** The same, and the task runs inside this part. */
  run(task: () => void): void;
  /** What was asked of chance so far: for `Math.random` and its like. */
  draw(): number;
  readonly counts: Record<HandleKind, number>;
  afterTurn(task: () => void): TurnEnd;
}

/** The part of `AsyncLocalStorage` that is used. */
interface Storage {
  getStore(): Inside | undefined;
  run<T>(store: Inside, body: () => T): T;
}

interface AsyncHooks {
  readonly AsyncLocalStorage: new () => Storage;
}

let storage: Storage | undefined;

function theStorage(): Storage {
  if (storage !== undefined) return storage;
  const { AsyncLocalStorage } = builtin<AsyncHooks>("node:async_hooks");
  return storage = new AsyncLocalStorage();
}

/** What the code at hand runs in; `undefined` outside of every simulation. */
export function inside(): Inside | undefined {
  return storage?.getStore();
}

/** Runs a body, and all that comes of it, inside. */
export function enter<T>(part: Inside, body: () => T): T {
  return theStorage().run(part, body);
}
