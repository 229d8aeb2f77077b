import assert from "node:assert/strict";
import { listen } from "../../mod.ts";
import { test } from "../harness.ts";
import { reservedPort } from "./reserved_port.ts";

test("a reserved port is another each time and taken by who asks for it", async () => {
  const ports = await Promise.all([reservedPort(), reservedPort()]);
  assert.notEqual(ports[0], ports[1]);
  for (const port of ports) {
    await using listener = await listen(["127.0.0.1", port]);
    assert.equal((listener.getSockName() as { port: number }).port, port);
  }
});
