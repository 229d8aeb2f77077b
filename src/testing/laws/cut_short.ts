/**
 * Laws of transfers that a reset cuts: whatever either side is doing, what was
 * cut never passes for whole.
 *
 * @module
 */

import { SHUT_WR } from "../../constants.ts";
import type { StreamSocket } from "../../socket/mod.ts";
import { ensure, isSocketError, later, rejection, textOf } from "../expect.ts";
import type { Law, LawBench } from "../law.ts";

/** What the side that is reset does, before the reset comes or just then. */
interface State {
  before?(server: StreamSocket, bench: LawBench): unknown;
  then?(server: StreamSocket): unknown;
}

const STATES: Readonly<Record<string, State>> = {
  "nothing is sent": {},
  "our side has ended": { before: (server) => server.shutdown(SHUT_WR) },
  "our side ends just then": { then: endOnce },
  "a send waits": { before: sendMuch },
  "a send meets it first": { then: sendOnce },
  "the kernel is full and a send meets it first": {
    before: sendInPart,
    then: sendOnce,
  },
  "two sends meet it first": {
    async then(server) {
      await sendOnce(server);
      await sendOnce(server);
    },
  },
  "a trySend meets it first": { then: trySendOnce },
};

/** Laws of transfers that a reset cuts. */
export const cutShortLaws: readonly Law[] = Object.entries(STATES).flatMap(
  ([words, state]) => [
    cutShort(`a reset is no end when ${words}`, state, false),
    cutShort(`a reset is no end when recv waits and ${words}`, state, true),
  ],
);

const SENT = "0123456789";

function cutShort(name: string, state: State, isReading: boolean): Law {
  return {
    name,
    needs: ["reset"],
    async run(bench) {
      const [client, server] = await bench.pair("client");
      await state.before?.(server, bench);
      let got = "";
      const read = () => later(readOn(server, (text) => got += text));
      const early = isReading ? read() : undefined;
      // No turn in between: both wait in the kernel when the server acts.
      const sent = later(client.sendAll(SENT));
      client.reset();
      const acted = state.then?.(server);
      await Promise.all([acted, sent.catch(() => {}), client.closed]);
      const error = await rejection(early ?? read(), `reading after "${got}"`);
      isSocketError(error, "ECONNRESET", "recv", "recv");
      ensure(SENT.startsWith(got), `"${got}" came`);
    },
  };
}

async function readOn(
  socket: StreamSocket,
  take: (text: string) => void,
): Promise<void> {
  let chunk = await socket.recv();
  while (chunk !== null) {
    ensure(chunk.length > 0, "recv gave no byte");
    take(textOf(chunk));
    chunk = await socket.recv();
  }
}

// What comes of these calls themselves is not what the laws are about.

async function endOnce(socket: StreamSocket): Promise<void> {
  await socket.shutdown(SHUT_WR).catch(() => {});
}

async function sendOnce(socket: StreamSocket): Promise<void> {
  await socket.sendAll("x").catch(() => {});
}

function sendMuch(socket: StreamSocket, bench: LawBench): void {
  later(socket.sendAll(new Uint8Array(bench.moreThanFitsBytes)))
    .catch(() => {});
}

/** Fills the kernel, and lets the call end. */
async function sendInPart(
  socket: StreamSocket,
  bench: LawBench,
): Promise<void> {
  const much = new Uint8Array(bench.moreThanFitsBytes);
  await socket.sendAll(much, { timeoutMs: 50 }).catch(() => {});
}

function trySendOnce(socket: StreamSocket): void {
  try {
    socket.trySend("x");
  } catch {
    // The receiving side tells.
  }
}
