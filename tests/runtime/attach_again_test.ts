/**
 * A stream whose sink is replaced, as TLS in mid-stream does it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { currentRuntime } from "../../src/runtime/detect.ts";
import { memoryNetwork } from "../../src/runtime/memory.ts";
import { nodeRuntime } from "../../src/runtime/node.ts";
import type { Runtime } from "../../src/runtime/seam/runtime.ts";
import type { RawStream } from "../../src/runtime/seam/stream.ts";
import { adoptWebStreams } from "../../src/runtime/web_streams.ts";
import { test } from "../harness.ts";
import { ListenerRecorder, StreamRecorder } from "../support/recorder.ts";

const encoder = new TextEncoder();

/** Both ends of a connection: one that is replaced, one that sends. */
type Pair = readonly [RawStream, RawStream];

async function pairOf(runtime: Runtime): Promise<[...Pair, () => void]> {
  const raw = await runtime.listen({
    address: { family: "ipv4", hostname: "127.0.0.1", port: 0 },
    backlog: 1,
  });
  const listener = new ListenerRecorder(raw);
  const client = await runtime.connect({ address: raw.localAddress });
  const { stream } = await listener.next();
  return [client, stream, () => raw.close()];
}

function webPair(): Promise<[...Pair, () => void]> {
  const there = new TransformStream<Uint8Array, Uint8Array>();
  const back = new TransformStream<Uint8Array, Uint8Array>();
  const ends = [
    { readable: there.readable, writable: back.writable },
    { readable: back.readable, writable: there.writable },
  ].map(adoptWebStreams);
  return Promise.resolve([ends[0]!, ends[1]!, () => {}]);
}

async function sends(stream: RawStream, text: string): Promise<void> {
  assert.equal(await stream.write(encoder.encode(text)), text.length);
}

const native = currentRuntime();
const makers: Record<string, () => Promise<[...Pair, () => void]>> = {
  native: () => pairOf(native),
  "node:net": () => pairOf(nodeRuntime()),
  memory: () => pairOf(memoryNetwork()),
  "web streams": webPair,
};

for (const [name, make] of Object.entries(makers)) {
  test(`${name}: a new sink gets what comes next, and nothing twice`, async () => {
    const [client, server, close] = await make();
    const peer = StreamRecorder.on(server);
    const first = StreamRecorder.on(client);
    client.resume();
    void sends(server, "before");
    await first.untilBytes(6);
    client.resume(); // on Deno a read stands, which is the next one's
    const second = StreamRecorder.on(client);
    client.resume();
    void sends(server, "behind");
    await second.untilBytes(6);
    client.resume();
    const ending = server.shutdown();
    await second.until("end");
    await ending;
    assert.deepEqual(first.events, ["data"]);
    assert.deepEqual(second.events, ["data", "end"]);
    assert.equal(first.text + second.text, "beforebehind");
    client.close();
    server.close();
    close();
    await Promise.all([second.until("closed"), peer.until("closed")]);
  });
}
