/**
 * The role of a server, on Deno's own TLS sockets: those of a listener that
 * speaks TLS, since no other can be made a server's.
 *
 * @module
 */

import { refuseNative } from "../../seam/fault.ts";
import type {
  RawListener,
  RawListenOptions,
  RawStream,
} from "../../seam/stream.ts";
import type {
  Handshake,
  TlsServerRole,
  TlsServerSettings,
} from "../../seam/tls.ts";
import { toDenoTarget } from "../addresses.ts";
import { toFault } from "../error_mapping.ts";
import { DenoAcceptor } from "../listener.ts";
import { deno, type DenoTlsConn, hasUnstableNet } from "../native.ts";
import { armSignals } from "../signals.ts";
import type { DenoStream } from "../stream.ts";
import { securedStream, shaken } from "./handshake.ts";

/** Speaks TLS as a server. */
export class DenoTlsServer implements TlsServerRole {
  readonly #settings: TlsServerSettings;

  constructor(settings: TlsServerSettings) {
    this.#settings = settings;
  }

  get handshakeTimeoutMs(): number {
    return this.#settings.handshakeTimeoutMs;
  }

  setIdentity(): never {
    return refuseNative("Deno changes no identity of a listener");
  }

  demandUpgrade(): never {
    return refuseNative(
      "Deno makes no server's TLS of a socket that it has accepted",
    );
  }

  // deno-lint-ignore require-await -- a Fault must reject, not throw
  async listen(options: RawListenOptions): Promise<RawListener> {
    const { address, backlog, reusePort } = options;
    demandListener(options);
    armSignals();
    const { credentials, alpnProtocols } = this.#settings;
    try {
      const listener = deno().listenTls({
        ...toDenoTarget(address),
        ...(reusePort === true ? { reusePort } : {}),
        cert: credentials.cert,
        key: credentials.key,
        ...(alpnProtocols === undefined ? {} : { alpnProtocols }),
        tcpBacklog: Math.max(backlog, 1),
      });
      return new DenoAcceptor(listener, address, undefined);
    } catch (error) {
      throw toFault(error);
    }
  }

  async shake(under: RawStream, { signal }: Handshake): Promise<RawStream> {
    const stream = under as DenoStream;
    const { given } = stream;
    const conn = stream.detach() as DenoTlsConn;
    const { alpnProtocol } = await shaken(conn, signal);
    return securedStream(conn, given, {
      alpnProtocol,
      serverName: null,
      authorized: false,
    });
  }
}

/** Throws a Fault `EOPNOTSUPP` for what a listener of TLS cannot do. */
function demandListener(options: RawListenOptions): void {
  const { address, reusePort, ipv6Only, abortive, keepAliveIdle } = options;
  if ("path" in address) refuseNative("Deno has TLS over TCP alone");
  const isForeign = reusePort === true && !hasUnstableNet();
  if (!abortive && !isForeign && !ipv6Only && !keepAliveIdle) return;
  refuseNative(
    "listeners with `abortive`, `reusePort`, `ipv6Only` or a keep-alive's " +
      "idle time are not Deno's own",
  );
}
