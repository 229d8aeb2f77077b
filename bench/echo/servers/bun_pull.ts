/**
 * Echo with `Bun.listen` and one promise for each read: the least that pulls.
 * Nothing is bounded, cancelled or told of errors. What it costs more than the
 * handlers is what awaiting costs on this runtime.
 */

import { isSink, isSource, MESSAGE, ready } from "./control.ts";

interface Conn {
  data: Pull;
  write(data: Uint8Array): number;
  end(): void;
}
interface BunGlobal {
  readonly Bun: {
    listen(options: {
      hostname: string;
      port: number;
      socket: {
        open(conn: Conn): void;
        data(conn: Conn, chunk: Uint8Array): void;
        drain(conn: Conn): void;
        close(conn: Conn): void;
        error(conn: Conn): void;
      };
    }): { readonly port: number };
  };
}

/** What came and was not asked for, or who asked and got nothing yet. */
class Pull {
  readonly #chunks: (Uint8Array | null)[] = [];
  #resolve: ((chunk: Uint8Array | null) => void) | undefined;
  drained: (() => void) | undefined;

  push(chunk: Uint8Array | null): void {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    if (resolve) resolve(chunk);
    else this.#chunks.push(chunk);
  }

  next(): Promise<Uint8Array | null> {
    return new Promise((resolve) => {
      const chunk = this.#chunks.shift();
      if (chunk === undefined) this.#resolve = resolve;
      else resolve(chunk);
    });
  }
}

async function sendAll(conn: Conn, data: Uint8Array): Promise<void> {
  let sent = Math.max(0, conn.write(data));
  while (sent < data.length) {
    await new Promise<void>((resolve) => conn.data.drained = resolve);
    sent += Math.max(0, conn.write(data.subarray(sent)));
  }
}

async function serve(conn: Conn): Promise<void> {
  for (;;) {
    const chunk = await conn.data.next();
    if (chunk === null) break;
    while (isSource) await sendAll(conn, MESSAGE);
    if (!isSink) await sendAll(conn, chunk);
  }
  conn.end();
}

const { Bun } = globalThis as unknown as BunGlobal;
// TCP_NODELAY is on by default here.
const listener = Bun.listen({
  hostname: "127.0.0.1",
  port: 0,
  socket: {
    open(conn) {
      conn.data = new Pull();
      serve(conn);
    },
    data: (conn, chunk) => conn.data.push(chunk),
    drain: (conn) => conn.data.drained?.(),
    close: (conn) => conn.data.push(null),
    error() {},
  },
});
ready(listener.port);
