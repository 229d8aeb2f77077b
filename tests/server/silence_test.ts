/**
 * Where nobody listens to a server's channels, no message is made.
 */

import assert from "node:assert/strict";
import diagnostics from "node:diagnostics_channel";
import { Session } from "node:inspector/promises";
import { serve } from "../../src/server/mod.ts";
import { memoryNetwork } from "../../src/testing/mod.ts";
import { test } from "../harness.ts";
import { kindOf, thisRuntime } from "../runtimes.ts";
import { ask, clientOf, echo, until, visit } from "./support.ts";

const EVENTS = [
  ...["listening", "connection", "close", "error", "reject", "stop"],
];

/** A call and what was allocated in it and below it, as V8 tells. */
interface Sample {
  readonly callFrame: { readonly functionName: string; readonly url: string };
  readonly selfSize: number;
  readonly children: readonly Sample[];
}

/** A server's life: one served, one failed, one turned away. */
async function live(): Promise<void> {
  const runtime = memoryNetwork();
  const server = await serve("127.0.0.1:0", async (connection) => {
    if (server.stats.accepted % 2 === 0) throw new Error("bad");
    await echo(connection);
  }, { runtime, maxConnections: 1, whenFull: "reset", onError: () => {} });
  for (let round = 0; round < 12; round++) {
    const client = await clientOf(server, runtime);
    if (round % 2 === 0) {
      assert.equal(await ask(client, "x"), "x");
      await visit(server, runtime);
    }
    await client.close({ lingerMs: 0 });
    await until(() => server.stats.active === 0);
  }
  await server.stop();
}

/** The bytes that `act` allocated for messages, each allocation sampled. */
async function messageBytes(act: () => Promise<void>): Promise<number> {
  const session = new Session();
  session.connect();
  try {
    await session.post("HeapProfiler.startSampling", {
      samplingInterval: 1,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    } as object);
    await act();
    const { profile } = await session.post("HeapProfiler.stopSampling");
    return bytesIn(profile.head as Sample, false);
  } finally {
    session.disconnect();
  }
}

/** What makes and publishes messages. */
const MAKERS: readonly string[] = ["publish", "#closeOf"];

function bytesIn(sample: Sample, isWithin: boolean): number {
  const { functionName, url } = sample.callFrame;
  const isMaker = url.includes("/server/") && MAKERS.includes(functionName);
  const isCounted = isWithin || isMaker;
  const own = isCounted ? sample.selfSize : 0;
  return sample.children.reduce(
    (sum, child) => sum + bytesIn(child, isCounted),
    own,
  );
}

test("no message is made for channels that nobody hears", async () => {
  await live(); // what is made once is no message
  assert.equal(await messageBytes(live), 0);
  const listener = () => {};
  const names = EVENTS.map((event) => `anysock:server:${event}`);
  for (const name of names) diagnostics.subscribe(name, listener);
  try {
    assert.ok(await messageBytes(live) > 0, "what is counted is there");
  } finally {
    for (const name of names) diagnostics.unsubscribe(name, listener);
  }
}, {
  skip: kindOf(thisRuntime()) !== "node" &&
    "only V8's inspector on Node counts",
});
