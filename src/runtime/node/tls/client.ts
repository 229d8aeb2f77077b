/**
 * The role of a client.
 *
 * @module
 */

import { tlsFault } from "../../../tls/faults.ts";
import { isAddress, isFor } from "../../../tls/identity.ts";
import type { PeerCertificate } from "../../../tls_contracts.ts";
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
    const certificate = peerCertificateOf(socket, attempt.modules);
    if (certificate === undefined) {
      throw tlsFault("TLS_CERT_INVALID", { reason: "the peer gave none" });
    }
    this.#judge(attempt, socket, certificate);
    const info = infoOf(socket, {
      serverName: this.#settings.serverName,
      peerCertificate: certificate,
      isAuthorized: socket.authorized === true,
      isNative: attempt.transport.isNative,
    });
    return new TlsStream(socket, attempt.transport, info);
  }

  #judge(
    attempt: Attempt,
    socket: TlsSocket,
    peerCertificate: PeerCertificate,
  ): void {
    const { ca, pins, serverName } = this.#settings;
    if (pins === undefined || ca !== undefined) {
      if (socket.authorized !== true) {
        throw attempt.verdict(
          socket.authorizationError,
          peerCertificate,
          "server",
        );
      }
      // The engines' own look at the common name, too, or take half a star.
      const { subjectAltName } = peerCertificate;
      if (serverName === undefined || !isFor(serverName, subjectAltName)) {
        throw tlsFault("TLS_CERT_NAME", { peerCertificate });
      }
    }
    if (pins !== undefined && !pins.includes(peerCertificate.spki256)) {
      throw tlsFault("TLS_CERT_PIN", { peerCertificate });
    }
  }
}

/** An address is looked for in the certificate, and not sent as a name. */
function peerName(serverName: string | undefined): object {
  if (serverName === undefined) return {};
  return isAddress(serverName)
    ? { host: serverName }
    : { servername: serverName };
}
