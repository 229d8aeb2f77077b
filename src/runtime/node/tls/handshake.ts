/**
 * One handshake, in either role: what may end it, and what is left behind.
 *
 * @module
 */

import { systemClock, type Timer } from "../../../clock.ts";
import {
  faultOfEngine,
  isVerdict,
  tlsFault,
} from "../../../tls/error_mapping.ts";
import type { PeerCertificate } from "../../../tls_contracts.ts";
import { Fault } from "../../seam/fault.ts";
import type { Handshake } from "../../seam/tls.ts";
import { engineError } from "./engine_error.ts";
import { peerCertificateOf } from "./info.ts";
import type { Modules, TlsSocket } from "./native.ts";
import type { TlsStream } from "./stream.ts";
import type { Transport } from "./transport.ts";

/**
 * The stream below has ended or failed: so long the engine has to say
 * something better, such as which alert came before.
 */
const ENGINE_TURN_MS = 20;

/** What a handshake fails with, and what ends with it. */
export class Attempt {
  readonly transport: Transport;
  /** The engine's socket, once there is one. */
  socket: TlsSocket | undefined;
  readonly modules: Modules;
  #reject: (reason: unknown) => void = ignore;
  #isOver = false;
  #timer: Timer | undefined;
  /** Rejects when the handshake has failed; never settles otherwise. */
  readonly failed: Promise<never>;

  constructor(transport: Transport, modules: Modules) {
    this.modules = modules;
    this.transport = transport;
    this.failed = new Promise((_, reject) => this.#reject = reject);
    this.failed.catch(ignore);
    this.transport.onTrouble = this.ended;
  }

  /** The handshake has failed: the first reason counts. */
  fail(reason: unknown): void {
    this.#reject(reason);
  }

  /**
   * The stream below or the engine has ended, which no runtime tells as an
   * error: that is one, unless the engine has a better word for it.
   */
  readonly ended = (): void => {
    if (this.#isOver || this.#timer !== undefined) return;
    this.#timer = systemClock.start(
      ENGINE_TURN_MS,
      () => this.fail(this.transport.fault ?? tlsFault("TLS_CLOSED")),
    );
  };

  /** The handshake is over, well or not: what ends now is no news to it. */
  finish(): void {
    this.#isOver = true;
    this.#timer?.cancel();
    this.transport.onTrouble = ignore;
  }

  /** Throws if the handshake cannot go on. */
  check(): void {
    if (this.transport.fault !== undefined) throw this.transport.fault;
  }

  /** The fault of what the handshake failed with. */
  faultOf(reason: unknown): unknown {
    const said = engineError(reason);
    if (said.fault !== undefined && isVerdictOfOurs(said.fault)) {
      return said.fault;
    }
    if (this.transport.isNative) {
      const below = said.fault ?? this.transport.faultOf(reason);
      if (below !== undefined) return below;
    }
    const { alert, firstByte } = this.transport.watch ?? {};
    // An alert in the clear says more than the end that came behind it.
    if (alert === undefined) {
      if (said.fault !== undefined) return this.transport.fault ?? said.fault;
      if (!isOfEngine(reason)) return reason;
      const isSpoken = said.code.startsWith("ERR_") || isVerdict(said.code);
      if (!isSpoken && this.transport.fault) return this.transport.fault;
    }
    const peerCertificate = this.#peerCertificate;
    return faultOfEngine(said, {
      alert,
      firstByte,
      peerCertificate,
      isUp: false,
    });
  }

  get #peerCertificate(): PeerCertificate | undefined {
    if (this.socket === undefined) return undefined;
    try {
      return peerCertificateOf(this.socket, this.modules);
    } catch {
      return undefined; // it fails for another reason already
    }
  }

  /** Ends what is left, and settles when the stream below is released. */
  async abandon(): Promise<void> {
    this.finish();
    // Node ends with a fault of memory where its own socket goes first.
    if (this.transport.isNative) this.socket?.destroy();
    this.transport.close();
    if (!this.transport.isNative) this.socket?.destroy();
    await this.transport.released;
  }
}

/** Runs a handshake until it has succeeded, failed or was aborted. */
export async function shake(
  attempt: Attempt,
  { signal }: Handshake,
  begin: () => Promise<TlsStream>,
  isServer: boolean,
): Promise<TlsStream> {
  const onAbort = () => attempt.fail(signal?.reason);
  signal?.addEventListener("abort", onAbort);
  try {
    signal?.throwIfAborted();
    return await Promise.race([attempt.failed, begin()]);
  } catch (reason) {
    const fault = signal?.aborted
      ? signal.reason
      : asClosed(attempt.faultOf(reason));
    if (isServer && fault instanceof Fault) await sendAlert(attempt, fault);
    await attempt.abandon();
    throw fault;
  } finally {
    attempt.finish();
    signal?.removeEventListener("abort", onAbort);
  }
}

/** A write that the peer does not take any more: it has ended meanwhile. */
function asClosed(fault: unknown): unknown {
  return fault instanceof Fault && fault.code === "EPIPE"
    ? tlsFault("TLS_CLOSED", { cause: fault.cause })
    : fault;
}

/** The alerts of what a server refuses in a hello (RFC 8446 §6.2). */
const REFUSALS: Readonly<Record<string, number>> = {
  TLS_VERSION: 70,
  TLS_ALPN: 120,
  TLS_CIPHER: 40,
};

async function sendAlert(attempt: Attempt, fault: Fault): Promise<void> {
  const number = REFUSALS[fault.code];
  if (number !== undefined) await attempt.transport.alert(number);
}

/** Whether a fault is ours, and not that the stream ended. */
function isVerdictOfOurs({ code }: Fault): boolean {
  return code.startsWith("TLS_") && code !== "TLS_CLOSED";
}

/** Whether an error came of the engine, not of a mistake in this code. */
function isOfEngine(error: unknown): boolean {
  return error instanceof Error && "code" in error;
}

function ignore(): void {}
