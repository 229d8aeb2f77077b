/** What must be permitted for a connect, and what a refusal looks like. */

import assert from "node:assert/strict";
import { listen } from "../../src/socket/mod.ts";
import { watch } from "../examples/programs.ts";
import { test } from "../harness.ts";
import { findRuntime, type RuntimeName, spawnRuntime } from "../runtimes.ts";

/** A connect to a host, perhaps from a local one, and what comes of it. */
type Case = readonly [
  flag: string,
  host: string,
  out: string,
  local?: string,
];

const denoCases: readonly Case[] = [
  ["net=localhost", "localhost", "welcome"],
  ["net=127.0.0.1", "127.0.0.1", "welcome"],
  ["net=127.0.0.1,localhost", "localhost", "welcome"],
  ["net=localhost:PORT", "localhost", "welcome"],
  ["net=localhost:1", "localhost", "PermissionError EPERM connect"],
  ["net=127.0.0.1", "localhost", "PermissionError EPERM connect"],
  ["net=localhost", "127.0.0.1", "PermissionError EPERM connect"],
  ["net=[::1]", "127.0.0.1", "PermissionError EPERM connect"],
  ["net=127.0.0.1", "127.0.0.1", "welcome", "127.0.0.1"],
  ["net=127.0.0.1,0.0.0.0", "127.0.0.1", "welcome", ""],
  ["net=127.0.0.1", "127.0.0.1", "PermissionError EPERM bind", ""],
  ["net=127.0.0.1", "127.0.0.1", "PermissionError EPERM bind", "127.0.0.5"],
  ["net=127.0.0.5", "127.0.0.1", "PermissionError EPERM connect", "127.0.0.5"],
];

const node26Cases: readonly Case[] = [
  ["net", "127.0.0.1", "welcome"],
  ["net", "127.0.0.1", "welcome", ""],
  ["worker", "127.0.0.1", "PermissionError EPERM connect"],
  ["worker", "127.0.0.1", "PermissionError EPERM bind", ""],
];

const NODE_FLAGS = "--disable-warning=ExperimentalWarning " +
  "--permission --allow-fs-read=* --disable-warning=SecurityWarning";

for (const each of denoCases) connects("deno", each);
for (const each of node26Cases) connects("node26", each);

function connects(name: RuntimeName, [flag, host, out, local]: Case): void {
  const runtime = findRuntime(name);
  const from = local === undefined ? "" : ` from "${local}"`;
  test(
    `connect to ${host}${from} says "${out}" when ${name} allows ${flag}`,
    async () => {
      const listener = await listen("127.0.0.1:0");
      const { port } = listener.getSockName() as { port: number };
      const args = [host, String(port)];
      if (local !== undefined) args.push(local);
      const script = "tests/fixtures/socket/connects.ts";
      const program = watch(spawnRuntime(name, script, args, {
        denoFlags: [
          "--no-check",
          "--no-prompt",
          `--allow-${flag.replace("PORT", `${port}`)}`,
        ],
        ...(name === "node26"
          ? { env: { NODE_OPTIONS: `${NODE_FLAGS} --allow-${flag}` } }
          : {}),
      }));
      try {
        if (out === "welcome") {
          const [conn] = await listener.accept();
          await conn.sendAll("welcome\n");
          await conn.close();
        }
        const { code, stdout, stderr } = await program.ended;
        assert.deepEqual([code, stdout.trim(), stderr], [0, out, ""]);
      } finally {
        await program.stop();
        await listener.close();
      }
    },
    { skip: typeof runtime === "string" && runtime },
  );
}
