/**
 * What is known of a run when it is over.
 *
 * @module
 */

import type { Trace } from "./trace.ts";

/** A chance that came true, or an item of the plan that took effect. */
export interface Fired {
  /** What it is known by: `only` and shrinking name it so. */
  readonly key: string;
  /** When, in virtual milliseconds. */
  readonly at: number;
}

/** A run of a simulation. */
export interface Run<T> {
  /** What the scenario resolved with. */
  readonly value: T;
  /** Its seed. */
  readonly seed: number;
  /** How much virtual time passed, in milliseconds. */
  readonly virtualMs: number;
  /** How many events there were. */
  readonly events: number;
  /** SHA-256 of the trace: equal runs have equal ones, on every runtime. */
  readonly hash: string;
  /** The faults that came true, in their order. */
  readonly fired: readonly Fired[];
  /** All that was sent, and what befell the hosts. */
  readonly trace: Trace;
  /**
   * `false`: something from outside was seen to wake it, such as a file that
   * was read, so that the next run may differ.
   */
  readonly isExact: boolean;
}
