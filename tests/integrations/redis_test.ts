/**
 * Clients of Redis over sockets of ours, against the real server.
 */

import { withTempDir } from "../temp.ts";
import { test } from "../harness.ts";
import { missing, realServer, talk } from "./servers.ts";

test("ioredis and redis speak to a real redis-server", async (t) => {
  await withTempDir(async (dir) => {
    const server = await realServer((port) => [
      ...["redis-server", "--port", `${port}`, "--bind", "127.0.0.1"],
      ...["--save", "", "--dir", dir],
    ], /Ready to accept connections/);
    await server.start();
    try {
      await t.step("ioredis", async () => void await talk("ioredis", server));
      await t.step("redis", async () => void await talk("redis", server));
    } finally {
      await server.stop();
    }
  });
}, { skip: missing("redis-server"), timeoutMs: 60_000 });
