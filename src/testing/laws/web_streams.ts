/**
 * Laws of sockets as web streams.
 *
 * @module
 */

import { SHUT_WR } from "../../constants.ts";
import type { Bytes } from "../../contracts.ts";
import {
  later,
  rejection,
  rejectsWith,
  same,
  sameText,
  turn,
} from "../expect.ts";
import type { Law } from "../law.ts";
import { Pattern } from "../pattern.ts";
import { deadAddress, receiveAll, receivePattern } from "./kit.ts";

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
  {
    name: "a socket closes itself once both its web streams have ended",
    async run(bench) {
      const listener = await bench.listen();
      for (let round = 0; round < 5; round++) {
        const client = await bench.connectTo(listener.getSockName());
        const [server] = await listener.accept();
        bench.keep(server);
        const echo = later(server.readable.pipeTo(server.writable));
        await client.sendAll("abc");
        await client.shutdown(SHUT_WR);
        sameText(await receiveAll(client), "abc", "the echo");
        await client.close();
        await echo;
        same(server.isClosed, true, "isClosed");
        await server.closed;
      }
    },
  },
  {
    name: "a socket closes itself after a cancel and a close of its streams",
    async run(bench) {
      for (const isCancelFirst of [true, false]) {
        const [client, server] = await bench.pair();
        const writer = server.writable.getWriter();
        await writer.write("abc");
        if (isCancelFirst) await server.readable.cancel();
        else await writer.close();
        same(server.isClosed, false, "isClosed after the first");
        const second = later(
          isCancelFirst ? writer.close() : server.readable.cancel(),
        );
        sameText(await receiveAll(client), "abc", "what came");
        await client.close();
        await second;
        same(server.isClosed, true, "isClosed after the second");
        await server.closed;
      }
    },
  },
  {
    name: "a socket stays open while one of its web streams does",
    async run(bench) {
      const [client, server] = await bench.pair();
      const { writable } = server;
      await client.shutdown(SHUT_WR);
      const step = await server.readable.getReader().read();
      same(step.done, true, "done at the end");
      await turn();
      same(server.isClosed, false, "isClosed");
      const writer = writable.getWriter();
      await writer.write("late");
      sameText(await client.recvExactly(4), "late", "what came");
      await writer.close();
      await server.closed;
    },
  },
  {
    name: "a socket that was reset closes itself when its readable is read",
    needs: ["reset"],
    async run(bench) {
      const [client, server] = await bench.pair("client");
      const { readable, writable } = server;
      const reading = later(readable.getReader().read());
      const writer = writable.getWriter();
      const written = later(writer.closed);
      client.reset();
      await rejectsWith(reading, "ECONNRESET", "recv");
      await rejectsWith(written, "ECONNRESET", "recv");
      await server.closed;
      same(server.isClosed, true, "isClosed");
    },
  },
  {
    name: "web streams of a socket that connects wait for it",
    async run(bench) {
      const listener = await bench.listen();
      const client = bench.socket();
      const connecting = later(client.connect(listener.getSockName()));
      const writer = client.writable.getWriter();
      const written = later(writer.write("abc"));
      const reading = later(client.readable.getReader().read());
      const [server] = await listener.accept();
      bench.keep(server);
      sameText(await server.recvExactly(3), "abc", "what came");
      await server.sendAll("d");
      sameText((await reading).value, "d", "what was read");
      await Promise.all([connecting, written]);
    },
  },
  {
    name: "web streams closed while the socket connects end it in order",
    async run(bench) {
      const listener = await bench.listen();
      const client = bench.socket();
      const connecting = later(client.connect(listener.getSockName()));
      const closing = later(client.writable.close());
      const cancelling = later(client.readable.cancel());
      const [server] = await listener.accept();
      bench.keep(server);
      same(await server.recv(), null, "what came");
      await server.close();
      await Promise.all([connecting, closing, cancelling]);
      await client.closed;
      same(client.isClosed, true, "isClosed");
    },
  },
  {
    name: "web streams fail with the connect that they wait for",
    async run(bench) {
      const nobody = await deadAddress(bench);
      const client = bench.socket();
      const connecting = later(rejection(client.connect(nobody), "connect"));
      const writing = client.writable.getWriter().write("abc");
      const reading = client.readable.getReader().read();
      const failures = [
        later(rejection(writing, "write")),
        later(rejection(reading, "read")),
      ];
      const failure = await connecting;
      for (const each of failures) same(await each, failure, "the failure");
      await client.closed;
    },
  },
];
