/**
 * Echo with `node:net` and one promise for each read: the least that pulls.
 * Nothing is bounded, cancelled or told of errors. What it costs more than the
 * events is what awaiting costs on this runtime.
 */

import { type AddressInfo, createServer, type Socket } from "node:net";
import { isSink, isSource, MESSAGE, ready } from "./control.ts";

/** Gives what came, asked for or not; `null` at the end. */
function puller(socket: Socket): () => Promise<Uint8Array | null> {
  const chunks: (Uint8Array | null)[] = [];
  let resolve: ((chunk: Uint8Array | null) => void) | undefined;
  const push = (chunk: Uint8Array | null): void => {
    const asked = resolve;
    resolve = undefined;
    if (asked) asked(chunk);
    else chunks.push(chunk);
  };
  socket.on("data", push);
  socket.on("close", () => push(null));
  return () =>
    new Promise((settle) => {
      const chunk = chunks.shift();
      if (chunk === undefined) resolve = settle;
      else settle(chunk);
    });
}

async function sendAll(socket: Socket, data: Uint8Array): Promise<void> {
  if (socket.write(data)) return;
  await new Promise<void>((resolve) => socket.once("drain", resolve));
}

async function serve(socket: Socket): Promise<void> {
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  const next = puller(socket);
  for (;;) {
    const chunk = await next();
    if (chunk === null) return;
    while (isSource) await sendAll(socket, MESSAGE);
    if (!isSink) await sendAll(socket, chunk);
  }
}

const server = createServer(serve);
server.listen(
  { host: "127.0.0.1", port: 0, backlog: 511 },
  () => ready((server.address() as AddressInfo).port),
);
