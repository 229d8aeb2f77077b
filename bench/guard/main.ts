/**
 * The guard: echo servers of this tree and of the last release in turns, and
 * exit code 1 where this one needs more processor time than it may. It is run
 * by hand and before a release, on a machine that does nothing else.
 */

import { join, relative } from "node:path";
import { repositoryRoot } from "../../tests/runtimes.ts";
import { type Case, cases, serverScript } from "../echo/cases.ts";
import { measure } from "../echo/measure.ts";
import { enter } from "../lib/entry.ts";
import { requireLinux } from "../lib/machine.ts";
import { integer, names, rounds, seconds } from "../lib/options.ts";
import { milestone } from "../lib/output.ts";
import type { Plan } from "../lib/plan.ts";
import { interleave } from "../lib/rounds.ts";
import { startServer } from "../lib/server_under_load.ts";
import { baseCommit, withTree } from "./base.ts";
import { judge, type Pair, table, type Verdict } from "./verdict.ts";

/** Those that run the sources of an older tree as they lie there. */
const RUNTIMES = ["deno", "bun", "node26"] as const;

const SERVERS = ["ours", "ours_recv_into"] as const;

/** What the servers of any older tree know, and what is not memory. */
const MODES = ["echo", "upload", "connect"];

const CASES = cases.filter(({ mode }) => MODES.includes(mode));

const suite = {
  name: "guard",
  about:
    `Echo servers of this tree and of an older one, in turns: server CPU per
operation, this tree's in times of the older one's. The exit code is 1 where
both the median and the best round are dearer than the limit. Linux only.`,
  writesNothing: true,
  options: {
    runtime: names(RUNTIMES),
    case: names(CASES.map(({ name }) => name)),
    server: names(SERVERS),
    base: {
      placeholder: "COMMIT",
      about: "what to compare with",
      fallback: "",
      fallbackName: "the newest tag v*",
      read: (_: string, text: string): string => baseCommit(text),
    },
    limit: integer("percent more that are allowed", 15, [1, 1_000]),
    rounds: rounds(5),
    seconds: seconds("how long one measurement takes", 1, [0.05, 60]),
  },
  notes: "Node 20 runs no TypeScript, and is not compared.",
};

type GuardPlan = Plan<typeof suite.options>;

type Runtime = typeof RUNTIMES[number];

/** Measures one server of both trees in turns. */
async function measurePair(
  plan: GuardPlan,
  folder: string,
  runtime: Runtime,
  load: Case,
  server: typeof SERVERS[number],
): Promise<Pair> {
  const script = serverScript(runtime, server, load.mode)!;
  // Scripts are given from the repository's root.
  const older = relative(repositoryRoot(), join(folder, script));
  const base = { script: older, micros: [] as number[] };
  const now = { script, micros: [] as number[] };
  const label = `${runtime} ${load.name} ${server}`;
  await interleave(label, plan.rounds, [base, now], async (each) => {
    const { child, ...rest } = await startServer(
      runtime,
      each.script,
      load.mode,
    );
    try {
      const found = await measure({ child, ...rest }, load, plan.seconds);
      each.micros.push(found.serverCpuSeconds / found.ops * 1e6);
    } finally {
      await child.kill();
    }
  });
  return { label, base: base.micros, now: now.micros };
}

/** Everything that was asked for, one after the other. */
async function judgeAll(plan: GuardPlan, folder: string): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (
    const runtime of RUNTIMES.filter((each) => plan.runtime.includes(each))
  ) {
    for (const load of CASES.filter(({ name }) => plan.case.includes(name))) {
      for (const server of plan.server) {
        const pair = await measurePair(plan, folder, runtime, load, server);
        const verdict = judge(pair, plan.limit);
        milestone(table([verdict]));
        verdicts.push(verdict);
      }
    }
  }
  return verdicts;
}

await enter(suite, async (plan) => {
  requireLinux();
  console.log(`Compared with ${plan.base.slice(0, 9)}`);
  const verdicts = await withTree(
    plan.base,
    (folder) => judgeAll(plan, folder),
  );
  const dear = verdicts.filter(({ isDearer }) => isDearer);
  const limit = `more than ${plan.limit} % dearer`;
  if (dear.length === 0) return console.log(`Nothing is ${limit}.`);
  console.log(`\n${dear.length} of ${verdicts.length} ${limit}:`);
  console.log(table(dear));
  process.exitCode = 1;
});
