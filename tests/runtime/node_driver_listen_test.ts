/** Listening with the `node:net` driver, and whom it accepts. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import type { Address } from "../../src/contracts.ts";
import { test } from "../harness.ts";
import { type PeerTarget, withRawPeer } from "../support/raw_peer.ts";
import { ListenerRecorder } from "../support/recorder.ts";
import {
  bytesOf,
  closed,
  faultOf,
  here,
  inet,
  LOOPBACK,
  runtime,
  sendAll,
} from "./node_driver_support.ts";

test("listening on a foreign address is EADDRNOTAVAIL", async () => {
  const address: Address = { family: "ipv4", hostname: "192.0.2.1", port: 0 };
  const attempt = runtime.listen({ address, backlog: 1 });
  await assert.rejects(attempt, faultOf("EADDRNOTAVAIL"));
});

test("listening on a port in use is EADDRINUSE", () =>
  withRawPeer(async (peer) => {
    const { address } = await peer.listen();
    const options = { address: inet(address), backlog: 1 };
    await assert.rejects(runtime.listen(options), faultOf("EADDRINUSE"));
  }));

test("a listener's connections outlive it, and its port is free at once", () =>
  withRawPeer(async (peer) => {
    const first = await runtime.listen({ address: LOOPBACK, backlog: 8 });
    const address = first.localAddress;
    const listening = new ListenerRecorder(first);
    const socket = await peer.connect(address as PeerTarget);
    const { stream, recorder } = await listening.next();
    first.close();
    first.close();
    await listening.until("closed");
    const second = await runtime.listen({ address, backlog: 8 });
    assert.deepEqual(second.localAddress, address);
    const again = new ListenerRecorder(second);
    second.close();
    await again.until("closed");
    const echo = socket.echo();
    stream.resume();
    await sendAll(stream, bytesOf("alive"));
    await recorder.untilBytes(5);
    await stream.shutdown();
    await recorder.until("end");
    assert.equal(await echo, 5);
    await recorder.until("closed");
  }));

test("a peer that resets before it is accepted is handed over", async () => {
  const listener = await runtime.listen({ address: LOOPBACK, backlog: 8 });
  const listening = new ListenerRecorder(listener);
  const { port } = listener.localAddress as { port: number };
  const program = "import socket,struct,sys\n" +
    "s=socket.create_connection(('127.0.0.1',int(sys.argv[1])))\n" +
    "s.setsockopt(socket.SOL_SOCKET,socket.SO_LINGER,struct.pack('ii',1,0))\n" +
    "s.close()";
  // Synchronous, so that nothing can be accepted in between.
  const done = spawnSync("python3", ["-c", program, String(port)]);
  assert.equal(done.status, 0, String(done.stderr));
  const { stream, recorder } = await listening.next();
  assert.equal(stream.remoteAddress, undefined);
  stream.resume();
  await recorder.until("closed");
  assert.deepEqual(recorder.events, ["ECONNRESET", "closed"]);
  listener.close();
  await listening.until("closed");
});

test("a dual-stack listener names IPv4 peers as mapped addresses", () =>
  withRawPeer(async (peer) => {
    const address: Address = { family: "ipv6", hostname: "::", port: 0 };
    const listener = await runtime.listen({ address, backlog: 8 });
    const listening = new ListenerRecorder(listener);
    const { port, ...bound } = listener.localAddress as { port: number };
    assert.deepEqual(bound, { family: "ipv6", hostname: "::" });
    const socket = await peer.connect({ hostname: "127.0.0.1", port });
    const { stream, recorder } = await listening.next();
    assert.deepEqual(stream.remoteAddress, {
      family: "ipv6",
      hostname: "::ffff:127.0.0.1",
      port: socket.localAddress.port,
    });
    await closed({ stream, recorder });
    listener.close();
    await listening.until("closed");
  }));

test("ipv6Only keeps IPv4 out, or is refused", () =>
  withRawPeer(async (peer) => {
    const address: Address = { family: "ipv6", hostname: "::", port: 0 };
    const options = { address, backlog: 8, ipv6Only: true };
    if (here === "deno") {
      await assert.rejects(runtime.listen(options), faultOf("ENOPROTOOPT"));
      return;
    }
    const listener = await runtime.listen(options);
    const listening = new ListenerRecorder(listener);
    const { port } = listener.localAddress as { port: number };
    const attempt = peer.connect({ hostname: "127.0.0.1", port });
    await assert.rejects(attempt, { code: "ECONNREFUSED" });
    listener.close();
    await listening.until("closed");
  }));

test("reusePort lets two listeners share a port, or is refused", async () => {
  const options = { address: LOOPBACK, backlog: 8, reusePort: true };
  if (here === "node20") {
    await assert.rejects(runtime.listen(options), faultOf("ENOPROTOOPT"));
    return;
  }
  const first = await runtime.listen(options);
  const second = await runtime.listen({
    ...options,
    address: first.localAddress,
  });
  for (const listener of [first, second]) {
    const listening = new ListenerRecorder(listener);
    listener.close();
    await listening.until("closed");
  }
});
