/**
 * The echo benchmark: this library, the runtime's native API and `node:net`
 * side by side on every runtime, under one load generator in another process.
 */

import { type RuntimeName, RUNTIMES } from "../../tests/runtimes.ts";
import { compileFor } from "../lib/build.ts";
import { enter } from "../lib/entry.ts";
import { requireLinux, versions } from "../lib/machine.ts";
import { names, rounds, seconds } from "../lib/options.ts";
import { conclude, heading, milestone } from "../lib/output.ts";
import type { Plan } from "../lib/plan.ts";
import { interleave } from "../lib/rounds.ts";
import { reasonToSkip } from "../lib/runtimes.ts";
import { type Case, cases, serverNames, serverScript } from "./cases.ts";
import { Contestant } from "./contestant.ts";
import { type EchoResults, type Row, summarize } from "./results.ts";
import { echoTable } from "./table.ts";

const suite = {
  name: "echo",
  about:
    `Measures echo servers: this library (recv + sendAll, for await, trySend, and
recvInto), the runtime's native API, node:net, and the least that pulls: one
promise for each read, nothing bounded and nothing cancelled. Linux only: CPU and
memory of the server come from the kernel.`,
  options: {
    runtime: names(RUNTIMES),
    case: names(cases.map((each) => each.name)),
    server: names(serverNames),
    rounds: rounds(5),
    seconds: seconds("how long one measurement takes", 1, [0.05, 60]),
  },
  notes: "The exit code is 1 if any server failed.",
};

type EchoPlan = Plan<typeof suite.options>;

/** What starting a server and a load adds to each measurement. */
const OVERHEAD_SECONDS = 2;

/** The servers of one runtime under one load, round by round. */
async function runCase(
  plan: EchoPlan,
  runtime: RuntimeName,
  load: Case,
): Promise<Row[]> {
  const contestants = plan.server
    .map((server) => ({
      server,
      script: serverScript(runtime, server, load.mode),
    }))
    .filter((each) => each.script !== undefined)
    .map((each) => new Contestant(runtime, load, each.server, each.script!));
  const missing = reasonToSkip(runtime, load.connections);
  if (missing === undefined) {
    const label = `${runtime} ${load.name}`;
    const play = (each: Contestant) => each.play(plan.seconds);
    await interleave(label, plan.rounds, contestants, play);
  }
  return contestants.map((each) => each.row(missing));
}

async function runAll(plan: EchoPlan): Promise<Row[]> {
  const loads = cases.filter((each) => plan.case.includes(each.name));
  const all = plan.runtime.flatMap((runtime) =>
    loads.map((load) => ({ runtime, load }))
  );
  const perServer = plan.rounds * (plan.seconds + OVERHEAD_SECONDS);
  const longest = all.length * plan.server.length * perServer;
  console.log(`About ${Math.ceil(longest / 60)} minutes at most.`);
  const rows: Row[] = [];
  for (const [i, { runtime, load }] of all.entries()) {
    const start = performance.now();
    rows.push(...await runCase(plan, runtime, load));
    const took = ((performance.now() - start) / 1000).toFixed(1);
    milestone(`${i + 1}/${all.length} ${runtime} ${load.name}: ${took} s`);
  }
  return rows;
}

await enter(suite, async (plan) => {
  requireLinux();
  await compileFor(plan.runtime);
  const rows = await runAll(plan);
  const results: EchoResults = {
    ...heading("echo", plan.runtime),
    load: versions(["bun"]).bun!,
    seconds: plan.seconds,
    rows,
  };
  if (!rows.some((row) => summarize(row))) process.exitCode = 1;
  conclude(results, echoTable(results), plan.out);
});
