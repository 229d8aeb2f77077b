/**
 * Faults that a test has planned: the next call of a name, on one runtime,
 * fails at once. Nobody plans any in production, which costs one test a call.
 *
 * @module
 */

import { Fault } from "./fault.ts";

/** What the next calls of a name fail with. */
export interface PlannedFault {
  /** The C name of the failure. */
  readonly code: string;
  /** How many calls are still to fail. */
  left: number;
}

type Plans = Map<string, PlannedFault[]>;

/** By runtime: whatever else there is goes on as ever. */
let plans: WeakMap<object, Plans> | undefined;

/** Lets the next calls named `op` fail. Gives what takes it back. */
export function planFault(
  runtime: object,
  op: string,
  fault: PlannedFault,
): () => void {
  plans ??= new WeakMap();
  const own = plans.get(runtime) ?? new Map<string, PlannedFault[]>();
  plans.set(runtime, own);
  own.set(op, [...own.get(op) ?? [], fault]);
  return () => void (fault.left = 0);
}

/** What a call has to fail with, if that is planned. */
export function plannedFault(op: string, runtime: object): Fault | undefined {
  if (plans === undefined) return undefined;
  const own = plans.get(runtime);
  const waiting = own?.get(op)?.filter(({ left }) => left > 0);
  const next = waiting?.[0];
  if (own === undefined || next === undefined) return undefined;
  next.left--;
  own.set(op, waiting!);
  return new Fault(next.code, undefined, "a test asked for it (failNext)");
}
