/**
 * Laws of sends that are cut short, and of memory that is used again.
 *
 * @module
 */

import { SHUT_WR } from "../../constants.ts";
import type { Bytes } from "../../contracts.ts";
import type { StreamSocket } from "../../socket/mod.ts";
import { ensure, isSocketError, later, rejection, same } from "../expect.ts";
import type { Law } from "../law.ts";
import { firstOther, Pattern } from "../pattern.ts";
import { inHand, receiveAll, receivePattern, sendUntilStuck } from "./kit.ts";

interface Waiting {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** Laws of sends that are cut short, and of memory that is used again. */
export const sendingLaws: readonly Law[] = [
  {
    name: "an aborted sendAll rejects with the reason and bytesSent is exact",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(9);
      await client.sendAll(pattern.slice(0, 1_000));
      const controller = new AbortController();
      const { signal } = controller;
      const whole = pattern.slice(1_000, bench.moreThanFitsBytes);
      const pending = later(
        rejection(client.sendAll(whole, { signal }), "sendAll"),
      );
      await inHand(server, 2_000);
      const reason = { why: "enough" };
      controller.abort(reason);
      same(await pending, reason, "rejected with");
      const { bytesSent } = client;
      ensure(
        bytesSent < bench.moreThanFitsBytes,
        "sendAll was aborted after its end",
      );
      const ending = later(client.shutdown(SHUT_WR));
      await receivePattern(server, pattern, 0, bytesSent);
      same(await server.recv(), null, "what comes after bytesSent bytes");
      await ending;
    },
  },
  {
    name: "a timed-out sendAll tells bytesSent exactly",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(10);
      await client.sendAll(pattern.slice(0, 1_000));
      const whole = pattern.slice(1_000, bench.moreThanFitsBytes);
      const pending = later(client.sendAll(whole, { timeoutMs: 50 }));
      const error = await rejection(pending, "sendAll");
      isSocketError(error, "ETIMEDOUT", "sendAll", "sendAll");
      const { bytesSent } = client;
      same(error.bytesSent, bytesSent - 1_000, "bytesSent of the error");
      const ending = later(client.shutdown(SHUT_WR));
      await receivePattern(server, pattern, 0, bytesSent);
      same(await server.recv(), null, "what comes after bytesSent bytes");
      await ending;
    },
  },
  {
    name: "a send never shows memory that is reused once it was cut short",
    async run(bench) {
      const waits: readonly (() => Waiting)[] = [
        () => ({ signal: AbortSignal.timeout(20) }),
        () => ({ timeoutMs: 20 }),
      ];
      for (const wait of waits) {
        const [client, server] = await bench.pair();
        const memory = new Uint8Array(bench.moreThanFitsBytes).fill(0xaa);
        await rejection(client.sendAll(memory, wait()), "sendAll");
        memory.fill(0xbb);
        await endsWith(client, server, client.bytesSent, 0xaa);
      }
    },
  },
  {
    name: "a send never shows memory that is reused once it has settled",
    async run(bench) {
      const [client, server] = await bench.pair();
      const memory = new Aliased(65_536);
      const sending = async () => {
        for (let round = 0; round < 64; round++) {
          memory.fill(round);
          await client.sendAll(memory);
        }
        for (let round = 64; round < 128; round++) {
          memory.fill(round);
          let at = 0;
          while (at < memory.length) at += await client.send(memory.slice(at));
        }
        memory.fill(0xff);
        await client.shutdown(SHUT_WR);
      };
      const sent = later(sending());
      for (let round = 0; round < 128; round++) {
        const bytes = await server.recvExactly(65_536);
        same(firstOther(bytes, round), -1, `round ${round}`);
      }
      same(await server.recv(), null, "what comes last");
      await sent;
    },
  },
  {
    name: "a send that took bytes never shows memory that is reused",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(12);
      const memory = new Uint8Array(40_000).fill(0xaa);
      const stuck = await sendUntilStuck(client, pattern, 0);
      let taken = client.trySend(memory) ?? 0;
      memory.fill(0xbb);
      await receivePattern(server, pattern, 0, stuck);
      memory.fill(0xaa);
      taken += await client.send(memory);
      memory.fill(0xbb);
      await endsWith(client, server, taken, 0xaa);
    },
  },
];

/** Bytes whose `slice()` is no copy, as that of Node's `Buffer`. */
class Aliased extends Uint8Array {
  override slice(start?: number, end?: number): Bytes {
    return this.subarray(start, end) as Bytes;
  }
}

/** Checks that exactly `count` times `value` and then the end comes. */
async function endsWith(
  client: StreamSocket,
  server: StreamSocket,
  count: number,
  value: number,
): Promise<void> {
  const ending = later(client.shutdown(SHUT_WR));
  const bytes = await receiveAll(server);
  await ending;
  same(bytes.length, count, "bytes that came");
  same(firstOther(bytes, value), -1, "the first byte of reused memory");
}
