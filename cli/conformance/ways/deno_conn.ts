/** `Deno.Conn` as its documentation shows it. */

import {
  type MakePipe,
  nodePipe,
  type PlainStream,
} from "../../../src/testing/mod.ts";
import { closed } from "./node_net.ts";
import { createServer } from "node:net";
import { once } from "node:events";

/** What is used of a `Deno.Conn`. */
export interface Conn {
  read(memory: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  closeWrite(): Promise<void>;
  close(): void;
}

interface DenoGlobal {
  readonly Deno: {
    connect(address: { hostname: string; port: number }): Promise<Conn>;
    listen(address: { hostname: string; port: number }): {
      readonly addr: { readonly port: number };
      accept(): Promise<Conn>;
      close(): void;
    };
  };
}

const hostname = "127.0.0.1";
const CHUNK_BYTES = 65_536;

const { Deno } = globalThis as unknown as DenoGlobal;

/** Two connections, however they are used. */
export async function pipeOf(
  use: (conn: Conn) => PlainStream,
): ReturnType<MakePipe> {
  const listener = Deno.listen({ hostname, port: 0 });
  const [client, server] = await Promise.all([
    Deno.connect({ hostname, port: listener.addr.port }),
    listener.accept(),
  ]);
  listener.close();
  return { client: use(client), server: use(server) };
}

/** `Deno.Conn` cannot reset: its peer is a socket of Deno's `node:net`. */
export async function pipeWithResets(
  use: (conn: Conn) => PlainStream,
): ReturnType<MakePipe> {
  const listener = createServer({ allowHalfOpen: true });
  listener.listen(0, hostname);
  await once(listener, "listening");
  const { port } = listener.address() as { port: number };
  const accepted = once(listener, "connection");
  const client = await Deno.connect({ hostname, port });
  const [server] = await accepted;
  return {
    client: use(client),
    server: nodePipe(server),
    stop: () => closed(listener),
  };
}

/** Reads into memory of its own, writes until all is written. */
export function documented(conn: Conn): PlainStream {
  let isClosed = false;
  return {
    async read() {
      const memory = new Uint8Array(CHUNK_BYTES);
      const count = await conn.read(memory);
      return count === null ? null : memory.subarray(0, count);
    },
    async write(bytes) {
      for (let at = 0; at < bytes.length;) {
        at += await conn.write(bytes.subarray(at));
      }
    },
    closeWrite: () => conn.closeWrite(),
    close() {
      if (!isClosed) conn.close();
      isClosed = true;
    },
  };
}

/** Two such connections. */
export const make: MakePipe = ({ resets }) =>
  resets ? pipeWithResets(documented) : pipeOf(documented);
