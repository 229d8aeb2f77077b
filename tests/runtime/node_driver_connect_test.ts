/** Connecting with the `node:net` driver, and what comes in its way. */
import assert from "node:assert/strict";
import type { Address } from "../../src/contracts.ts";
import type { RawConnectOptions } from "../../src/runtime/seam/stream.ts";
import { test } from "../harness.ts";
import { withRawPeer } from "../support/raw_peer.ts";
import { StreamRecorder } from "../support/recorder.ts";
import {
  closed,
  faultOf,
  inet,
  LOOPBACK,
  runtime,
  turns,
} from "./node_driver_support.ts";

/** What cannot be connected to, and the code. */
const REFUSALS: readonly (readonly [string, RawConnectOptions, string])[] = [
  [
    "a port nobody listens on",
    { address: { ...LOOPBACK, port: 1 } },
    "ECONNREFUSED",
  ],
  ["from a foreign address", {
    address: { ...LOOPBACK, port: 1 },
    localAddress: { family: "ipv4", hostname: "192.0.2.1", port: 0 },
  }, "EADDRNOTAVAIL"],
  ["a name without addresses", {
    address: { hostname: "nobody.invalid", port: 1 },
  }, "EAI_NONAME"],
  ["a name whose every address refuses", {
    address: { hostname: "localhost", port: 1 },
  }, "ECONNREFUSED"],
];

for (const [what, options, code] of REFUSALS) {
  test(`connecting to ${what} is ${code}`, async () => {
    await assert.rejects(runtime.connect(options), faultOf(code));
  });
}

test(
  "an aborted connect gives the reason and takes its SYN back",
  () =>
    withRawPeer(async (peer) => {
      const listener = await peer.listen(undefined, 0);
      const { port } = listener.address;
      // With backlog 0 one connection fits; later ones stay in SYN_SENT.
      const filler = await peer.connect(listener.address);
      const reason = new Error("changed my mind");
      const controller = new AbortController();
      const { signal } = controller;
      const attempt = runtime.connect({
        address: inet(listener.address),
        signal,
      });
      let sent = 0;
      while (sent === 0) sent = await peer.countSynSent(port);
      assert.equal(sent, 1);
      controller.abort(reason);
      await assert.rejects(attempt, (error) => error === reason);
      while (await peer.countSynSent(port) !== 0) await turns(1);
      const { remoteAddress } = await listener.accept();
      assert.deepEqual(remoteAddress, filler.localAddress);
    }),
  { skip: process.platform !== "linux" && "reads /proc/net/tcp" },
);

test("an already aborted connect rejects before it begins", async () => {
  const reason = new Error("too late");
  const signal = AbortSignal.abort(reason);
  await assert.rejects(
    runtime.connect({ address: { ...LOOPBACK, port: 1 }, signal }),
    (error) => error === reason,
  );
});

test("a connect binds to the local address it is given", () =>
  withRawPeer(async (peer) => {
    const listener = await peer.listen();
    const localAddress: Address = { ...LOOPBACK, hostname: "127.0.0.7" };
    const stream = await runtime.connect({
      address: inet(listener.address),
      localAddress,
    });
    const { remoteAddress } = await listener.accept();
    assert.equal(remoteAddress.hostname, "127.0.0.7");
    assert.deepEqual(stream.localAddress(), inet(remoteAddress));
    await closed({ stream, recorder: StreamRecorder.on(stream) });
  }));

test("a connect by name falls over to the address that answers", () =>
  withRawPeer(async (peer) => {
    const { address } = await peer.listen();
    const stream = await runtime.connect({
      address: { hostname: "localhost", port: address.port },
    });
    assert.deepEqual(stream.remoteAddress, inet(address));
    await closed({ stream, recorder: StreamRecorder.on(stream) });
  }));
