/** What a request costs a server, beside the same written by hand. */

import { RUNTIMES } from "../../tests/runtimes.ts";
import { compileFor } from "../lib/build.ts";
import { enter } from "../lib/entry.ts";
import { requireLinux } from "../lib/machine.ts";
import { integer, names, rounds } from "../lib/options.ts";
import { conclude, heading, milestone } from "../lib/output.ts";
import { interleave } from "../lib/rounds.ts";
import { installed } from "../lib/runtimes.ts";
import { isThere, measure, missingFor } from "./measure.ts";
import {
  type Load,
  LOADS,
  type ServerName,
  type ServerResults,
  type ServerRound,
  type ServerRow,
  SERVERS,
} from "./results.ts";
import { serverTable } from "./table.ts";

const suite = {
  name: "server",
  about:
    `Measures the processor time of a request: Redis's protocol (redis-benchmark),
also with a connection for each request, and HTTP kept alive (wrk), over 20
connections. Linux only.`,
  options: {
    runtime: names(RUNTIMES),
    load: names(LOADS),
    server: names(SERVERS),
    requests: integer(
      "requests of a round, 15 times as many in batches, a quarter to connect",
      40_000,
      [
        400,
        10_000_000,
      ],
    ),
    warm: integer("seconds of load, at least, before a round counts", 4, [
      0,
      60,
    ]),
    rounds: rounds(5),
  },
};

/** Those of the servers that speak the protocol of a load. */
function serversFor(
  load: Load,
  wanted: readonly ServerName[],
): readonly ServerName[] {
  return wanted.filter((server) => {
    if (server === "node_http") return load === "http";
    return server !== "redis" || (load !== "http" && isThere("redis-server"));
  });
}

await enter(suite, async (plan) => {
  requireLinux();
  await compileFor(plan.runtime);
  const runtimes = installed(plan.runtime);
  const rows: ServerRow[] = [];
  for (const runtime of runtimes) {
    for (const load of plan.load) {
      const missing = missingFor(load);
      if (missing !== undefined) {
        milestone(`${load}: skipped, ${missing}`);
        continue;
      }
      const found = serversFor(load, plan.server).map((server) => ({
        runtime: runtime.name,
        load,
        server,
        rounds: [] as ServerRound[],
      }));
      const label = `${runtime.name} ${load}`;
      await interleave(label, plan.rounds, found, async (row) => {
        const { server } = row;
        row.rounds.push(
          await measure(runtime, load, server, plan.requests, plan.warm),
        );
      });
      rows.push(...found);
    }
    milestone(`${runtime.name}: done`);
  }
  const results: ServerResults = {
    ...heading("server", runtimes.map(({ name }) => name)),
    rows,
  };
  conclude(results, serverTable(results), plan.out);
});
