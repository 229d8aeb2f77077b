/** What Deno must permit for a connect, and what a refusal looks like. */

import assert from "node:assert/strict";
import { listen } from "../../src/socket/mod.ts";
import { watch } from "../examples/programs.ts";
import { test } from "../harness.ts";
import { findRuntime, spawnRuntime } from "../runtimes.ts";

const deno = findRuntime("deno");
const skip = typeof deno === "string" && deno;

const cases: readonly (readonly [flag: string, host: string, out: string])[] = [
  ["net=localhost", "localhost", "welcome"],
  ["net=127.0.0.1", "127.0.0.1", "welcome"],
  ["net=127.0.0.1,localhost", "localhost", "welcome"],
  ["net=127.0.0.1", "localhost", "PermissionError EPERM connect"],
  ["net=localhost", "127.0.0.1", "PermissionError EPERM connect"],
  ["net=[::1]", "127.0.0.1", "PermissionError EPERM connect"],
];

for (const [flag, host, expected] of cases) {
  test(
    `connect to ${host} says "${expected}" when Deno allows ${flag}`,
    async () => {
      const listener = await listen("127.0.0.1:0");
      const { port } = listener.getSockName() as { port: number };
      const program = watch(
        spawnRuntime("deno", "tests/fixtures/socket/connects.ts", [
          host,
          String(port),
        ], { denoFlags: ["--no-check", "--no-prompt", `--allow-${flag}`] }),
      );
      try {
        if (expected === "welcome") {
          const [conn] = await listener.accept();
          await conn.sendAll("welcome\n");
          await conn.close();
        }
        const { code, stdout, stderr } = await program.ended;
        assert.deepEqual([code, stdout.trim(), stderr], [0, expected, ""]);
      } finally {
        await program.stop();
        await listener.close();
      }
    },
    { skip },
  );
}
