/** Which of the runtimes that were asked for can be measured here. */

import {
  findRuntime,
  type FoundRuntime,
  type RuntimeName,
} from "../../tests/runtimes.ts";
import { descriptorLimit } from "./machine.ts";
import { milestone } from "./output.ts";

/** Descriptors that a process needs besides its connections. */
const SPARE_DESCRIPTORS = 200;

/** The runtimes that are installed; the others are named. */
export function installed(names: readonly RuntimeName[]): FoundRuntime[] {
  return names.flatMap((name) => {
    const runtime = findRuntime(name);
    if (typeof runtime !== "string") return [runtime];
    milestone(`${name}: skipped, ${runtime}`);
    return [];
  });
}

/** A runtime that has to be there. @throws {Error} if it is not */
export function needed(name: RuntimeName): FoundRuntime {
  const runtime = findRuntime(name);
  if (typeof runtime === "string") throw new Error(runtime);
  return runtime;
}

/** Why so many connections cannot be measured, if they cannot. */
export function reasonToSkip(
  name: RuntimeName,
  connections: number,
): string | undefined {
  const runtime = findRuntime(name);
  if (typeof runtime === "string") return runtime;
  const least = connections + SPARE_DESCRIPTORS;
  return descriptorLimit() < least
    ? `needs ${least} descriptors, the hard limit is ${descriptorLimit()}`
    : undefined;
}
