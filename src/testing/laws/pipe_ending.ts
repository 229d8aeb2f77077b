/**
 * Laws of pipes: how each direction, and each end, comes to its end.
 *
 * @module
 */

import { later, rejection } from "../expect.ts";
import { Pattern } from "../pattern.ts";
import type { PipeBench, PipeLaw } from "../pipes/check.ts";
import { drink, expectEnd, pause, pour, writeUntilStuck } from "./pipe_kit.ts";

const ANSWER_BYTES = 1_000_000;
const UNREAD_BYTES = 400_000;
const LAST_BYTES = 400_000;

/** Long enough for what is on its way over a loopback link. */
const LATE_MS = 50;

/** What is a matter of a few milliseconds is tried so often. */
const TRIES = 5;

async function lastWords({ pair }: PipeBench): Promise<void> {
  const { client, server } = await pair();
  const pattern = new Pattern(14);
  const unread = later(pour(client, new Pattern(15), 0, UNREAD_BYTES));
  await pause(LATE_MS);
  const closed = later(
    pour(server, pattern, 0, LAST_BYTES).then(() => server.close()),
  );
  await pause(LATE_MS);
  await drink(client, pattern, 0, LAST_BYTES);
  await expectEnd(client);
  await unread.catch(() => {});
  await client.close();
  await closed;
}

/** How directions and ends come to their end. */
export const pipeEndingLaws: readonly PipeLaw[] = [
  {
    name: "an end without a byte is an end",
    async run({ pair }) {
      const { client, server } = await pair();
      await client.closeWrite();
      await expectEnd(server);
    },
  },
  {
    name: "the end stays an end when asked again",
    async run({ pair }) {
      const { client, server } = await pair();
      await client.closeWrite();
      await expectEnd(server);
      await expectEnd(server);
    },
  },
  {
    name: "an answer comes when the asker has ended",
    async run({ pair }) {
      const { client, server } = await pair();
      const [question, answer] = [new Pattern(12), new Pattern(13)];
      await pour(client, question, 0, 1_000);
      await client.closeWrite();
      await drink(server, question, 0, 1_000);
      await expectEnd(server);
      await pause(LATE_MS);
      const answered = later(
        pour(server, answer, 0, ANSWER_BYTES).then(() => server.closeWrite()),
      );
      await drink(client, answer, 0, ANSWER_BYTES);
      await expectEnd(client);
      await answered;
    },
  },
  {
    name: "no write is taken after the end was sent",
    async run({ pair }) {
      const { client, server } = await pair();
      await client.closeWrite();
      await rejection(client.write(new Uint8Array(3)), "a write after the end");
      await expectEnd(server);
    },
  },
  {
    name: "last words come whole when their writer closes over unread input",
    async run(bench) {
      for (let i = 0; i < TRIES; i++) await lastWords(bench);
    },
  },
  {
    name: "a read that waits settles when its own end is closed",
    async run({ pair }) {
      const { client } = await pair();
      const waiting = later(client.read());
      await pause(1);
      await client.close();
      await waiting.catch(() => {});
    },
  },
  {
    name: "a read that waits settles when the peer closes",
    async run({ pair }) {
      const { client, server } = await pair();
      const waiting = client.read();
      await pause(1);
      await Promise.all([server.close(), waiting]);
    },
  },
  {
    name: "a write that waits settles when its own end is closed",
    async run({ pair }) {
      const { client } = await pair();
      const { waiting } = await writeUntilStuck(client, new Pattern(16));
      const closed = later(Promise.resolve(client.close()));
      await waiting.catch(() => {});
      await closed;
    },
  },
  {
    name: "close may be called twice, and at both ends at once",
    async run({ pair }) {
      const { client, server } = await pair();
      await Promise.all([client.close(), server.close(), client.close()]);
      await client.close();
      await server.close();
    },
  },
];
