/**
 * The role of a server, on Bun's own TLS sockets: those of a listener that
 * speaks TLS, since no other can be made a server's.
 *
 * @module
 */

import { judgeClient } from "../../../tls/judging.ts";
import type { CryptoModule } from "../../node/tls/native.ts";
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
import { listenBun } from "../listener.ts";
import type { BunStream } from "../stream.ts";
import {
  type Agreed,
  BunHandshake,
  type BunTlsSocket,
  certificateOf,
  TLS_HANDLER,
} from "./handshake.ts";
import { toBunServer } from "./options.ts";

/** Speaks TLS as a server. */
export class BunTlsServer implements TlsServerRole {
  readonly #settings: TlsServerSettings;
  readonly #crypto: CryptoModule;

  /** @throws {Fault} `EOPNOTSUPP` for `sni`. */
  constructor(settings: TlsServerSettings, crypto: CryptoModule) {
    if (settings.sni !== undefined) {
      refuseNative("Bun has one identity a listener");
    }
    this.#settings = settings;
    this.#crypto = crypto;
  }

  get handshakeTimeoutMs(): number {
    return this.#settings.handshakeTimeoutMs;
  }

  setIdentity(): never {
    return refuseNative("Bun changes no identity of a listener");
  }

  demandUpgrade(): never {
    return refuseNative(
      "Bun makes no server's TLS of a socket that it has accepted",
    );
  }

  listen(options: RawListenOptions): Promise<RawListener> {
    const tls = toBunServer(this.#settings);
    return listenBun(options, { tls, handler: TLS_HANDLER });
  }

  shake(under: RawStream, handshake: Handshake): Promise<RawStream> {
    const stream = under as BunStream;
    const judge = (socket: BunTlsSocket, why: unknown) =>
      this.#judge(socket, why);
    const attempt = new BunHandshake(stream, judge);
    const socket = stream.handOver(attempt) as BunTlsSocket;
    return attempt.run(socket, handshake);
  }

  #judge(socket: BunTlsSocket, why: unknown): Agreed {
    const peerCertificate = this.#settings.requestCert === false
      ? undefined
      : certificateOf(socket, this.#crypto);
    const verdict = { isTrusted: socket.authorized, why };
    return {
      serverName: socket.getServername() || undefined,
      peerCertificate,
      isAuthorized: judgeClient(this.#settings, verdict, peerCertificate),
    };
  }
}
