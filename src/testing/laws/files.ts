/**
 * Laws of sockets as files.
 *
 * @module
 */

import { SHUT_WR } from "../../constants.ts";
import {
  ensure,
  later,
  rejection,
  rejectsWith,
  same,
  sameText,
} from "../expect.ts";
import type { Law } from "../law.ts";
import { Pattern } from "../pattern.ts";
import {
  abortAndGoOn,
  inHand,
  receiveAll,
  receivePattern,
  sendPieces,
  WHY,
} from "./kit.ts";

const UTF8 = { encoding: "utf-8" } as const;

/** Laws of sockets as files. */
export const fileLaws: readonly Law[] = [
  {
    name: "a file reads line by line whatever pieces the lines come in",
    async run(bench) {
      const [client, server] = await bench.pair();
      const file = bench.keep(server.makeFile("r", UTF8));
      const first = later(file.readLine());
      await sendPieces(client, "Grü", "ße\nsecond\r\n\nla");
      same(await first, "Grüße\n", "the first line");
      same(await file.readLine(), "second\r\n", "the second line");
      same(await file.readLine(), "\n", "an empty line");
      await client.sendAll("st");
      await client.shutdown(SHUT_WR);
      same(await file.readLine(), "last", "the unterminated last line");
      same(await file.readLine(), null, "the end");
    },
  },
  {
    name: "for await over a file gives its lines and closes nothing",
    async run(bench) {
      const [client, server] = await bench.pair();
      await client.sendAll("one\ntwo\nthree\n");
      await client.shutdown(SHUT_WR);
      const file = bench.keep(server.makeFile("r", UTF8));
      const lines: string[] = [];
      for await (const line of file) {
        lines.push(line);
        if (lines.length === 2) break;
      }
      for await (const line of file) lines.push(line);
      same(lines.join("|"), "one\n|two\n|three\n", "the lines");
      same(file.isClosed, false, "isClosed");
    },
  },
  {
    name: "read(n) waits for n or the end and read() for the end",
    async run(bench) {
      const [client, server] = await bench.pair();
      const file = bench.keep(server.makeFile());
      const pending = later(file.read(6));
      await sendPieces(client, "ab", "cd", "efgh");
      sameText(await pending, "abcdef", "read(6)");
      await client.sendAll("ij");
      await client.shutdown(SHUT_WR);
      sameText(await file.readExactly(1), "g", "readExactly(1)");
      sameText(await file.read(), "hij", "read()");
      same(await file.read(), null, "read() at the end");
      same(await file.read(3), null, "read(3) at the end");
    },
  },
  {
    name: "readInto fills its memory, or what comes before the end",
    async run(bench) {
      const [client, server] = await bench.pair();
      const file = bench.keep(server.makeFile("r"));
      const memory = new Uint8Array(4);
      const whole = later(file.readInto(memory));
      await sendPieces(client, "ab", "c", "def");
      same(await whole, 4, "the first count");
      sameText(memory, "abcd", "the first bytes");
      same(await file.readInto(new Uint8Array(0)), 0, "of no memory");
      await client.shutdown(SHUT_WR);
      same(await file.readInto(memory), 2, "the count before the end");
      sameText(memory, "efcd", "the bytes before the end");
      same(await file.readInto(memory), null, "at the end");
      const text = bench.keep(server.makeFile("r", UTF8));
      const error = await rejection(text.readInto(memory), "of a text file");
      ensure(error instanceof TypeError, `a text file: ${error}`);
    },
  },
  {
    name: "a timed-out file read loses nothing",
    async run(bench) {
      const [client, server] = await bench.pair();
      const file = bench.keep(server.makeFile());
      await client.sendAll("abc");
      await inHand(server, 3);
      const wait = { timeoutMs: 5 };
      await rejectsWith(file.read(6, wait), "ETIMEDOUT", "read");
      await rejectsWith(file.readLine(wait), "ETIMEDOUT", "readLine");
      await rejectsWith(file.readUntil("!", wait), "ETIMEDOUT", "readUntil");
      await client.sendAll("d!");
      sameText(await file.readUntil("!"), "abcd", "readUntil");
    },
  },
  {
    name: "a file keeps no read-ahead when the socket reads in between",
    async run(bench) {
      const [client, server] = await bench.pair();
      const file = bench.keep(server.makeFile("r", UTF8));
      await client.sendAll("line\nraw!line\n");
      same(await file.readLine(), "line\n", "the first line");
      sameText(await server.recvExactly(4), "raw!", "read by the socket");
      same(await file.readLine(), "line\n", "the second line");
    },
  },
  {
    name: "write then read on a file never deadlocks",
    async run(bench) {
      const [client, server] = await bench.pair();
      const asking = bench.keep(client.makeFile("rw", UTF8));
      const answering = bench.keep(server.makeFile("rw", UTF8));
      const serving = later((async () => {
        for await (const line of answering) {
          await answering.write(`<${line.trimEnd()}>\n`);
        }
      })());
      for (const word of ["one", "two", "three"]) {
        await asking.write(`${word}\n`);
        same(await asking.readLine(), `<${word}>\n`, "the answer");
      }
      await client.shutdown(SHUT_WR);
      await serving;
    },
  },
  {
    name: "a file sends what was written when flushed or closed",
    async run(bench) {
      const [client, server] = await bench.pair();
      const file = bench.keep(client.makeFile("w"));
      const memory = new TextEncoder().encode("abc");
      await file.write(memory);
      memory.fill(0);
      same(client.bytesSent, 0, "bytesSent before the flush");
      await file.flush();
      sameText(await server.recvExactly(3), "abc", "what was flushed");
      await file.write("def");
      await file.close();
      sameText(await server.recvExactly(3), "def", "what close sent");
      await rejectsWith(file.write("x"), "EBADF", "write");
    },
  },
  {
    name: "a file is EBADF when read or written against its mode",
    async run(bench) {
      const [client] = await bench.pair();
      const reader = bench.keep(client.makeFile("r"));
      const writer = bench.keep(client.makeFile("w"));
      await rejectsWith(reader.write("x"), "EBADF", "write");
      await rejectsWith(writer.read(1), "EBADF", "read");
      await rejectsWith(writer.readLine(), "EBADF", "readLine");
    },
  },
  {
    name: "a file write is EBUSY and leaves nothing when another is under way",
    async run(bench) {
      const [client, server] = await bench.pair();
      const file = bench.keep(client.makeFile("w", { bufferSize: 4 }));
      const pattern = new Pattern(32);
      const stuck = pattern.slice(0, bench.moreThanFitsBytes);
      const writing = later(file.write(stuck));
      const refused = later(rejectsWith(file.write("lost!"), "EBUSY", "write"));
      await file.write("kept");
      await rejectsWith(file.write("x"), "EBUSY", "write");
      await rejectsWith(file.flush(), "EBUSY", "flush");
      same((await refused).bytesSent, 0, "bytesSent of the refusal");
      await receivePattern(server, pattern, 0, stuck.length);
      await writing;
      await file.close();
      await client.close();
      sameText(await receiveAll(server), "kept", "what follows");
    },
  },
  {
    name: "a file flush is EBUSY and keeps its bytes while the socket sends",
    async run(bench) {
      const [client, server] = await bench.pair();
      const file = bench.keep(client.makeFile("rw"));
      const pattern = new Pattern(33);
      const stuck = pattern.slice(0, bench.moreThanFitsBytes);
      const sending = later(client.sendAll(stuck));
      await file.write("kept");
      await rejectsWith(file.flush(), "EBUSY", "flush");
      await rejectsWith(file.read(1), "EBUSY", "read");
      await receivePattern(server, pattern, 0, stuck.length);
      await sending;
      await file.flush();
      sameText(await server.recvExactly(4), "kept", "what follows");
    },
  },
  {
    name: "a file flush that is cut short sends the rest in order later",
    async run(bench) {
      const [client, server] = await bench.pair();
      const file = bench.keep(client.makeFile("w", { bufferSize: 65_536 }));
      const pattern = new Pattern(34);
      const all = pattern.slice(0, bench.moreThanFitsBytes);
      const cut = later(rejectsWith(
        file.write(all.subarray(0, -9), { timeoutMs: 20 }),
        "ETIMEDOUT",
        "write",
      ));
      await file.write(all.subarray(-9));
      const error = await cut;
      same(error.bytesSent, client.bytesSent, "bytesSent of the error");
      const closing = later(file.close());
      await receivePattern(server, pattern, 0, all.length);
      await closing;
    },
  },
  {
    name: "a file flush is over in the abort listener that ends it",
    async run(bench) {
      for (const isEarly of [true, false]) {
        const [client, server] = await bench.pair();
        const file = bench.keep(client.makeFile("w", { bufferSize: 65_536 }));
        const pattern = new Pattern(36);
        const all = pattern.slice(0, bench.moreThanFitsBytes);
        const { cut, next } = abortAndGoOn(
          isEarly,
          (signal) => file.write(all, { signal }),
          () => file.flush(),
        );
        same(await cut, WHY, "write rejected with");
        await receivePattern(server, pattern, 0, all.length);
        await next;
        await file.close();
      }
    },
  },
  {
    name: "a file refuses a write whose signal is aborted already",
    async run(bench) {
      const [client, server] = await bench.pair();
      const file = bench.keep(client.makeFile("w"));
      const signal = AbortSignal.abort("why");
      const options = { signal };
      same(await file.write("x", options).catch(String), "why", "write");
      await file.write("y");
      same(await file.flush(options).catch(String), "why", "flush");
      await file.close();
      await client.close();
      sameText(await receiveAll(server), "y", "what came");
    },
  },
];
