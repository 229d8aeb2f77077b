/**
 * Laws of pipes: what is written is what is read.
 *
 * @module
 */

import { ensure, joined, later, same, sameText } from "../expect.ts";
import { Pattern } from "../pattern.ts";
import type { PipeLaw } from "../pipes/check.ts";
import {
  drink,
  expectEnd,
  pause,
  pour,
  readAll,
  writeUntilStuck,
} from "./pipe_kit.ts";

const SINGLE_BYTES = 10_000;
const SMALL_BYTES = 4_096;
const AT_ONCE_BYTES = 100_000;

/** Long enough for a kernel's buffers to be full. */
const LATE_MS = 50;

const encoder = new TextEncoder();

/** What is written is what is read. */
export const pipeTransferLaws: readonly PipeLaw[] = [
  {
    name: "every byte arrives when both ends send at once",
    async run({ pair, bytes }) {
      const { client, server } = await pair();
      const [asked, answered] = [new Pattern(1), new Pattern(2)];
      await Promise.all([
        pour(client, asked, 0, bytes),
        pour(server, answered, 0, bytes),
        drink(server, asked, 0, bytes),
        drink(client, answered, 0, bytes),
      ]);
    },
  },
  {
    name: "one large write arrives whole",
    async run({ pair, bytes }) {
      const { client, server } = await pair();
      const pattern = new Pattern(3);
      const size = 2 * bytes;
      await Promise.all([
        client.write(pattern.slice(0, size)),
        drink(server, pattern, 0, size),
      ]);
    },
  },
  {
    name: "10,000 writes of one byte arrive in order",
    async run({ pair }) {
      const { client, server } = await pair();
      const pattern = new Pattern(4);
      const writeAll = async () => {
        for (let at = 0; at < SINGLE_BYTES; at++) {
          await client.write(pattern.slice(at, 1));
        }
      };
      await Promise.all([
        writeAll(),
        drink(server, pattern, 0, SINGLE_BYTES),
      ]);
    },
  },
  {
    name: "a write of no bytes sends nothing and ends nothing",
    async run({ pair }) {
      const { client, server } = await pair();
      await client.write(new Uint8Array(0));
      await client.write(encoder.encode("a"));
      sameText(await server.read(), "a", "what came");
    },
  },
  {
    name: "the memory of a write may be used again once it has settled",
    async run({ pair, bytes }) {
      const { client, server } = await pair();
      const pattern = new Pattern(5);
      const memory = new Uint8Array(SMALL_BYTES);
      const size = Math.ceil(2 * bytes / SMALL_BYTES) * SMALL_BYTES;
      const writeAll = async () => {
        for (let at = 0; at < size; at += SMALL_BYTES) {
          memory.set(pattern.slice(at, SMALL_BYTES));
          await client.write(memory);
          memory.fill(0);
        }
      };
      const written = later(writeAll());
      await pause(LATE_MS);
      await drink(server, pattern, 0, size);
      await written;
    },
  },
  {
    name: "writes at once keep their order, or are refused",
    async run({ pair }) {
      const { client, server } = await pair();
      const pieces = [6, 7, 8].map((seed) =>
        new Pattern(seed).slice(0, AT_ONCE_BYTES)
      );
      const writes = Promise.allSettled(
        pieces.map((piece) => client.write(piece)),
      );
      const end = writes.then(() => client.closeWrite());
      const [all] = await Promise.all([readAll(server), end]);
      const results = await writes;
      const went = pieces.filter((_, i) => results[i]?.status === "fulfilled");
      sameBytes(joined(all), joined(went));
    },
  },
  {
    name: "reads at once keep the order, or are refused",
    async run({ pair }) {
      const { client, server } = await pair();
      const reads = Promise.allSettled([server.read(), server.read()]);
      await client.write(encoder.encode("first"));
      await pause(LATE_MS);
      await client.write(encoder.encode("second"));
      await client.closeWrite();
      const chunks = (await reads).map((each) =>
        each.status === "fulfilled" ? each.value : undefined
      );
      const isOver = chunks.includes(null);
      const rest = isOver ? [] : await readAll(server);
      const all = [...chunks, ...rest].filter((each) =>
        each instanceof Uint8Array
      );
      sameText(joined(all), "firstsecond", "what all reads gave");
    },
  },
  {
    name: "a writer waits for a reader who does not read",
    async run({ pair }) {
      const { client } = await pair();
      await writeUntilStuck(client, new Pattern(9));
    },
  },
  {
    name: "nothing is lost when a reader who waited goes on",
    async run({ pair }) {
      const { client, server } = await pair();
      const pattern = new Pattern(10);
      const { taken, waiting } = await writeUntilStuck(client, pattern);
      const ended = later(waiting.then(() => client.closeWrite()));
      const chunks = await readAll(server);
      const all = joined(chunks);
      pattern.check(all, 0);
      ensure(all.length > taken, `${all.length} bytes came of over ${taken}`);
      await ended;
    },
  },
  {
    name: "the end comes after all bytes",
    async run({ pair, bytes }) {
      const { client, server } = await pair();
      const pattern = new Pattern(11);
      const ended = later(
        pour(client, pattern, 0, bytes).then(() => client.closeWrite()),
      );
      await pause(LATE_MS);
      await drink(server, pattern, 0, bytes);
      await expectEnd(server);
      await ended;
    },
  },
];

function sameBytes(actual: Uint8Array, expected: Uint8Array): void {
  same(actual.length, expected.length, "how many bytes came");
  const at = actual.findIndex((byte, i) => byte !== expected[i]);
  ensure(at < 0, `byte ${at} is ${actual[at]}, not ${expected[at]}`);
}
