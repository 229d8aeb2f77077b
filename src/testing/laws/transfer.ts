/**
 * Laws of carrying bytes: all of them, in order, and bounded.
 *
 * @module
 */

import { SHUT_WR } from "../../constants.ts";
import { Dice } from "../dice.ts";
import type { StreamSocket } from "../../socket/mod.ts";
import { ensure, later, same, textOf } from "../expect.ts";
import type { Law } from "../law.ts";
import { Pattern } from "../pattern.ts";
import { BOUNDLESS_BYTES, receivePattern, sendUntilStuck } from "./kit.ts";

/** The largest piece that the transfer law sends or asks for. */
const LARGEST_PIECE_BYTES = 1_048_576;

/** What a reader that stops may have in hand besides the runtime's chunk. */
const READ_MARK_BYTES = 65_536;

async function sendInPieces(
  socket: StreamSocket,
  pattern: Pattern,
  total: number,
  dice: Dice,
): Promise<void> {
  let sent = 0;
  while (sent < total) {
    const size = Math.min(dice.size(LARGEST_PIECE_BYTES), total - sent);
    const piece = pattern.slice(sent, size);
    if (dice.chance(0.3)) {
      sent += await socket.send(piece);
    } else if (dice.chance(0.2)) {
      const cut = dice.size(size);
      await socket.sendAll([piece.subarray(0, cut), piece.subarray(cut)]);
      sent += size;
    } else {
      await socket.sendAll(piece);
      sent += size;
    }
  }
  await socket.shutdown(SHUT_WR);
}

async function receiveInPieces(
  socket: StreamSocket,
  pattern: Pattern,
  total: number,
  dice: Dice,
): Promise<void> {
  let received = 0;
  while (received < total) {
    const size = dice.size(LARGEST_PIECE_BYTES);
    const piece = dice.chance(0.2)
      ? await socket.recvExactly(Math.min(size, total - received))
      : await socket.recv(size);
    ensure(piece !== null, `the stream ended after ${received} bytes`);
    ensure(piece.length <= size, `recv(${size}) gave ${piece.length} bytes`);
    pattern.check(piece, received);
    received += piece.length;
  }
  same(await socket.recv(), null, "what comes after the last byte");
  same(socket.bytesReceived, total, "bytesReceived");
}

/** Laws of carrying bytes. */
export const transferLaws: readonly Law[] = [
  {
    name: "a stream loses and reorders no byte when both sides send at once",
    async run(bench) {
      const [client, server] = await bench.pair();
      const total = bench.volumeBytes;
      const [there, back] = [new Pattern(1), new Pattern(2)];
      await Promise.all([
        sendInPieces(client, there, total, new Dice(11)),
        sendInPieces(server, back, total, new Dice(12)),
        receiveInPieces(server, there, total, new Dice(13)),
        receiveInPieces(client, back, total, new Dice(14)),
      ]);
      same(client.bytesSent, total, "bytesSent of the client");
      same(server.bytesSent, total, "bytesSent of the server");
    },
  },
  {
    name: "a reader that stops stops the writer with bounded memory",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(3);
      const first = later(client.sendAll(pattern.slice(0, 1)));
      same((await server.recv())?.length, 1, "bytes of the first receive");
      await first;
      const sent = 1 + await sendUntilStuck(client, pattern, 1);
      same(client.bytesSent, sent, "bytesSent once the writer is stopped");
      const inHand = takeInHand(server, pattern, 1);
      const readAhead = bench.runtime.supports.maxReadAhead;
      ensure(typeof readAhead === "number", "maxReadAhead is a number");
      ensure(
        inHand <= READ_MARK_BYTES + readAhead,
        `${inHand} bytes in hand of a reader that had stopped`,
      );
      await receivePattern(server, pattern, 1 + inHand, sent);
      same(server.bytesReceived, sent, "bytesReceived");
    },
  },
  {
    name: "a writer goes on when a stopped reader goes on",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(4);
      const stuck = await sendUntilStuck(client, pattern, 0);
      const total = stuck + 1_000_000;
      const rest = later(client.sendAll(pattern.slice(stuck, 1_000_000)));
      await receivePattern(server, pattern, 0, total);
      await rest;
    },
  },
  {
    name: "sendAll sends its pieces in order when given several",
    async run(bench) {
      const [client, server] = await bench.pair();
      const bytes = new TextEncoder().encode("..three..");
      await client.sendAll([
        "one ",
        new Uint8Array(0),
        new TextEncoder().encode("two "),
        new DataView(bytes.buffer, 2, 5),
        new TextEncoder().encode(" four").buffer,
        "",
        new Uint16Array([0x2121]),
      ]);
      const got = await server.recvExactly(20);
      same(textOf(got), "one two three four!!", "what came");
      same(client.bytesSent, 20, "bytesSent");
    },
  },
  {
    name: "send gives how many bytes it took when it took some",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(5);
      const total = 300_000;
      const reading = later(receivePattern(server, pattern, 0, total));
      let sent = 0;
      while (sent < total) {
        const piece = pattern.slice(sent, total - sent);
        const count = await client.send(piece);
        ensure(
          Number.isInteger(count) && count >= 1 && count <= piece.length,
          `send of ${piece.length} bytes gave ${count}`,
        );
        sent += count;
        same(client.bytesSent, sent, "bytesSent");
      }
      await reading;
    },
  },
  {
    name: "a string arrives as UTF-8 when sent",
    async run(bench) {
      const [client, server] = await bench.pair();
      const sending = later(client.sendAll("Grüße, 世界 🙂"));
      same(textOf(await server.recvExactly(20)), "Grüße, 世界 🙂", "what came");
      await sending;
    },
  },
  {
    name: "trySend gives undefined when the kernel takes no more",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(6);
      let sent = 0;
      while (sent < BOUNDLESS_BYTES) {
        const count = client.trySend(pattern.slice(sent, 65_536));
        if (count === undefined) break;
        sent += count;
      }
      ensure(sent < BOUNDLESS_BYTES, `${sent} bytes went without a reader`);
      const { bytesSent } = client;
      same(bytesSent, sent, "bytesSent");
      await receivePattern(server, pattern, 0, sent);
      same(await client.send("x"), 1, "send once there is room");
      same(textOf(await server.recvExactly(1)), "x", "what came after");
    },
  },
];

function takeInHand(
  socket: StreamSocket,
  pattern: Pattern,
  from: number,
): number {
  let taken = 0;
  while (true) {
    const chunk = socket.tryRecv(LARGEST_PIECE_BYTES);
    if (chunk === undefined) return taken;
    ensure(chunk !== null, "the stream ended");
    pattern.check(chunk, from + taken);
    taken += chunk.length;
  }
}
