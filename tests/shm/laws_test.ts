/**
 * The laws of byte streams and of channels: both ends in one thread, and each
 * of them in turn in a worker, woken in both ways.
 */

import type { ByteEnd, ByteLaw } from "../../src/testing/laws/byte_stream.ts";
import { byteStreamLaws } from "../../src/testing/laws/byte_stream.ts";
import { type ShmLaw, shmLaws } from "../../src/testing/laws/shm.ts";
import type { DoorbellKind } from "../../src/shm/mod.ts";
import { connect, listen, type StreamSocket } from "../../src/socket/mod.ts";
import { memoryNetwork } from "../../src/runtime/memory.ts";
import { test, type TestContext } from "../harness.ts";
import { isQuick } from "../quick.ts";
import { thisRuntime } from "../runtimes.ts";
import { attachAgain, CAPACITY, Channels } from "./channels.ts";
import { PartnerThread } from "./remote_end.ts";

const DOORBELLS: readonly DoorbellKind[] = ["port", "atomics"];
const HOST = thisRuntime();

/** Few: many_test.ts sends more. */
const MESSAGES = 300;

for (const law of byteStreamLaws) {
  test(`sockets in memory: ${law.name}`, async () => {
    const runtime = memoryNetwork();
    const sockets: StreamSocket[] = [];
    try {
      await law.run({
        moreThanFitsBytes: 1_048_576,
        async pair() {
          const listener = await listen("127.0.0.1:0", { runtime });
          const [client, [server]] = await Promise.all([
            connect(listener.getSockName(), { runtime }),
            listener.accept(),
          ]);
          await listener.close();
          sockets.push(client, server);
          return [client, server];
        },
      });
    } finally {
      await Promise.all(sockets.map((each) => each.close({ lingerMs: 0 })));
    }
  });
}

for (const doorbell of DOORBELLS) {
  for (const law of byteStreamLaws) {
    test(
      `${HOST}/one thread/${doorbell}: ${law.name}`,
      () => checkByteLaw(law, doorbell, undefined, false),
    );
  }
  for (const law of shmLaws) {
    test(
      `${HOST}/one thread/${doorbell}: ${law.name}`,
      () => checkShmLaw(law, doorbell, undefined),
    );
  }
  threadTest(`${HOST}/first end in a worker/${doorbell}`, async (t, thread) => {
    for (const law of byteStreamLaws) {
      await t.step(law.name, () => checkByteLaw(law, doorbell, thread, true));
    }
  });
  threadTest(`${HOST}/second in a worker/${doorbell}`, async (t, thread) => {
    for (const law of byteStreamLaws) {
      await t.step(law.name, () => checkByteLaw(law, doorbell, thread, false));
    }
    for (const law of shmLaws) {
      await t.step(law.name, () => checkShmLaw(law, doorbell, thread));
    }
  });
}

/** One worker for many laws: starting it takes longer than a law. */
function threadTest(
  name: string,
  run: (t: TestContext, thread: PartnerThread) => Promise<void>,
): void {
  test(name, async (t) => {
    const thread = new PartnerThread();
    try {
      await run(t, thread);
    } finally {
      await thread.end();
    }
  }, { timeoutMs: 40_000, skip: isQuick && "a quick run" });
}

async function checkByteLaw(
  law: ByteLaw,
  doorbell: DoorbellKind,
  thread: PartnerThread | undefined,
  isFirstRemote: boolean,
): Promise<void> {
  const channels = new Channels(doorbell);
  try {
    await law.run({
      moreThanFitsBytes: 8 * CAPACITY,
      async pair(): Promise<readonly [ByteEnd, ByteEnd]> {
        const [local, partner] = await channels.open(thread);
        return isFirstRemote ? [partner, local] : [local, partner];
      },
    });
  } finally {
    await channels.close();
  }
}

async function checkShmLaw(
  law: ShmLaw,
  doorbell: DoorbellKind,
  thread: PartnerThread | undefined,
): Promise<void> {
  const channels = new Channels(doorbell);
  try {
    await law.run({
      capacity: CAPACITY,
      messages: MESSAGES,
      pair: () => channels.open(thread),
      memoryOf: (end) => channels.handleOf(end).buffer,
      attachAgain: (end) => attachAgain(channels.handleOf(end).buffer),
    });
  } finally {
    await channels.close();
  }
}
