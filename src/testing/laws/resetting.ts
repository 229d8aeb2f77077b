/**
 * Laws of RST.
 *
 * @module
 */

import {
  ensure,
  isSocketError,
  later,
  rejection,
  rejectsWith,
  same,
  sameText,
  throwsWith,
} from "../expect.ts";
import type { Law } from "../law.ts";
import { Pattern } from "../pattern.ts";
import {
  allFailWith,
  inHand,
  MORE_THAN_FITS_BYTES,
  sendUntilStuck,
} from "./kit.ts";

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
        client.sendAll(new Uint8Array(MORE_THAN_FITS_BYTES)),
        "ECONNRESET",
        "sendAll",
      ));
      server.reset();
      const { bytesSent } = await pending;
      same(bytesSent, client.bytesSent - 3, "bytesSent of the error");
    },
  },
];
