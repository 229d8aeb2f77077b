/**
 * `close()` while a connect waits for a listener that lets nobody in: the SYN
 * is taken back, and nothing keeps the process alive.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import process from "node:process";
import { AF_INET, connect, listen, socket } from "../../../mod.ts";
import { currentRuntime } from "../../../src/runtime/detect.ts";
import { nodeRuntime } from "../../../src/runtime/node.ts";
import type { Runtime } from "../../../src/runtime/seam/runtime.ts";
import { memoryNetwork } from "../../../src/testing/mod.ts";
import { turn } from "../../../src/testing/expect.ts";
import { test } from "../../harness.ts";
import { spawnRuntime, thisRuntime } from "../../runtimes.ts";
import { type RawPeer, withRawPeer } from "../../support/raw_peer.ts";

const SKIP = process.platform !== "linux" && "reads /proc/net/tcp";

/** What a process may take to start and end on a busy machine. */
const PATIENCE_MS = 15_000;

const EBADF = { code: "EBADF", op: "connect" };

const DRIVERS: readonly (readonly [name: string, runtime: Runtime])[] =
  currentRuntime().name === "node"
    ? [["node:net", currentRuntime()]]
    : [["native", currentRuntime()], ["node:net", nodeRuntime()]];

/** Calls `fn` with the port of a listener that has no room. */
function withFullListener(
  fn: (port: number, peer: RawPeer) => Promise<void>,
): Promise<void> {
  return withRawPeer(async (peer) => {
    // With backlog 0 one connection fits; later ones stay in SYN_SENT.
    const { address } = await peer.listen(undefined, 0);
    await peer.connect(address);
    await fn(address.port, peer);
  });
}

async function untilSynSent(peer: RawPeer, port: number): Promise<void> {
  while (await peer.countSynSent(port) === 0) await turn();
}

for (const [driver, runtime] of DRIVERS) {
  for (const host of ["127.0.0.1", "localhost"]) {
    test(
      `${driver}: close takes the SYN of a connect to ${host} back`,
      () =>
        withFullListener(async (port, peer) => {
          const sock = socket(AF_INET, undefined, 0, { runtime });
          const failing = assert.rejects(sock.connect([host, port]), EBADF);
          await untilSynSent(peer, port);
          await sock.close();
          assert.equal(await peer.countSynSent(port), 0);
          await failing;
        }),
      { skip: SKIP },
    );
  }

  test(
    `${driver}: closed settles when the SYN of a background connect is back`,
    () =>
      withFullListener(async (port, peer) => {
        const sock = socket(AF_INET, undefined, 0, { runtime });
        const { closed } = sock;
        sock.setBlocking(false);
        await assert.rejects(sock.connect(["127.0.0.1", port]), {
          code: "EINPROGRESS",
        });
        await untilSynSent(peer, port);
        void sock.close();
        await closed;
        assert.equal(await peer.countSynSent(port), 0);
      }),
    { skip: SKIP },
  );

  test(
    `${driver}: an abort has taken the SYN back when connect rejects`,
    () =>
      withFullListener(async (port, peer) => {
        const controller = new AbortController();
        const { signal } = controller;
        const pending = connect(["127.0.0.1", port], { runtime, signal });
        const failing = assert.rejects(pending, (error) => error === "enough");
        await untilSynSent(peer, port);
        controller.abort("enough");
        await failing;
        assert.equal(await peer.countSynSent(port), 0);
      }),
    { skip: SKIP },
  );
}

test(
  "a process ends when it has closed a socket that was connecting",
  () =>
    withFullListener(async (port) => {
      const child = spawnRuntime(
        thisRuntime(),
        "tests/fixtures/socket/closes_connecting.ts",
        [`${port}`],
      );
      const exit = once(child, "close");
      let said = "";
      child.stdout!.on("data", (chunk) => said += chunk);
      child.stderr!.on("data", (chunk) => said += chunk);
      // Far below the minutes for which a kernel repeats its SYN.
      const patience = setTimeout(() => child.kill(), PATIENCE_MS);
      const [code] = await exit;
      clearTimeout(patience);
      assert.deepEqual([code, said.trim()], [0, "EBADF"]);
    }),
  { skip: SKIP },
);

test("a closed connect in memory never comes when there is room", async () => {
  const runtime = memoryNetwork();
  const listener = await listen("127.0.0.1:7", { runtime, backlog: 1 });
  const filler = await connect("127.0.0.1:7", { runtime });
  const sock = socket(AF_INET, undefined, 0, { runtime });
  const failing = assert.rejects(sock.connect("127.0.0.1:7"), EBADF);
  await turn();
  await sock.close();
  await failing;
  const [first] = await listener.accept();
  for (let i = 0; i < 5; i++) await turn();
  assert.equal(listener.tryAccept(), undefined);
  const all = [filler, first, listener];
  await Promise.all(all.map((each) => each.close({ lingerMs: 0 })));
});
