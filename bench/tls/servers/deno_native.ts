/** TLS with `Deno.listenTls`, one reused buffer for each connection. */

import { BUFFER_BYTES, ready } from "../../echo/servers/control.ts";
import { cert, isSink, isSource, key, MESSAGE } from "./setup.ts";

interface Conn {
  read(into: Uint8Array): Promise<number | null>;
  write(data: Uint8Array): Promise<number>;
  close(): void;
}
interface Listener {
  readonly addr: { readonly port: number };
  accept(): Promise<Conn>;
}
interface DenoGlobal {
  readonly Deno: { listenTls(options: object): Listener };
}

async function sendAll(conn: Conn, data: Uint8Array): Promise<void> {
  let sent = await conn.write(data);
  while (sent < data.length) sent += await conn.write(data.subarray(sent));
}

async function serve(conn: Conn): Promise<void> {
  try {
    while (isSource) await sendAll(conn, MESSAGE);
    const buffer = new Uint8Array(BUFFER_BYTES);
    for (;;) {
      const n = await conn.read(buffer);
      if (n === null) break;
      if (!isSink) await sendAll(conn, buffer.subarray(0, n));
    }
  } catch {
    // The load generator went away; its connections end with a reset.
  }
  conn.close();
}

const { Deno } = globalThis as unknown as DenoGlobal;
const listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key });
ready(listener.addr.port);
for (;;) serve(await listener.accept());
