/**
 * The role of a server.
 *
 * @module
 */

import type { ClientHello } from "../../../tls/client_hello.ts";
import { tlsFault } from "../../../tls/error_mapping.ts";
import { faultOfVerdict, judgeClient } from "../../../tls/judging.ts";
import { toIdentity } from "../../../tls/options.ts";
import type { TlsIdentity } from "../../../tls_contracts.ts";
import type { RawStream } from "../../seam/stream.ts";
import type {
  Handshake,
  TlsCredentials,
  TlsServerRole,
  TlsServerSettings,
} from "../../seam/tls.ts";
import { checkKey } from "./credentials.ts";
import { engineError } from "./engine_error.ts";
import { demandSocket } from "./direct.ts";
import { Attempt, shake } from "./handshake.ts";
import { infoOf, peerCertificateOf } from "./info.ts";
import type { Modules, TlsSocket } from "./native.ts";
import { ServerPool } from "./server_pool.ts";
import { TlsStream } from "./stream.ts";
import type { MakeTransport } from "./transport.ts";

/** Speaks TLS as a server. */
export class TlsServing implements TlsServerRole {
  readonly #settings: TlsServerSettings;
  readonly #modules: Modules;
  readonly #over: MakeTransport;
  #own: ServerPool;
  /** The servers of what `sni` gave, as long as the program keeps it. */
  readonly #others: WeakMap<TlsIdentity, ServerPool> = new WeakMap();

  constructor(
    settings: TlsServerSettings,
    modules: Modules,
    over: MakeTransport,
  ) {
    this.#settings = settings;
    this.#modules = modules;
    this.#over = over;
    this.#own = this.#poolOf(settings.credentials);
  }

  get handshakeTimeoutMs(): number {
    return this.#settings.handshakeTimeoutMs;
  }

  setIdentity(identity: TlsIdentity): void {
    this.#own = this.#poolOf(toIdentity(identity));
  }

  #poolOf(credentials: TlsCredentials): ServerPool {
    checkKey(credentials, this.#modules.crypto);
    return new ServerPool(this.#settings, credentials, this.#modules);
  }

  demandUpgrade(under: RawStream): void {
    if (this.#settings.isNative) demandSocket(under);
  }

  shake(under: RawStream, handshake: Handshake): Promise<RawStream> {
    const attempt = new Attempt(this.#over(under), this.#modules);
    const begin = () => this.#begin(attempt, handshake);
    return shake(attempt, handshake, begin, true);
  }

  async #begin(
    attempt: Attempt,
    { early }: Handshake,
  ): Promise<TlsStream> {
    const hello = await attempt.transport.readHello(early);
    if (hello === undefined) throw tlsFault("TLS_CLOSED");
    const pool = await this.#choose(hello);
    attempt.check();
    let giveBack = (): void => {};
    try {
      return await new Promise<TlsStream>((resolve, reject) => {
        attempt.failed.catch(reject);
        giveBack = pool.begin(attempt.transport.duplex, {
          secured: (socket) => {
            try {
              resolve(this.#accept(attempt, socket, hello));
            } catch (fault) {
              reject(fault);
            }
          },
          failed: (error, socket) => {
            attempt.socket = socket;
            reject(this.#reasonOf(error, socket));
          },
        });
      });
    } finally {
      giveBack();
    }
  }

  /** The servers for the name asked for. */
  async #choose({ serverName }: ClientHello): Promise<ServerPool> {
    const { sni } = this.#settings;
    if (sni === undefined || serverName === undefined) return this.#own;
    try {
      const identity = await sni(serverName);
      return identity === undefined ? this.#own : this.#poolFor(identity);
    } catch (cause) {
      throw tlsFault("TLS_HANDSHAKE", { cause, reason: "sni failed" });
    }
  }

  #poolFor(identity: TlsIdentity): ServerPool {
    const known = this.#others.get(identity);
    if (known !== undefined) return known;
    const pool = this.#poolOf(toIdentity(identity));
    this.#others.set(identity, pool);
    return pool;
  }

  /**
   * A client's certificate that was not accepted is told as a bare end, with
   * the verdict beside it. The certificate itself is mostly gone by then.
   */
  #reasonOf(error: Error, socket: TlsSocket): unknown {
    const why = (socket as Partial<TlsSocket> | undefined)?.authorizationError;
    const isSpoken = engineError(error).code.startsWith("ERR_SSL");
    if (!why || isSpoken || this.#settings.requestCert !== true) return error;
    const certificate = peerCertificateOf(socket, this.#modules);
    return faultOfVerdict(why, certificate, "client");
  }

  /** The handshake is over; nothing of the program has been sent or given. */
  #accept(
    attempt: Attempt,
    socket: TlsSocket,
    hello: ClientHello,
  ): TlsStream {
    attempt.socket = socket;
    // Until the stream listens: an error that nobody hears ends the process.
    socket.on("error", (error) => attempt.fail(error));
    const peerCertificate = this.#settings.requestCert === false
      ? undefined
      : peerCertificateOf(socket, this.#modules);
    const info = infoOf(socket, {
      serverName: hello.serverName,
      peerCertificate,
      isAuthorized: judgeClient(
        this.#settings,
        {
          isTrusted: socket.authorized === true,
          why: socket.authorizationError,
        },
        peerCertificate,
      ),
      isNative: attempt.transport.isNative,
    });
    return new TlsStream(socket, attempt.transport, info);
  }
}
