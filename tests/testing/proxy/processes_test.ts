/** A proxy between three processes, each on a runtime of its own. */

import assert from "node:assert/strict";
import { connect } from "../../../src/socket/mod.ts";
import { faultyProxy } from "../../../src/testing/mod.ts";
import { portOf, watch } from "../../examples/programs.ts";
import { test } from "../../harness.ts";
import {
  findRuntime,
  RUNTIMES,
  spawnRuntime,
  thisRuntime,
} from "../../runtimes.ts";

const own = RUNTIMES.indexOf(thisRuntime());
const others = [1, 2].map((step) => RUNTIMES[(own + step) % RUNTIMES.length]!);
const [serverRuntime, clientRuntime] = others as [
  typeof others[0],
  typeof others[0],
];
const missing = others.map(findRuntime)
  .find((found) => typeof found === "string");

test(
  `a proxy stands between a server on ${serverRuntime} and a client on ${clientRuntime}`,
  async () => {
    const server = watch(
      spawnRuntime(serverRuntime, "examples/serve_echo.ts", ["0"]),
    );
    try {
      const target = `127.0.0.1:${await portOf(server)}`;
      const latencyMs = [1, 3] as const;
      await using proxy = await faultyProxy(target, {
        up: { latencyMs, chunkBytes: [1, 4] },
      });
      const { port } = proxy.address as { port: number };
      const client = watch(
        spawnRuntime(clientRuntime, "examples/echo_client.ts", [`${port}`]),
      );
      // The client receives once: what it is told is the first of many pieces.
      const { code, stdout } = await client.ended;
      const [, got = ""] = /^Received (.*)\n$/.exec(stdout) ?? [];
      assert.equal(code, 0);
      assert.ok(got.length > 0 && "Hello, world".startsWith(got), stdout);
      assert.ok([...proxy.trace].length > 5);

      proxy.set({}, { resetAtByte: 2 });
      const cut = await connect(proxy.address);
      await cut.sendAll("abc");
      await assert.rejects(cut.recvExactly(3), { code: "ECONNRESET" });
      await cut.close();

      proxy.set({});
      await using last = await connect(proxy.address);
      await last.sendAll("abc");
      assert.equal((await last.recvExactly(3)).length, 3);
      await server.stop(); // SIGKILL
      assert.equal(await last.recv().catch(() => null), null);
    } finally {
      await server.stop();
    }
  },
  { skip: typeof missing === "string" && missing },
);
