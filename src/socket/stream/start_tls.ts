/**
 * TLS in mid-stream: a connection that has spoken plainly goes on over
 * records.
 *
 * @module
 */

import { Deadline, unlessAborted, type Wait } from "../../deadline.ts";
import { socketError } from "../../errors.ts";
import { toError } from "../../runtime/seam/error_mapping.ts";
import { Fault, lateFault } from "../../runtime/seam/fault.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import type { TlsRole } from "../../runtime/seam/tls.ts";
import type { Connection } from "./connection.ts";
import { discard } from "./race.ts";

/** A role that is begun in mid-stream. */
export interface TlsStart {
  readonly role: TlsRole;
  /** Its first byte is the client's, who was told to begin. */
  readonly isServer: boolean;
  /** How long the handshake may take, unless the call says. */
  readonly handshakeTimeoutMs: number | null;
}

const OP = "startTls";

/**
 * Puts TLS between a connection and its stream. A failure ends the connection,
 * and is told once it is released; only what is wrong with the settings leaves
 * it as it was, which `choose` rejects with.
 *
 * @throws {SocketError} `EBUSY`, `EISCONN`, `EPIPE`, and those of a handshake.
 */
export async function startTls(
  connection: Connection,
  runtime: Runtime,
  choose: () => Promise<TlsStart>,
  wait: Wait,
): Promise<void> {
  demandFree(connection);
  if (wait.timeoutMs === 0) throw connection.error("EAGAIN", OP);
  const closing = connection.beginUpgrade(OP);
  const flushed = connection.sender.hold(OP);
  flushed.catch(ignore); // told below, or the settings are at fault first
  let start: TlsStart;
  try {
    start = await choose();
    start.role.demandUpgrade?.(connection.raw);
  } catch (error) {
    if (closing.aborted) await connection.failUpgrade(false);
    else connection.cancelUpgrade();
    throw toError(error, { op: OP, address: connection.peerAddress });
  }
  const timeoutMs = wait.timeoutMs ?? start.handshakeTimeoutMs;
  const deadline = new Deadline(
    runtime.clock,
    { ...wait, timeoutMs },
    closing,
    () => lateFault(OP, timeoutMs),
  );
  const attempt = { connection, flushed, signal: deadline.signal };
  try {
    await upgrade(start, attempt);
  } catch (error) {
    throw toError(error, { op: OP, address: connection.peerAddress });
  } finally {
    deadline.dispose();
  }
}

/** One upgrade, and what ends it early. */
interface Attempt {
  readonly connection: Connection;
  /** Settles when what was accepted before is with the kernel. */
  readonly flushed: Promise<void>;
  readonly signal: AbortSignal | undefined;
}

async function upgrade(
  { role, isServer }: TlsStart,
  { connection, flushed, signal }: Attempt,
): Promise<void> {
  let isTaken = false;
  try {
    signal?.throwIfAborted();
    await unlessAborted(flushed, signal);
    demandAlive(connection);
    const early = connection.receiver.takeEarly();
    if (!isServer && early.length > 0) throw earlyBytes();
    isTaken = true;
    const under = connection.raw;
    const isUpgrade = !isServer;
    const stream = await role.shake(under, { signal, early, isUpgrade });
    if (signal?.aborted) await discard(stream);
    signal?.throwIfAborted();
    connection.replaceRaw(stream);
  } catch (error) {
    await connection.failUpgrade(isTaken);
    throw error;
  }
}

/** Nothing else may go on, and TLS needs both directions. */
function demandFree(connection: Connection): void {
  const { receiver, sender, peerAddress: address } = connection;
  const fail = (code: string, reason?: string) =>
    socketError(code, { op: OP, address, reason });
  if (receiver.isBusy || sender.isBusy) throw fail("EBUSY");
  if (connection.tls !== undefined) {
    throw fail("EISCONN", "the connection speaks TLS already");
  }
  if (sender.isFinished || receiver.isShut) {
    throw fail("EPIPE", "a direction is shut down");
  }
}

/** The peer may have ended, or the connection died, before TLS began. */
function demandAlive({ fault, receiver }: Connection): void {
  if (fault !== undefined) throw fault;
  if (!receiver.isEnded) return;
  const reason = "the peer ended the stream before TLS had begun";
  throw new Fault("TLS_CLOSED", undefined, reason);
}

function earlyBytes(): Fault {
  return new Fault("EPROTO", undefined, "bytes came before TLS had begun");
}

function ignore(): void {}
