/**
 * nats-core by its own transport over sockets of ours, against a real
 * nats-server.
 */

import { test } from "../harness.ts";
import { missing, realServer, talk } from "./servers.ts";

test("nats-core speaks to a real nats-server", async () => {
  const server = await realServer(
    (port) => ["nats-server", "-a", "127.0.0.1", "-p", `${port}`],
    /Server is ready/,
  );
  await server.start();
  try {
    await talk("nats", server);
  } finally {
    await server.stop();
  }
}, { skip: missing("nats-server"), timeoutMs: 60_000 });
