/**
 * Laws of sockets as web streams.
 *
 * @module
 */

import { SHUT_WR } from "../../constants.ts";
import type { Bytes } from "../../contracts.ts";
import { later, rejectsWith, same, sameText, turn } from "../expect.ts";
import type { Law } from "../law.ts";
import { Pattern } from "../pattern.ts";
import { receiveAll, receivePattern } from "./kit.ts";

/** Laws of sockets as web streams. */
export const webStreamLaws: readonly Law[] = [
  {
    name: "readable gives every byte and then its end",
    async run(bench) {
      const [client, server] = await bench.pair();
      same(server.readable, server.readable, "readable asked for twice");
      const pattern = new Pattern(30);
      const sending = later(
        client.sendAll(pattern.slice(0, 500_000))
          .then(() => client.shutdown(SHUT_WR)),
      );
      const reader = server.readable.getReader();
      let received = 0;
      let step = await reader.read();
      while (!step.done) {
        pattern.check(step.value, received);
        received += step.value.length;
        step = await reader.read();
      }
      same(received, 500_000, "bytes that came");
      reader.releaseLock();
      await sending;
    },
  },
  {
    name: "readable reads nothing by itself when nobody pulls",
    async run(bench) {
      const [client, server] = await bench.pair();
      same(server.readable.locked, false, "locked");
      const pending = later(server.recv());
      await client.sendAll("a");
      sameText(await pending, "a", "recv beside an unused readable");
    },
  },
  {
    name: "readable fills the caller's memory when read BYOB",
    async run(bench) {
      const [client, server] = await bench.pair();
      const reader = server.readable.getReader({ mode: "byob" });
      const pending = later(reader.read(new Uint8Array(100)));
      await client.sendAll("a");
      const first = await pending;
      sameText(first.value, "a", "the first read");
      await client.shutdown(SHUT_WR);
      const last = await reader.read(new Uint8Array(10));
      same(last.done, true, "done at the end");
      reader.releaseLock();
    },
  },
  {
    name: "readable.cancel is SHUT_RD",
    async run(bench) {
      const [client, server] = await bench.pair();
      await client.sendAll("dropped");
      await server.readable.cancel();
      same(await server.recv(), null, "recv");
      await server.sendAll("answer");
      sameText(await client.recvExactly(6), "answer", "the answer");
    },
  },
  {
    name: "writable.close is SHUT_WR",
    async run(bench) {
      const [client, server] = await bench.pair();
      const writer = client.writable.getWriter();
      await writer.write("abc");
      await writer.write(new TextEncoder().encode("def"));
      await writer.close();
      sameText(await receiveAll(server), "abcdef", "what came");
      await server.sendAll("answer");
      sameText(await client.recvExactly(6), "answer", "the answer");
    },
  },
  {
    name: "writable.abort breaks the connection",
    needs: ["reset"],
    async run(bench) {
      const [client, server] = await bench.pair("client");
      const pending = later(rejectsWith(server.recv(), "ECONNRESET", "recv"));
      await client.writable.abort();
      same(client.isClosed, true, "isClosed");
      await pending;
    },
  },
  {
    name: "writable.abort ends a write that is stuck",
    async run(bench) {
      const [client] = await bench.pair();
      const writer = client.writable.getWriter();
      writer.closed.catch(() => {});
      const data = new Uint8Array(bench.moreThanFitsBytes);
      const stuck = later(rejectsWith(writer.write(data), "EBADF", "sendAll"));
      await turn();
      const aborting = later(writer.abort("why"));
      same(client.isClosed, true, "isClosed at once");
      await stuck;
      await aborting;
      await client.closed;
    },
  },
  {
    name: "readable.cancel resolves when the socket is closed",
    async run(bench) {
      const [client] = await bench.pair();
      await client.close({ lingerMs: 0 });
      await client.readable.cancel();
    },
  },
  {
    name: "piping readable into writable echoes every byte",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(31);
      const echo = later(server.readable.pipeTo(server.writable));
      const sending = later(
        client.sendAll(pattern.slice(0, 1_000_000))
          .then(() => client.shutdown(SHUT_WR)),
      );
      await receivePattern(client, pattern, 0, 1_000_000);
      same(await client.recv(), null, "what follows");
      await Promise.all([echo, sending]);
    },
  },
  {
    name: "readable errors with the failure when the peer resets",
    needs: ["reset"],
    async run(bench) {
      const [client, server] = await bench.pair("client");
      const reader: ReadableStreamDefaultReader<Bytes> = server.readable
        .getReader();
      const pending = later(rejectsWith(reader.read(), "ECONNRESET", "recv"));
      client.reset();
      await pending;
    },
  },
];
