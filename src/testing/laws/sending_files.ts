/**
 * Laws of `sendFile`.
 *
 * @module
 */

import { SHUT_WR } from "../../constants.ts";
import type { FileRead, ReadableFile } from "../../socket/mod.ts";
import {
  ensure,
  isSocketError,
  later,
  rejection,
  rejectsWith,
  same,
  turn,
} from "../expect.ts";
import type { Law } from "../law.ts";
import { Pattern } from "../pattern.ts";
import { receivePattern } from "./kit.ts";

/** A prime, so that reads and buffers never end together. */
const READ_BYTES = 50_021;

/** Two pieces of 64 KiB. */
const MOST_AHEAD_BYTES = 131_072;

/** A file with a pattern in it. It cannot seek. */
class PatternFile implements ReadableFile {
  position = 0;
  readonly #pattern: Pattern;
  readonly #size: number;

  constructor(pattern: Pattern, size: number) {
    this.#pattern = pattern;
    this.#size = size;
  }

  read(buffer: Uint8Array): FileRead | Promise<FileRead> {
    const left = this.#size - this.position;
    const count = Math.min(buffer.length, left, READ_BYTES);
    if (count === 0) return null;
    buffer.set(this.#pattern.slice(this.position, count));
    this.position += count;
    return count;
  }
}

/** One that can. */
class SeekableFile extends PatternFile {
  seek(offset: number, whence: 0 | 1): Promise<number> {
    this.position = offset + (whence === 0 ? 0 : this.position);
    return Promise.resolve(this.position);
  }
}

/** A file whose reads wait until they are answered. */
class SlowFile implements ReadableFile {
  #answer: (count: number) => void = () => {};
  #fail: (reason: unknown) => void = () => {};

  read(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#answer = resolve;
      this.#fail = reject;
    });
  }

  /** The read under way fails. */
  fail(reason: unknown): void {
    this.#fail(reason);
  }

  /** What the read under way gives. */
  answer(count: number): void {
    this.#answer(count);
  }
}

