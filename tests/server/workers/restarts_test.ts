/**
 * Restarts with `reusePort` where the kernel hands on the queue of a listener
 * that closes, which takes a network namespace of its own.
 */

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { watch } from "../../examples/programs.ts";
import { test } from "../../harness.ts";
import {
  environment,
  findRuntime,
  repositoryRoot,
  scriptPath,
  thisRuntime,
} from "../../runtimes.ts";

const PROGRAM = "tests/fixtures/server/workers/restarts.ts";

/** A namespace in which queues are handed on. */
const PREPARE = "ip link set lo up && " +
  "echo 1 > /proc/sys/net/ipv4/tcp_migrate_req";

function why(): string | undefined {
  if (thisRuntime() === "node20") return "Node 20 ignores reusePort";
  const { status } = spawnSync("unshare", ["-n", "sh", "-c", PREPARE], {
    stdio: "ignore",
  });
  return status === 0
    ? undefined
    : "no network namespace with tcp_migrate_req can be made here";
}

test("reusePort loses nobody where the kernel migrates queues", async () => {
  const runtime = findRuntime(thisRuntime());
  if (typeof runtime === "string") throw new Error(runtime);
  const { command, args } = runtime;
  const start = [PREPARE, 'exec "$@"'].join(" && ");
  const child = spawn("unshare", [
    ...["-n", "sh", "-c", start, "sh"],
    ...[command, ...args, scriptPath(runtime, PROGRAM)],
  ], { cwd: repositoryRoot(), env: environment() });
  const { code, stdout, stderr } = await watch(child).ended;
  assert.equal(code, 0, stderr);
  const [, served, lost] = /^(\d+) served, (\d+) lost/m.exec(stdout) ?? [];
  assert.ok(Number(served) >= 600, stdout);
  // One or two of 20,000 were seen; without migration some fifty are.
  assert.ok(Number(lost) <= 1, stdout);
}, { timeoutMs: 60_000, skip: why() });
