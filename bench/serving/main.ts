/**
 * What `serve` costs more than a loop of `accept` by hand: both in one process
 * that is warm, in turns, so that no compiler and no luck of a process is
 * counted for one of them alone.
 */

import { type RuntimeName, RUNTIMES } from "../../tests/runtimes.ts";
import { compileFor } from "../lib/build.ts";
import { type Child, startOn } from "../lib/children.ts";
import { enter } from "../lib/entry.ts";
import { requireLinux } from "../lib/machine.ts";
import { integer, names, rounds } from "../lib/options.ts";
import { conclude, heading, milestone } from "../lib/output.ts";
import { interleave } from "../lib/rounds.ts";
import { installed } from "../lib/runtimes.ts";
import { median, short } from "../lib/stats.ts";
import { press, PROGRAM } from "../server/measure.ts";
import { table } from "../../scripts/lib.ts";

const LOADS = ["connect", "resp1"] as const;
const WAYS = ["serve", "listen"] as const;
const LINE_TIMEOUT_MS = 60_000;

/** So many rounds go before those that count. */
const WARM_ROUNDS = 4;

/** One way to serve, under one load. */
interface Contestant {
  readonly runtime: RuntimeName;
  readonly load: typeof LOADS[number];
  readonly way: typeof WAYS[number];
  readonly port: number;
  /** Microseconds of processor time per request, round by round. */
  readonly micros: number[];
}

const suite = {
  name: "serving",
  about:
    `Measures what serve adds to a loop of accept by hand: processor time of
a connection with one request, and of a request, both ways in one process, in
turns. redis-benchmark has to be installed. Linux only.`,
  options: {
    runtime: names(RUNTIMES),
    load: names(LOADS),
    requests: integer("requests of a round, a quarter to connect", 6_000, [
      400,
      10_000_000,
    ]),
    rounds: rounds(20),
  },
  notes: "serve / listen: of medians, of the least, of pairs in the middle.",
};

async function portOf(child: Child): Promise<number> {
  return Number((await child.nextLine(LINE_TIMEOUT_MS)).split(" ")[0]);
}

/** Processor time of a server so far; those of its threads that ended, too. */
async function microsOf(child: Child): Promise<number> {
  child.say("cpu");
  return Number(await child.nextLine(LINE_TIMEOUT_MS));
}

await enter(suite, async (plan) => {
  requireLinux();
  await compileFor(plan.runtime);
  const runtimes = installed(plan.runtime);
  const rows: Contestant[] = [];
  for (const runtime of runtimes) {
    const child = startOn(runtime, PROGRAM, ["resp", "both"]);
    try {
      const ports = [await portOf(child), await portOf(child)];
      for (const load of plan.load) {
        const found = WAYS.map((way, i): Contestant => ({
          ...{ runtime: runtime.name, load, way },
          ...{ port: ports[i]!, micros: [] },
        }));
        const label = `${runtime.name} ${load}`;
        const all = WARM_ROUNDS + plan.rounds;
        await interleave(label, all, found, async ({ port, micros }) => {
          const before = await microsOf(child);
          const count = await press(load, port, plan.requests);
          micros.push((await microsOf(child) - before) / count);
        });
        for (const { micros } of found) micros.splice(0, WARM_ROUNDS);
        rows.push(...found);
      }
    } finally {
      await child.kill();
    }
    milestone(`${runtime.name}: done`);
  }
  const results = { ...heading("serving", runtimes.map(nameOf)), rows };
  conclude(results, tableOf(rows), plan.out);
});

function nameOf({ name }: { readonly name: RuntimeName }): RuntimeName {
  return name;
}

function tableOf(rows: readonly Contestant[]): string {
  const head = ["runtime", "load", "serve µs", "listen µs", "serve ÷ listen"];
  const lines = rows.filter(({ way }) => way === "serve").map((serve) => {
    const listen = rows.find(({ runtime, load, way }) =>
      way === "listen" && runtime === serve.runtime && load === serve.load
    )!;
    const [a, b] = [serve.micros, listen.micros];
    const pairs = a.map((each, i) => each / b[i]!);
    return [
      ...[serve.runtime, serve.load, short(median(a)), short(median(b))],
      (median(a) / median(b)).toFixed(3),
      (Math.min(...a) / Math.min(...b)).toFixed(3),
      median(pairs).toFixed(3),
    ];
  });
  return table([[...head, "of the least", "of pairs"], ...lines]);
}
