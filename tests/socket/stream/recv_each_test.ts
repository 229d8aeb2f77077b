/** How chunks are handed over one by one as they come, for `./node`. */

import assert from "node:assert/strict";
import { systemClock } from "../../../src/clock.ts";
import type { Bytes } from "../../../src/contracts.ts";
import { FOREVER } from "../../../src/deadline.ts";
import { socketError } from "../../../src/errors.ts";
import { Fault } from "../../../src/runtime/seam/fault.ts";
import type { RawStream } from "../../../src/runtime/seam/stream.ts";
import { Receiver } from "../../../src/socket/stream/receiver.ts";
import { test } from "../../harness.ts";

/** A receiver, and what its driver was asked. */
function made() {
  const asked: string[] = [];
  const raw = {
    resume: (isCopied = false) => void asked.push(isCopied ? "copy" : "more"),
    pause: () => void asked.push("pause"),
  } as unknown as RawStream;
  const state: { fault: Fault | undefined } = { fault: undefined };
  const receiver = new Receiver({
    raw,
    clock: systemClock,
    isReferenced: true,
    get fault() {
      return state.fault;
    },
    changed() {},
    error: (code, op) => socketError(code, { op }),
    faultError: ({ code }, op) => socketError(code, { op }),
  });
  return { receiver, asked, state };
}

function bytes(length: number): Bytes {
  return new Uint8Array(length).fill(length);
}

test("recvEach gives what is in hand, then what comes, as it comes", async () => {
  const { receiver, asked } = made();
  receiver.data(bytes(1));
  receiver.data(bytes(2));
  const seen: string[] = [];
  const all = receiver.recvEach("recv", (chunk, isOwn) => {
    seen.push(`${chunk.length} ${isOwn}`);
    return true;
  }, FOREVER);
  assert.deepEqual(seen, ["1 true", "2 true"]);
  assert.equal(receiver.data(bytes(3)), true);
  assert.equal(receiver.passing(bytes(4)), true);
  assert.deepEqual(seen.slice(2), ["3 true", "4 false"]);
  assert.equal(receiver.bytesReceived, 10);
  // After a short one it says that the next will be copied.
  assert.deepEqual(asked, ["more", "copy", "copy"]);
  receiver.data(bytes(4096));
  assert.equal(asked.at(-1), "more");
  await assert.rejects(receiver.recv("recv", 1, FOREVER), { code: "EBUSY" });
  receiver.end();
  assert.equal(await all, null);
});

test("recvEach reads nothing more once it was told to stop", async () => {
  const { receiver, asked } = made();
  const seen: number[] = [];
  const take = (chunk: Uint8Array) => {
    seen.push(chunk.length);
    return false;
  };
  const first = receiver.recvEach("recv", take, FOREVER);
  assert.deepEqual(asked, ["more"]);
  assert.equal(receiver.data(bytes(1)), false);
  assert.equal(await first, true);
  assert.deepEqual(asked, ["more"]);
  // What a driver brings all the same waits, and one is given at a time.
  receiver.data(bytes(2));
  receiver.data(bytes(3));
  assert.deepEqual(seen, [1]);
  assert.equal(await receiver.recvEach("recv", take, FOREVER), true);
  assert.deepEqual(seen, [1, 2]);
  assert.equal(asked.at(-1), "pause");
  assert.equal(receiver.buffered, 3);
});

test("recvEach ends by the failure behind what came before it", async () => {
  const { receiver, state } = made();
  const seen: number[] = [];
  receiver.data(bytes(1));
  state.fault = new Fault("ECONNRESET");
  receiver.failed();
  const failing = receiver.recvEach("recv", (chunk) => {
    seen.push(chunk.length);
    return true;
  }, FOREVER);
  await assert.rejects(failing, { code: "ECONNRESET" });
  assert.deepEqual(seen, [1]);
});

test("recvEach survives a taker that closes", async () => {
  const { receiver } = made();
  const ended = receiver.recvEach("recv", () => {
    receiver.close();
    return true;
  }, FOREVER);
  assert.equal(receiver.data(bytes(1)), true);
  await assert.rejects(ended, { code: "EBADF" });
});
