/** This kernel's own bad links, in a network namespace. */

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { test } from "../harness.ts";
import {
  environment,
  findRuntime,
  scriptPath,
  thisRuntime,
} from "../runtimes.ts";
import { printedBy } from "../support/printed.ts";

const { status } = spawnSync("unshare", [
  "-rn",
  "ip",
  "link",
  "set",
  "lo",
  "up",
]);
const skip = status !== 0 && "no network namespace can be made here";

const netem = spawnSync("unshare", [
  ...["-rn", "tc", "qdisc", "add", "dev", "lo", "root", "netem", "loss", "1%"],
]);
const noLoss = netem.status !== 0 && "this kernel has no netem";

let said: Promise<ReadonlyMap<string, string>> | undefined;

/** What came of all experiments; they are made once. */
function experiments(): Promise<ReadonlyMap<string, string>> {
  return said ??= run();
}

async function run(): Promise<ReadonlyMap<string, string>> {
  const runtime = findRuntime(thisRuntime());
  if (typeof runtime === "string") throw new Error(runtime);
  const script = scriptPath(runtime, "tests/fixtures/socket/in_namespace.ts");
  const command = [runtime.command, ...runtime.args, script];
  const out = await printedBy(
    spawn("unshare", ["-rn", ...command], { env: environment() }),
  );
  return new Map(out.split("\n").map((line) => JSON.parse(line)));
}

const PROMISES: readonly (readonly [
  name: string,
  experiment: string,
  outcome: string,
  skip?: string | false,
])[] = [
  ["a stream is whole over small packets", "mtu: stream", "whole"],
  [
    "a datagram larger than a packet comes whole",
    "mtu: datagram in fragments",
    "5000 bytes",
  ],
  ["a stream goes on once a cut link is back", "cut: stream", "whole"],
  [
    "a datagram into a cut link is lost, and no error",
    "cut: datagram",
    "there",
  ],
  [
    "a connect that a router refuses is EHOSTUNREACH",
    "unreachable: connect",
    "EHOSTUNREACH",
  ],
  [
    "a connect without a way is ENETUNREACH",
    "no way: connect",
    "ENETUNREACH",
  ],
  [
    "a connect that nobody answers is ETIMEDOUT at its deadline",
    "blackhole: connect",
    "ETIMEDOUT",
  ],
  [
    "a connect that nobody answers ends when it is aborted",
    "blackhole: abort",
    "called off",
  ],
  ["a stream is whole over a link that loses", "loss: stream", "whole", noLoss],
];

for (const [name, experiment, outcome, lack] of PROMISES) {
  test(name, async () => {
    assert.equal((await experiments()).get(experiment), outcome);
  }, { skip: skip || lack });
}
