/** How many connections may wait unaccepted, and what a backlog may be. */

import assert from "node:assert/strict";
import type { Address } from "../../../src/contracts.ts";
import { currentRuntime } from "../../../src/runtime/detect.ts";
import { nodeRuntime } from "../../../src/runtime/node.ts";
import { memoryNetwork } from "../../../src/runtime/memory.ts";
import type { Runtime } from "../../../src/runtime/seam/runtime.ts";
import type {
  RawListener,
  RawStream,
} from "../../../src/runtime/seam/stream.ts";
import { Fault } from "../../../src/runtime/seam/fault.ts";
import type { Handshake } from "../../../src/runtime/seam/tls.ts";
import { AF_INET } from "../../../src/constants.ts";
import {
  connect,
  listen,
  socket,
  type StreamSocket,
} from "../../../src/socket/mod.ts";
import {
  Acceptor,
  LEAST_WAITING,
} from "../../../src/socket/stream/acceptor.ts";
import type { ListenerTls } from "../../../src/socket/stream/handshakes.ts";
import { test } from "../../harness.ts";

const ADDRESS: Address = { family: "ipv4", hostname: "127.0.0.1", port: 1 };

for (const backlog of [1, 0, -1, -0x80000000, Number.MAX_SAFE_INTEGER]) {
  test(`a listener serves when its backlog is ${backlog}`, async () => {
    const server = socket(AF_INET);
    await server.bind("127.0.0.1:0");
    await server.listen(backlog);
    const client = await connect(server.getSockName());
    const [accepted] = await server.accept();
    await client.sendAll("x");
    assert.equal((await accepted.recvExactly(1)).length, 1);
    await Promise.all([client.close(), accepted.close(), server.close()]);
  });
}

test("listen is a RangeError when its backlog is no integer", async () => {
  for (const backlog of [1.5, NaN, Infinity]) {
    const server = socket(AF_INET);
    await assert.rejects(server.listen(backlog), RangeError);
    await assert.rejects(listen("127.0.0.1:0", { backlog }), RangeError);
    await server.close();
  }
});

const CLIENTS = 300;

async function nobodyIsReset(runtime: Runtime): Promise<void> {
  const options = { backlog: 1, runtime };
  const server = await listen("127.0.0.1:0", options);
  const clients: StreamSocket[] = [];
  // One by one: the kernel has the backlog, too.
  for (let i = 0; i < CLIENTS; i++) {
    clients.push(await connect(server.getSockName()));
  }
  for (let i = 0; i < CLIENTS; i++) {
    const [accepted] = await server.accept();
    await accepted.sendAll("hello");
    await accepted.close({ lingerMs: 0 });
  }
  for (const client of clients) {
    assert.equal((await client.recvExactly(5)).length, 5);
    await client.close({ lingerMs: 0 });
  }
  await server.close();
}

for (const runtime of new Set([currentRuntime(), nodeRuntime()])) {
  test(
    `${CLIENTS} clients wait and none is reset over ${runtime.name} when the backlog is 1`,
    () => nobodyIsReset(runtime),
    {
      skip: runtime.supports.backlog === true &&
        "the kernel keeps to the backlog, and lets clients wait for room",
    },
  );
}

interface Pushing {
  readonly acceptor: Acceptor;
  push(): void;
  resets: number;
  /** How often one more connection was asked for. */
  wishes: number;
}

/** A listener that brings what the test gives it, and counts the resets. */
function pushing(tls?: ListenerTls): Pushing {
  const listener: RawListener = {
    localAddress: ADDRESS,
    attach() {},
    resume: () => void state.wishes++,
    close: () => acceptor.closed(),
    ref() {},
  };
  const state: Pushing = {
    get acceptor() {
      return acceptor;
    },
    resets: 0,
    wishes: 0,
    push: () => acceptor.connection(streamOf(() => state.resets++)),
  };
  const acceptor = new Acceptor(listener, memoryNetwork(), 5, tls);
  return state;
}

/** Handshakes that fail when the test says so, or their listener closes. */
function slowTls(): { tls: ListenerTls; begun: number; failOne(): void } {
  const failures: (() => void)[] = [];
  const state = {
    begun: 0,
    failOne: () => failures.shift()?.(),
    tls: {
      handshakeTimeoutMs: 60_000,
      onError: undefined,
      role: {
        handshakeTimeoutMs: 60_000,
        setIdentity() {},
        shake: (_under: RawStream, { signal }: Handshake) =>
          new Promise<RawStream>((_, reject) => {
            state.begun++;
            const fail = () => reject(new Fault("TLS_CLOSED"));
            failures.push(fail);
            signal?.addEventListener("abort", fail);
          }),
      },
    },
  };
  return state;
}

/** A stream that does nothing but end. */
function streamOf(onReset: () => void): RawStream {
  let closed = () => {};
  return {
    remoteAddress: ADDRESS,
    localAddress: () => ADDRESS,
    writesAtOnce: true,
    attach: (sink) => void (closed = () => sink.closed()),
    resume() {},
    pause() {},
    write: ({ length }) => length,
    shutdown: () => Promise.resolve(),
    reset: () => (onReset(), closed()),
    close: () => closed(),
    ref() {},
    setOption() {},
    detach: () => undefined,
  };
}

test(`who comes is reset when ${LEAST_WAITING} wait already, and not before`, async () => {
  const state = pushing();
  for (let i = 0; i < LEAST_WAITING; i++) state.push();
  assert.equal(state.resets, 0);
  state.push();
  assert.equal(state.resets, 1);
  await state.acceptor.close();
  assert.equal(state.resets, LEAST_WAITING + 1);
});

test("who comes is reset when as many wait as a server lets wait", async () => {
  const state = pushing();
  state.acceptor.mostWaiting = 2;
  for (let i = 0; i < 3; i++) state.push();
  assert.equal(state.resets, 1);
  await state.acceptor.close();
});

test("handshakes under way count among those who wait, and make room", async () => {
  const slow = slowTls();
  const state = pushing(slow.tls);
  state.acceptor.mostWaiting = 3;
  for (let i = 0; i < 3; i++) state.push();
  assert.equal(slow.begun, 3);
  const { wishes } = state;
  state.push();
  assert.deepEqual([slow.begun, state.resets], [3, 1], "one is too many");
  assert.equal(state.wishes, wishes, "no more are asked for");
  slow.failOne();
  await new Promise((resolve) => setTimeout(resolve));
  assert.ok(state.wishes > wishes, "there is room for the next");
  state.push();
  assert.deepEqual([slow.begun, state.resets], [4, 1]);
  await state.acceptor.close();
  assert.equal(state.acceptor.handshakes?.size, 0);
});
