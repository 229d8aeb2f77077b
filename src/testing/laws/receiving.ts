/**
 * Laws of the receiving calls.
 *
 * @module
 */

import {
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_WAITALL,
  SHUT_WR,
} from "../../constants.ts";
import { IncompleteReadError, LimitOverrunError } from "../../errors.ts";
import {
  ensure,
  later,
  rejection,
  rejectsWith,
  same,
  sameText,
  textOf,
  until,
} from "../expect.ts";
import type { Law } from "../law.ts";
import { fill, inHand, receiveAll, sendPieces } from "./kit.ts";

/** Memory that can be shrunk, seen whole. */
function resizable(size: number): Uint8Array<ArrayBuffer> {
  const make = ArrayBuffer as unknown as new (
    size: number,
    options: { readonly maxByteLength: number },
  ) => ArrayBuffer;
  return new Uint8Array(new make(size, { maxByteLength: size }));
}

function transferred({ buffer }: Uint8Array<ArrayBuffer>): void {
  structuredClone(buffer, { transfer: [buffer] });
}

function shrunk({ buffer }: Uint8Array<ArrayBuffer>): void {
  (buffer as unknown as { resize(size: number): void }).resize(2);
}

/** Laws of the receiving calls. */
export const receivingLaws: readonly Law[] = [
  {
    name: "a receive of no bytes waits for none and heeds an aborted signal",
    async run(bench) {
      const [, server] = await bench.pair();
      const nothing = new Uint8Array(0);
      const one = new Uint8Array(1);
      same((await server.recv(0))?.length, 0, "length");
      same((await server.recv({ maxBytes: 0 }))?.length, 0, "length");
      same((await server.recvExactly(0)).length, 0, "length");
      same(await server.recvInto(nothing), 0, "count");
      same(await server.recvInto(nothing, MSG_PEEK), 0, "count");
      same(await server.recvInto(one, { maxBytes: 0 }), 0, "count");
      const signal = AbortSignal.abort("no");
      const calls = [
        later(server.recv({ maxBytes: 0, signal })),
        later(server.recvExactly(0, { signal })),
        later(server.recvInto(nothing, { signal })),
      ];
      for (const call of calls) {
        same(await rejection(call, "a call for nothing"), "no", "reason");
      }
    },
  },
  {
    name: "recv gives one byte to maxBytes when more is in hand",
    async run(bench) {
      const [client, server] = await bench.pair();
      await client.sendAll("abcdefghij");
      await inHand(server, 10);
      const calls = [
        () => server.recv(3),
        () => server.recv({ maxBytes: 3 }),
        () => server.recv(3, { timeoutMs: null }),
        () => server.tryRecv(3),
      ];
      let text = "";
      for (let turn = 0; text.length < 10; turn++) {
        const bytes = await calls[turn % calls.length]?.();
        ensure(bytes instanceof Uint8Array, `call ${turn} gave ${bytes}`);
        const { length } = bytes;
        ensure(length >= 1 && length <= 3, `call ${turn} gave ${length} bytes`);
        text += textOf(bytes);
        same(server.bytesReceived, text.length, "bytesReceived");
      }
      same(text, "abcdefghij", "what came");
    },
  },
  {
    name: "received arrays share no memory when a chunk had to be split",
    async run(bench) {
      const [client, server] = await bench.pair();
      const text = "line\nexactly!all!peek!ab!the rest";
      await client.sendAll(text);
      await inHand(server, text.length);
      const taken = [
        [await server.recvUntil("\n"), "line"],
        [await server.recvExactly(8), "exactly!"],
        [await server.recv(4, MSG_WAITALL), "all!"],
        [await server.recv(5, MSG_PEEK | MSG_WAITALL), "peek!"],
        [await server.recvExactly(5), "peek!"],
        [await server.recv(1), "a"],
        [server.tryRecv(1), "b"],
        [await server.recvExactly(1), "!"],
        [await server.recvExactly(8), "the rest"],
      ] as const;
      const buffers = new Set<ArrayBufferLike>();
      for (const [bytes, expected] of taken) {
        sameText(bytes, expected, "what a call gave");
        ensure(bytes instanceof Uint8Array, `no array but ${bytes}`);
        ensure(!buffers.has(bytes.buffer), `"${expected}" shares its memory`);
        buffers.add(bytes.buffer);
      }
    },
  },
  {
    name: "received arrays belong to the caller when written to",
    async run(bench) {
      const [client, server] = await bench.pair();
      await client.sendAll("abcdef");
      await inHand(server, 6);
      for (const letter of "abcdef") {
        const look = await server.recv(1, MSG_PEEK);
        sameText(look, letter, "a look");
        new Uint8Array(look?.buffer as ArrayBuffer).fill(0);
        const bytes = await server.recv(1);
        sameText(bytes, letter, "recv(1)");
        new Uint8Array(bytes?.buffer as ArrayBuffer).fill(0);
      }
    },
  },
  {
    name: "recvInto fills the front of the caller's memory when bytes come",
    async run(bench) {
      const [client, server] = await bench.pair();
      const memory = new Uint8Array(8).fill(0x2e);
      const pending = later(server.recvInto(memory.subarray(2, 6)));
      await client.sendAll("ab");
      const first = await pending ?? 0;
      await fill(server, memory.subarray(2 + first, 4));
      sameText(memory, "..ab....", "the memory");
      await client.sendAll("cdefgh");
      await inHand(server, 6);
      const count = await server.recvInto(memory.buffer) ?? 0;
      ensure(count >= 1 && count <= 6, `recvInto gave ${count}`);
      await fill(server, memory.subarray(count, 6));
      sameText(memory.subarray(0, 6), "cdefgh", "the memory");
      await client.sendAll("xyz");
      await inHand(server, 3);
      const view = new DataView(memory.buffer, 1, 1);
      same(await server.recvInto(view, { timeoutMs: 5_000 }), 1, "into a view");
      same(server.tryRecvInto(memory.subarray(2, 3)), 1, "tryRecvInto");
      sameText(memory.subarray(0, 4), "cxyf", "the memory");
      same(server.bytesReceived, 10, "bytesReceived");
      sameText(await server.recvExactly(1), "z", "what is left");
      await client.shutdown(SHUT_WR);
      same(await server.recvInto(memory), null, "recvInto at the end");
      same(await server.recvInto(new Uint8Array(0)), 0, "into no memory");
    },
  },
  {
    name: "recvInto stores no more than maxBytes and names itself in errors",
    async run(bench) {
      const [client, server] = await bench.pair();
      const flags = MSG_PEEK | MSG_DONTWAIT;
      const memory = new Uint8Array(4);
      await rejectsWith(server.recvInto(memory, flags), "EAGAIN", "recvInto");
      await client.sendAll("abcd");
      await inHand(server, 4);
      same(await server.recvInto(memory, { maxBytes: 2 }), 2, "count");
      sameText(memory, "ab\0\0", "the memory");
    },
  },
  {
    name: "recvInto loses nothing when its memory is transferred or shrunk",
    async run(bench) {
      const [client, server] = await bench.pair();
      const timeoutMs = 60_000;
      for (const undo of [transferred, shrunk]) {
        for (
          const options of [
            undefined,
            { timeoutMs },
            { flags: MSG_WAITALL },
            { flags: MSG_WAITALL, timeoutMs },
            { flags: MSG_PEEK | MSG_WAITALL },
          ]
        ) {
          const memory = resizable(4);
          const pending = later(server.recvInto(memory, options));
          undo(memory);
          await client.sendAll("kept");
          const error = await rejection(pending, "recvInto");
          ensure(
            error instanceof TypeError &&
              /transferred or shrunk/.test(`${error}`),
            `what recvInto failed with: ${error}`,
          );
          sameText(await server.recvExactly(4), "kept", "what is left");
        }
      }
    },
  },
  {
    name: "MSG_WAITALL gives what is in hand when it must not wait",
    async run(bench) {
      const [client, server] = await bench.pair();
      const now = MSG_WAITALL | MSG_DONTWAIT;
      await rejectsWith(server.recv(5, now), "EAGAIN", "recv");
      await client.sendAll("abc");
      await inHand(server, 3);
      sameText(await server.recv(5, now | MSG_PEEK), "abc", "a look");
      sameText(await server.recv(5, now), "abc", "what was in hand");
    },
  },
  {
    name: "recvInto leaves the memory alone when more bytes come than it takes",
    async run(bench) {
      const [client, server] = await bench.pair();
      const memory = new Uint8Array(4);
      const pending = later(server.recvInto(memory));
      await client.sendAll("abcdef");
      const count = await pending ?? 0;
      const taken = textOf(memory.subarray(0, count));
      memory.fill(0x2e);
      await inHand(server, 6 - count);
      await client.sendAll("xyz");
      // By the time the answer is there, so is "xyz", and nobody asked for it.
      await server.sendAll("!");
      await client.recvExactly(1);
      const rest = await server.recvExactly(9 - count);
      same(taken + textOf(rest), "abcdefxyz", "what came");
      sameText(memory, "....", "the memory of the call that is over");
    },
  },
  {
    name: "MSG_PEEK shows later bytes too when it is asked again and again",
    async run(bench) {
      const [client, server] = await bench.pair();
      await client.sendAll("ab");
      await inHand(server, 2);
      const sent = client.sendAll("cde");
      const memory = new Uint8Array(5);
      let seen = "";
      // A look that looks at nothing would keep the event loop from turning.
      for (let looks = 0; seen !== "abcde"; looks++) {
        ensure(looks < 100_000, `only "${seen}" is ever seen`);
        // The calls that can peek take turns.
        if (looks % 2 === 0) {
          seen = textOf(await server.recv(5, MSG_PEEK) ?? new Uint8Array(0));
        } else {
          const count = await server.recvInto(memory, MSG_PEEK);
          seen = textOf(memory.subarray(0, count ?? 0));
        }
      }
      await sent;
      sameText(await server.recvExactly(5), "abcde", "what is taken");
    },
  },
  {
    name: "MSG_PEEK shows later bytes too and takes none when asked again",
    async run(bench) {
      const [client, server] = await bench.pair();
      await client.sendAll("ab");
      await inHand(server, 2);
      sameText(await server.recv(2, MSG_PEEK), "ab", "the first look");
      await client.sendAll("cd");
      const all = await server.recv(4, MSG_PEEK | MSG_WAITALL);
      sameText(all, "abcd", "the second look");
      same(server.bytesReceived, 0, "bytesReceived after looking");
      sameText(await server.recvExactly(4), "abcd", "recvExactly");
    },
  },
  {
    name: "MSG_WAITALL waits for all bytes and gives fewer only at the end",
    async run(bench) {
      const [client, server] = await bench.pair();
      const whole = later(server.recv(6, MSG_WAITALL));
      await sendPieces(client, "abc", "def");
      sameText(await whole, "abcdef", "recv(6)");
      const cut = later(server.recv(6, MSG_WAITALL));
      await client.sendAll("gh");
      await client.shutdown(SHUT_WR);
      sameText(await cut, "gh", "recv(6) before the end");
      same(await server.recv(6, MSG_WAITALL), null, "recv(6) at the end");
    },
  },
  {
    name: "MSG_DONTWAIT is EAGAIN when nothing is in hand",
    async run(bench) {
      const [client, server] = await bench.pair();
      await rejectsWith(server.recv(5, MSG_DONTWAIT), "EAGAIN", "recv");
      await rejectsWith(
        server.recvInto(new Uint8Array(5), MSG_DONTWAIT),
        "EAGAIN",
        "recvInto",
      );
      await client.sendAll("abc");
      await inHand(server, 3);
      sameText(await server.recv(1, MSG_DONTWAIT), "a", "what is in hand");
    },
  },
  {
    name: "tryRecv gives undefined, then bytes, then null as they come",
    async run(bench) {
      const [client, server] = await bench.pair();
      same(server.tryRecv(), undefined, "tryRecv when nothing has come");
      await client.sendAll("abc");
      const some = await until(() => server.tryRecv() ?? undefined);
      const rest = some.length < 3
        ? await server.recvExactly(3 - some.length)
        : new Uint8Array(0);
      same(some.length + rest.length, 3, "bytes that came");
      await client.shutdown(SHUT_WR);
      const end = await until(() => {
        const got = server.tryRecv();
        return got === undefined ? undefined : { got };
      });
      same(end.got, null, "tryRecv at the end");
      same(server.tryRecvInto(new Uint8Array(1)), null, "tryRecvInto");
    },
  },
  {
    name: "recvExactly waits for every byte when they come one by one",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pending = later(server.recvExactly(5));
      await sendPieces(client, ..."abcdefg");
      sameText(await pending, "abcde", "recvExactly(5)");
      sameText(await server.recvExactly(2), "fg", "recvExactly(2)");
      same((await server.recvExactly(0)).length, 0, "recvExactly(0)");
    },
  },
  {
    name: "recvExactly is IncompleteReadError when the peer ends before",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pending = later(rejection(server.recvExactly(10), "recvExactly"));
      await client.sendAll("abc");
      later(client.close());
      const error = await pending;
      ensure(error instanceof IncompleteReadError, `rejected with ${error}`);
      sameText(error.partial, "abc", "partial");
      same(error.expected, 10, "expected");
      same(await server.recv(), null, "recv after it");
    },
  },
  {
    name: "recvUntil finds a delimiter when it comes in pieces",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pending = later(server.recvUntil("\r\n"));
      await sendPieces(client, "ab\r", "\ncd");
      sameText(await pending, "ab", "the first line");
      await sendPieces(client, "\r\r", "\n\r\nrest");
      const kept = await server.recvUntil("\r\n", { keepDelimiter: true });
      sameText(kept, "cd\r\r\n", "the second line");
      sameText(await server.recvUntil("\r\n"), "", "an empty line");
      sameText(await server.recvExactly(4), "rest", "what follows");
      same(server.bytesReceived, 15, "bytesReceived");
    },
  },
  {
    name: "recvUntil finds a delimiter that overlaps itself when cut anywhere",
    async run(bench) {
      const [client, server] = await bench.pair();
      const line = "a\r\r\r\n";
      for (let cut = 1; cut < line.length; cut++) {
        const pending = later(server.recvUntil("\r\r\n"));
        await sendPieces(client, line.slice(0, cut), line.slice(cut));
        sameText(await pending, "a\r", `cut at ${cut}`);
      }
    },
  },
  {
    name: "recvUntil keeps to its delimiter when the caller's memory changes",
    async run(bench) {
      const [client, server] = await bench.pair();
      const delimiter = new Careless([0x0a]);
      const line = later(server.recvUntil(delimiter));
      delimiter.fill(0x3b);
      await client.sendAll("a;b\n");
      sameText(await line, "a;b", "the line");
    },
  },
  {
    name: "recvUntil leaves the bytes when no delimiter is within maxBytes",
    async run(bench) {
      const [client, server] = await bench.pair();
      await client.sendAll("abcd\n");
      const error = await rejection(
        server.recvUntil("\n", { maxBytes: 3 }),
        "recvUntil",
      );
      ensure(error instanceof LimitOverrunError, `rejected with ${error}`);
      same(error.limit, 3, "limit");
      const line = await server.recvUntil("\n", { maxBytes: 4 });
      sameText(line, "abcd", "the line that fits exactly");
    },
  },
  {
    name: "recvUntil is IncompleteReadError when the peer ends before",
    async run(bench) {
      const [client, server] = await bench.pair();
      await client.sendAll("abc");
      await client.shutdown(SHUT_WR);
      const error = await rejection(server.recvUntil("\n"), "recvUntil");
      ensure(error instanceof IncompleteReadError, `rejected with ${error}`);
      sameText(error.partial, "abc", "partial");
      same(error.expected, undefined, "expected");
      same(await server.recv(), null, "recv after it");
    },
  },
  {
    name: "the end stays the end when asked again",
    async run(bench) {
      const [client, server] = await bench.pair();
      await client.sendAll("abc");
      await client.shutdown(SHUT_WR);
      sameText(await receiveAll(server), "abc", "what came");
      for (let i = 0; i < 3; i++) {
        same(await server.recv(), null, "recv");
        same(await server.recv(5, MSG_PEEK), null, "a look");
        same(server.tryRecv(), null, "tryRecv");
        same(await server.recvInto(new Uint8Array(5)), null, "recvInto");
      }
      const error = await rejection(server.recvExactly(1), "recvExactly");
      ensure(error instanceof IncompleteReadError, `rejected with ${error}`);
    },
  },
  {
    name: "for await gives every byte and leaving early closes nothing",
    async run(bench) {
      const [client, server] = await bench.pair();
      await client.sendAll("abc");
      await inHand(server, 3);
      let text = "";
      for await (const bytes of server) {
        text += textOf(bytes);
        if (text.length === 3) break;
      }
      same(server.isClosed, false, "isClosed after leaving early");
      await client.sendAll("def");
      await client.shutdown(SHUT_WR);
      for await (const bytes of server) {
        ensure(bytes.length > 0, "a step gave no byte");
        text += textOf(bytes);
      }
      same(text, "abcdef", "what both loops got");
      same(server.isClosed, false, "isClosed at the end");
      await server.sendAll("still open");
      sameText(await client.recvExactly(10), "still open", "the answer");
    },
  },
];

/** An array whose slices are views, as those of Node's `Buffer` are. */
class Careless extends Uint8Array {
  override slice(start?: number, end?: number): Uint8Array<ArrayBuffer> {
    return this.subarray(start, end) as Uint8Array<ArrayBuffer>;
  }
}
