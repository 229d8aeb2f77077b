/**
 * The role of a client.
 *
 * @module
 */

import { isAddress } from "../../../tls/identity.ts";
import { judgeServer } from "../../../tls/judging.ts";
import type { RawStream } from "../../seam/stream.ts";
import type { Handshake, TlsClientSettings, TlsRole } from "../../seam/tls.ts";
import { demandSocket } from "./direct.ts";
import { Attempt, shake } from "./handshake.ts";
import { infoOf, peerCertificateOf } from "./info.ts";
import type { Modules, TlsSocket } from "./native.ts";
import { TlsStream } from "./stream.ts";
import type { MakeTransport } from "./transport.ts";

/** Speaks TLS as a client. */
export class TlsClient implements TlsRole {
  readonly #settings: TlsClientSettings;
  readonly #modules: Modules;
  readonly #over: MakeTransport;

  constructor(
    settings: TlsClientSettings,
    modules: Modules,
    over: MakeTransport,
  ) {
    this.#settings = settings;
    this.#modules = modules;
    this.#over = over;
  }

  demandUpgrade(under: RawStream): void {
    if (this.#settings.isNative) demandSocket(under);
  }

  shake(under: RawStream, handshake: Handshake): Promise<RawStream> {
    const attempt = new Attempt(this.#over(under), this.#modules);
    const begin = () => this.#begin(attempt, handshake);
    return shake(attempt, handshake, begin, false);
  }

  async #begin(attempt: Attempt, handshake: Handshake): Promise<TlsStream> {
    if (handshake.isUpgrade) await attempt.transport.listenFirst();
    attempt.check();
    const socket = attempt.socket = this.#connect(attempt);
    socket.on("error", (error) => attempt.fail(error));
    socket.on("close", attempt.ended);
    return await new Promise<TlsStream>((resolve, reject) => {
      socket.on("secureConnect", () => {
        try {
          resolve(this.#accept(attempt, socket));
        } catch (fault) {
          reject(fault);
        }
      });
    });
  }

  #connect({ transport, modules }: Attempt): TlsSocket {
    const { serverName, ca, credentials } = this.#settings;
    return modules.tls.connect({
      socket: transport.duplex,
      ...peerName(serverName),
      ca,
      ...credentials,
      ALPNProtocols: this.#settings.alpnProtocols,
      minVersion: this.#settings.minVersion,
      allowHalfOpen: true,
      // Judged below, with the certificate in hand: an engine that refuses by
      // itself (Deno's) tells neither the dates nor the certificate.
      rejectUnauthorized: false,
    });
  }

  /** The handshake is over; nothing of the program has been sent or given. */
  #accept(attempt: Attempt, socket: TlsSocket): TlsStream {
    const isAuthorized = socket.authorized === true;
    const info = infoOf(socket, {
      serverName: this.#settings.serverName,
      peerCertificate: judgeServer(
        this.#settings,
        { isTrusted: isAuthorized, why: socket.authorizationError },
        peerCertificateOf(socket, attempt.modules),
      ),
      isAuthorized,
      isNative: attempt.transport.isNative,
    });
    return new TlsStream(socket, attempt.transport, info);
  }
}

/** An address is looked for in the certificate, and not sent as a name. */
function peerName(serverName: string | undefined): object {
  if (serverName === undefined) return {};
  return isAddress(serverName)
    ? { host: serverName }
    : { servername: serverName };
}
