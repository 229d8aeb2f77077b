/**
 * `node:net` as people write it: default options, `for await` over the socket,
 * a write that waits for `"drain"` alone, `end()`, `destroy()`.
 */

import { once } from "node:events";
import type { Socket } from "node:net";
import type { MakePipe, PlainStream } from "../../../src/testing/mod.ts";
import { pipeOf } from "./node_net.ts";

function asWritten(socket: Socket): PlainStream {
  const chunks = socket[Symbol.asyncIterator]();
  socket.on("error", () => {});
  return {
    async read() {
      const { done, value } = await chunks.next();
      return done ? null : value;
    },
    async write(bytes) {
      if (!socket.write(bytes)) await once(socket, "drain");
    },
    closeWrite() {
      socket.end();
      return Promise.resolve();
    },
    close: () => void socket.destroy(),
    reset: () => void socket.resetAndDestroy(),
  };
}

/** Two such sockets. */
export const make: MakePipe = () => pipeOf(false, asWritten);
