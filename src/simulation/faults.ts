/**
 * A plan of faults: plain data, to be printed, committed, and generated.
 *
 * @module
 */

import { show } from "../address.ts";
import { checkOptions } from "../deadline.ts";
import type { LinkMatch, LinkRules } from "../runtime/memory/rules.ts";

/** When a fault begins, and how long it lasts. */
export interface FaultTime {
  /** Virtual milliseconds from the start. */
  readonly at: number;
  /** How long, in virtual milliseconds; default to the end. */
  readonly forMs?: number;
}

/** Rules for some links, or all. */
export interface RulesFault extends FaultTime {
  /** What holds meanwhile. */
  readonly rules: LinkRules;
  /** Where; default everywhere. */
  readonly on?: LinkMatch;
}

/** Hosts that do not reach each other. */
export interface PartitionFault extends FaultTime {
  /** As `Simulation.partition` takes them, by name. */
  readonly partition: readonly (readonly string[])[];
}

/** A host that loses its power. */
export interface CrashFault extends FaultTime {
  /** The host. */
  readonly crash: string;
  /** It starts anew so much later; default never. */
  readonly restartAfterMs?: number;
}

/** A host that stands still. */
export interface StopFault extends FaultTime {
  /** The host. */
  readonly stop: string;
}

/** A wall clock that jumps. */
export interface SkewFault extends FaultTime {
  /** The host. */
  readonly skew: string;
  /** By how many milliseconds, back where negative. */
  readonly byMs: number;
}

/** One fault of a plan. */
export type Fault =
  | RulesFault
  | PartitionFault
  | CrashFault
  | StopFault
  | SkewFault;

const KINDS: Readonly<Record<string, readonly string[]>> = {
  rules: ["at", "forMs", "rules", "on"],
  partition: ["at", "forMs", "partition"],
  crash: ["at", "crash", "restartAfterMs"],
  stop: ["at", "forMs", "stop"],
  skew: ["at", "forMs", "skew", "byMs"],
};

/**
 * Gives a plan back if it can be followed.
 *
 * @throws {TypeError} if an item is no fault, or has a member too much.
 * @throws {RangeError} if a time is negative or no number.
 */
export function checkPlan(plan: readonly Fault[]): readonly Fault[] {
  for (const fault of plan) {
    const kind = Object.keys(KINDS).find((name) => name in fault);
    if (kind === undefined) {
      throw new TypeError(
        `A fault has one of ${Object.keys(KINDS).join(", ")}: ${
          JSON.stringify(fault)
        }`,
      );
    }
    checkOptions(fault, KINDS[kind] as readonly string[]);
    const { at, forMs = 0 } = fault;
    const { restartAfterMs = 0 } = fault as CrashFault;
    for (const time of [at, forMs, restartAfterMs]) {
      if (typeof time === "number" && time >= 0) continue;
      throw new RangeError(`A fault's time is not negative: ${show(time)}`);
    }
  }
  return plan;
}
