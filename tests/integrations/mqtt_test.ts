/**
 * mqtt over sockets of ours, against a real mosquitto.
 */

import { test } from "../harness.ts";
import { lackOfOpenssl } from "../support/certificates.ts";
import { withTempDir } from "../temp.ts";
import { mosquittoServer, tlsFilesIn } from "./server_kinds.ts";
import { missing, talk } from "./servers.ts";

test("mqtt speaks to a real mosquitto", async (t) => {
  await withTempDir(async (dir) => {
    const tls = tlsFilesIn(dir);
    const server = await mosquittoServer(dir, tls);
    await server.start();
    try {
      await t.step("mqtt", async () => void await talk("mqtt", server));
      await t.step("secure", async () => {
        const secure = { ...server, port: server.tlsPort! };
        await talk("secure", secure, ["mqtt", tls.ca]);
      });
    } finally {
      await server.stop();
    }
  });
}, {
  skip: missing("mosquitto") || (lackOfOpenssl() ?? false),
  timeoutMs: 90_000,
});
