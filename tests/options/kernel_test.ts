/**
 * Each portable option on each driver either reaches the kernel, by the word of
 * `strace`, or is refused with the reason that `capabilities()` gives.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import process from "node:process";
import { capabilities, currentRuntime } from "../../mod.ts";
import type { Feature, Runtime } from "../../mod.ts";
import { nodeRuntime } from "../../src/runtime/node.ts";
import { test } from "../harness.ts";
import { traced, untraceable } from "./traced.ts";

type Phase = "before" | "after" | "listener";

interface Row {
  readonly level: string;
  readonly name: string;
  /** What is set, which tells the phases apart. */
  readonly values: Readonly<Partial<Record<Phase, number>>>;
  /** What the runtime must be able to do. */
  readonly feature: Feature;
  /** The call that proves it. */
  proof(value: number): string;
}

const rows: readonly Row[] = [
  {
    level: "IPPROTO_TCP",
    name: "TCP_NODELAY",
    values: { before: 0, after: 0, listener: 0 },
    feature: "noDelay",
    proof: (value) => `SOL_TCP, TCP_NODELAY, [${value}]`,
  },
  {
    level: "SOL_SOCKET",
    name: "SO_KEEPALIVE",
    values: { before: 1, after: 1, listener: 1 },
    feature: "keepAlive",
    proof: (value) => `SOL_SOCKET, SO_KEEPALIVE, [${value}]`,
  },
  {
    level: "IPPROTO_IP",
    name: "IP_TOS",
    values: { before: 0x28, after: 0x30, listener: 0x38 },
    feature: "typeOfService",
    proof: (value) => `SOL_IP, IP_TOS, [${value}]`,
  },
  {
    level: "IPPROTO_IPV6",
    name: "IPV6_TCLASS",
    values: { before: 0x28, after: 0x30, listener: 0x38 },
    feature: "typeOfService",
    proof: (value) => `SOL_IPV6, IPV6_TCLASS, [${value}]`,
  },
  {
    level: "IPPROTO_IPV6",
    name: "IPV6_V6ONLY",
    values: { listener: 1 },
    feature: "ipv6Only",
    proof: (value) => `SOL_IPV6, IPV6_V6ONLY, [${value}]`,
  },
  {
    level: "SOL_SOCKET",
    name: "SO_REUSEPORT",
    values: { listener: 1 },
    feature: "reusePort",
    proof: (value) => `SOL_SOCKET, SO_REUSEPORT, [${value}]`,
  },
  {
    level: "SOL_SOCKET",
    name: "SO_REUSEADDR",
    values: { listener: 1 },
    feature: "reuseAddr",
    proof: (value) => `SOL_SOCKET, SO_REUSEADDR, [${value}]`,
  },
  {
    level: "SOL_SOCKET",
    name: "SO_RCVBUF",
    values: { before: 30_000, after: 30_001, listener: 30_002 },
    feature: "bufferSizes",
    proof: (value) => `SOL_SOCKET, SO_RCVBUF, [${value}]`,
  },
  {
    level: "SOL_SOCKET",
    name: "SO_SNDBUF",
    values: { before: 30_000, after: 30_001, listener: 30_002 },
    feature: "bufferSizes",
    proof: (value) => `SOL_SOCKET, SO_SNDBUF, [${value}]`,
  },
];

const native = currentRuntime();
const drivers: readonly (readonly [string, Runtime])[] = native.name === "node"
  ? [["native", native]]
  : [["native", native], ["node", nodeRuntime()]];
const phases: readonly Phase[] = ["before", "after", "listener"];

for (const [driver, runtime] of drivers) {
  for (const phase of phases) {
    for (const isIpv6 of [false, true]) {
      const chosen = rows.filter((row) =>
        row.values[phase] !== undefined &&
        (row.level === "IPPROTO_IPV6") === isIpv6
      );
      if (chosen.length > 0) declare(driver, runtime, phase, chosen);
    }
  }
}

function declare(
  driver: string,
  runtime: Runtime,
  phase: Phase,
  chosen: readonly Row[],
): void {
  const names = chosen.map(({ name }) => name).join(", ");
  const title = phase === "listener" ? "on a listener" : `${phase} connect`;
  test(
    `${names} reach the kernel or are refused when set ${title} (${driver})`,
    async (t) => {
      const list = chosen.map(({ level, name, values }) => [
        level,
        name,
        values[phase],
      ]);
      const { said, calls } = await traced("tests/fixtures/options/sets.ts", [
        driver,
        phase,
        "plain",
        JSON.stringify(list),
      ]);
      const results = said as Record<string, string | null>;
      for (const row of chosen) {
        await t.step(row.name, () => {
          judge(row, phase, results[row.name] as string | null, calls, runtime);
        });
      }
    },
    { skip: untraceable() },
  );
}

