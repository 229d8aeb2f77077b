/**
 * Laws of pipes: a connection that broke is told as broken, never as ended.
 *
 * @module
 */

import { ensure, later, LawBroken, rejection, same } from "../expect.ts";
import type { PipeBench, PipeLaw } from "../pipes/check.ts";
import type { Pipe, PlainStream } from "../pipes/pipe.ts";
import { failureOfReads, pause } from "./pipe_kit.ts";

const BEFORE_BYTES = 1_000;

/** What happens within a turn, or not, is tried so often. */
const TRIES = 10;

/** So many writes may be taken before the first that fails. */
const MOST_WRITES = 100;

/** Long enough for what is on its way over a loopback link. */
const LATE_MS = 50;

function resetPair({ pair }: PipeBench): Promise<Pipe> {
  return pair({ resets: true });
}

/** A connection that broke is told as broken. */
export const pipeBreakingLaws: readonly PipeLaw[] = [
  {
    name: "a reset is an error, never an end, when a read waits",
    resets: true,
    async run(bench) {
      const { client, server } = await resetPair(bench);
      const waiting = later(client.read());
      await pause(LATE_MS);
      server.reset?.();
      await rejection(waiting, "a read that waited for what a reset ended");
    },
  },
  {
    name: "a reset is an error, never an end, when it is right behind bytes",
    resets: true,
    async run(bench) {
      for (let i = 0; i < TRIES; i++) {
        const { client, server } = await resetPair(bench);
        await server.write(new Uint8Array(BEFORE_BYTES));
        server.reset?.();
        await failureOfReads(client, BEFORE_BYTES);
      }
    },
  },
  {
    name: "a reset is an error, never an end, when nobody reads",
    resets: true,
    async run(bench) {
      const { client, server } = await resetPair(bench);
      await server.write(new Uint8Array(BEFORE_BYTES));
      await pause(LATE_MS);
      server.reset?.();
      await pause(LATE_MS);
      await failureOfReads(client, BEFORE_BYTES);
    },
  },
  {
    name: "a read that failed fails in the same way when it is asked again",
    resets: true,
    async run(bench) {
      const { client, server } = await resetPair(bench);
      server.reset?.();
      const first = await failureOfReads(client, 0);
      const second = await failureOfReads(client, 0);
      same(kindOf(second), kindOf(first), "the second failure");
    },
  },
  {
    name: "a write fails in the end when the peer has reset",
    resets: true,
    async run(bench) {
      const { client, server } = await resetPair(bench);
      server.reset?.();
      await writeUntilFailure(client);
    },
  },
];

function kindOf(error: unknown): string {
  ensure(error instanceof Error, `it is no Error: ${String(error)}`);
  const { code } = error as { code?: unknown };
  return `${error.name} ${typeof code === "string" ? code : error.message}`;
}

async function writeUntilFailure(stream: PlainStream): Promise<void> {
  for (let count = 0; count < MOST_WRITES; count++) {
    try {
      await stream.write(new Uint8Array(1));
    } catch {
      return;
    }
    await pause(1);
  }
  throw new LawBroken(`${MOST_WRITES} writes went to a peer that has reset`);
}
