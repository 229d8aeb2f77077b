/** TLS with this library, by the uniform path or natively. */

import { listen, type StreamSocket } from "../../../mod.ts";
import {
  BUFFER_BYTES,
  CHUNK_BYTES,
  ready,
} from "../../echo/servers/control.ts";
import {
  cert,
  isNative,
  isSink,
  isSource,
  key,
  MESSAGE,
  readsInto,
} from "./setup.ts";

async function talk(conn: StreamSocket): Promise<void> {
  for (;;) {
    const data = await conn.recv(CHUNK_BYTES);
    if (data === null) return;
    if (!isSink) await conn.sendAll(data);
  }
}

async function talkInto(conn: StreamSocket): Promise<void> {
  const buffer = new Uint8Array(BUFFER_BYTES);
  for (;;) {
    const count = await conn.recvInto(buffer);
    if (count === null) return;
    if (!isSink) await conn.sendAll(buffer.subarray(0, count));
  }
}

async function serve(conn: StreamSocket): Promise<void> {
  try {
    while (isSource) await conn.sendAll(MESSAGE);
    await (readsInto ? talkInto : talk)(conn);
  } catch {
    // The load generator went away; its connections end with a reset.
  }
  await conn.close({ lingerMs: 0 });
}

const listener = await listen(["127.0.0.1", 0], {
  tls: { cert, key, native: isNative },
});
const address = listener.getSockName();
ready(address.family === "unix" ? 0 : address.port);
for await (const [conn] of listener.connections()) serve(conn);
