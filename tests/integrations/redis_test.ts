/**
 * Clients of Redis over sockets of ours, against the real server.
 */

import { test } from "../harness.ts";
import { lackOfOpenssl } from "../support/certificates.ts";
import { withTempDir } from "../temp.ts";
import { redisServer, tlsFilesIn } from "./server_kinds.ts";
import { missing, talk } from "./servers.ts";

test("ioredis and redis speak to a real redis-server", async (t) => {
  await withTempDir(async (dir) => {
    const tls = tlsFilesIn(dir);
    const server = await redisServer(dir, tls);
    await server.start();
    try {
      await t.step("ioredis", async () => void await talk("ioredis", server));
      await t.step("redis", async () => void await talk("redis", server));
      await t.step("secure", async () => {
        const secure = { ...server, port: server.tlsPort! };
        await talk("secure", secure, ["ioredis", tls.ca]);
      });
    } finally {
      await server.stop();
    }
  });
}, {
  skip: missing("redis-server") || (lackOfOpenssl() ?? false),
  timeoutMs: 90_000,
});
