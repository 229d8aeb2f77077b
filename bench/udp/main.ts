/**
 * Datagrams: what the library's sockets do, beside the runtime's own, one
 * after the other, in processes of their own.
 */

import { type FoundRuntime, RUNTIMES } from "../../tests/runtimes.ts";
import { compileFor } from "../lib/build.ts";
import { enter } from "../lib/entry.ts";
import { integer, integers, names, rounds } from "../lib/options.ts";
import { conclude, heading, milestone } from "../lib/output.ts";
import { interleave } from "../lib/rounds.ts";
import { installed } from "../lib/runtimes.ts";
import { type Case, type Column, measure, type Round } from "./measure.ts";
import type { Api, Mode, UdpResults, UdpRow } from "./results.ts";
import { udpTable } from "./table.ts";

const APIS: readonly Api[] = ["ours", "native"];
const MODES: readonly Mode[] = ["send", "batch", "receive", "echo"];
/** Deno with its own datagrams besides Deno as it is. */
const UNSTABLE = "deno+net";
const COLUMNS = RUNTIMES.flatMap((name) =>
  name === "deno" ? [name, UNSTABLE] as const : [name]
);

const suite = {
  name: "udp",
  about:
    `Measures datagrams on the loopback address: sent one by one and in batches,
received from a sender that never waits for us, and echoed one at a time.`,
  options: {
    runtime: names(COLUMNS),
    mode: names(MODES),
    size: integers("bytes of payload", [64, 1_400], [1, 65_507]),
    count: integer("datagrams in a round; echoed: a fifth", 150_000, [
      1,
      10_000_000,
    ]),
    rounds: rounds(3),
  },
};

/** How each name on the command line is started, where it is installed. */
function columns(wanted: readonly string[]): Column[] {
  const runtimes = RUNTIMES.filter((name) =>
    wanted.includes(name) || (name === "deno" && wanted.includes(UNSTABLE))
  );
  return installed(runtimes).flatMap(variants)
    .filter(({ name }) => wanted.includes(name));
}

function variants(runtime: FoundRuntime): Column[] {
  const plain = { name: runtime.name, runtime };
  if (runtime.name !== "deno") return [plain];
  const args = [...runtime.args, "--unstable-net"];
  return [plain, { name: UNSTABLE, runtime: { ...runtime, args } }];
}

async function runCase(
  each: Case,
  rounds: number,
  count: number,
): Promise<UdpRow[]> {
  const { column: { name }, mode, bytes } = each;
  const all: Record<Api, Round[]> = { ours: [], native: [] };
  await interleave(`${name} ${mode} ${bytes} B`, rounds, APIS, async (api) => {
    all[api].push(await measure(each, api, count));
  });
  return APIS.map((api) => ({
    runtime: name,
    api,
    mode,
    bytes,
    perSecond: all[api].map((round) => round.perSecond),
    cpuMicros: all[api].map((round) => round.cpuMicros),
    loss: all[api].map((round) => round.loss),
  }));
}

await enter(suite, async (plan) => {
  const all = columns(plan.runtime);
  const runtimes = [...new Set(all.map(({ runtime }) => runtime.name))];
  await compileFor(runtimes);
  const rows: UdpRow[] = [];
  for (const column of all) {
    for (const mode of plan.mode) {
      for (const bytes of plan.size) {
        const each = { column, mode, bytes };
        rows.push(...await runCase(each, plan.rounds, plan.count));
      }
    }
    milestone(`${column.name}: done`);
  }
  const results: UdpResults = { ...heading("udp", runtimes), rows };
  conclude(results, udpTable(results), plan.out);
});
