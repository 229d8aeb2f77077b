/**
 * Laws of aborts, timeouts, and of one call at a time.
 *
 * @module
 */

import { MSG_WAITALL, SHUT_WR } from "../../constants.ts";
import { Dice } from "../dice.ts";
import type { StreamSocket } from "../../socket/mod.ts";
import {
  ensure,
  later,
  rejection,
  rejectsWith,
  same,
  sameText,
  throwsWith,
  turn,
} from "../expect.ts";
import type { Law } from "../law.ts";
import { Pattern } from "../pattern.ts";
import {
  abortAndGoOn,
  inHand,
  receiveAll,
  receivePattern,
  WHY,
} from "./kit.ts";

interface Waiting {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** Every receiving call that waits, when fewer than 5 bytes are in hand. */
const RECEIVES: readonly (readonly [
  op: string,
  call: (socket: StreamSocket, wait: Waiting) => Promise<unknown>,
])[] = [
  ["recvExactly", (socket, wait) => socket.recvExactly(5, wait)],
  ["recvUntil", (socket, wait) => socket.recvUntil("\n", wait)],
  [
    "recv",
    (socket, wait) => socket.recv(5, { ...wait, flags: MSG_WAITALL }),
  ],
];

/** Laws of aborts, timeouts, and of one call at a time. */
export const cancellingLaws: readonly Law[] = [
  {
    name: "an aborted receive loses nothing and rejects with the reason",
    async run(bench) {
      const [client, server] = await bench.pair();
      for (const [op, call] of RECEIVES) {
        await client.sendAll("abc");
        await inHand(server, 3);
        const controller = new AbortController();
        const { signal } = controller;
        const pending = later(rejection(call(server, { signal }), op));
        const reason = { why: op };
        controller.abort(reason);
        same(await pending, reason, `${op} rejected with`);
        sameText(await server.recvExactly(3), "abc", `after ${op}`);
      }
    },
  },
  {
    name: "an aborted receive loses nothing when the bytes come after it",
    async run(bench) {
      const [client, server] = await bench.pair();
      const calls = [
        (wait: Waiting) => server.recv(wait),
        (wait: Waiting) => server.recvInto(new Uint8Array(9), wait),
        (wait: Waiting) => server.recvExactly(1, wait),
      ];
      for (const [index, call] of calls.entries()) {
        const controller = new AbortController();
        const pending = later(rejection(call(controller), `call ${index}`));
        controller.abort();
        same(await pending, controller.signal.reason, "rejected with");
        await client.sendAll("abc");
        sameText(await server.recvExactly(3), "abc", "what came after");
      }
    },
  },
  {
    name: "receives that are aborted at random lose and reorder no byte",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(7);
      const dice = new Dice(71);
      const total = 2_000_000;
      const sending = later(sendSmallPieces(client, pattern, total));
      let received = 0;
      while (received < total) {
        const controller = new AbortController();
        const { signal } = controller;
        const size = Math.min(dice.size(40_000), total - received);
        const pending = later(
          dice.chance(0.5)
            ? server.recv(size, { signal })
            : server.recvExactly(size, { signal }),
        );
        const abort = () => controller.abort();
        if (dice.chance(0.5)) queueMicrotask(abort);
        const timer = dice.chance(0.5) ? setTimeout(abort) : undefined;
        const bytes = await pending.catch((error: unknown) => {
          same(error, signal.reason, "rejected with");
          return new Uint8Array(0);
        });
        clearTimeout(timer);
        ensure(bytes !== null, "the stream ended");
        pattern.check(bytes, received);
        received += bytes.length;
      }
      await sending;
    },
  },
  {
    name: "a timed-out receive is ETIMEDOUT and loses nothing",
    async run(bench) {
      const [client, server] = await bench.pair();
      for (const [op, call] of RECEIVES) {
        await client.sendAll("abc");
        await inHand(server, 3);
        await rejectsWith(call(server, { timeoutMs: 5 }), "ETIMEDOUT", op);
        sameText(await server.recvExactly(3), "abc", `after ${op}`);
      }
    },
  },
  {
    name: "a receive is EAGAIN when timeoutMs is 0 and loses nothing",
    async run(bench) {
      const [client, server] = await bench.pair();
      for (const [op, call] of RECEIVES) {
        // `MSG_WAITALL` gives what is there, as C does.
        if (op === "recv") continue;
        await client.sendAll("abc");
        await inHand(server, 3);
        await rejectsWith(call(server, { timeoutMs: 0 }), "EAGAIN", op);
        sameText(await server.recvExactly(3), "abc", `after ${op}`);
      }
      await client.sendAll("d");
      await inHand(server, 1);
      sameText(await server.recv({ timeoutMs: 0 }), "d", "what is in hand");
    },
  },
  {
    name: "a receive is over in the abort listener that ends it",
    async run(bench) {
      const [client, server] = await bench.pair();
      for (const [op, call] of RECEIVES) {
        for (const isEarly of [true, false]) {
          const { cut, next } = abortAndGoOn(
            isEarly,
            (signal) => call(server, { signal }),
            () => server.recvExactly(3),
          );
          same(await cut, WHY, `${op} rejected with`);
          await client.sendAll("abc");
          sameText(await next, "abc", `after ${op}`);
        }
      }
    },
  },
  {
    name: "a send is over in the abort listener that ends it",
    async run(bench) {
      for (const isEarly of [true, false]) {
        const [client, server] = await bench.pair();
        const pattern = new Pattern(9);
        const all = pattern.slice(0, bench.moreThanFitsBytes);
        const { cut, next } = abortAndGoOn(
          isEarly,
          (signal) => client.sendAll(all, { signal }),
          () => client.sendAll(all.subarray(client.bytesSent)),
        );
        same(await cut, WHY, "sendAll rejected with");
        await receivePattern(server, pattern, 0, all.length);
        await next;
      }
    },
  },
  {
    name: "an already aborted signal rejects before any byte moves",
    async run(bench) {
      const [client, server] = await bench.pair();
      const reason = new Error("told before");
      const signal = AbortSignal.abort(reason);
      await client.sendAll("abc");
      await inHand(server, 3);
      const calls: Record<string, () => Promise<unknown>> = {
        recv: () => server.recv({ signal }),
        recvInto: () => server.recvInto(new Uint8Array(3), { signal }),
        recvExactly: () => server.recvExactly(3, { signal }),
        recvUntil: () => server.recvUntil("b", { signal }),
        send: () => server.send("x", { signal }),
        sendAll: () => server.sendAll("x", { signal }),
        shutdown: () => server.shutdown(SHUT_WR, { signal }),
      };
      for (const [op, call] of Object.entries(calls)) {
        same(await rejection(call(), op), reason, `${op} rejected with`);
      }
      same(server.bytesReceived, 0, "bytesReceived");
      same(server.bytesSent, 0, "bytesSent");
      sameText(await server.recvExactly(3), "abc", "what is in hand");
      await server.sendAll("only this");
      await server.shutdown(SHUT_WR);
      sameText(await receiveAll(client), "only this", "what the peer got");
    },
  },
  {
    name: "setTimeout bounds every call that has no timeout of its own",
    async run(bench) {
      const [client, server] = await bench.pair();
      same(server.getTimeout(), null, "getTimeout at first");
      server.setTimeout(5);
      same(server.getTimeout(), 5, "getTimeout");
      await rejectsWith(server.recv(), "ETIMEDOUT", "recv");
      await rejectsWith(server.recvExactly(1), "ETIMEDOUT", "recvExactly");
      const patient = later(server.recv({ timeoutMs: null }));
      const failure = later(rejectsWith(
        client.recv({ timeoutMs: 40 }),
        "ETIMEDOUT",
        "recv",
      ));
      await failure;
      await client.sendAll("a");
      sameText(await patient, "a", "a call that waits for ever");
      server.setTimeout(0);
      await rejectsWith(server.recv(), "EAGAIN", "recv");
      server.setTimeout(null);
      const pending = later(server.recv());
      await client.sendAll("b");
      sameText(await pending, "b", "recv without a timeout");
    },
  },
  {
    name: "one deadline bounds a whole recvExactly when bytes trickle in",
    async run(bench) {
      const [client, server] = await bench.pair();
      let isOver = false;
      const pending = later(
        rejectsWith(
          server.recvExactly(1_000_000, { timeoutMs: 60 }),
          "ETIMEDOUT",
          "recvExactly",
        ).finally(() => isOver = true),
      );
      let sent = 0;
      while (!isOver && sent < 1_000_000) {
        await client.sendAll("x");
        sent++;
        await turn();
      }
      await pending;
      same((await server.recvExactly(sent)).length, sent, "bytes kept");
    },
  },
  {
    name: "a second receiver is EBUSY and the first undisturbed",
    async run(bench) {
      const [client, server] = await bench.pair();
      const first = later(server.recv());
      const seconds: Record<string, () => Promise<unknown>> = {
        recv: () => server.recv(),
        recvInto: () => server.recvInto(new Uint8Array(1)),
        recvExactly: () => server.recvExactly(1),
        recvUntil: () => server.recvUntil("\n"),
      };
      for (const [op, second] of Object.entries(seconds)) {
        await rejectsWith(second(), "EBUSY", op);
      }
      throwsWith(() => server.tryRecv(), "EBUSY", "tryRecv");
      throwsWith(
        () => server.tryRecvInto(new Uint8Array(1)),
        "EBUSY",
        "tryRecvInto",
      );
      const step = server[Symbol.asyncIterator]().next();
      await rejectsWith(step, "EBUSY", "recv", "a step of for await");
      await client.sendAll("abc");
      const got = await first;
      const rest = await server.recvExactly(3 - (got?.length ?? 0));
      same((got?.length ?? 0) + rest.length, 3, "bytes that came");
    },
  },
  {
    name: "a second sender is EBUSY and the first undisturbed",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(8);
      const first = later(
        client.sendAll(pattern.slice(0, bench.moreThanFitsBytes)),
      );
      await rejectsWith(client.sendAll("x"), "EBUSY", "sendAll");
      await rejectsWith(client.send("x"), "EBUSY", "send");
      throwsWith(() => client.trySend("x"), "EBUSY", "trySend");
      await receivePattern(server, pattern, 0, bench.moreThanFitsBytes);
      await first;
      await client.sendAll("y");
      sameText(await server.recv(), "y", "what came last");
      same(client.bytesSent, bench.moreThanFitsBytes + 1, "bytesSent");
    },
  },
];

async function sendSmallPieces(
  socket: StreamSocket,
  pattern: Pattern,
  total: number,
): Promise<void> {
  const dice = new Dice(72);
  let sent = 0;
  while (sent < total) {
    const size = Math.min(dice.size(20_000), total - sent);
    await socket.sendAll(pattern.slice(sent, size));
    sent += size;
    // Lets the reader run dry now and then.
    if (dice.chance(0.1)) {
      await new Promise((resolve) => setTimeout(resolve));
    }
  }
}
