/** Echo with `Bun.listen` and its handlers. */

import { isSink, isSource, MESSAGE, ready } from "./control.ts";

interface Conn {
  data: Uint8Array | undefined;
  write(data: Uint8Array): number;
  pause(): void;
  resume(): void;
  end(): void;
}
interface BunGlobal {
  readonly Bun: {
    listen(options: {
      hostname: string;
      port: number;
      socket: {
        data(conn: Conn, chunk: Uint8Array): void;
        drain(conn: Conn): void;
        error(conn: Conn): void;
      };
    }): { readonly port: number };
  };
}

function echo(conn: Conn, chunk: Uint8Array): void {
  const sent = Math.max(0, conn.write(chunk));
  if (sent === chunk.length) return;
  conn.data = chunk.subarray(sent);
  conn.pause();
}

/** Writes messages until the kernel has no more room. */
function pour(conn: Conn): void {
  let left = conn.data ?? MESSAGE;
  for (;;) {
    const sent = Math.max(0, conn.write(left));
    conn.data = left.subarray(sent);
    if (sent < left.length) return;
    left = MESSAGE;
  }
}

function drain(conn: Conn): void {
  if (isSource) return pour(conn);
  if (!conn.data) return;
  const rest = conn.data;
  conn.data = undefined;
  conn.resume();
  echo(conn, rest);
}

const { Bun } = globalThis as unknown as BunGlobal;
// TCP_NODELAY is on by default here.
const listener = Bun.listen({
  hostname: "127.0.0.1",
  port: 0,
  socket: {
    data: isSource ? pour : isSink ? () => {} : echo,
    drain,
    error() {},
  },
});
ready(listener.port);
