/** Echo with `Deno.listen`, one reused buffer for each connection. */

import { BUFFER_BYTES, isSink, isSource, MESSAGE, ready } from "./control.ts";

interface Conn {
  read(into: Uint8Array): Promise<number | null>;
  write(data: Uint8Array): Promise<number>;
  setNoDelay(flag: boolean): void;
  close(): void;
}
interface Listener {
  readonly addr: { readonly port: number };
  accept(): Promise<Conn>;
}
interface DenoGlobal {
  readonly Deno: {
    listen(options: { hostname: string; port: number }): Listener;
  };
}

async function sendAll(conn: Conn, data: Uint8Array): Promise<void> {
  let sent = await conn.write(data);
  while (sent < data.length) sent += await conn.write(data.subarray(sent));
}

async function serve(conn: Conn): Promise<void> {
  conn.setNoDelay(true);
  const buffer = new Uint8Array(BUFFER_BYTES);
  try {
    for (;;) {
      const n = await conn.read(buffer);
      if (n === null) break;
      while (isSource) await sendAll(conn, MESSAGE);
      if (!isSink) await sendAll(conn, buffer.subarray(0, n));
    }
  } catch {
    // The load generator went away; its connections end with a reset.
  }
  conn.close();
}

const { Deno } = globalThis as unknown as DenoGlobal;
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
ready(listener.addr.port);
for (;;) serve(await listener.accept());
