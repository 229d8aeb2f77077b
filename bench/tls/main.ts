/**
 * The TLS benchmark: this library by both of its paths, the runtime's own TLS
 * and `node:tls` side by side, under a load generator in another process.
 */

import { type RuntimeName, RUNTIMES } from "../../tests/runtimes.ts";
import type { Measurement } from "../echo/load.ts";
import { compileFor } from "../lib/build.ts";
import { enter } from "../lib/entry.ts";
import { requireLinux } from "../lib/machine.ts";
import { names, rounds, seconds } from "../lib/options.ts";
import { conclude, heading, milestone } from "../lib/output.ts";
import type { Plan } from "../lib/plan.ts";
import { interleave } from "../lib/rounds.ts";
import { reasonToSkip } from "../lib/runtimes.ts";
import { startServer } from "../lib/server_under_load.ts";
import { type Case, cases, serverNames, serverScript } from "./cases.ts";
import { makeCertificate, measure, measureIdle } from "./measure.ts";
import { type Row, summarize, type TlsResults } from "./results.ts";
import { tlsTable } from "./table.ts";

const suite = {
  name: "tls",
  about: `Measures TLS servers: this library, by the uniform path and natively,
the runtime's own TLS by hand, and node:tls on its own sockets. Linux only: CPU
and memory of the server come from the kernel. Needs openssl.`,
  options: {
    runtime: names(RUNTIMES),
    case: names(cases.map((each) => each.name)),
    server: names(serverNames),
    rounds: rounds(3),
    seconds: seconds("how long one measurement takes", 2, [0.05, 60]),
  },
  notes: "The exit code is 1 if any server failed.",
};

type TlsPlan = Plan<typeof suite.options>;

/** A server under one load, round by round. */
interface Contestant {
  readonly row: Row & { readonly rounds: Measurement[] };
  readonly idle: number[];
  readonly script: string;
  failure?: string;
}

async function play(
  each: Contestant,
  load: Case,
  plan: TlsPlan,
  folder: string,
): Promise<void> {
  if (each.failure !== undefined) return;
  const { runtime, server: name, rounds } = each.row;
  try {
    const server = await startServer(
      runtime as RuntimeName,
      each.script,
      load.mode,
      folder,
      name,
    );
    try {
      if (load.mode === "hold") each.idle.push(await measureIdle(server, load));
      else rounds.push(await measure(server, load, plan.seconds));
    } finally {
      await server.child.kill();
    }
  } catch (error) {
    each.failure = `FAILED: ${(error as Error).message.split("\n")[0]}`;
    process.exitCode = 1;
    console.error(`${runtime} ${load.name} ${name}: ${each.failure}`);
  }
}

async function runCase(
  plan: TlsPlan,
  runtime: RuntimeName,
  load: Case,
  folder: string,
): Promise<Row[]> {
  const contestants = plan.server.flatMap((server): Contestant[] => {
    const script = serverScript(runtime, server);
    if (script === undefined) return [];
    const idle: number[] = [];
    const row = {
      runtime,
      case: load.name,
      server,
      rounds: [],
      bytesPerConnection: idle,
    };
    return [{ row, idle, script }];
  });
  const missing = reasonToSkip(runtime, load.connections);
  if (missing === undefined) {
    const label = `${runtime} ${load.name}`;
    await interleave(
      label,
      plan.rounds,
      contestants,
      (each) => play(each, load, plan, folder),
    );
  }
  return contestants.map(({ row, failure = missing }) =>
    failure === undefined ? row : { ...row, skipped: failure }
  );
}

await enter(suite, async (plan) => {
  requireLinux();
  await compileFor(plan.runtime);
  const folder = makeCertificate();
  const rows: Row[] = [];
  for (const runtime of plan.runtime) {
    for (const load of cases.filter((each) => plan.case.includes(each.name))) {
      rows.push(...await runCase(plan, runtime, load, folder));
      milestone(`${runtime} ${load.name}`);
    }
  }
  const results: TlsResults = {
    ...heading("tls", plan.runtime),
    seconds: plan.seconds,
    rows,
  };
  if (!rows.some((row) => summarize(row))) process.exitCode = 1;
  conclude(results, tlsTable(results), plan.out);
});
