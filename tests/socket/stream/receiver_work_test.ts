/** How often a receive looks at bytes that come in many pieces. */

import assert from "node:assert/strict";
import { systemClock } from "../../../src/clock.ts";
import type { Bytes } from "../../../src/contracts.ts";
import { FOREVER } from "../../../src/deadline.ts";
import { socketError } from "../../../src/errors.ts";
import type { RawStream } from "../../../src/runtime/seam/stream.ts";
import { Receiver } from "../../../src/socket/stream/receiver.ts";
import { test } from "../../harness.ts";

/** Not so small that the queue makes one piece of several. */
const PIECE_BYTES = 600;
const PIECES = 200;
const TOTAL_BYTES = PIECES * PIECE_BYTES;
const NEWLINE = new Uint8Array([10]);
const CRLF = new Uint8Array([13, 10]);

/** Calls that want all of it, and try at each piece that comes. */
const CALLS: Readonly<Record<string, (receiver: Receiver) => unknown>> = {
  recvCharacters: (r) => r.recvCharacters("read", TOTAL_BYTES, FOREVER),
  recvExactly: (r) => r.recvExactly("recvExactly", TOTAL_BYTES, FOREVER),
  recvUntil: (r) => recvUntil(r, NEWLINE),
  "recvUntil with two bytes": (r) => recvUntil(r, CRLF),
  recvRest: (r) => r.recvRest("read", TOTAL_BYTES, FOREVER),
};

function recvUntil(receiver: Receiver, delimiter: Uint8Array): unknown {
  const options = { delimiter, maxBytes: TOTAL_BYTES, keepDelimiter: true };
  return receiver.recvUntil("recvUntil", options, FOREVER);
}

/** What was done to the pieces. */
interface Uses {
  /** How many bytes were looked at. */
  bytes: number;
  /** How often a piece was asked for anything, such as its length. */
  asked: number;
}

/** A piece whose every use is counted. */
function counted(piece: Uint8Array, uses: Uses): Bytes {
  return new Proxy(piece, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof key === "string" && /^[0-9]+$/.test(key)) uses.bytes++;
      else uses.asked++;
      if (typeof value !== "function") return value;
      // A method looks at all of it.
      uses.bytes += target.length;
      return value.bind(target);
    },
  }) as Bytes;
}

function newReceiver(): Receiver {
  const raw = { resume() {} } as unknown as RawStream;
  const error = (code: string, op: string) => socketError(code, { op });
  return new Receiver({
    raw,
    clock: systemClock,
    isReferenced: true,
    fault: undefined,
    changed() {},
    error,
    faultError: ({ code }, op) => error(code, op),
  });
}

for (const [name, call] of Object.entries(CALLS)) {
  test(`${name} looks at no byte again when further pieces come`, async () => {
    const uses: Uses = { bytes: 0, asked: 0 };
    const receiver = newReceiver();
    const pending = call(receiver);
    for (let index = 0; index < PIECES; index++) {
      const piece = new Uint8Array(PIECE_BYTES).fill(97);
      if (index === PIECES - 1) piece.set([13, 10], PIECE_BYTES - 2);
      receiver.data(counted(piece, uses));
    }
    receiver.end();
    const got = await pending as Bytes;
    assert.equal(got.length, TOTAL_BYTES);
    assert.deepEqual([...got.slice(-3)], [97, 13, 10]);
    const looks = uses.bytes / TOTAL_BYTES;
    assert.ok(looks <= 4, `each byte was looked at ${looks} times`);
    const asks = uses.asked / PIECES;
    assert.ok(asks <= 30, `each piece was asked ${asks} times`);
  });
}
