/**
 * One of several chat servers behind a proxy that says who its clients are.
 * What a guest says to one of them goes by way of NATS to the guests of all.
 *
 *     node examples/cluster_chat/chat_server.ts NAME PORT NATS_PORT
 *
 * `haproxy.cfg` beside this file is the proxy.
 *
 * @module
 */

import { formatAddress } from "../../mod.ts";
import { framed, type FramedSocket, lines } from "../../src/framing/mod.ts";
import { serve } from "../../src/server/mod.ts";
import { openNats } from "../integrations/nats.ts";

const [name = "one", port = "50007", natsPort = "4222"] = process.argv.slice(2);
const SUBJECT = "chat";

/** Whoever does not read for so long has to go. */
const PATIENCE_MS = 5_000;

const nats = await openNats({
  servers: `127.0.0.1:${natsPort}`,
  maxReconnectAttempts: -1,
  reconnectTimeWait: 100,
});
const guests = new Set<FramedSocket<string>>();

nats.subscribe(SUBJECT, {
  callback: (_error, message) => {
    const text = message.string();
    for (const guest of guests) {
      // A guest who is gone is told by his own loop.
      guest.send(text, { timeoutMs: PATIENCE_MS }).catch(() => {});
    }
  },
});

const server = await serve(`127.0.0.1:${port}`, async (sock, context) => {
  // A health check speaks for the proxy itself.
  if (context.proxy?.command === "local") return;
  const guest = framed(sock, lines());
  guests.add(guest);
  try {
    await guest.send(
      `hello ${formatAddress(context.address)}, this is ${name}`,
    );
    for await (const line of guest) nats.publish(SUBJECT, line);
  } finally {
    guests.delete(guest);
  }
}, { proxyProtocol: { from: ["127.0.0.1"] }, onError: () => {} });

console.log(`Listening on ${formatAddress(server.address)}`);
