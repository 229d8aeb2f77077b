/**
 * The handshakes under way of a listener that speaks TLS: none of them holds
 * up another, or `accept`.
 *
 * @module
 */

import type { Clock } from "../../clock.ts";
import type { Address } from "../../contracts.ts";
import { startDeadline } from "../../deadline.ts";
import { SocketError } from "../../errors.ts";
import { opened, released } from "../../handle_counts.ts";
import { errorOfFault } from "../../runtime/seam/error_mapping.ts";
import { Fault } from "../../runtime/seam/fault.ts";
import type { RawStream } from "../../runtime/seam/stream.ts";
import type { TlsServerRole } from "../../runtime/seam/tls.ts";
import { atMicrotask } from "../../turn.ts";
import { discard } from "./race.ts";

/** How a listener speaks TLS. */
export interface ListenerTls {
  readonly role: TlsServerRole;
  /** So long a handshake may take. */
  readonly handshakeTimeoutMs: number;
  /** Told of every handshake that failed. */
  readonly onError:
    | ((error: SocketError, address: Address | undefined) => void)
    | undefined;
}

/** The handshakes of one listener. */
export class Handshakes {
  /** How many have failed. */
  failures = 0;
  #isHandedOver = false;
  /** What else a listener is asked of its TLS. */
  readonly tls: ListenerTls;
  readonly #clock: Clock;
  readonly #onDone: (stream: RawStream | undefined) => void;
  #isClosed = false;
  readonly #running: Set<Promise<void>> = new Set();
  /**
   * What ends each of them: one signal for all would have a listener for each,
   * and Node 20 warns of a leak from the eleventh on.
   */
  readonly #ends: Set<AbortController> = new Set();

  /** `onDone` is given each stream whose handshake succeeded, or nothing. */
  constructor(
    tls: ListenerTls,
    clock: Clock,
    onDone: (stream: RawStream | undefined) => void,
  ) {
    this.tls = tls;
    this.#clock = clock;
    this.#onDone = onDone;
  }

  /** Whether those to come are begun here. */
  get areOurs(): boolean {
    return !this.#isHandedOver;
  }

  /** How many are under way. */
  get size(): number {
    return this.#running.size;
  }

  /** Begins one. Never throws. */
  begin(under: RawStream): void {
    const running = this.#run(under).then((stream) => {
      this.#running.delete(running);
      this.#onDone(stream);
    });
    this.#running.add(running);
  }

  async #run(under: RawStream): Promise<RawStream | undefined> {
    const { role, handshakeTimeoutMs } = this.tls;
    const address = under.remoteAddress;
    const end = new AbortController();
    const { signal } = end;
    const late = () => end.abort(lateHandshake(handshakeTimeoutMs));
    const deadline = startDeadline(this.#clock, handshakeTimeoutMs, late);
    this.#ends.add(end);
    opened("stream");
    try {
      const stream = await role.shake(under, { signal });
      if (!this.#isClosed) return stream;
      return void await discard(stream);
    } catch (error) {
      if (!this.#isClosed) this.failed(error, address);
      return undefined;
    } finally {
      released("stream");
      deadline.cancel();
      this.#ends.delete(end);
    }
  }

  /** One has failed, whoever did it: counts it, and tells the program. */
  failed(error: unknown, address: Address | undefined): void {
    this.failures++;
    const { onError } = this.tls;
    if (onError === undefined) return;
    const told = toldOf(error, address);
    // What it throws is the program's, and stops nothing here.
    atMicrotask(() => onError(told, address));
  }

  /** Others begin those to come, and tell of failures by `failed`. */
  handOver(): void {
    this.#isHandedOver = true;
  }

  /** Ends all of them; settles when they are released. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const end of this.#ends) end.abort(new Fault("EBADF"));
    await Promise.all(this.#running);
  }
}

/** It is the peer that is late: `accept` waits on. */
function lateHandshake(timeoutMs: number): Fault {
  const reason = `the handshake was not done within ${timeoutMs} ms`;
  return new Fault("ETIMEDOUT", undefined, reason);
}

function toldOf(error: unknown, address: Address | undefined): SocketError {
  if (error instanceof SocketError) return error;
  const fault = error instanceof Fault
    ? error
    : new Fault("TLS_HANDSHAKE", error, String(error));
  return errorOfFault(fault, { op: "accept", address, isOfClient: true });
}
