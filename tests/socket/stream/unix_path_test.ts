/**
 * The path of a Unix listener: it goes with the listener that made it, and no
 * other file goes, whoever has the path by then and wherever the program is.
 */

import assert from "node:assert/strict";
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import {
  type AddressLike,
  connect,
  listen,
  type Listener,
} from "../../../mod.ts";
import { currentRuntime } from "../../../src/runtime/detect.ts";
import { nodeRuntime } from "../../../src/runtime/node.ts";
import type { Runtime } from "../../../src/runtime/seam/runtime.ts";
import { test } from "../../harness.ts";
import { thisRuntime } from "../../runtimes.ts";
import { printedOnDeno } from "../../support/deno_program.ts";
import { withTempDir } from "../../temp.ts";

const skip = process.platform === "win32" && "Windows has pipes instead";

const DRIVERS: readonly (readonly [name: string, runtime: Runtime])[] =
  currentRuntime().name === "node"
    ? [["node:net", currentRuntime()]]
    : [["native", currentRuntime()], ["node:net", nodeRuntime()]];

for (const [driver, runtime] of DRIVERS) {
  const at = (path: string) => listen({ path }, { runtime });

  /** Whether a listener answers at an address. */
  const answers = async (server: Listener, address: AddressLike) => {
    const [client, [peer]] = await Promise.all([
      connect(address, { runtime }),
      server.accept(),
    ]);
    await client.sendAll("hello");
    assert.equal((await peer.recvExactly(5)).length, 5);
    await Promise.all([client.close(), peer.close()]);
  };

  const inTempDir = (what: string, fn: (dir: string) => Promise<void>) =>
    test(`${driver}: ${what}`, () => withTempDir(fn), { skip });

  inTempDir("a listener's path is all that is in its folder", async (dir) => {
    const path = join(dir, "own");
    const own = await at(path);
    assert.deepEqual(readdirSync(dir), ["own"]);
    assert.deepEqual(own.getSockName(), { family: "unix", path });
    const [client, [peer]] = await Promise.all([
      connect({ path }, { runtime }),
      own.accept(),
    ]);
    assert.deepEqual(peer.getSockName(), own.getSockName());
    assert.deepEqual(client.getPeerName(), own.getSockName());
    await Promise.all([client.close(), peer.close(), own.close()]);
    assert.deepEqual(readdirSync(dir), []);
  });

  inTempDir("close leaves a file that has taken the path", async (dir) => {
    const path = join(dir, "own");
    const own = await at(path);
    rmSync(path);
    writeFileSync(path, "precious");
    await own.close();
    assert.equal(readFileSync(path, "utf8"), "precious");
  });

  inTempDir("close leaves a socket that has taken the path", async (dir) => {
    const path = join(dir, "own");
    const own = await at(path);
    rmSync(path);
    const next = await at(path);
    await own.close();
    await answers(next, { path });
    await next.close();
    assert.ok(!existsSync(path));
  });

  inTempDir("close leaves a successor that was renamed there", async (dir) => {
    const path = join(dir, "own");
    const own = await at(path);
    const next = await at(join(dir, "next"));
    renameSync(join(dir, "next"), path);
    await answers(next, { path });
    await own.close();
    await answers(next, { path });
    await next.close();
  });

  inTempDir("close leaves its file where it was moved to", async (dir) => {
    const own = await at(join(dir, "own"));
    renameSync(join(dir, "own"), join(dir, "moved"));
    await own.close();
    assert.deepEqual(readdirSync(dir), ["moved"]);
  });

  inTempDir("close removes a relative path where it was made", async (dir) => {
    const before = process.cwd();
    const elsewhere = join(dir, "elsewhere");
    try {
      process.chdir(dir);
      const own = await at("elsewhere");
      await own.close();
      assert.ok(!existsSync(elsewhere));
      const again = await at("own");
      await withTempDir(async (other) => {
        process.chdir(other);
        writeFileSync("own", "precious");
        await again.close();
        assert.equal(readFileSync("own", "utf8"), "precious");
        process.chdir(before);
      });
    } finally {
      process.chdir(before);
    }
    assert.deepEqual(readdirSync(dir), []);
  });

  inTempDir("a file at the path is EADDRINUSE, and stays", async (dir) => {
    const path = join(dir, "own");
    writeFileSync(path, "precious");
    const expected = { code: "EADDRINUSE", op: "bind" };
    await assert.rejects(at(path), expected);
    assert.equal(readFileSync(path, "utf8"), "precious");
    assert.deepEqual(readdirSync(dir), ["own"]);
  });

  inTempDir("one of two listens at once is EADDRINUSE", async (dir) => {
    const path = join(dir, "own");
    const settled = await Promise.allSettled([at(path), at(path)]);
    const made = settled.filter((each) => each.status === "fulfilled");
    const refused = settled.filter((each) => each.status === "rejected");
    assert.deepEqual(refused.map(({ reason }) => reason.code), ["EADDRINUSE"]);
    assert.deepEqual(readdirSync(dir), ["own"]);
    await answers(made[0]!.value, { path });
    await made[0]!.value.close();
    assert.deepEqual(readdirSync(dir), []);
  });

  for (const bytes of [100, 101, 106, 107]) {
    inTempDir(`a path of ${bytes} bytes is listened at`, async (dir) => {
      for (const base of ["s".repeat(bytes - dir.length - 1), "s"]) {
        const folder = dir + "/".repeat(bytes - dir.length - base.length);
        const path = folder + base;
        assert.equal(path.length, bytes);
        const own = await at(path);
        assert.deepEqual(readdirSync(dir), [base]);
        await answers(own, { path });
        await own.close();
        assert.deepEqual(readdirSync(dir), []);
      }
    });
  }
}

const permissions: readonly (readonly [
  what: string,
  expected: string,
  flags: (dir: string, path: string) => readonly string[],
])[] = [
  ["for the folder", "stays", (dir) => [
    "--allow-net",
    `--allow-read=${dir}`,
    `--allow-write=${dir}`,
  ]],
  // No other name can be made: the path goes by its name, as Deno has it.
  ["for the path alone", "is gone", (_, path) => [
    `--allow-net=unix:${path}`,
    `--allow-read=${path}`,
    `--allow-write=${path}`,
  ]],
];
for (const [what, expected, flags] of permissions) {
  test(
    `a taken path ${expected} on Deno with permission ${what}`,
    () =>
      withTempDir(async (dir) => {
        const path = join(dir, "own");
        const script = "tests/fixtures/socket/taken_path.ts";
        const printed = await printedOnDeno(script, flags(dir, path), [path]);
        assert.equal(printed, `native ${expected}\nnode:net ${expected}`);
        assert.deepEqual(readdirSync(dir), []);
      }),
    { skip: thisRuntime() !== "deno" && "the permissions are Deno's" },
  );
}
