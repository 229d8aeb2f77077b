/**
 * One handshake on a socket of Bun's own.
 *
 * @module
 */

import { isVerdict, tlsFault } from "../../../tls/error_mapping.ts";
import type { PeerCertificate, TlsInfo } from "../../../tls_contracts.ts";
import type { CryptoModule } from "../../node/tls/native.ts";
import { peerCertificateOf } from "../../node/tls/info.ts";
import type { Fault } from "../../seam/fault.ts";
import type { RawStream } from "../../seam/stream.ts";
import type { Handshake } from "../../seam/tls.ts";
import { toFault } from "../error_mapping.ts";
import type { BunSocket } from "../native.ts";
import {
  type BunStream,
  SHARED_HANDLER,
  type StreamEvents,
} from "../stream.ts";
import { bunTlsFault } from "./error_mapping.ts";

/** The members of Bun's TLS sockets that are used. */
export interface BunTlsSocket extends BunSocket {
  readonly authorized: boolean;
  readonly alpnProtocol: string | false | null;
  getPeerCertificate(): { readonly raw?: Uint8Array } | null | undefined;
  getTLSVersion(): string;
  getCipher(): { readonly name: string } | undefined;
  getServername(): string | false | null | undefined;
}

/** What is agreed on, once the peer is judged. */
export interface Agreed {
  readonly serverName: string | undefined;
  readonly peerCertificate: PeerCertificate | undefined;
  readonly isAuthorized: boolean;
}

/** Judges the peer, or throws a Fault. `why` is Bun's word against it. */
export type Judge = (socket: BunTlsSocket, why: unknown) => Agreed;

/** What a socket has for data until its handshake is over. */
export class BunHandshake implements StreamEvents {
  readonly #before: BunStream;
  readonly #judge: Judge;
  #socket: BunTlsSocket | undefined;
  #resolve: (stream: BunStream) => void = ignore;
  #reject: (reason: unknown) => void = ignore;
  #onClosed: () => void = ignore;
  readonly #closed: Promise<void>;
  #isOver = false;

  /** `before` is the stream that it was, or would be without TLS. */
  constructor(before: BunStream, judge: Judge) {
    this.#before = before;
    this.#judge = judge;
    this.#closed = new Promise((resolve) => this.#onClosed = resolve);
  }

  /** Does it on a socket that has this for its data. */
  async run(
    socket: BunTlsSocket,
    { signal }: Handshake,
  ): Promise<RawStream> {
    this.#socket = socket;
    const done = new Promise<BunStream>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const onAbort = () => this.#fail(signal?.reason);
    signal?.addEventListener("abort", onAbort);
    if (signal?.aborted) onAbort();
    try {
      return await done;
    } catch (reason) {
      this.#isOver = true;
      socket.terminate();
      await this.#closed;
      throw reason;
    } finally {
      signal?.removeEventListener("abort", onAbort);
    }
  }

  // ---- what the handlers tell

  /** It is over, well or not. `error` may be no more than a verdict. */
  shaken(isDone: boolean, error: unknown): void {
    if (this.#isOver || this.#socket === undefined) return;
    // A verdict on the name is told as if the handshake had failed.
    if (!isDone && !isVerdictOn(error)) return this.#fail(faultOf(error));
    try {
      this.#finish(this.#socket, this.#judge(this.#socket, error));
    } catch (fault) {
      this.#fail(fault);
    }
  }

  #finish(socket: BunTlsSocket, agreed: Agreed): void {
    this.#isOver = true;
    const faultOf = (error: unknown) => bunTlsFault(error, true);
    const secured = { info: infoOf(socket, agreed), faultOf };
    const stream = this.#before.secured(socket, secured);
    stream.pause();
    this.#resolve(stream);
  }

  #fail(reason: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reject(reason);
  }

  received(): void {}

  finished(): void {
    this.#fail(tlsFault("TLS_CLOSED"));
  }

  drained(): void {}

  ended(error: unknown): void {
    this.#fail(error == null ? tlsFault("TLS_CLOSED") : toFault(error));
    this.#onClosed();
  }

  threw(error: unknown): void {
    this.#fail(faultOf(error));
  }
}

/** Of sockets whose handshake is under way, and afterwards. */
export const TLS_HANDLER: typeof SHARED_HANDLER & {
  open(socket: BunSocket): void;
  handshake(socket: BunSocket, isDone: boolean, error: unknown): void;
} = {
  ...SHARED_HANDLER,
  open(): void {},
  handshake(socket: BunSocket, isDone: boolean, error: unknown): void {
    const { data } = socket;
    if (data instanceof BunHandshake) data.shaken(isDone, error);
  },
};

function faultOf(error: unknown): Fault {
  const fault = bunTlsFault(error, false);
  if (fault !== undefined) return fault;
  const { code } = (error ?? {}) as { readonly code?: unknown };
  // Bun says so of a peer that ended; a reset is told as the close.
  return code === "ECONNRESET"
    ? tlsFault("TLS_CLOSED", { cause: error })
    : tlsFault("TLS_HANDSHAKE", { cause: error });
}

function isVerdictOn(error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === "string" && isVerdict(code);
}

function infoOf(socket: BunTlsSocket, agreed: Agreed): TlsInfo {
  return Object.freeze({
    protocol: socket.getTLSVersion() === "TLSv1.3" ? "TLSv1.3" : "TLSv1.2",
    cipher: socket.getCipher()?.name ?? "",
    alpnProtocol: socket.alpnProtocol || null,
    serverName: agreed.serverName ?? null,
    peerCertificate: agreed.peerCertificate ?? null,
    authorized: agreed.isAuthorized,
    native: true,
  });
}

/** The peer's certificate; `undefined` if it gave none. */
export function certificateOf(
  socket: BunTlsSocket,
  crypto: CryptoModule,
): PeerCertificate | undefined {
  return peerCertificateOf(socket, { crypto });
}

function ignore(): void {}
