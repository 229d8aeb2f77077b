/** The wrappers that make pipes of what there is. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import {
  checkPipe,
  type MakePipe,
  nodePipe,
  pipeLaws,
  webPipe,
} from "../../src/testing/mod.ts";
import { test } from "../harness.ts";

/** Two transforms, each of which is what the other end reads. */
const makeWeb: MakePipe = () => {
  const kept = new ByteLengthQueuingStrategy({ highWaterMark: 65_536 });
  const [up, down] = [0, 1].map(() =>
    new TransformStream<Uint8Array, Uint8Array>(
      {
        transform(chunk, to) {
          if (chunk.length > 0) to.enqueue(chunk.slice());
        },
      },
      kept,
      kept,
    )
  );
  return Promise.resolve({
    client: webPipe({ readable: down!.readable, writable: up!.writable }),
    server: webPipe({ readable: up!.readable, writable: down!.writable }),
  });
};

/** What web streams cannot do by themselves. */
const NOT_OF_WEB =
  /^(last words|a write that waits|close may|a read that waits settles when the peer)/;

test("webPipe keeps the laws that web streams can keep", async () => {
  const laws = pipeLaws.filter(({ name, resets }) =>
    !resets && !NOT_OF_WEB.test(name)
  );
  const options = { laws, bytes: 500_000 };
  for await (const { law, result, reason } of checkPipe(makeWeb, options)) {
    assert.equal(result, "pass", `${law}: ${reason}`);
  }
}, { timeoutMs: 60_000 });

test("nodePipe reads, writes, ends and resets", async () => {
  const listener = createServer({ allowHalfOpen: true });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as { port: number };
  const accepted = once(listener, "connection");
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  await once(socket, "connect");
  const [other] = await accepted as [Socket];
  const [client, server] = [socket, other].map((each) =>
    nodePipe(each as never)
  );
  await client!.write(new Uint8Array([1, 2, 3]));
  assert.deepEqual([...await server!.read() ?? []], [1, 2, 3]);
  await client!.closeWrite();
  assert.equal(await server!.read(), null);
  await server!.write(new Uint8Array([4]));
  assert.deepEqual([...await client!.read() ?? []], [4]);
  const failed = assert.rejects(client!.read());
  server!.reset?.();
  await failed;
  await Promise.all([client!.close(), server!.close()]);
  listener.close();
  await once(listener, "close");
});
