/**
 * The role of a client, on Deno's own TLS sockets.
 *
 * @module
 */

import { Fault, refuseNative } from "../../seam/fault.ts";
import type { RawStream } from "../../seam/stream.ts";
import type {
  ConnectPlan,
  Handshake,
  TlsClientSettings,
  TlsRole,
} from "../../seam/tls.ts";
import { toFault } from "../error_mapping.ts";
import { deno, type DenoConn } from "../native.ts";
import { DenoStream } from "../stream.ts";
import { NOBODY, securedStream, shaken } from "./handshake.ts";

/** Speaks TLS as a client. */
export class DenoTlsClient implements TlsRole {
  readonly #settings: TlsClientSettings;

  constructor(settings: TlsClientSettings) {
    this.#settings = settings;
  }

  demandConnect(plan: ConnectPlan): void {
    if (plan.isUnix) refuseNative("Deno has TLS over TCP alone");
    if (!plan.abortive && !plan.isBound && !plan.keepAliveIdle) return;
    refuseNative(
      "connections with `abortive`, `localAddress` or a keep-alive's idle " +
        "time are not Deno's own",
    );
  }

  demandUpgrade(under: RawStream): void {
    if (!(under instanceof DenoStream)) {
      refuseNative("the stream is none of Deno's");
    }
    if (under.remoteAddress?.family === "unix") {
      refuseNative("Deno has TLS over TCP alone");
    }
    if (!under.isReading) return;
    const reason = "a read is outstanding, and Deno cannot take it back";
    throw new Fault("EBUSY", undefined, reason);
  }

  async shake(under: RawStream, { signal }: Handshake): Promise<RawStream> {
    const stream = under as DenoStream;
    stream.attach(NOBODY);
    const { given } = stream;
    const conn = await this.#begin(stream.detach() as DenoConn);
    const { alpnProtocol } = await shaken(conn, signal);
    const { serverName = null } = this.#settings;
    return securedStream(conn, given, {
      alpnProtocol,
      serverName,
      // Deno verifies, whatever it is told.
      authorized: true,
    });
  }

  async #begin(conn: DenoConn): ReturnType<typeof startTls> {
    try {
      return await startTls(conn, this.#settings);
    } catch (error) {
      conn.close();
      throw toFault(error);
    }
  }
}

function startTls(
  conn: DenoConn,
  { serverName, alpnProtocols }: TlsClientSettings,
): ReturnType<ReturnType<typeof deno>["startTls"]> {
  return deno().startTls(conn, {
    hostname: serverName,
    ...(alpnProtocols === undefined ? {} : { alpnProtocols }),
  });
}
