/** Sends that are told by a function, for `./node`. */

import assert from "node:assert/strict";
import { systemClock } from "../../../src/clock.ts";
import { socketError } from "../../../src/errors.ts";
import { Fault } from "../../../src/runtime/seam/fault.ts";
import type { RawStream } from "../../../src/runtime/seam/stream.ts";
import { Sender } from "../../../src/socket/stream/sender.ts";
import { test } from "../../harness.ts";

/** A sender over a stream that takes what `taken` says, and what was told. */
function made(taken: (data: Uint8Array) => number | Promise<number>) {
  const written: number[] = [];
  const told: unknown[] = [];
  const state = { isOver: false, isClosed: false };
  const raw = {
    write(data: Uint8Array) {
      written.push(data.length);
      return taken(data);
    },
  } as unknown as RawStream;
  const sender = new Sender({
    raw,
    clock: systemClock,
    isReferenced: true,
    fault: undefined,
    get isClosed() {
      return state.isClosed;
    },
    get isOver() {
      return state.isOver;
    },
    changed() {},
    connectionFailed() {},
    error: (code, op, _reason, bytesSent) =>
      socketError(code, { op, bytesSent }),
    faultError: ({ code }, op, bytesSent) =>
      socketError(code, { op, bytesSent }),
  });
  const send = (size: number) =>
    new Promise<unknown>((resolve) => {
      const isSent = sender.sendTold("sendAll", new Uint8Array(size), (why) => {
        told.push(why);
        resolve(why);
      });
      if (isSent) resolve(undefined);
    });
  return { sender, send, written, told, state };
}

function codeOf(error: unknown): string {
  return (error as { code: string }).code;
}

test("sendTold calls nobody when the kernel took all at once", async () => {
  const { sender, send, told } = made(({ length }) => length);
  await send(5);
  await send(0);
  assert.deepEqual(told, []);
  assert.equal(sender.bytesSent, 5);
  assert.equal(sender.isBusy, false);
});

test("sendTold tells once the runtime is done, which may take it in parts", async () => {
  const { sender, send, written, told } = made(
    ({ length }) => Promise.resolve(Math.min(length, 3)),
  );
  const all = send(3);
  assert.equal(sender.isBusy, true);
  assert.equal(codeOf(await send(1)), "EBUSY");
  assert.equal(await all, undefined);
  assert.equal(sender.isBusy, false);
  assert.equal(await send(7), undefined);
  assert.deepEqual(written, [3, 7, 4, 1]);
  assert.equal(sender.bytesSent, 10);
  assert.equal(told.length, 3);
  assert.equal(sender.isCut, false);
});

test("sendTold waits for room where the kernel takes a part at once", async () => {
  const { sender, send } = made(({ length }) => Math.min(length, 4));
  const all = send(6);
  await Promise.resolve();
  sender.writable();
  assert.equal(await all, undefined);
  assert.equal(sender.bytesSent, 6);
});

test("sendTold tells a failure, be it thrown or rejected with", async () => {
  for (
    const write of [
      () => {
        throw new Fault("ECONNRESET");
      },
      () => Promise.reject(new Fault("ECONNRESET")),
    ]
  ) {
    const { sender, send } = made(write);
    assert.equal(codeOf(await send(2)), "ECONNRESET");
    assert.equal(sender.isBusy, false);
  }
});

test("sendTold is EBADF once no byte goes any more", async () => {
  const { sender, send, state } = made(({ length }) => Promise.resolve(length));
  const all = send(2);
  state.isOver = true;
  assert.equal(codeOf(await all), "EBADF");
  assert.equal(sender.isBusy, false);
  state.isClosed = true;
  assert.equal(codeOf(await send(1)), "EBADF");
});
