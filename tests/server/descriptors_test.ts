/**
 * A server that is crowded while the process has few descriptors: it stays
 * alive and idle, and serves everybody in the end.
 */

import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { connect, type Socket } from "node:net";
import process from "node:process";
import type { ServerStats } from "../../src/server/mod.ts";
import { portOf, type Program, watch } from "../examples/programs.ts";
import { test } from "../harness.ts";
import {
  environment,
  findRuntime,
  repositoryRoot,
  scriptPath,
  thisRuntime,
} from "../runtimes.ts";
import { until } from "./support.ts";

const SKIP = process.platform === "win32" && "needs ulimit";
const HERE = thisRuntime();
const CROWD = 200;
/**
 * Deno's node:net takes connections before it tells of them: a burst uses up
 * the descriptors however fast the surplus is closed, and then its listener
 * takes nobody any more and says nothing. Plain node:net there does so, too.
 */
const DEAF = HERE === "deno" &&
  "a listener of Deno's node:net is deaf once a burst has met EMFILE";
/** Node 20 needs more to start. */
const LIMIT = HERE === "node20" ? 128 : 64;

/** Each kind of listener, and why it is not there. */
const KINDS: readonly (readonly [string, object, (string | false)?])[] = [
  ["an ordinary listener", {}],
  ["with a maximum", { maxConnections: 12, backlog: 8 }],
  [
    "with reusePort",
    { reusePort: true, maxConnections: 12, backlog: 8 },
    DEAF || HERE === "node20" && "Node 20 ignores reusePort",
  ],
  [
    "over node:net",
    { isNodes: true },
    DEAF || HERE !== "bun" && "it is the ordinary listener here",
  ],
  ["with abortive", { abortive: true, maxConnections: 12, backlog: 8 }, DEAF],
];

function start(options: object): ChildProcessWithoutNullStreams {
  const runtime = findRuntime(HERE);
  if (typeof runtime === "string") throw new Error(runtime);
  const script = scriptPath(runtime, "tests/fixtures/server/crowded.ts");
  const command = [runtime.command, ...runtime.args, script];
  return spawn("sh", [
    ...["-c", `ulimit -n ${LIMIT} && exec "$@"`, "sh", ...command],
    JSON.stringify(options),
  ], { cwd: repositoryRoot(), env: environment() });
}

type Said = ServerStats & { readonly processorMs: number };

async function asked(
  child: ChildProcessWithoutNullStreams,
  program: Program,
  count: { value: number },
): Promise<Said> {
  child.stdin.write("?\n");
  const lines = ++count.value;
  const { 1: json } = await program.printed(
    new RegExp(`(?:^\\{.*\\}$[^]*){${lines - 1}}^(\\{.*\\})$`, "m"),
  );
  return JSON.parse(json!);
}

/**
 * The share of a processor that a server takes: the least of some times, since
 * it may not be done with what came before.
 */
async function idleShare(ask: () => Promise<Said>): Promise<number> {
  let least = Infinity;
  let { processorMs } = await ask();
  for (let look = 0; look < 10 && least >= 0.05; look++) {
    const start = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 400));
    const after = await ask();
    const tookMs = performance.now() - start;
    least = Math.min(least, (after.processorMs - processorMs) / tookMs);
    ({ processorMs } = after);
  }
  return least;
}

/** A client that stays until it is told to leave. */
function comer(port: number): Socket {
  return connect(port, "127.0.0.1").on("error", () => {});
}

/** Comes, again if it is reset or not let in for a while, and leaves. */
async function served(port: number): Promise<void> {
  while (true) {
    const socket = comer(port);
    const isGreeted = await new Promise<boolean>((resolve) => {
      socket.once("data", () => resolve(true));
      socket.once("close", () => resolve(false));
      socket.setTimeout(300, () => resolve(false));
    });
    socket.destroy();
    if (isGreeted) return;
  }
}

for (const [name, options, missing] of KINDS) {
  test(`a crowded server, ${name}, stays alive, idle, and fair`, async () => {
    const child = start(options);
    const program = watch(child);
    const crowd: Socket[] = [];
    try {
      const port = await portOf(program);
      let greeted = 0;
      for (let i = 0; i < CROWD; i++) {
        crowd.push(comer(port).once("data", () => greeted++));
      }
      await until(() => greeted > 0);
      const count = { value: 0 };
      const share = await idleShare(() => asked(child, program, count));
      assert.ok(share < 0.05, `${share} of a processor, with nothing to do`);
      assert.ok((await asked(child, program, count)).active < CROWD);
      for (const socket of crowd) socket.destroy();
      // Some at a time, as many as are let in whatever the limit.
      for (let i = 0; i < CROWD; i += 4) {
        await Promise.all([1, 2, 3, 4].map(() => served(port)));
      }
      const last = await asked(child, program, count);
      assert.ok(last.accepted >= CROWD);
      assert.equal(last.outOfDescriptors, 0);
      assert.equal(child.exitCode, null);
    } finally {
      for (const socket of crowd) socket.destroy();
      await program.stop();
    }
  }, { skip: SKIP || missing });
}
