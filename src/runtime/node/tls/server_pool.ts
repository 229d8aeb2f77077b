/**
 * Servers that never listen, for one identity. Each serves one handshake at a
 * time, so that `secureConnection` can only speak of that one: whose it is
 * need not be guessed, and what is `authorized` the runtime's own server says.
 *
 * @module
 */

import type { TlsCredentials, TlsServerSettings } from "../../seam/tls.ts";
import type { Duplex, Modules, TlsServer, TlsSocket } from "./native.ts";

/** So many idle servers are kept for the next handshakes. */
const MAX_IDLE = 16;

/** Bytes of the keys that session tickets are made with. */
const TICKET_KEY_BYTES = 48;

/** More than any handshake of ours may take: the server's own limit is off. */
const NO_TIMEOUT_MS = 0x7fffffff;

/** Who is told what becomes of a handshake. */
export interface Awaiting {
  /** It is over; nothing of what follows has been told. */
  secured(socket: TlsSocket): void;
  /** It has failed, with the socket that it happened to. */
  failed(error: Error, socket: TlsSocket): void;
}

/** The servers of one identity. */
export class ServerPool {
  readonly #settings: TlsServerSettings;
  readonly #credentials: TlsCredentials;
  readonly #modules: Modules;
  readonly #ticketKeys: Uint8Array;
  readonly #idle: TlsServer[] = [];

  constructor(
    settings: TlsServerSettings,
    credentials: TlsCredentials,
    modules: Modules,
  ) {
    this.#settings = settings;
    this.#credentials = credentials;
    this.#modules = modules;
    this.#ticketKeys = modules.crypto.randomBytes(TICKET_KEY_BYTES);
  }

  /** Begins a handshake over a stream; gives what gives the server back. */
  begin(stream: Duplex, awaiting: Awaiting): () => void {
    const server = this.#idle.pop() ?? this.#make();
    let isOver = false;
    server.on("secureConnection", (socket) => {
      isOver = true;
      awaiting.secured(socket);
    });
    server.on("tlsClientError", (error, socket) => {
      isOver = true;
      awaiting.failed(error, socket);
    });
    server.emit("connection", stream);
    return () => this.#takeBack(server, isOver);
  }

  /** A late event of one handshake would be taken for the next one's. */
  #takeBack(server: TlsServer, isOver: boolean): void {
    server.removeAllListeners("secureConnection");
    server.removeAllListeners("tlsClientError");
    if (isOver && this.#idle.length < MAX_IDLE) this.#idle.push(server);
  }

  #make(): TlsServer {
    const { Server } = this.#modules.tls;
    const { requestCert, ca, alpnProtocols, minVersion } = this.#settings;
    return new Server({
      ...this.#credentials,
      ca,
      ALPNProtocols: alpnProtocols,
      minVersion,
      requestCert: requestCert !== false,
      // Only so is a client told that its certificate is missing.
      rejectUnauthorized: requestCert === true,
      handshakeTimeout: NO_TIMEOUT_MS,
      allowHalfOpen: true,
      ...this.#tickets,
    });
  }

  /**
   * All servers of an identity share their tickets. Where clients have to
   * prove who they are, none are given: of a connection resumed by one Node
   * does not know the certificate.
   */
  get #tickets(): object {
    if (this.#settings.requestCert === false) {
      return { ticketKeys: this.#ticketKeys };
    }
    const { SSL_OP_NO_TICKET } = this.#modules.crypto.constants;
    return SSL_OP_NO_TICKET === undefined
      ? {}
      : { secureOptions: SSL_OP_NO_TICKET };
  }
}
