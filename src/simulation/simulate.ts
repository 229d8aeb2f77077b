/**
 * Runs a scenario in a simulation.
 *
 * @module
 */

import { checkOptions } from "../deadline.ts";
import type { LinkRules } from "../runtime/memory/rules.ts";
import { enter } from "./bubble.ts";
import { numberOf } from "./environment.ts";
import { NotDeterministic, SimulationFailed } from "./errors.ts";
import { checkPlan, type Fault } from "./faults.ts";
import { patchGlobals, putBack } from "./globals.ts";
import { watchRejections } from "./rejections.ts";
import type { Run } from "./run.ts";
import { Sim, type Simulation } from "./simulation.ts";
import { lineOf, Trace } from "./trace.ts";

/** How a simulation is run. */
export interface SimulateOptions {
  /** What chance depends on; default 1. `ANYSOCK_SEED` overrides it. */
  readonly seed?: number;
  /** Rules of every link between hosts; default a latency of 1 ms. */
  readonly network?: LinkRules;
  /** A plan of faults. */
  readonly faults?: readonly Fault[];
  /** Of the chances, those with these keys may come true; default all. */
  readonly only?: ReadonlySet<string>;
  /** The wall clock at the start; default `"2000-01-01T00:00:00Z"`. */
  readonly startsAt?: string | number;
  /** The longest virtual time, in milliseconds; default 30 days. */
  readonly maxVirtualMs?: number;
  /** The most events; default 10,000,000. */
  readonly maxEvents?: number;
  /**
   * Real milliseconds that it waits for the outside before it is stuck;
   * default 100.
   */
  readonly graceMs?: number;
  /** Whether globals are virtual inside; default `true`. */
  readonly patch?: boolean;
  /** Whether it is run twice, to be compared; default `false`. */
  readonly check?: boolean;
  /** What the trace keeps: all, or no payload; default `"all"`. */
  readonly trace?: "all" | "headers";
}

/** The names of {@linkcode SimulateOptions}. */
export const SIMULATE_OPTIONS: readonly (keyof SimulateOptions)[] = [
  "seed",
  "network",
  "faults",
  "only",
  "startsAt",
  "maxVirtualMs",
  "maxEvents",
  "graceMs",
  "patch",
  "check",
  "trace",
];

/** 30 days. */
const MAX_VIRTUAL_MS = 2_592_000_000;
const MAX_EVENTS = 10_000_000;
const GRACE_MS = 100;
const STARTS_AT = "2000-01-01T00:00:00Z";

/** A scenario: what is to happen in a simulation. */
export type Scenario<T> = (sim: Simulation) => Promise<T>;

/**
 * Runs a scenario on simulated hosts, in virtual time, which passes when
 * nothing else can happen: an hour takes milliseconds. The code under test is
 * the one that you ship: inside, `setTimeout`, `Date` and the library's own
 * functions belong to the simulation.
 *
 * The same version of the library, seed, rules and scenario give the same
 * history, on every runtime and machine.
 *
 * @throws {SimulationFailed} if the scenario or the `main` of a host rejects,
 *   a check does not hold, nothing can happen any more, or a limit is reached.
 * @throws {NotDeterministic} with `check`, if two runs differ.
 * @throws {TypeError} if an option is none.
 * @throws {RangeError} if the value of one is none.
 *
 * @example A timeout of ten minutes, in a few milliseconds
 * ```ts
 * import { connect, listen } from "@anysock/anysock";
 * import { simulate } from "@anysock/anysock/testing";
 *
 * const { virtualMs } = await simulate(async (sim) => {
 *   sim.host("server", async () => {
 *     const listener = await listen("0.0.0.0:7");
 *     const [client] = await listener.accept();
 *     await client.recv({ timeoutMs: 600_000 }).catch(() => client.close());
 *   });
 *   await sim.host("client").run(async () => {
 *     const server = await connect("server:7");
 *     console.log(await server.recv()); // null, after ten minutes
 *   });
 * });
 * console.log(virtualMs > 600_000); // true
 * ```
 */
export async function simulate<T>(
  scenario: Scenario<T>,
  options: SimulateOptions = {},
): Promise<Run<T>> {
  checkOptions(options, SIMULATE_OPTIONS);
  const seed = numberOf("ANYSOCK_SEED") ?? options.seed ?? 1;
  const run = await simulateOnce(scenario, { ...options, seed });
  if (!options.check) return run;
  const again = await simulateOnce(scenario, { ...options, seed });
  compare(run, again);
  return run;
}

