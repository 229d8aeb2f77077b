/**
 * A handshake of one of Deno's TLS sockets, and the stream that comes of it.
 *
 * @module
 */

import { faultOfRustls } from "../../../tls/rustls.ts";
import type { TlsInfo } from "../../../tls_contracts.ts";
import type { RawStream, StreamSink } from "../../seam/stream.ts";
import type { GivenEnds } from "../addresses.ts";
import { toFault } from "../error_mapping.ts";
import type { DenoTlsConn } from "../native.ts";
import { DenoStream } from "../stream.ts";

/** Hears nothing: of a stream that is taken apart. */
export const NOBODY: StreamSink = {
  data: () => false,
  end() {},
  failed() {},
  writable() {},
  closed() {},
};

/**
 * Waits for a handshake. An abort closes the socket; Deno lets go of its
 * descriptor once the peer has answered or gone.
 */
export async function shaken(
  conn: DenoTlsConn,
  signal: AbortSignal | undefined,
): Promise<{ readonly alpnProtocol: string | null }> {
  const onAbort = () => closeQuietly(conn);
  signal?.addEventListener("abort", onAbort);
  try {
    signal?.throwIfAborted();
    return await conn.handshake();
  } catch (error) {
    closeQuietly(conn);
    if (signal?.aborted) throw signal.reason;
    throw faultOfRustls(error, false) ?? toFault(error);
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

function closeQuietly(conn: DenoTlsConn): void {
  try {
    conn.close();
  } catch {
    // Deno closes it by itself where the handshake fails.
  }
}

/** The driver of a socket whose handshake is over. */
export function securedStream(
  conn: DenoTlsConn,
  given: GivenEnds,
  known: Pick<TlsInfo, "alpnProtocol" | "authorized" | "serverName">,
): RawStream {
  const info: TlsInfo = Object.freeze({
    protocol: null,
    cipher: null,
    peerCertificate: null,
    native: true,
    ...known,
  });
  const faultOf = (error: unknown) => faultOfRustls(error, true);
  return new DenoStream(conn, given, { info, faultOf });
}
