/**
 * `Bun.connect` as people write it: default options, `write` whose count is
 * not looked at, `end()` for an end, and `close` taken for the end.
 */

import type { MakePipe, PlainStream } from "../../../src/testing/mod.ts";
import {
  type BunSocket,
  type Handlers,
  newsFor,
  pipeOf,
} from "./bun_connect.ts";

function asWritten(socket: BunSocket): [PlainStream, Handlers] {
  const chunks: Uint8Array[] = [];
  let isOver = false;
  const { news, wake } = newsFor();
  const over = () => {
    isOver = true;
    wake();
  };
  const told: Handlers = {
    came(chunk) {
      chunks.push(chunk);
      wake();
    },
    ended: over,
    drained() {},
    failed: over,
  };
  const stream: PlainStream = {
    async read() {
      while (chunks.length === 0 && !isOver) await news();
      return chunks.shift() ?? null;
    },
    write(bytes) {
      socket.write(bytes);
      return Promise.resolve();
    },
    closeWrite() {
      socket.end();
      return Promise.resolve();
    },
    close: () => socket.end(),
    reset: () => socket.terminate(),
  };
  return [stream, told];
}

/** Two such sockets. */
export const make: MakePipe = () => pipeOf(asWritten, false);