/** Runs a scenario once, whatever the environment says. */
export async function simulateOnce<T>(
  scenario: Scenario<T>,
  options: SimulateOptions,
): Promise<Run<T>> {
  const sim = makeSim(options);
  const { patch = true } = options;
  if (patch) patchGlobals();
  const watch = watchRejections(sim.kernel);
  let outcome: { readonly value: T } | { readonly error: unknown };
  try {
    const body = () => enter(sim.outside, () => scenario(sim));
    outcome = { value: await sim.kernel.start(sim.outside, body) };
  } catch (error) {
    outcome = { error };
  } finally {
    sim.end();
    await watch.end();
    if (patch) reportLeft(putBack());
  }
  if (watch.late.length > 0) outcome = { error: watch.late[0] };
  const run = runOf(sim);
  if ("value" in outcome) return { ...run, value: outcome.value };
  const message = messageOf(run, outcome.error);
  throw new SimulationFailed(message, run, outcome.error);
}

function makeSim(options: SimulateOptions): Sim {
  const { seed = 1, network = {}, faults = [], only, trace = "all" } = options;
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(`A seed is a whole number: ${seed}`);
  }
  const { startsAt = STARTS_AT, maxVirtualMs = MAX_VIRTUAL_MS } = options;
  const { maxEvents = MAX_EVENTS, graceMs = GRACE_MS } = options;
  const startsAtMs = new Date(startsAt).getTime();
  if (Number.isNaN(startsAtMs)) {
    throw new RangeError(`startsAt is no time: ${startsAt}`);
  }
  for (const [name, value] of Object.entries({ maxVirtualMs, maxEvents })) {
    if (!(value > 0)) throw new RangeError(`${name} is positive: ${value}`);
  }
  if (!(graceMs >= 0)) throw new RangeError(`graceMs: ${graceMs}`);
  if (trace !== "all" && trace !== "headers") {
    throw new RangeError(`trace is "all" or "headers": ${trace}`);
  }
  return new Sim({
    seed,
    network,
    faults: checkPlan(faults),
    only,
    startsAtMs,
    limits: { maxVirtualMs, maxEvents, graceMs },
    trace: Trace.create(trace === "headers"),
  });
}

function runOf(sim: Sim): Run<never> {
  const { seed, kernel, fired, trace } = sim;
  const { events, isExact } = kernel;
  return {
    value: undefined as never,
    seed,
    virtualMs: kernel.now(),
    events,
    hash: trace.hash,
    fired: [...fired],
    trace,
    isExact,
  };
}

/** More keys than this tell nobody anything. */
const SHOWN_KEYS = 10;

/** What failed, how to see it again, and what came before. */
export function messageOf(
  { seed, fired, trace }: Run<never>,
  cause: unknown,
): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  const keys = fired.slice(0, SHOWN_KEYS).map(({ key }) => key).join("; ");
  const more = fired.length > SHOWN_KEYS
    ? ` and ${fired.length - SHOWN_KEYS} more`
    : "";
  const faults = fired.length === 0
    ? "no fault came true"
    : `${fired.length} ${
      fired.length === 1 ? "fault" : "faults"
    } came true: ${keys}${more}`;
  return `${text}\nseed ${seed} (again: ANYSOCK_SEED=${seed}), ${faults}\n` +
    trace.toText();
}

function reportLeft(names: readonly string[]): void {
  if (names.length === 0) return;
  const text = `${names.join(", ")} was patched while a simulation ran, and ` +
    "is left as it is";
  console.warn(text);
}

function compare(one: Run<unknown>, other: Run<unknown>): void {
  const isSame = one.hash === other.hash && one.events === other.events &&
    one.virtualMs === other.virtualMs;
  if (isSame) return;
  const [first, second] = [[...one.trace], [...other.trace]];
  const at = first.findIndex((each, i) => {
    const twin = second[i];
    return twin === undefined || lineOf(each) !== lineOf(twin);
  });
  const index = at < 0 ? first.length : at;
  const [a, b] = [first[index], second[index]].map((each) =>
    each === undefined ? "the end" : lineOf(each)
  );
  throw new NotDeterministic(
    a === b
      ? `Two runs of seed ${one.seed} differ: ${one.events} events in ` +
        `${one.virtualMs} ms, and ${other.events} in ${other.virtualMs} ms`
      : `Two runs of seed ${one.seed} differ in event ${index}: ` +
        `"${a}", and "${b}"`,
  );
}
