/**
 * Laws of RST.
 *
 * @module
 */

import { SHUT_WR } from "../../constants.ts";
import type { StreamSocket } from "../../socket/mod.ts";
import {
  ensure,
  isSocketError,
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
import { allFailWith, inHand, receiveAll, sendUntilStuck } from "./kit.ts";

/** Laws of RST. */
export const resetLaws: readonly Law[] = [
  {
    name: "reset makes the peer see ECONNRESET and closes at once",
    needs: ["reset"],
    async run(bench) {
      const [client, server] = await bench.pair("client");
      const pending = later(rejectsWith(server.recv(), "ECONNRESET", "recv"));
      const own = later(rejectsWith(client.recv(), "EBADF", "recv"));
      client.reset();
      same(client.isClosed, true, "isClosed");
      await own;
      await client.closed;
      await pending;
      await allFailWith(client, "EBADF");
    },
  },
  {
    name: "buffered data come before the error and the error stays",
    needs: ["reset"],
    async run(bench) {
      const [client, server] = await bench.pair("client");
      await client.sendAll("abc");
      await inHand(server, 3);
      client.reset();
      await client.closed;
      sameText(await server.recvExactly(3), "abc", "what is in hand");
      await rejectsWith(server.recv(), "ECONNRESET", "recv");
      await rejectsWith(server.recv(), "ECONNRESET", "recv");
      await rejectsWith(server.recvExactly(1), "ECONNRESET", "recvExactly");
      await rejectsWith(server.recvUntil("\n"), "ECONNRESET", "recvUntil");
      throwsWith(() => server.tryRecv(), "ECONNRESET", "tryRecv");
      await rejectsWith(server.send("x"), "ECONNRESET", "send");
      await rejectsWith(server.sendAll("x"), "ECONNRESET", "sendAll");
      throwsWith(() => server.trySend("x"), "ECONNRESET", "trySend");
      await server.close();
    },
  },
  {
    name: "a reset is an error and no end when much is unread",
    needs: ["reset"],
    async run(bench) {
      const [client, server] = await bench.pair("client");
      const pattern = new Pattern(27);
      await sendUntilStuck(client, pattern, 0);
      const { bytesSent } = client;
      client.reset();
      await client.closed;
      let received = 0;
      const error = await rejection(
        (async () => {
          let chunk = await server.recv();
          while (chunk !== null) {
            pattern.check(chunk, received);
            received += chunk.length;
            chunk = await server.recv();
          }
        })(),
        "reading on",
      );
      isSocketError(error, "ECONNRESET", "recv", "recv");
      ensure(received <= bytesSent, `${received} of ${bytesSent} bytes came`);
    },
  },
  {
    name: "the end stays an end when a reset comes after it",
    needs: ["reset"],
    async run(bench) {
      const [client, server] = await bench.pair("server");
      await resetAfterEnd(server, "bye");
      sameText(await receiveAll(client), "bye", "what came before the end");
      same(await client.recv(), null, "what follows the end");
    },
  },
  {
    name: "the end stays an end when a send fails before it is read",
    needs: ["reset"],
    async run(bench) {
      const [client, server] = await bench.pair("server");
      await resetAfterEnd(server, "bye");
      await rejectsWith(sendUntilItFails(client), "EPIPE", "sendAll");
      sameText(await receiveAll(client), "bye", "what came before the end");
      same(await client.recv(), null, "what follows the end");
      await rejectsWith(client.sendAll("x"), "EPIPE", "sendAll");
    },
  },
  {
    name: "recvExactly is ECONNRESET when the peer crashes mid-message",
    needs: ["reset"],
    async run(bench) {
      const [client, server] = await bench.pair("client");
      await client.sendAll("abc");
      await inHand(server, 3);
      const pending = later(rejectsWith(
        server.recvExactly(10),
        "ECONNRESET",
        "recvExactly",
      ));
      client.reset();
      await pending;
    },
  },
  {
    name: "a pending send is ECONNRESET when the peer resets",
    needs: ["reset"],
    async run(bench) {
      const [client, server] = await bench.pair("server");
      await client.sendAll("abc");
      await inHand(server, 3);
      const pending = later(rejectsWith(
        client.sendAll(new Uint8Array(bench.moreThanFitsBytes)),
        "ECONNRESET",
        "sendAll",
      ));
      server.reset();
      const { bytesSent } = await pending;
      same(bytesSent, client.bytesSent - 3, "bytesSent of the error");
    },
  },
];

/** A runtime may take one send more before it hears of the failure. */
async function sendUntilItFails(socket: StreamSocket): Promise<never> {
  while (true) {
    await socket.sendAll("x");
    await turn();
  }
}

/** The end has arrived at the peer, unread, when the reset comes. */
async function resetAfterEnd(
  socket: StreamSocket,
  words: string,
): Promise<void> {
  await socket.sendAll(words);
  await socket.shutdown(SHUT_WR);
  await turn();
  socket.reset();
  await socket.closed;
}
