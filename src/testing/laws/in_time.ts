/**
 * Laws of deadlines that pass while the event loop is busy: what came in time
 * is given.
 *
 * @module
 */

import { MSG_WAITALL } from "../../constants.ts";
import { EVENT_READ, Selector } from "../../polling/mod.ts";
import type { StreamSocket } from "../../socket/mod.ts";
import { ensure, later, rejectsWith, same, textOf } from "../expect.ts";
import type { Law } from "../law.ts";
import { select } from "../library.ts";

/** The deadline, and how long the loop is busy: well past it. */
const TIMEOUT_MS = 10;
const BUSY_MS = 40;

/** More than one read of any runtime gives, less than any kernel buffers. */
const MANY_BYTES = 100_000;

/** Every receiving call with a deadline, when `"hello\n"` comes. */
const RECEIVES: Readonly<
  Record<string, (socket: StreamSocket) => Promise<unknown>>
> = {
  "recv()": (socket) => socket.recv({ timeoutMs: TIMEOUT_MS }),
  "recv() of all": (socket) =>
    socket.recv(6, { flags: MSG_WAITALL, timeoutMs: TIMEOUT_MS }),
  "recvInto()": async (socket) => {
    const memory = new Uint8Array(9);
    const count = await socket.recvInto(memory, { timeoutMs: TIMEOUT_MS });
    return memory.slice(0, count ?? 0);
  },
  "recvExactly()": (socket) => socket.recvExactly(6, { timeoutMs: TIMEOUT_MS }),
  "recvUntil()": (socket) =>
    socket.recvUntil("\n", { keepDelimiter: true, timeoutMs: TIMEOUT_MS }),
  "a file's readLine()": async (socket) => {
    const file = socket.makeFile("r");
    try {
      return await file.readLine({ timeoutMs: TIMEOUT_MS });
    } finally {
      await file.close();
    }
  },
};

/** Nothing else runs until the deadline is well past. */
function keepLoopBusy(): void {
  const end = performance.now() + BUSY_MS;
  while (performance.now() < end);
}

/** Sends all of it before anything else runs; some networks cut it up. */
function sendNow(socket: StreamSocket, text: string): void {
  let rest = text;
  for (let i = 0; i < text.length && rest !== ""; i++) {
    rest = rest.slice(socket.trySend(rest) ?? 0);
  }
  same(rest, "", "left to send");
}

/** Laws of deadlines that pass while the loop is busy. */
export const inTimeLaws: readonly Law[] = [
  {
    name: "a receive gives what came in time when the loop was late",
    async run(bench) {
      for (const [what, call] of Object.entries(RECEIVES)) {
        const [client, server] = await bench.pair();
        const pending = later(call(server));
        sendNow(client, "hello\n");
        keepLoopBusy();
        const text = textOf(await pending as Uint8Array);
        // Some networks cut it up, and these two give what is there.
        const isPart = what === "recv()" || what === "recvInto()";
        same(
          text,
          isPart && text !== "" ? "hello\n".slice(0, text.length) : "hello\n",
          what,
        );
      }
    },
  },
  {
    name:
      "a receive of many chunks gives what came in time when the loop was late",
    async run(bench) {
      const [client, server] = await bench.pair();
      const timeoutMs = TIMEOUT_MS;
      const count = client.trySend(new Uint8Array(MANY_BYTES)) ?? 0;
      ensure(count > 0, "nothing could be sent at once");
      const pending = later(server.recvExactly(count, { timeoutMs }));
      keepLoopBusy();
      same((await pending).length, count, "the bytes received");
    },
  },
  {
    name: "an accept gives who came in time when the loop was late",
    async run(bench) {
      const listener = await bench.listen();
      const address = listener.getSockName();
      const pending = later(listener.accept({ timeoutMs: TIMEOUT_MS }));
      const connecting = later(bench.connectTo(address));
      // The kernel has the connect before the loop is busy.
      for (let i = 0; i < 20; i++) await undefined;
      keepLoopBusy();
      const [socket] = await pending;
      bench.keep(socket);
      await connecting;
    },
  },
  {
    name: "a connect that was answered in time succeeds when the loop was late",
    async run(bench) {
      const listener = await bench.listen();
      const address = listener.getSockName();
      const timeoutMs = TIMEOUT_MS;
      const connecting = later(bench.connectTo(address, { timeoutMs }));
      for (let i = 0; i < 20; i++) await undefined;
      keepLoopBusy();
      await connecting;
    },
  },
  {
    name: "select gives what became ready in time when the loop was late",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pending = later(select([server], [], [], TIMEOUT_MS));
      sendNow(client, "hello");
      keepLoopBusy();
      const [readers] = await pending;
      ensure(readers[0] === server, "select said that nothing is ready");
    },
  },
  {
    name: "a selector gives what became ready in time when the loop was late",
    async run(bench) {
      const [client, server] = await bench.pair();
      const selector = bench.keep(closable(new Selector()));
      selector.inner.register(server, EVENT_READ);
      const pending = later(selector.inner.select(TIMEOUT_MS));
      sendNow(client, "hello");
      keepLoopBusy();
      same((await pending).length, 1, "the keys given");
    },
  },
  {
    name:
      "a receive whose bytes come too late times out when the loop was late",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pending = later(server.recv({ timeoutMs: TIMEOUT_MS }));
      keepLoopBusy();
      await rejectsWith(pending, "ETIMEDOUT", "recv");
      await client.sendAll("late");
      same(textOf(await server.recvExactly(4)), "late", "the next receive");
    },
  },
];

function closable(
  inner: Selector,
): { readonly inner: Selector; close(): Promise<void> } {
  return { inner, close: () => Promise.resolve(inner.close()) };
}
