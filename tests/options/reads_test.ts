/** That what an accepted connection inherits costs no look at files. */

import assert from "node:assert/strict";
import fs from "node:fs";
import { capabilities, connect, listen } from "../../mod.ts";
import { test } from "../harness.ts";

test("accepted connections with keepAlive do not read files each", async () => {
  const keepAlive = capabilities().keepAliveIdle !== true || { idleMs: 9000 };
  await using server = await listen("127.0.0.1:0", { keepAlive });
  const read = fs.readFileSync;
  const paths: string[] = [];
  fs.readFileSync = ((path: string, ...rest: unknown[]) => {
    paths.push(path);
    return Reflect.apply(read, fs, [path, ...rest]);
  }) as typeof read;
  try {
    for (let i = 0; i < 20; i++) {
      await using client = await connect(server.getSockName());
      const [peer] = await server.accept();
      await peer.close();
      await client.close();
    }
  } finally {
    fs.readFileSync = read;
  }
  const each = paths.filter((path) => `${path}`.includes("keepalive"));
  assert.ok(each.length <= 4, `${each.length} reads`);
});