/** Laws of `sendFile`. */
export const sendingFileLaws: readonly Law[] = [
  {
    name: "sendFile sends a file to its end and gives the count",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(31);
      const size = 1_000_003;
      const before = client.bytesSent;
      const sending = later(client.sendFile(new PatternFile(pattern, size)));
      await receivePattern(server, pattern, 0, size);
      same(await sending, size, "sendFile");
      same(client.bytesSent - before, size, "bytesSent");
      same(await client.sendFile(new PatternFile(pattern, 0)), 0, "no bytes");
      await client.shutdown(SHUT_WR);
      same(await server.recv(), null, "what comes behind");
    },
  },
  {
    name: "sendFile sends count bytes from offset, of whatever can be read",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(32);
      const part = { offset: 70_001, count: 100_003 };
      const end = part.offset + part.count;
      const files = [PatternFile, SeekableFile]
        .map((Kind) => new Kind(pattern, 1_000_003));
      for (const file of files) {
        file.position = file instanceof SeekableFile ? 5 : 0;
        const sending = later(client.sendFile(file, part));
        await receivePattern(server, pattern, part.offset, end);
        same(await sending, part.count, "sendFile");
        same(file.position, end, "position");
      }
      const rest = later(client.sendFile(files[1]!, { count: 10 }));
      await receivePattern(server, pattern, end, end + 10);
      same(await rest, 10, "sendFile from where the file stands");
      const beyond = { offset: 2_000_000 };
      const short = new PatternFile(pattern, 100);
      same(await client.sendFile(short, beyond), 0, "sendFile beyond the end");
    },
  },
  {
    name: "sendFile sends a web stream, part of it too, and unlocks it",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(33);
      const sizes = [1, 70_000, 0, 3, 200_000];
      let at = 0;
      const stream = new ReadableStream<Uint8Array>({
        pull(controller) {
          const size = sizes.shift();
          if (size === undefined) return controller.close();
          controller.enqueue(pattern.slice(at, size));
          at += size;
        },
      });
      const part = later(
        client.sendFile(stream, { offset: 40_000, count: 30_001 }),
      );
      await receivePattern(server, pattern, 40_000, 70_001);
      same(await part, 30_001, "sendFile of a part");
      same(stream.locked, false, "locked after a part");
      const rest = later(client.sendFile(stream));
      await receivePattern(server, pattern, 70_001, 270_004);
      same(await rest, 200_003, "sendFile of the rest");
      same(stream.locked, false, "locked");
    },
  },
  {
    name: "sendFile is one send: another meanwhile is EBUSY",
    async run(bench) {
      const [client, server] = await bench.pair();
      const file = new SlowFile();
      const sending = later(client.sendFile(file));
      await rejectsWith(client.sendAll("x"), "EBUSY", "sendAll");
      await rejectsWith(client.sendFile(new SlowFile()), "EBUSY", "sendFile");
      await rejectsWith(client.shutdown(SHUT_WR), "EBUSY", "shutdown");
      file.answer(0);
      same(await sending, 0, "sendFile");
      await client.sendAll("x");
      same((await server.recvExactly(1)).length, 1, "bytes of the next send");
    },
  },
  {
    name: "a timed-out sendFile tells bytesSent, and the file stands behind it",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(34);
      const file = new SeekableFile(pattern, bench.moreThanFitsBytes);
      const before = client.bytesSent;
      const sending = later(client.sendFile(file, { timeoutMs: 50 }));
      const error = await rejection(sending, "sendFile");
      isSocketError(error, "ETIMEDOUT", "sendFile", "sendFile");
      const bytesSent = client.bytesSent - before;
      ensure(bytesSent > 0, "nothing was sent");
      same(error.bytesSent, bytesSent, "bytesSent of the error");
      same(file.position, bytesSent, "position");
      const ending = later(client.shutdown(SHUT_WR));
      await receivePattern(server, pattern, 0, bytesSent);
      same(await server.recv(), null, "what comes behind");
      await ending;
    },
  },
  {
    name: "sendFile is no further ahead of the peer than 128 KiB",
    async run(bench) {
      const [client] = await bench.pair();
      const before = client.bytesSent;
      let ahead = 0;
      const file = new SeekableFile(new Pattern(35), bench.moreThanFitsBytes);
      const watched = {
        read: (buffer: Uint8Array) => {
          const count = file.read(buffer);
          const sent = client.bytesSent - before;
          ahead = Math.max(ahead, file.position - sent);
          return count;
        },
      };
      const sending = client.sendFile(watched, { timeoutMs: 50 });
      await rejectsWith(sending, "ETIMEDOUT", "sendFile");
      ensure(
        ahead > 0 && ahead <= MOST_AHEAD_BYTES,
        `${ahead} bytes were read that had not been sent`,
      );
    },
  },
  {
    name: "an aborted sendFile is over in that turn, a read under way or not",
    async run(bench) {
      const [client, server] = await bench.pair();
      const controller = new AbortController();
      const { signal } = controller;
      const file = new SlowFile();
      const before = client.bytesSent;
      const sending = later(client.sendFile(file, { signal }));
      let next: Promise<void> | undefined;
      signal.addEventListener("abort", () => {
        next = later(client.sendAll("next"));
      });
      const reason = { why: "enough" };
      controller.abort(reason);
      await next;
      same(await rejection(sending, "sendFile"), reason, "rejected with");
      file.answer(5);
      same((await server.recvExactly(4)).length, 4, "bytes of the next send");
      same(client.bytesSent - before, 4, "bytesSent");
    },
  },
  {
    name: "sendFile opens nothing when its signal is aborted already",
    async run(bench) {
      const [client] = await bench.pair();
      let reads = 0;
      const file = { read: () => reads++ };
      const signal = AbortSignal.abort("no");
      const sending = client.sendFile(file, { signal });
      same(await rejection(sending, "sendFile"), "no", "rejected with");
      same(reads, 0, "reads");
    },
  },
  {
    name: "sendFile fails with what reading failed with, and the socket lives",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(36);
      const part = new PatternFile(pattern, 100_000);
      const failure = new Error("the disk is gone");
      const file = {
        read: (buffer: Uint8Array) => {
          const count = part.read(buffer);
          if (count === null) throw failure;
          return count;
        },
      };
      const sending = later(client.sendFile(file));
      await receivePattern(server, pattern, 0, 100_000);
      same(await rejection(sending, "sendFile"), failure, "rejected with");
      const lying = { read: () => 1_000_000 };
      const lie = await rejection(client.sendFile(lying), "sendFile");
      ensure(lie instanceof TypeError, `a read of too much: ${lie}`);
      await client.sendAll("next");
      same((await server.recvExactly(4)).length, 4, "bytes of the next send");
    },
  },
  {
    name: "close ends a sendFile that waits for its file",
    async run(bench) {
      const [client] = await bench.pair();
      const file = new SlowFile();
      const sending = later(client.sendFile(file));
      await client.close({ lingerMs: 0 });
      await rejectsWith(sending, "EBADF", "sendFile");
      file.answer(5);
    },
  },
  {
    name: "a sendFile under way at close is sent to its end",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(37);
      const size = 5_000_001;
      const sending = later(client.sendFile(new PatternFile(pattern, size)));
      const closing = later(client.close({ lingerMs: 20_000 }));
      await receivePattern(server, pattern, 0, size);
      same(await sending, size, "sendFile");
      same(await server.recv(), null, "what comes behind");
      await server.close();
      await closing;
    },
  },
  {
    name: "a sendFile that close cannot finish ends in a reset, and in no end",
    needs: ["reset"],
    async run(bench) {
      for (const isFailing of [false, true]) {
        const [client, server] = await bench.pair("client");
        const file = new SlowFile();
        const sending = later(client.sendFile(file));
        await turn();
        file.answer(5);
        same((await server.recvExactly(5)).length, 5, "bytes that came");
        const lingerMs = isFailing ? 20_000 : 50;
        const closing = later(client.close({ lingerMs }));
        if (isFailing) file.fail("the disk is gone");
        const failure = await rejection(sending, "sendFile");
        if (isFailing) same(failure, "the disk is gone", "rejected with");
        else isSocketError(failure, "EBADF", "sendFile", "sendFile");
        await rejectsWith(server.recv(), "ECONNRESET", "recv");
        await closing;
        file.answer(5);
      }
    },
  },
  {
    name: "a file over a socket goes on while its socket sends a file",
    async run(bench) {
      const [client, server] = await bench.pair();
      const file = bench.keep(client.makeFile("r"));
      const slow = new SlowFile();
      const sending = later(client.sendFile(slow));
      await server.sendAll("abc");
      same((await file.read(3))?.length, 3, "bytes read");
      await client.close();
      await rejectsWith(sending, "EBADF", "sendFile");
      slow.answer(0);
      await file.close();
    },
  },
];
