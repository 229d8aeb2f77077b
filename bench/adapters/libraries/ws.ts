/** ws: echoes of 64 bytes, one at a time; both ends are in this process. */

import { once } from "node:events";
import { createServer } from "node:net";
import { type InetAddress, listen } from "../../../mod.ts";
import {
  openWebSocket as openOwn,
  serveWebSockets as serveOwn,
} from "../../../examples/integrations/own.ts";
import {
  openWebSocket,
  serveWebSockets,
} from "../../../examples/integrations/ws.ts";
import { isOwn, measure } from "./measure.ts";

async function serve() {
  if (isOwn) {
    const listener = createServer({ noDelay: true }).listen(0, "127.0.0.1");
    const server = await serveOwn(listener);
    await once(listener, "listening");
    const { port } = listener.address() as { port: number };
    return { server, port, close: () => listener.close() };
  }
  const listener = await listen("127.0.0.1:0");
  const { port } = listener.getSockName() as InetAddress;
  const server = serveWebSockets(listener);
  return { server, port, close: () => listener.close() };
}

await measure(async () => {
  const { server, port, close } = await serve();
  server.on("connection", (peer) => {
    peer.on("message", (data) => peer.send(data as Uint8Array));
  });
  const url = `ws://127.0.0.1:${port}/`;
  const client = isOwn ? await openOwn(url) : openWebSocket(url);
  await once(client, "open");
  const message = new Uint8Array(64);
  const run = (count: number) =>
    new Promise<void>((resolve) => {
      let left = count;
      client.onmessage = () => --left > 0 ? client.send(message) : resolve();
      client.send(message);
    });
  return {
    rows: { "ws echo": { count: 20_000, run } },
    close: async () => {
      client.terminate();
      await close();
    },
  };
});
