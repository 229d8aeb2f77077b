/** Ends of the `node:net` driver's streams: FIN, reset, close. */
import assert from "node:assert/strict";
import type { Fault } from "../../src/runtime/seam/fault.ts";
import { test } from "../harness.ts";
import { withRawPeer } from "../support/raw_peer.ts";
import {
  bytesOf,
  connected,
  faultOf,
  here,
  isGone,
  MIB,
  pattern,
  sendAll,
  sha256,
  testBoth,
  turns,
} from "./node_driver_support.ts";

testBoth("receives a reply after its own FIN", async (pair) => {
  const { stream, recorder, peer } = pair;
  stream.resume();
  await sendAll(stream, bytesOf("question"));
  await stream.shutdown();
  assert.equal((await peer.readAll()).end, "EOF");
  await peer.send("answer");
  await peer.close();
  await recorder.until("end");
  assert.equal(recorder.text, "answer");
  await recorder.until("closed");
  assert.deepEqual(recorder.events, ["data", "end", "closed"]);
});

testBoth("sends on after the peer's FIN", async (pair) => {
  const { stream, recorder, peer } = pair;
  stream.resume();
  await peer.send("bye");
  await peer.shutdown();
  await recorder.until("end");
  const late = pattern(MIB, 2);
  const read = peer.readAll();
  await sendAll(stream, late);
  await stream.shutdown();
  assert.deepEqual(await read, {
    bytes: MIB,
    sha256: sha256([late]),
    end: "EOF",
  });
});

testBoth("gives unread bytes before the peer's reset", async (pair) => {
  const { stream, recorder, peer } = pair;
  recorder.limit = 5;
  stream.resume();
  await peer.send("first");
  await recorder.untilBytes(5);
  await peer.send("second");
  await peer.reset();
  await turns();
  recorder.limit = Infinity;
  stream.resume();
  await recorder.until("closed");
  const told = recorder.events.join();
  assert.ok(
    told === "data,ECONNRESET,closed",
    `${told} after ${JSON.stringify(recorder.text)}`,
  );
  assert.equal(recorder.text, "firstsecond");
});

testBoth("fails with ECONNRESET when idle and reset", async (pair) => {
  const { stream, recorder, peer } = pair;
  stream.resume();
  await peer.reset();
  await recorder.until("closed");
  assert.deepEqual(recorder.events, ["ECONNRESET", "closed"]);
  assert.throws(() => stream.write(bytesOf("x")), faultOf("ECONNRESET"));
  await assert.rejects(stream.shutdown(), faultOf("ECONNRESET"));
});

testBoth("fails to send once the peer is gone", async (pair) => {
  const { stream, recorder, peer } = pair;
  await peer.close();
  const send = async () => {
    for (;;) {
      await stream.write(bytesOf("x"));
      await turns(1);
    }
  };
  await assert.rejects(send(), isGone);
  stream.resume();
  await recorder.until("closed");
});

testBoth("gives the peer's last words after a failed send", async (pair) => {
  const { stream, recorder, peer } = pair;
  await peer.send("no more, please");
  await peer.close();
  const send = async () => {
    for (;;) {
      await stream.write(bytesOf("x"));
      await turns(1);
    }
  };
  let code = "";
  await assert.rejects(send(), (error) => {
    code = (error as Fault).code;
    return isGone(error);
  });
  await assert.rejects(send(), faultOf(code));
  await assert.rejects(stream.shutdown(), faultOf(code));
  stream.resume();
  await recorder.until("closed");
  assert.equal(recorder.text, "no more, please");
  // EPIPE is about the sends; the peer had ended before.
  const last = code === "EPIPE" ? ["end", code] : [code];
  assert.deepEqual(recorder.events, ["data", ...last, "closed"]);
}, {
  skip: here === "bun" && "node:net of Bun 1.4.5 drops what it has not read",
});

testBoth("sends FIN once, however often it is asked", async (pair) => {
  const { stream, peer } = pair;
  await Promise.all([stream.shutdown(), stream.shutdown()]);
  await stream.shutdown();
  assert.equal((await peer.readAll()).end, "EOF");
});

testBoth("is EPIPE after its own FIN", async ({ stream, recorder, peer }) => {
  await stream.shutdown();
  assert.throws(() => stream.write(bytesOf("x")), faultOf("EPIPE"));
  await peer.send("still here");
  stream.resume();
  await recorder.untilBytes(10);
});

testBoth("resets when idle", async ({ stream, recorder, peer }) => {
  stream.reset();
  assert.equal((await peer.readAll()).end, "ECONNRESET");
  await recorder.until("closed");
  assert.deepEqual(recorder.events, ["closed"]);
  stream.reset();
  stream.close();
});

testBoth("resets after its own FIN", async ({ stream, recorder, peer }) => {
  await stream.shutdown();
  assert.equal((await peer.readAll()).end, "EOF");
  stream.reset();
  await recorder.until("closed");
  // The kernel's word for a reset that comes after FIN.
  assert.equal(await peer.takeError(), "EPIPE");
});

testBoth("resets with bytes unwritten", async ({ stream, recorder, peer }) => {
  const held = stream.write(new Uint8Array(16 * MIB));
  stream.reset();
  await assert.rejects(Promise.resolve(held), faultOf("EBADF"));
  await recorder.until("closed");
  assert.equal((await peer.readAll()).end, "ECONNRESET");
});

test("a stream that both sides end closes by itself", () =>
  withRawPeer((peer) =>
    connected(peer, async ({ stream, recorder, peer: socket }) => {
      stream.resume();
      await stream.shutdown();
      await socket.close();
      await recorder.until("closed");
      assert.deepEqual(recorder.events, ["end", "closed"]);
    })
  ));
