/** Options that are set while a send is pending: they hold, or say EBUSY. */

import assert from "node:assert/strict";
import {
  capabilities,
  connect,
  currentRuntime,
  IPPROTO_TCP,
  listen,
  SO_KEEPALIVE,
  SocketError,
  SOL_SOCKET,
  TCP_NODELAY,
} from "../../mod.ts";
import { nodeRuntime } from "../../src/runtime/node.ts";
import { test } from "../harness.ts";

const OPTIONS = [[IPPROTO_TCP, TCP_NODELAY, 0], [SOL_SOCKET, SO_KEEPALIVE, 1]];

for (const runtime of new Set([currentRuntime(), nodeRuntime()])) {
  const isBusy = runtime.name === "deno";
  const title = isBusy ? "is EBUSY on Deno" : "holds";
  test(`an option that ${runtime.name} sets during a send ${title}`, async () => {
    assert.equal(capabilities(runtime).noDelay, true);
    const listener = await listen("127.0.0.1:0", { runtime });
    const client = await connect(listener.getSockName(), { runtime });
    const [server] = await listener.accept();
    const sent = client.sendAll(new Uint8Array(33_554_432)).catch(String);
    // The runtime has begun to write once this has come.
    await server.sendAll("x");
    await client.recvExactly(1);
    for (const [level, name, value] of OPTIONS as [number, number, number][]) {
      const set = () => client.setSockOpt(level, name, value);
      if (!isBusy) {
        set();
        assert.equal(client.getSockOpt(level, name), value);
      } else assert.throws(set, isEBusy);
    }
    const all = [client, server, listener];
    await Promise.all(all.map((each) => each.close({ lingerMs: 0 })));
    await sent;
  });
}

function isEBusy(error: unknown): boolean {
  assert.ok(error instanceof SocketError);
  assert.equal(error.code, "EBUSY");
  assert.match(error.message, /during a send/);
  return true;
}
