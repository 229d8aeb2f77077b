/**
 * Laws of ending one direction.
 *
 * @module
 */

import { MSG_WAITALL, SHUT_RD, SHUT_RDWR, SHUT_WR } from "../../constants.ts";
import type { StreamSocket } from "../../socket/mod.ts";
import { later, rejectsWith, same, sameText, throwsWith } from "../expect.ts";
import type { Law } from "../law.ts";
import { Pattern } from "../pattern.ts";
import { inHand, receiveAll, receivePattern, sendUntilStuck } from "./kit.ts";

/** Laws of ending one direction. */
export const halfCloseLaws: readonly Law[] = [
  {
    name: "an answer arrives when the client has ended its side first",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(20);
      await client.sendAll("question");
      await client.shutdown(SHUT_WR);
      sameText(await receiveAll(server), "question", "the question");
      const answer = later(
        server.sendAll(pattern.slice(0, 3_000_000))
          .then(() => server.shutdown(SHUT_WR)),
      );
      await receivePattern(client, pattern, 0, 3_000_000);
      same(await client.recv(), null, "what follows the answer");
      await answer;
    },
  },
  {
    name: "a question arrives when the server has ended its side first",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(21);
      await server.shutdown(SHUT_WR);
      same(await client.recv(), null, "the server's end");
      const question = later(
        client.sendAll(pattern.slice(0, 3_000_000))
          .then(() => client.shutdown(SHUT_WR)),
      );
      await receivePattern(server, pattern, 0, 3_000_000);
      same(await server.recv(), null, "what follows the question");
      await question;
    },
  },
  earlyEndLaw("sendAll", (server) => server.sendAll("answer")),
  earlyEndLaw("trySend", (server) => {
    const count = server.trySend("answer");
    same(count, 6, "what trySend took");
    return Promise.resolve();
  }),
  {
    name: "SHUT_WR flushes and later sends are EPIPE",
    async run(bench) {
      const [client, server] = await bench.pair();
      const count = await client.send("last words");
      await client.shutdown(SHUT_WR);
      await rejectsWith(client.send("x"), "EPIPE", "send");
      await rejectsWith(client.sendAll("x"), "EPIPE", "sendAll");
      throwsWith(() => client.trySend("x"), "EPIPE", "trySend");
      await client.shutdown(SHUT_WR);
      same(client.bytesSent, count, "bytesSent");
      same((await receiveAll(server)).length, count, "bytes that came");
      await server.sendAll("answer");
      sameText(await client.recvExactly(6), "answer", "the answer");
    },
  },
  {
    name:
      "SHUT_WR ends behind what a full stream holds when the reader is slow",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(22);
      const sent = await sendUntilStuck(client, pattern, 0);
      const ending = later(client.shutdown(SHUT_WR));
      await receivePattern(server, pattern, 0, sent);
      same(await server.recv(), null, "what follows");
      await ending;
    },
  },
  {
    name: "SHUT_RD drops what is in hand and recv gives null",
    async run(bench) {
      const [client, server] = await bench.pair();
      await client.sendAll("dropped");
      await inHand(server, 7);
      await server.shutdown(SHUT_RD);
      same(await server.recv(), null, "recv");
      same(await server.recv(5, MSG_WAITALL), null, "recv of all");
      same(server.tryRecv(), null, "tryRecv");
      await server.sendAll("answer");
      sameText(await client.recvExactly(6), "answer", "the answer");
    },
  },
  {
    name: "SHUT_RD gives null to a receive that is pending",
    async run(bench) {
      const [, server] = await bench.pair();
      const pending = later(server.recv());
      await server.shutdown(SHUT_RD);
      same(await pending, null, "recv");
    },
  },
  {
    name: "SHUT_RD never blocks the peer's writer",
    async run(bench) {
      const [client, server] = await bench.pair();
      await server.shutdown(SHUT_RD);
      await client.sendAll(new Uint8Array(bench.moreThanFitsBytes));
      same(client.bytesSent, bench.moreThanFitsBytes, "bytesSent");
      same(server.bytesReceived, 0, "bytesReceived");
    },
  },
  {
    name: "SHUT_RDWR ends both directions",
    async run(bench) {
      const [client, server] = await bench.pair();
      await client.shutdown(SHUT_RDWR);
      same(await server.recv(), null, "recv of the peer");
      same(await client.recv(), null, "recv");
      await rejectsWith(client.send("x"), "EPIPE", "send");
      same(client.isClosed, false, "isClosed");
    },
  },
  {
    name: "SHUT_RDWR shuts nothing when a send is pending",
    async run(bench) {
      const [client, server] = await bench.pair();
      later(client.sendAll(new Uint8Array(bench.moreThanFitsBytes)))
        .catch(() => {});
      await rejectsWith(client.shutdown(SHUT_RDWR), "EBUSY", "shutdown");
      await server.sendAll("heard");
      sameText(await client.recvExactly(5), "heard", "what came");
      await client.close({ lingerMs: 0 });
    },
  },
  {
    name: "shutdown is EBUSY when a send is pending",
    async run(bench) {
      const [client, server] = await bench.pair();
      const pattern = new Pattern(23);
      const sending = later(
        client.sendAll(pattern.slice(0, bench.moreThanFitsBytes)),
      );
      await rejectsWith(client.shutdown(SHUT_WR), "EBUSY", "shutdown");
      await receivePattern(server, pattern, 0, bench.moreThanFitsBytes);
      await sending;
    },
  },
];

/** The end waits in the kernel, unread, when the server speaks. */
function earlyEndLaw(
  how: string,
  answer: (server: StreamSocket) => Promise<void>,
): Law {
  return {
    name: `an answer by ${how} arrives when the client has ended and none read`,
    async run(bench) {
      const listener = await bench.listen({ abortive: true });
      for (let i = 0; i < 5; i++) {
        const client = await bench.connectTo(listener.getSockName());
        await client.shutdown(SHUT_WR);
        const [server] = await listener.accept();
        bench.keep(server);
        await answer(server);
        await server.shutdown(SHUT_WR);
        sameText(await receiveAll(client), "answer", "the answer");
        same(await server.recv(), null, "the client's end");
      }
    },
  };
}