function judge(
  { name, values, feature, proof }: Row,
  phase: Phase,
  result: string | null,
  calls: readonly string[],
  runtime: Runtime,
): void {
  const support = capabilities(runtime)[feature];
  const wanted = proof(values[phase]!);
  const hasReached = calls.some((call) => call.includes(wanted));
  if (support === true) {
    assert.equal(result, null);
    assert.ok(hasReached, `no ${wanted} in\n${calls.join("\n")}`);
    return;
  }
  assert.match(result ?? "set", /^ENOPROTOOPT /);
  assert.ok(result!.includes(`${name}: ${support}`), result!);
  assert.ok(!hasReached, `refused, and yet ${wanted}`);
}

interface Tuning {
  readonly title: string;
  /** Idle, interval and count, of which some are not set. */
  readonly set: readonly (readonly [name: string, value: number])[];
  /** What the kernel is told, or `"refused"`, by the driver. */
  readonly told: Readonly<Record<string, readonly string[] | "refused">>;
}

function system(name: string): string {
  const path = `/proc/sys/net/ipv4/tcp_keepalive_${name}`;
  // Deno reads there with all permissions alone.
  return spawnSync("cat", [path], { encoding: "utf8" }).stdout.trim();
}

const IDLE = "TCP_KEEPIDLE, [41]";
const ALL = [IDLE, "TCP_KEEPINTVL, [5]", "TCP_KEEPCNT, [3]"];
const FORCED = [IDLE, "TCP_KEEPINTVL, [1]", "TCP_KEEPCNT, [10]"];

const tunings: readonly Tuning[] = [
  {
    title: "the idle time alone",
    set: [["TCP_KEEPIDLE", 41]],
    told: {
      deno: [IDLE],
      "node:net of Deno": [IDLE],
      // The interval and count that these pick break no promise.
      bun: FORCED,
      "node:net of Bun": FORCED,
      node20: FORCED,
      // Node sets all three or none: the others are the system's own.
      node26: [
        IDLE,
        `TCP_KEEPINTVL, [${system("intvl")}]`,
        `TCP_KEEPCNT, [${system("probes")}]`,
      ],
    },
  },
  {
    title: "idle time, interval and count",
    set: [["TCP_KEEPIDLE", 41], ["TCP_KEEPINTVL", 5], ["TCP_KEEPCNT", 3]],
    told: {
      deno: "refused",
      "node:net of Deno": "refused",
      bun: "refused",
      "node:net of Bun": "refused",
      node20: "refused",
      node26: ALL,
    },
  },
  {
    title: "what Bun and old Nodes set in any case",
    set: [["TCP_KEEPIDLE", 41], ["TCP_KEEPINTVL", 1], ["TCP_KEEPCNT", 10]],
    told: {
      deno: "refused",
      "node:net of Deno": "refused",
      bun: FORCED,
      "node:net of Bun": FORCED,
      node20: FORCED,
      node26: FORCED,
    },
  },
];

function columnOf(driver: string): string {
  if ("Deno" in globalThis) {
    return driver === "node" ? "node:net of Deno" : "deno";
  }
  if ("Bun" in globalThis) return driver === "node" ? "node:net of Bun" : "bun";
  return process.version.startsWith("v20.") ? "node20" : "node26";
}

for (const [driver] of drivers) {
  for (const { title, set, told } of tunings) {
    const column = columnOf(driver);
    const expected = told[column]!;
    const list = [
      ...set.map(([name, value]) => ["IPPROTO_TCP", name, value]),
      ["SOL_SOCKET", "SO_KEEPALIVE", 1],
    ];
    const end = expected === "refused" ? "is refused" : "reaches the kernel";
    test(
      `a keep-alive tuned by ${title} ${end} when set ahead (${column})`,
      async () => {
        const args = [driver, "before", "plain", JSON.stringify(list)];
        const script = "tests/fixtures/options/sets.ts";
        if (expected === "refused") {
          const { said } = await traced(script, args);
          const texts = Object.values(said as Record<string, string | null>);
          assert.match(texts.join("; "), /ENOPROTOOPT .*(TCP_|SO_)KEEP/);
          return;
        }
        const { said, calls } = await traced(script, args);
        assert.ok(
          Object.values(said as object).every((each) => each === null),
        );
        const kept = calls
          .map((call) => /TCP_KEEP\w+, \[\d+\]/.exec(call)?.[0])
          .filter((call) => call !== undefined);
        assert.deepEqual(kept.sort(), [...expected].sort());
      },
      { skip: untraceable() },
    );
  }
}

test(
  "TCP_KEEP* leave the keep-alive off when it was not switched on",
  async () => {
    const list = [["IPPROTO_TCP", "TCP_KEEPIDLE", 41]];
    const { said, calls } = await traced("tests/fixtures/options/sets.ts", [
      "native",
      "before",
      "plain",
      JSON.stringify(list),
    ]);
    assert.deepEqual(said, { TCP_KEEPIDLE: null });
    assert.ok(!calls.some((call) => call.includes("SO_KEEPALIVE, [1]")));
  },
  { skip: untraceable() },
);
