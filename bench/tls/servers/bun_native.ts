/** TLS with `Bun.listen`. */

import { ready } from "../../echo/servers/control.ts";
import { cert, isSink, isSource, key, MESSAGE } from "./setup.ts";

interface Socket {
  data: Uint8Array[] | undefined;
  write(data: Uint8Array): number;
  terminate(): void;
}
interface BunGlobal {
  readonly Bun: { listen(options: object): { readonly port: number } };
}

/** Sends for ever: each message whole, its rest once there is room. */
function send(socket: Socket): void {
  const waiting = socket.data ??= [];
  for (;;) {
    const rest = waiting.pop() ?? MESSAGE;
    const count = Math.max(socket.write(rest), 0);
    if (count === rest.length) continue;
    return void waiting.push(rest.subarray(count));
  }
}

/** Writes what waits, or for ever where the server only sends. */
function flush(socket: Socket): void {
  if (isSource) return send(socket);
  const waiting = socket.data ?? [];
  while (waiting.length > 0) {
    const [first] = waiting as [Uint8Array];
    const count = Math.max(socket.write(first), 0);
    if (count < first.length) {
      waiting[0] = first.subarray(count);
      return;
    }
    waiting.shift();
  }
}

const { Bun } = globalThis as unknown as BunGlobal;
const listener = Bun.listen({
  hostname: "127.0.0.1",
  port: 0,
  tls: { cert, key },
  socket: {
    binaryType: "uint8array",
    handshake(socket: Socket): void {
      if (isSource) flush(socket);
    },
    data(socket: Socket, chunk: Uint8Array): void {
      if (isSink || isSource) return;
      const waiting = socket.data ??= [];
      if (waiting.length === 0) {
        const count = Math.max(socket.write(chunk), 0);
        if (count < chunk.length) waiting.push(chunk.subarray(count));
      } else waiting.push(chunk);
    },
    drain: flush,
    error(socket: Socket): void {
      socket.terminate();
    },
  },
});
ready(listener.port);
