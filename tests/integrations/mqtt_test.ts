/**
 * mqtt over sockets of ours, against a real mosquitto.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "../harness.ts";
import { withTempDir } from "../temp.ts";
import { missing, realServer, talk } from "./servers.ts";

test("mqtt speaks to a real mosquitto", async () => {
  await withTempDir(async (dir) => {
    const path = join(dir, "mosquitto.conf");
    const server = await realServer((port) => {
      const lines = [`listener ${port} 127.0.0.1`, "allow_anonymous true"];
      // All of what is published at once waits for its acknowledgement.
      lines.push("max_queued_messages 0", "max_inflight_messages 0");
      writeFileSync(path, lines.join("\n") + "\n");
      return ["mosquitto", "-c", path];
    }, /mosquitto version .* running/);
    await server.start();
    try {
      await talk("mqtt", server);
    } finally {
      await server.stop();
    }
  });
}, { skip: missing("mosquitto"), timeoutMs: 60_000 });
