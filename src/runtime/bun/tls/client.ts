/**
 * The role of a client, on Bun's own TLS sockets.
 *
 * @module
 */

import { systemClock } from "../../../clock.ts";
import { judgeServer } from "../../../tls/judging.ts";
import type { CryptoModule } from "../../node/tls/native.ts";
import { Fault, refuseNative } from "../../seam/fault.ts";
import type { RawStream } from "../../seam/stream.ts";
import type { Handshake, TlsClientSettings, TlsRole } from "../../seam/tls.ts";
import { BunStream } from "../stream.ts";
import {
  type Agreed,
  BunHandshake,
  type BunTlsSocket,
  certificateOf,
  TLS_HANDLER,
} from "./handshake.ts";
import { toBunClient } from "./options.ts";

/** Speaks TLS as a client. */
export class BunTlsClient implements TlsRole {
  readonly #settings: TlsClientSettings;
  readonly #crypto: CryptoModule;

  constructor(settings: TlsClientSettings, crypto: CryptoModule) {
    this.#settings = settings;
    this.#crypto = crypto;
  }

  demandUpgrade(under: RawStream): void {
    asOwn(under).demandUpgradable();
  }

  async shake(under: RawStream, handshake: Handshake): Promise<RawStream> {
    const stream = asOwn(under);
    if (handshake.isUpgrade) await demandSilence(stream);
    const judge = (socket: BunTlsSocket, why: unknown) =>
      this.#judge(socket, why);
    const attempt = new BunHandshake(stream, judge);
    const tls = toBunClient(this.#settings);
    const socket = stream.upgrade(tls, attempt, TLS_HANDLER);
    return await attempt.run(socket as BunTlsSocket, handshake);
  }

  #judge(socket: BunTlsSocket, why: unknown): Agreed {
    const isAuthorized = socket.authorized;
    const peerCertificate = judgeServer(
      this.#settings,
      { isTrusted: isAuthorized, why },
      certificateOf(socket, this.#crypto),
    );
    const { serverName } = this.#settings;
    return { serverName, peerCertificate, isAuthorized };
  }
}

function asOwn(under: RawStream): BunStream {
  if (under instanceof BunStream) return under;
  return refuseNative("the stream is no socket of Bun's own");
}

/**
 * Looks once at what the peer may have said before TLS began. The stream is
 * released if it has.
 */
async function demandSilence(stream: BunStream): Promise<void> {
  let fault: Fault | undefined;
  let onClosed = (): void => {};
  const closed = new Promise<void>((resolve) => onClosed = resolve);
  stream.attach({
    data: () => {
      fault ??= new Fault("EPROTO", undefined, TOO_EARLY);
      return false;
    },
    end: () => fault ??= new Fault("TLS_CLOSED", undefined, ENDED_BEFORE),
    failed: (told) => fault ??= told,
    writable: () => {},
    closed: () => onClosed(),
  });
  stream.resume();
  await new Promise<void>((resolve) => systemClock.afterPoll!(resolve));
  if (fault === undefined) return;
  stream.close();
  await closed;
  throw fault;
}

const ENDED_BEFORE = "the peer ended the stream before TLS had begun";

const TOO_EARLY = "bytes came before TLS had begun";
