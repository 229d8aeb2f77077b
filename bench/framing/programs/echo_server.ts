/**
 * Echoes frames with a 32-bit length on the runtime that runs it and prints
 * its port and process: `node echo_server.ts loop|batches|naive|hand`.
 *
 * - `loop`: this library, `for await (const m of f) await f.send(m)`
 * - `batches`: this library, `batches()` and `sendMany`
 * - `naive`: `node:net`, one write for each frame
 * - `hand`: the runtime's own API, one write for all frames of a chunk
 */

import { listen } from "../../../mod.ts";
import type { StreamSocket } from "../../../mod.ts";
import { framed, lengthPrefixed } from "../../../src/framing/mod.ts";
import { handServer, naiveServer } from "../echo_rivals.ts";

const codec = lengthPrefixed({ header: "u32" });

async function loop(socket: StreamSocket): Promise<void> {
  const f = framed(socket, codec);
  for await (const message of f) await f.send(message);
  await f.close();
}

async function batches(socket: StreamSocket): Promise<void> {
  const f = framed(socket, codec);
  for await (const messages of f.batches()) await f.sendMany(messages);
  await f.close();
}

async function serve(
  handle: (socket: StreamSocket) => Promise<void>,
): Promise<void> {
  const listener = await listen("127.0.0.1:0");
  const address = listener.getSockName();
  if (!("port" in address)) throw new Error("No port");
  console.log(address.port, process.pid);
  for await (const [socket] of listener.connections()) {
    // A peer that goes away in the middle is no concern of the others.
    handle(socket).catch(() => socket.close());
  }
}

const servers: Record<string, () => unknown> = {
  loop: () => serve(loop),
  batches: () => serve(batches),
  naive: naiveServer,
  hand: handServer,
};
const start = servers[process.argv[2] ?? ""];
if (start === undefined) throw new Error("loop, batches, naive or hand");
await start();
