/**
 * Tries a scenario with many seeds, and shrinks what fails to the faults that
 * matter.
 *
 * @module
 */

import { checkOptions } from "../deadline.ts";
import { numberOf } from "./environment.ts";
import { SimulationFailed } from "./errors.ts";
import type { LinkRules } from "../runtime/memory/rules.ts";
import type { Run } from "./run.ts";
import { ddmin } from "./shrink.ts";
import {
  messageOf,
  type Scenario,
  SIMULATE_OPTIONS,
  simulateOnce,
  type SimulateOptions,
} from "./simulate.ts";

/** How a scenario is explored. */
export interface ExploreOptions extends SimulateOptions {
  /** How many seeds are tried; default 100. `ANYSOCK_RUNS` overrides it. */
  readonly runs?: number;
  /** No new seed is tried after so many real milliseconds; default no bound. */
  readonly budgetMs?: number;
  /** The seeds; default 1, 2, 3, … */
  readonly seeds?: Iterable<number>;
  /** Whether a failure is shrunk; default `true`. */
  readonly shrink?: boolean;
}

/** What came of an exploration in which nothing failed. */
export interface ExploreReport {
  /** How many seeds were tried. */
  readonly runs: number;
  /** How many events there were in all. */
  readonly events: number;
  /** How much virtual time passed in all, in milliseconds. */
  readonly virtualMs: number;
  /** How many faults came true in all. */
  readonly fired: number;
}

/** Runs that shrinking may take. */
const MOST_TRIES = 200;

/** The platform's own. */
// dnt-shim-ignore
const now = performance.now.bind(performance);

/**
 * Runs a scenario with one seed after another. The first that fails is shrunk:
 * of the faults that came true, and the items of the plan, those are left out
 * without which it still fails in the same way. What is thrown is the failure
 * of the smallest run, whose trace shows those faults alone.
 *
 * @throws {SimulationFailed} if a run fails.
 *
 * @example
 * ```ts
 * import { connect, listen } from "@anysock/anysock";
 * import { explore } from "@anysock/anysock/testing";
 *
 * const report = await explore(async (sim) => {
 *   sim.host("server", async () => {
 *     const [client] = await (await listen("0.0.0.0:7")).accept();
 *     await client.sendAll("hello");
 *     await client.close();
 *   });
 *   await sim.host("client").run(async () => {
 *     const server = await connect("server:7");
 *     // Would fail where a link cuts: recv() gives what is there.
 *     const text = new TextDecoder().decode(await server.recvExactly(5));
 *     if (text !== "hello") throw new Error(text);
 *   });
 * }, { runs: 20, network: { chunkBytes: [1, 5] } });
 * console.log(report.runs); // 20
 * ```
 */
export async function explore(
  scenario: Scenario<unknown>,
  options: ExploreOptions = {},
): Promise<ExploreReport> {
  const { runs, budgetMs, seeds, shrink, ...rest } = readOptions(options);
  const totals = { runs: 0, events: 0, virtualMs: 0, fired: 0 };
  const start = now();
  for (const seed of seeds) {
    const isOver = totals.runs >= runs || now() - start >= budgetMs;
    if (isOver) break;
    totals.runs++;
    const run = await attempt(scenario, { ...rest, seed });
    if (run instanceof SimulationFailed) {
      if (!shrink) throw run;
      throw await shrunk(scenario, { ...rest, seed }, run, totals.runs);
    }
    totals.events += run.events;
    totals.virtualMs += run.virtualMs;
    totals.fired += run.fired.length;
  }
  return totals;
}

function readOptions(options: ExploreOptions) {
  checkOptions(options, [
    ...SIMULATE_OPTIONS.filter((name) => name !== "check"),
    "runs",
    "budgetMs",
    "seeds",
    "shrink",
  ]);
  const { budgetMs = Infinity, shrink = true } = options;
  const runs = numberOf("ANYSOCK_RUNS") ?? options.runs ?? 100;
  if (!(runs >= 1)) throw new RangeError(`runs is 1 or more: ${runs}`);
  if (!(budgetMs > 0)) throw new RangeError(`budgetMs: ${budgetMs}`);
  const told = numberOf("ANYSOCK_SEED");
  const seeds = told === undefined
    ? options.seeds ?? upFrom(options.seed ?? 1)
    : [told];
  return { ...options, runs, budgetMs, seeds, shrink };
}

function* upFrom(seed: number): Generator<number> {
  for (let each = seed;; each++) yield each;
}

async function attempt(
  scenario: Scenario<unknown>,
  options: SimulateOptions,
): Promise<Run<unknown> | SimulationFailed> {
  try {
    return await simulateOnce(scenario, options);
  } catch (error) {
    if (error instanceof SimulationFailed) return error;
    throw error;
  }
}

/** The failure of the smallest run that fails in the same way. */
async function shrunk(
  scenario: Scenario<unknown>,
  options: SimulateOptions,
  first: SimulationFailed,
  seeds: number,
): Promise<SimulationFailed> {
  let best = first;
  const keys = first.run.fired.map(({ key }) => key);
  const again = async (
    kept: readonly string[],
    network: LinkRules | undefined,
  ): Promise<readonly string[] | undefined> => {
    const only = new Set(kept);
    const tried = { ...options, only, ...(network && { network }) };
    const run = await attempt(scenario, tried);
    const isSame = run instanceof SimulationFailed && kindOf(run) === kind;
    if (!isSame) return undefined;
    const left = [...new Set(run.run.fired.map(({ key }) => key))];
    if (left.length <= best.run.fired.length) best = run;
    return left;
  };
  const kind = kindOf(first);
  const { items, tries } = await ddmin(
    [...new Set(keys)],
    (kept) => again(kept, undefined),
    MOST_TRIES,
  );
  // Jitter that does not matter only makes the trace hard to read.
  const { network } = options;
  const isPlain = network?.latencyMs === undefined;
  const extra = isPlain ? 0 : 1;
  if (!isPlain) {
    const { latencyMs: _, ...rest } = network;
    await again(items, rest);
  }
  const { run, cause } = best;
  const count = first.run.fired.length;
  const matter = run.fired.length === 1
    ? "1 matters"
    : `${run.fired.length} matter`;
  const summary =
    `found with seed ${run.seed}, the ${seeds}. that was tried; ` +
    `of ${count} faults ${matter} (${tries + extra} runs)`;
  const [head, ...tail] = messageOf(run, cause).split("\n");
  const message = [head, summary, ...tail].join("\n");
  return new SimulationFailed(message, run, cause);
}

/** What makes two failures the same: the class, and the code or first line. */
function kindOf({ cause }: SimulationFailed): string {
  if (!(cause instanceof Error)) return String(cause);
  const { code } = cause as { code?: unknown };
  const [line] = cause.message.split("\n");
  return `${cause.name} ${typeof code === "string" ? code : digitless(line)}`;
}

/** "20 counted 21" fails as "20 counted 22" does. */
function digitless(line = ""): string {
  return line.replace(/\d+(\.\d+)?/g, "#");
}
