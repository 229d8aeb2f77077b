/**
 * Laws of listening sockets.
 *
 * @module
 */

import { SHUT_WR } from "../../constants.ts";
import type { Listener, StreamSocket } from "../../socket/mod.ts";
import {
  ensure,
  later,
  rejection,
  rejectsWith,
  same,
  sameText,
  textOf,
  throwsWith,
  until,
} from "../expect.ts";
import type { Law, LawBench } from "../law.ts";
import { connectingLaws } from "./connecting.ts";
import { abortAndGoOn, deadAddress, receiveAll, WHY } from "./kit.ts";

const BURST = 1_000;

async function accept(
  bench: LawBench,
  listener: Listener,
): Promise<StreamSocket> {
  const [socket] = await listener.accept();
  return bench.keep(socket);
}

/** A client that says a word and ends; whoever reads it knows who it is. */
async function clientSaying(
  bench: LawBench,
  listener: Listener,
  word: string,
): Promise<StreamSocket> {
  const client = await bench.connectTo(listener.getSockName());
  await client.sendAll(word);
  await client.shutdown(SHUT_WR);
  return client;
}

/** What every listener on every runtime must keep, and whoever connects. */
export const listenerLaws: readonly Law[] = [
  ...connectingLaws,
  {
    name: "connections wait while no accept is pending",
    async run(bench) {
      const listener = await bench.listen();
      const words = ["one", "two", "three", "four", "five"];
      for (const word of words) await clientSaying(bench, listener, word);
      const heard: string[] = [];
      for (const _word of words) {
        const socket = await accept(bench, listener);
        heard.push(textOf(await receiveAll(socket)));
      }
      same(heard.join(), words.join(), "the order of arrival");
    },
  },
  {
    name: "1,000 connects are all served when no accept is pending",
    async run(bench) {
      const listener = await bench.listen();
      const address = listener.getSockName();
      const clients = await Promise.all(
        Array.from({ length: BURST }, () => bench.connectTo(address)),
      );
      const answers = clients.map((client, index) =>
        later((async () => {
          await client.sendAll(`${index};`);
          await client.shutdown(SHUT_WR);
          same(textOf(await receiveAll(client)), `<${index}>`, "the answer");
          await client.close();
        })())
      );
      const served: Promise<void>[] = [];
      for (let i = 0; i < BURST; i++) {
        const socket = await accept(bench, listener);
        const serving = async () => {
          const word = textOf(await socket.recvUntil(";"));
          await socket.sendAll(`<${word}>`);
          await socket.close();
        };
        served.push(later(serving()));
      }
      await Promise.all([...answers, ...served]);
    },
  },
  {
    name: "a client that sends and closes before accept is served",
    async run(bench) {
      const listener = await bench.listen();
      const client = await bench.connectTo(listener.getSockName());
      await client.sendAll("gone already");
      const closing = later(client.close());
      const server = await accept(bench, listener);
      sameText(await receiveAll(server), "gone already", "what it sent");
      await server.close();
      await closing;
    },
  },
  {
    name: "RST before accept does not stop the listener",
    needs: ["reset"],
    async run(bench) {
      const listener = await bench.listen();
      const address = listener.getSockName();
      for (let round = 0; round < 20; round++) {
        const client = await bench.connectTo(address, { abortive: true });
        client.reset();
        await client.closed;
      }
      await clientSaying(bench, listener, "alive");
      const heard = await hearFirstLiving(bench, listener);
      same(heard, "alive", "what the living client said");
    },
  },
  {
    name: "a peer that reset before accept gives its bytes, then ECONNRESET",
    needs: ["reset"],
    async run(bench) {
      const listener = await bench.listen();
      const address = listener.getSockName();
      const client = await bench.connectTo(address, { abortive: true });
      client.reset();
      await client.closed;
      await clientSaying(bench, listener, "alive");
      const [socket, from] = await listener.accept();
      bench.keep(socket);
      const first = await readOrError(socket);
      // Where the runtime drops it unseen, the living one comes first.
      if (first === "alive") return;
      same(first, "ECONNRESET", "the first receive");
      if ("hostname" in from && from.hostname === "") {
        same(from.port, 0, "the port of a peer without a name");
        throwsWith(() => socket.getPeerName(), "ENOTCONN", "getPeerName");
      }
      same(await hearFirstLiving(bench, listener), "alive", "the next one");
    },
  },
  {
    name: "a second accept is EBUSY and the first undisturbed",
    async run(bench) {
      const listener = await bench.listen();
      const first = later(accept(bench, listener));
      await rejectsWith(listener.accept(), "EBUSY", "accept");
      throwsWith(() => listener.tryAccept(), "EBUSY", "tryAccept");
      const step = listener.connections()[Symbol.asyncIterator]().next();
      await rejectsWith(step, "EBUSY", "accept", "a step of connections()");
      await clientSaying(bench, listener, "hello");
      sameText(await receiveAll(await first), "hello", "what was accepted");
    },
  },
  {
    name: "an aborted accept rejects with the reason and loses no connection",
    async run(bench) {
      const listener = await bench.listen();
      const controller = new AbortController();
      const pending = later(rejection(listener.accept(controller), "accept"));
      const reason = { why: "enough" };
      controller.abort(reason);
      same(await pending, reason, "rejected with");
      const early = rejection(listener.accept(controller), "accept");
      same(await early, reason, "rejected with when aborted already");
      await clientSaying(bench, listener, "hello");
      const server = await accept(bench, listener);
      sameText(await receiveAll(server), "hello", "what was accepted");
    },
  },
  {
    name: "a timed-out accept is ETIMEDOUT and loses no connection",
    async run(bench) {
      const listener = await bench.listen();
      await rejectsWith(
        listener.accept({ timeoutMs: 5 }),
        "ETIMEDOUT",
        "accept",
      );
      await rejectsWith(listener.accept({ timeoutMs: 0 }), "EAGAIN", "accept");
      listener.setTimeout(5);
      await rejectsWith(listener.accept(), "ETIMEDOUT", "accept");
      listener.setTimeout(null);
      await clientSaying(bench, listener, "hello");
      const server = await accept(bench, listener);
      sameText(await receiveAll(server), "hello", "what was accepted");
    },
  },
  {
    name: "tryAccept gives undefined and then the connection",
    async run(bench) {
      const listener = await bench.listen();
      same(listener.tryAccept(), undefined, "tryAccept when nobody came");
      await clientSaying(bench, listener, "hello");
      const [server] = await until(() => listener.tryAccept());
      bench.keep(server);
      sameText(await receiveAll(server), "hello", "what was accepted");
      same(listener.tryAccept(), undefined, "tryAccept afterwards");
    },
  },
  {
    name: "connections() gives every connection and ends with the listener",
    async run(bench) {
      const listener = await bench.listen();
      const heard: string[] = [];
      const serving = later((async () => {
        for await (const [socket] of listener.connections()) {
          bench.keep(socket);
          heard.push(textOf(await receiveAll(socket)));
          if (heard.length === 3) void listener.close();
        }
      })());
      for (const word of ["a", "b", "c"]) {
        await clientSaying(bench, listener, word);
      }
      await serving;
      same(heard.join(), "a,b,c", "what was heard");
      same(listener.isClosed, true, "isClosed");
      let count = 0;
      for await (const _ of listener.connections()) count++;
      same(count, 0, "connections of a closed listener");
    },
  },
  {
    name: "connections() ends when the listener closes while it waits",
    async run(bench) {
      const listener = await bench.listen();
      const step = later(
        listener.connections()[Symbol.asyncIterator]().next(),
      );
      await listener.close();
      same((await step).done, true, "done");
    },
  },
  {
    name: "leaving connections() early closes nothing",
    async run(bench) {
      const listener = await bench.listen();
      await clientSaying(bench, listener, "one");
      for await (const [socket] of listener.connections()) {
        bench.keep(socket);
        break;
      }
      same(listener.isClosed, false, "isClosed");
      await clientSaying(bench, listener, "two");
      const server = await accept(bench, listener);
      sameText(await receiveAll(server), "two", "the next connection");
    },
  },
  {
    name:
      "an accept follows a step of connections() that was aborted, in that same turn",
    async run(bench) {
      const listener = await bench.listen();
      for (const isEarly of [true, false]) {
        const { cut, next } = abortAndGoOn(
          isEarly,
          (signal) => listener.connections({ signal }).next(),
          () => accept(bench, listener),
        );
        same(await cut, WHY, "the step was rejected with");
        await clientSaying(bench, listener, "alive");
        sameText(await receiveAll(await next), "alive", "what was accepted");
      }
    },
  },
  {
    name: "close wakes a pending accept with EBADF",
    async run(bench) {
      const listener = await bench.listen();
      const pending = later(rejectsWith(listener.accept(), "EBADF", "accept"));
      await listener.close();
      await pending;
      await listener.close();
      await listener.closed;
      await rejectsWith(listener.accept(), "EBADF", "accept");
      throwsWith(() => listener.tryAccept(), "EBADF", "tryAccept");
      throwsWith(() => listener.getSockName(), "EBADF", "getSockName");
    },
  },
  {
    name: "close during listen settles when the address is free",
    async run(bench) {
      const address = await deadAddress(bench);
      for (const way of ["close", "closed"] as const) {
        const socket = bench.socket();
        await socket.bind(address);
        const { closed } = socket;
        const pending = later(rejectsWith(socket.listen(), "EBADF", "listen"));
        const closing = later(socket.close());
        await (way === "close" ? closing : closed);
        const next = bench.socket();
        await next.bind(address);
        await next.listen();
        await next.close();
        await pending;
      }
    },
  },
  {
    name: "closing a listener leaves accepted connections alone",
    async run(bench) {
      const listener = await bench.listen();
      const client = await bench.connectTo(listener.getSockName());
      const server = await accept(bench, listener);
      await listener.close();
      await client.sendAll("ping");
      sameText(await server.recvExactly(4), "ping", "after the close");
      await server.sendAll("pong");
      sameText(await client.recvExactly(4), "pong", "the answer");
    },
  },
  {
    name: "closing a listener ends connections that nobody accepted",
    async run(bench) {
      const listener = await bench.listen();
      const client = await bench.connectTo(listener.getSockName());
      await listener.close();
      const end = await readOrError(client);
      ensure(end === "" || end === "ECONNRESET", `the client got ${end}`);
    },
  },
  {
    name: "an aborted connect rejects with the reason and never appears",
    async run(bench) {
      const listener = await bench.listen();
      const address = listener.getSockName();
      const controller = new AbortController();
      const { signal } = controller;
      const early = bench.socket().connect(address, {
        signal: AbortSignal.abort("told before"),
      });
      same(await rejection(early, "connect"), "told before", "rejected with");
      const pending = later(bench.socket().connect(address, { signal }));
      const reason = { why: "enough" };
      controller.abort(reason);
      same(await rejection(pending, "connect"), reason, "rejected with");
      await clientSaying(bench, listener, "alive");
      const heard = await hearFirstLiving(bench, listener);
      same(heard, "alive", "what the living client said");
    },
  },
  {
    name: "no backlog makes listen() fail and the smallest one serves",
    async run(bench) {
      for (const backlog of [0, 1, 5, 128, 1_000_000]) {
        const listener = await bench.listen({ backlog });
        await clientSaying(bench, listener, "hello");
        const server = await accept(bench, listener);
        sameText(await receiveAll(server), "hello", `backlog ${backlog}`);
      }
    },
  },
];

/** What the socket says up to its end, or the code that it fails with. */
async function readOrError(socket: StreamSocket): Promise<string> {
  try {
    return textOf(await receiveAll(socket));
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
}

/** Accepts until somebody says something, past those that are dead. */
async function hearFirstLiving(
  bench: LawBench,
  listener: Listener,
): Promise<string> {
  while (true) {
    const heard = await readOrError(await accept(bench, listener));
    if (heard !== "ECONNRESET" && heard !== "") return heard;
  }
}
