/**
 * `Deno.Conn` as people write it: one `write` whose count is not looked at, and
 * `close()` wherever they are done.
 */

import type { MakePipe, PlainStream } from "../../../src/testing/mod.ts";
import { type Conn, pipeOf, pipeWithResets } from "./deno_conn.ts";

const CHUNK_BYTES = 4_096;

function asWritten(conn: Conn): PlainStream {
  const memory = new Uint8Array(CHUNK_BYTES);
  return {
    async read() {
      const count = await conn.read(memory);
      return count === null ? null : memory.slice(0, count);
    },
    async write(bytes) {
      await conn.write(bytes);
    },
    closeWrite: () => conn.closeWrite(),
    close: () => conn.close(),
  };
}

/** Two such connections. */
export const make: MakePipe = ({ resets }) =>
  resets ? pipeWithResets(asWritten) : pipeOf(asWritten);
