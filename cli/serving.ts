/**
 * What servers of the command line have in common: they tell where they are,
 * and run until they are told to end.
 *
 * @module
 */

import type { Address } from "../mod.ts";
import { EXIT_OK } from "./exit.ts";
import { type Io, line } from "./io.ts";
import { paintFor } from "./paint.ts";
import { shown } from "./values.ts";

/** A server, of streams or of datagrams. */
interface Stoppable {
  readonly address: Address;
  readonly closed: Promise<unknown>;
  stop(options: { graceMs: number }): Promise<unknown>;
}

/** So long those who are being served have when it ends. */
const GRACE_MS = 2000;

/**
 * Tells where the server is and waits until it has been stopped, which Ctrl-C
 * does: it is the end that was meant.
 */
export async function untilStopped(
  server: Stoppable,
  io: Io,
  summary: () => string,
): Promise<number> {
  const stop = () => void server.stop({ graceMs: GRACE_MS });
  if (io.interrupted.aborted) stop();
  io.interrupted.addEventListener("abort", stop, { once: true });
  await line(io.errors, `listening at ${shown(server.address)}`);
  await server.closed;
  const { dim } = paintFor(io, io.errors);
  await line(io.errors, dim(summary()));
  return EXIT_OK;
}
