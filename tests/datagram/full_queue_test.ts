/**
 * A queue on the way that is full, as that of a slow link: a datagram that is
 * dropped there is sent, as far as the sender can know.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "../harness.ts";
import {
  environment,
  findRuntime,
  scriptPath,
  thisRuntime,
} from "../runtimes.ts";

/** A network of its own, whose loopback takes 25 kB/s and 4 kB in advance. */
const SLOW = [
  "-rn",
  "sh",
  "-c",
  "ip link set lo up && tc qdisc add dev lo root tbf rate 200kbit burst 3000 " +
  'limit 4000 && exec "$@"',
  "sh",
];

const { status } = spawnSync("unshare", [...SLOW, "true"]);
const skip = status !== 0 && "no unshare, ip or tc that may slow a link";

test("a datagram that a full queue drops is sent without an error", () => {
  const runtime = findRuntime(thisRuntime());
  if (typeof runtime === "string") throw new Error(runtime);
  const { command, args } = runtime;
  const script = scriptPath(runtime, "tests/datagram/full_queue.ts");
  const { stdout, stderr } = spawnSync(
    "unshare",
    [...SLOW, command, ...args, script],
    { encoding: "utf8", env: environment() },
  );
  assert.equal(stdout, "120\n120\n", stderr);
}, { skip, timeoutMs: 60_000 });
