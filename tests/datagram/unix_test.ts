/** The names and paths of Unix datagram sockets. */

import assert from "node:assert/strict";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import {
  AF_UNIX,
  type DatagramSocket,
  SOCK_DGRAM,
  socket,
  type UnixAddress,
} from "../../mod.ts";
import { currentRuntime } from "../../src/runtime/detect.ts";
import { memoryNetwork } from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import { withTempDir } from "../temp.ts";

const native = currentRuntime();
const { unixDatagrams } = native.supports;
const skip = typeof unixDatagrams === "string" && unixDatagrams;

async function boundTo(path: string): Promise<DatagramSocket> {
  const made = socket(AF_UNIX, SOCK_DGRAM);
  await made.bind(path);
  return made;
}

test("close removes the path of a datagram socket", async () => {
  await withTempDir(async (dir) => {
    const path = join(dir, "own");
    const own = await boundTo(path);
    assert.ok(existsSync(path));
    await own.close();
    assert.ok(!existsSync(path));
  });
}, { skip });

test("close leaves a file that has taken the path meanwhile", async () => {
  await withTempDir(async (dir) => {
    const path = join(dir, "own");
    const own = await boundTo(path);
    writeFileSync(join(dir, "other"), "precious");
    renameSync(join(dir, "other"), path);
    await own.close();
    assert.equal(readFileSync(path, "utf8"), "precious");
  });
}, { skip });

test(
  "close leaves the path of a successor, which goes on hearing",
  async () => {
    await withTempDir(async (dir) => {
      const path = join(dir, "own");
      const own = await boundTo(path);
      const next = await boundTo(join(dir, "next"));
      renameSync(join(dir, "next"), path);
      await own.close();
      const sender = await boundTo(join(dir, "sender"));
      await sender.sendTo("for the successor", path);
      assert.equal((await next.recv()).length, 17);
      await Promise.all([next.close(), sender.close()]);
    });
  },
  { skip },
);

test(
  "close removes the path it was bound to though the program has moved",
  async () => {
    await withTempDir(async (dir) => {
      const before = process.cwd();
      try {
        process.chdir(dir);
        const own = await boundTo("own");
        process.chdir(before);
        await own.close();
      } finally {
        process.chdir(before);
      }
      assert.ok(!existsSync(join(dir, "own")));
    });
  },
  { skip },
);

for (
  const runtime of skip === false
    ? [memoryNetwork(), native]
    : [memoryNetwork()]
) {
  const make = () => socket(AF_UNIX, SOCK_DGRAM, 0, { runtime });
  const tail = `${Math.random()}`;

  const names: readonly (readonly [what: string, name: string])[] = [
    ["with NULs inside", `\0a\0b\0${tail}`],
    ["that begins with two NULs", `\0\0${tail}`],
    ["of 108 bytes", `\0${tail.padEnd(107, "x")}`],
  ];
  for (const [what, path] of names) {
    test(`${runtime.name}: an abstract name ${what} is heard and told`, async () => {
      const [to, from] = [make(), make()];
      await to.bind(path);
      assert.deepEqual(to.getSockName(), { family: "unix", path });
      await from.bind(`${path.slice(0, -1)}!`);
      await from.sendTo("hello", path);
      const [data, address] = await to.recvFrom();
      assert.equal(new TextDecoder().decode(data), "hello");
      assert.deepEqual(address, from.getSockName());
      await Promise.all([to.close(), from.close()]);
    });
  }

  test(`${runtime.name}: bind("") picks a name that can be sent to`, async () => {
    const [to, from] = [make(), make()];
    await to.bind("");
    await from.bind({ path: "" });
    const [name, other] = [to.getSockName(), from.getSockName()];
    assert.match((name as UnixAddress).path, /^\0[0-9a-f]{5}$/);
    assert.notDeepEqual(name, other);
    await from.sendTo("hello", name);
    assert.deepEqual((await to.recvFrom())[1], other);
    await assert.rejects(from.sendTo("hello", ""), { name: "TypeError" });
    await Promise.all([to.close(), from.close()]);
  });
}
