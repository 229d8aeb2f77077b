/** The `node:net` driver around its bytes: names, options, adoption, lookup. */
import assert from "node:assert/strict";
import { connect as netConnect, createServer } from "node:net";
import { adoptNodeSocket } from "../../src/runtime/node.ts";
import { test } from "../harness.ts";
import { type SpawnOptions, spawnRuntime } from "../runtimes.ts";
import { withRawPeer } from "../support/raw_peer.ts";
import { StreamRecorder } from "../support/recorder.ts";
import {
  bytesOf,
  closed,
  faultOf,
  here,
  inet,
  runtime,
  sendAll,
  testBoth,
  turns,
} from "./node_driver_support.ts";

testBoth("names both ends", ({ stream, peer }) => {
  assert.deepEqual(stream.localAddress(), inet(peer.remoteAddress));
  assert.deepEqual(stream.remoteAddress, inet(peer.localAddress));
  return Promise.resolve();
});

testBoth("still names its own end when closed", async (pair) => {
  await closed(pair);
  assert.deepEqual(
    pair.stream.localAddress(),
    inet(pair.peer.remoteAddress),
  );
});

testBoth("sets options, on and off", ({ stream }) => {
  for (const name of ["noDelay", "keepAlive"] as const) {
    stream.setOption(name, 0);
    stream.setOption(name, 1);
  }
  stream.ref(false);
  stream.ref(true);
  return Promise.resolve();
});

test("an adopted socket gives what it had buffered, then the reset", () =>
  withRawPeer(async (peer) => {
    const listener = await peer.listen();
    const socket = netConnect({ ...listener.address, host: "127.0.0.1" });
    await new Promise<void>((resolve) => socket.once("connect", resolve));
    const other = await listener.accept();
    const readable = new Promise<void>((resolve) =>
      socket.once("readable", resolve)
    );
    await other.send("buffered");
    await readable;
    const stream = adoptNodeSocket(socket);
    const recorder = StreamRecorder.on(stream);
    await turns();
    assert.equal(recorder.bytes, 0);
    await other.reset();
    stream.resume();
    await recorder.until("closed");
    assert.equal(recorder.text, "buffered");
    assert.deepEqual(recorder.events, ["data", "ECONNRESET", "closed"]);
  }));

test("an adopted socket stays open on the peer's FIN", () =>
  withRawPeer(async (peer) => {
    const listener = await peer.listen();
    const socket = netConnect({ ...listener.address, host: "127.0.0.1" });
    await new Promise<void>((resolve) => socket.once("connect", resolve));
    const other = await listener.accept();
    const stream = adoptNodeSocket(socket);
    const recorder = StreamRecorder.on(stream);
    stream.resume();
    await other.send("half");
    await other.shutdown();
    await recorder.until("end");
    const read = other.readAll();
    await sendAll(stream, bytesOf("other half"));
    await stream.shutdown();
    assert.equal((await read).bytes, 10);
    await recorder.until("closed");
    assert.deepEqual(recorder.events, ["data", "end", "closed"]);
  }));

test("a socket that is not connected cannot be adopted", () => {
  const server = createServer();
  const socket = netConnect({ host: "127.0.0.1", port: 1 });
  socket.on("error", () => {});
  assert.throws(() => adoptNodeSocket(socket), faultOf("ENOTCONN"));
  socket.destroy();
  assert.throws(() => adoptNodeSocket(socket), faultOf("ENOTCONN"));
  server.close();
});

test("lookup gives numeric addresses, or EAI_NONAME", async () => {
  for (const { family, hostname } of await runtime.lookup("localhost", 0)) {
    assert.equal(family, hostname.includes(":") ? "ipv6" : "ipv4");
  }
  assert.deepEqual(await runtime.lookup("127.0.0.9", 4), [
    { family: "ipv4", hostname: "127.0.0.9" },
  ]);
  for (const name of ["nobody.invalid", "x".repeat(300)]) {
    await assert.rejects(runtime.lookup(name, 0), faultOf("EAI_NONAME"));
  }
});

/** Runs a fixture on this runtime; gives what it said, and its exit code. */
async function runFixture(
  name: string,
  options?: SpawnOptions,
): Promise<[string, unknown]> {
  const script = `tests/fixtures/runtime/${name}.ts`;
  const child = spawnRuntime(here, script, [], options);
  let said = "";
  child.stdout!.on("data", (chunk) => said += chunk);
  child.stderr!.on("data", (chunk) => said += chunk);
  const code = await new Promise((resolve) => child.on("close", resolve));
  return [said.trim(), code];
}

test("what is unreferenced keeps no process alive", async () => {
  const outcome = await runFixture("node_unref");
  assert.deepEqual(outcome, ["all are open", 0]);
});

test("a missing permission is EPERM and ends no process", async () => {
  const outcome = await runFixture("node_denied", {
    denoFlags: ["--no-prompt", "--no-check"],
    env: { NODE_OPTIONS: "--permission --allow-fs-read=*" },
  });
  assert.deepEqual(outcome, [Array(7).fill("EPERM").join(), 0]);
}, {
  skip: (here === "bun" || here === "node20") &&
    `${here} has no permissions for the network`,
});
