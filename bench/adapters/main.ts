/**
 * What a library costs over our sockets, against its own: CPU per operation of
 * ioredis by its own `net.Socket` and by `createConnection` of ours, in turns,
 * against one real redis-server.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { realServer, talk } from "../../tests/integrations/servers.ts";
import { type RuntimeName, RUNTIMES } from "../../tests/runtimes.ts";
import { compileFor } from "../lib/build.ts";
import { enter } from "../lib/entry.ts";
import { integer, names, rounds } from "../lib/options.ts";
import { conclude, heading, milestone } from "../lib/output.ts";
import { interleave } from "../lib/rounds.ts";
import { median, short } from "../lib/stats.ts";

const ROWS = ["ping", "pipeline", "values"] as const;

/** What of a client is measured, on whose sockets. */
interface Contestant {
  readonly runtime: RuntimeName;
  readonly row: typeof ROWS[number];
  readonly sockets: "own" | "ours";
  /** Microseconds of CPU per operation, round by round. */
  readonly micros: number[];
}

const suite = {
  name: "adapters",
  about: `Measures the CPU of ioredis over its own sockets and over ours: a ping
at a time, a pipeline of 20,000, values of 4 MB. Each round is a process of its
own; redis-server has to be installed.`,
  options: {
    runtime: names(RUNTIMES),
    row: names(ROWS),
    rounds: rounds(5),
    scale: integer("how much longer than usual", 1, [1, 1e6]),
  },
  notes: "own / ours above 1: ours is cheaper.",
};

await enter(suite, async (plan) => {
  await compileFor(plan.runtime);
  const dir = mkdtempSync(join(tmpdir(), "anysock-"));
  const server = await realServer((port) => [
    ...["redis-server", "--port", `${port}`, "--bind", "127.0.0.1"],
    ...["--save", "", "--dir", dir],
  ], /Ready to accept connections/);
  await server.start();
  const found: Contestant[] = [];
  try {
    for (const runtime of plan.runtime) {
      const contestants = plan.row.flatMap((row): Contestant[] => [
        { runtime, row, sockets: "own", micros: [] },
        { runtime, row, sockets: "ours", micros: [] },
      ]);
      found.push(...contestants);
      await interleave(runtime, plan.rounds, contestants, async (each) => {
        const args = [each.row, each.sockets, `${plan.scale}`];
        const said = await talk("ioredis_work", server, args, runtime);
        each.micros.push(Number(/^micros (.*)$/m.exec(said)?.[1]));
      });
      milestone(`${runtime}: done`);
    }
  } finally {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
  const results = { ...heading("adapters", plan.runtime), rows: found };
  conclude(results, tableOf(found), plan.out);
});

function tableOf(found: readonly Contestant[]): string {
  const lines = found.filter(({ sockets }) => sockets === "own").map((own) => {
    const ours = found.find(({ runtime, row, sockets }) =>
      sockets === "ours" && runtime === own.runtime && row === own.row
    );
    const [a, b] = [median(own.micros), median(ours!.micros)];
    const cells = [own.runtime, own.row, short(a), short(b), short(a / b)];
    return cells.map((cell) => cell.padEnd(10)).join("");
  });
  const head = ["runtime", "row", "own µs", "ours µs", "own / ours"];
  return [head.map((cell) => cell.padEnd(10)).join(""), ...lines].join("\n");
}
