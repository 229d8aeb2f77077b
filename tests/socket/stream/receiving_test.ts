/** What a receive gives of what the runtime gave. */

import assert from "node:assert/strict";
import { MSG_PEEK } from "../../../src/constants.ts";
import { fromStreams } from "../../../src/socket/mod.ts";
import type { StreamSocket } from "../../../src/socket/mod.ts";
import { test } from "../../harness.ts";

/** More than the 64 KiB that calls with flags ask for by default. */
const CHUNK_BYTES = 200_000;

/** A socket whose peer gives one large chunk and its end. */
function giver(): StreamSocket {
  const readable = new ReadableStream({
    start(controller) {
      controller.enqueue(new Uint8Array(CHUNK_BYTES));
      controller.close();
    },
  });
  return fromStreams({ readable, writable: new WritableStream() });
}

test("recv without a number gives a chunk whole, however large", async () => {
  const receives: readonly ((own: StreamSocket) => unknown)[] = [
    (own) => own.recv(),
    (own) => own.recv({ timeoutMs: 10_000 }),
    (own) => own.recv({}),
    (own) => own[Symbol.asyncIterator]().next().then(({ value }) => value),
    async (own) => {
      await own.recv({ maxBytes: 1, flags: MSG_PEEK });
      return own.tryRecv();
    },
    (own) => own.readable.getReader().read().then(({ value }) => value),
  ];
  for (const receive of receives) {
    const own = giver();
    const bytes = await receive(own) as Uint8Array;
    assert.equal(bytes.length, CHUNK_BYTES, String(receive));
    await own.close();
  }
});

test("recv with a number gives no more than that of a large chunk", async () => {
  const own = giver();
  assert.equal((await own.recv(65_536))?.length, 65_536);
  assert.equal((await own.recv({ maxBytes: 3 }))?.length, 3);
  assert.equal((await own.recv({ flags: MSG_PEEK }))?.length, 65_536);
  assert.equal((await own.recv())?.length, CHUNK_BYTES - 65_539);
  await own.close();
});
