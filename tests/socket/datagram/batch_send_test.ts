/** A batch of datagrams over a raw socket that settles when it is told to. */

import assert from "node:assert/strict";
import type {
  RawDatagram,
  SendDone,
} from "../../../src/runtime/seam/datagram.ts";
import { Fault } from "../../../src/runtime/seam/fault.ts";
import { BatchSend } from "../../../src/socket/datagram/transmitter.ts";
import { test } from "../../harness.ts";

/** A runtime that keeps every datagram until `land`, and refuses some. */
class Keeper {
  readonly given: number[] = [];
  readonly landings: SendDone[] = [];
  readonly raw: RawDatagram;

  constructor(queuesSends: boolean, refused: readonly number[] = []) {
    this.raw = {
      queuesSends,
      send: ([id = -1]: Uint8Array, _to: unknown, done: SendDone) => {
        this.given.push(id);
        if (refused.includes(id)) throw new Fault("EMSGSIZE");
        this.landings.push(done);
        return undefined;
      },
    } as unknown as RawDatagram;
  }

  land(fault?: Fault): void {
    this.landings.shift()!(fault);
  }
}

function batch(count: number): { data: Uint8Array; to: undefined }[] {
  return Array.from({ length: count }, (_, id) => ({
    data: new Uint8Array([id]),
    to: undefined,
  }));
}

/** A batch that has started, and how often it said that it is over. */
function started(keeper: Keeper, count: number, isClosed = () => false) {
  const sending = new BatchSend(keeper.raw, batch(count), isClosed);
  const seen = { sending, overs: 0 };
  sending.start(() => seen.overs++);
  return seen;
}

test("a batch gives the next datagram when the one before has landed", () => {
  const keeper = new Keeper(false);
  const seen = started(keeper, 3);
  assert.deepEqual(keeper.given, [0]);
  keeper.land();
  assert.deepEqual(keeper.given, [0, 1]);
  keeper.land();
  keeper.land();
  assert.deepEqual(keeper.given, [0, 1, 2]);
  assert.equal(seen.overs, 1);
  assert.equal(seen.sending.sent, 3);
  assert.equal(seen.sending.fault, undefined);
});

test("a batch gives all at once to a runtime that queues", () => {
  const keeper = new Keeper(true);
  const seen = started(keeper, 3);
  assert.deepEqual(keeper.given, [0, 1, 2]);
  keeper.land();
  keeper.land();
  assert.equal(seen.overs, 0);
  keeper.land();
  assert.equal(seen.overs, 1);
});

test("a batch tries all and keeps the first failure", () => {
  const keeper = new Keeper(false, [1, 3]);
  const seen = started(keeper, 4);
  keeper.land(new Fault("EPERM"));
  assert.deepEqual(keeper.given, [0, 1, 2]);
  keeper.land();
  assert.deepEqual(keeper.given, [0, 1, 2, 3]);
  assert.equal(seen.overs, 1);
  assert.equal(seen.sending.sent, 1);
  assert.equal(seen.sending.fault?.code, "EPERM");
});

test("a long batch that is refused throughout is over without deep recursion", () => {
  const count = 100_000;
  const keeper = new Keeper(false, Array.from({ length: 256 }, (_, id) => id));
  const seen = started(keeper, count);
  assert.equal(keeper.given.length, count);
  assert.equal(seen.overs, 1);
  assert.equal(seen.sending.fault?.code, "EMSGSIZE");
});

test("a batch that is closed meanwhile gives nothing more and fails with EBADF", () => {
  const keeper = new Keeper(false);
  let isClosed = false;
  const seen = started(keeper, 3, () => isClosed);
  isClosed = true;
  assert.equal(seen.overs, 0);
  keeper.land();
  assert.deepEqual(keeper.given, [0]);
  assert.equal(seen.overs, 1);
  assert.equal(seen.sending.sent, 1);
  assert.equal(seen.sending.fault?.code, "EBADF");
});
