/**
 * What a library costs over our sockets, against its own: CPU per operation of
 * a library by its own `net.Socket` and by ours, in turns, against one real
 * server.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  mosquittoServer,
  natsServer,
  nginxServer,
  postgresServer,
  redisServer,
} from "../../tests/integrations/server_kinds.ts";
import { converse, NO_SERVER } from "../../tests/integrations/servers.ts";
import type { RealServer } from "../../tests/integrations/servers.ts";
import { type RuntimeName, RUNTIMES } from "../../tests/runtimes.ts";
import { withTempDir } from "../../tests/temp.ts";
import { compileFor } from "../lib/build.ts";
import { enter } from "../lib/entry.ts";
import { integer, names, rounds } from "../lib/options.ts";
import { conclude, heading, milestone } from "../lib/output.ts";
import { interleave } from "../lib/rounds.ts";
import { median, short } from "../lib/stats.ts";

/** A library: its rows, and the server that its program is told. */
interface Library {
  readonly rows: readonly string[];
  serve(dir: string): Promise<RealServer>;
}

/** By the names of the programs in `libraries/`. */
const LIBRARIES: Readonly<Record<string, Library>> = {
  ioredis: { rows: ["ping", "pipeline", "values"], serve: redisServer },
  ws: { rows: ["ws echo"], serve: () => Promise.resolve(NO_SERVER) },
  undici: {
    rows: ["undici get", "undici 10 MB"],
    serve: (dir) => {
      writeFileSync(join(dir, "short"), "short");
      writeFileSync(join(dir, "large"), new Uint8Array(10 << 20));
      return nginxServer(dir);
    },
  },
  pg: { rows: ["pg rows"], serve: postgresServer },
  mqtt: { rows: ["mqtt QoS 1"], serve: mosquittoServer },
  nats: { rows: ["nats publish", "nats request"], serve: () => natsServer() },
};

const NAMES = Object.keys(LIBRARIES);
const ROWS = NAMES.flatMap((name) => LIBRARIES[name]!.rows);

/** Rows that cannot be measured somewhere. */
const GAPS: Readonly<Partial<Record<RuntimeName, RegExp>>> = {
  // It puts its own fetch in the place of undici.
  bun: /^undici/,
};

/** What of a library is measured, on whose sockets. */
interface Contestant {
  readonly runtime: RuntimeName;
  readonly library: string;
  readonly row: string;
  readonly sockets: "own" | "ours";
  /** Microseconds of CPU per operation, round by round. */
  readonly micros: number[];
}

const suite = {
  name: "adapters",
  about: `Measures the CPU of libraries over their own sockets and over ours:
ioredis (a ping at a time, a pipeline of 20,000, values of 4 MB), an echo of ws,
answers of undici, rows of pg, messages of mqtt and nats-core. Each round is a
process of its own; the servers have to be installed.`,
  options: {
    runtime: names(RUNTIMES),
    library: names(NAMES),
    row: names(ROWS),
    rounds: rounds(5),
    scale: integer("how much longer than usual", 1, [1, 1e6]),
  },
  notes: "own / ours above 1: ours is cheaper.",
};

await enter(suite, async (plan) => {
  await compileFor(plan.runtime);
  const found: Contestant[] = [];
  for (const library of plan.library) {
    const contestants = plan.runtime.flatMap((runtime) =>
      contestantsOf(library, runtime, plan.row)
    );
    if (contestants.length === 0) continue;
    found.push(...contestants);
    await withServer(library, async (server) => {
      await interleave(library, plan.rounds, contestants, async (each) => {
        const { runtime, row, sockets, micros } = each;
        const path = `bench/adapters/libraries/${library}.ts`;
        const args = [row, sockets, `${plan.scale}`];
        const said = await converse(path, server, args, runtime);
        micros.push(Number(/^micros (.*)$/m.exec(said)?.[1]));
      });
    });
    milestone(`${library}: done\n${tableOf(contestants)}`);
  }
  const results = { ...heading("adapters", plan.runtime), rows: found };
  conclude(results, tableOf(found), plan.out);
});

function contestantsOf(
  library: string,
  runtime: RuntimeName,
  wanted: readonly string[],
): Contestant[] {
  const rows = LIBRARIES[library]!.rows.filter((row) =>
    wanted.includes(row) && GAPS[runtime]?.test(row) !== true
  );
  return rows.flatMap((row) => [
    { runtime, library, row, sockets: "own", micros: [] },
    { runtime, library, row, sockets: "ours", micros: [] },
  ]);
}

async function withServer(
  library: string,
  use: (server: RealServer) => Promise<void>,
): Promise<void> {
  await withTempDir(async (dir) => {
    const server = await LIBRARIES[library]!.serve(dir);
    await server.start();
    try {
      await use(server);
    } finally {
      await server.stop();
    }
  });
}

function tableOf(found: readonly Contestant[]): string {
  const lines = found.filter(({ sockets }) => sockets === "own").map((own) => {
    const ours = found.find(({ runtime, row, sockets }) =>
      sockets === "ours" && runtime === own.runtime && row === own.row
    );
    const [a, b] = [median(own.micros), median(ours!.micros)];
    const cells = [own.runtime, own.row, short(a), short(b), short(a / b)];
    return lineOf(cells);
  });
  const head = ["runtime", "row", "own µs", "ours µs", "own / ours"];
  return [lineOf(head), ...lines].join("\n");
}

function lineOf(cells: readonly string[]): string {
  return cells.map((cell) => cell.padEnd(14)).join("");
}
