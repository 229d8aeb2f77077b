/**
 * nats-core by its own transport over sockets of ours, against a real
 * nats-server.
 */

import { test } from "../harness.ts";
import { lackOfOpenssl } from "../support/certificates.ts";
import { withTempDir } from "../temp.ts";
import { natsServer, type SecureServer, tlsFilesIn } from "./server_kinds.ts";
import { missing, talk } from "./servers.ts";

test("nats-core speaks to a real nats-server", async (t) => {
  await t.step("nats", async () => await talked(await natsServer(), "nats"));
  await t.step("secure", async () =>
    await withTempDir(async (dir) => {
      const tls = tlsFilesIn(dir);
      await talked(await natsServer(tls), "secure", "nats", tls.ca);
    }));
}, {
  skip: missing("nats-server") || (lackOfOpenssl() ?? false),
  timeoutMs: 90_000,
});

async function talked(
  server: SecureServer,
  name: string,
  ...args: string[]
): Promise<void> {
  await server.start();
  try {
    await talk(name, server, args);
  } finally {
    await server.stop();
  }
}
