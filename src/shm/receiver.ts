/**
 * The receiving half of a stream: what is in hand, the end behind it, and the
 * one call that waits for more.
 *
 * @module
 */

import { systemClock } from "../clock.ts";
import type { Bytes } from "../contracts.ts";
import type { Wait } from "../deadline.ts";
import { PendingCall } from "../pending_call.ts";
import { afterTurn } from "../turn.ts";
import { type Doorbell, ROOM } from "./doorbell.ts";
import { corrupt, failure } from "./failures.ts";
import { CORRUPT, ENDED, RESET } from "./ring.ts";
import type { Standing } from "./standing.ts";

/** Takes what the partner has written. */
export class ShmReceiver {
  /** Bytes handed to the program so far. */
  bytesReceived = 0;
  /** The `recv` that waits, if one does. */
  readonly pending: PendingCall = new PendingCall(systemClock, {
    error: failure,
  });
  readonly #standing: Standing;
  readonly #bell: Doorbell;
  /** What the pending `recv` was called with. */
  #maxBytes = 0;
  #isPeek = false;
  /** Whether the partner is told of room at the end of this turn. */
  #isToTell = false;

  /** The half of a stream that stands so. */
  constructor(standing: Standing, bell: Doorbell) {
    this.#standing = standing;
    this.#bell = bell;
  }

  /** Waits until there is what `take` gives. */
  wait(maxBytes: number, isPeek: boolean, wait: Wait): Promise<Bytes | null> {
    this.#maxBytes = maxBytes;
    this.#isPeek = isPeek;
    return this.pending.wait("recv", this.#attempt, wait);
  }

  /** One for all calls. */
  readonly #attempt = (): Bytes | null | undefined =>
    this.take("recv", this.#maxBytes, this.#isPeek);

  /** What is in hand; `null` at the end, `undefined` if nothing came yet. */
  take(
    op: string,
    maxBytes: number,
    isPeek = false,
  ): Bytes | null | undefined {
    const { isClosed, isEnded, isShut, incoming } = this.#standing;
    if (isClosed) throw failure("EBADF", op);
    if (maxBytes === 0) return new Uint8Array(0);
    if (isEnded || isShut) return null;
    const { count } = incoming;
    if (count <= 0) return this.#starved(op, maxBytes, isPeek);
    const bytes = incoming.copy(count < maxBytes ? count : maxBytes);
    if (isPeek) return bytes;
    this.bytesReceived += bytes.length;
    this.#drop(bytes.length);
    return bytes;
  }

  /** After `SHUT_RD`: the partner's writer does not block. */
  dropAll(): void {
    const { count } = this.#standing.incoming;
    if (count > 0) this.#drop(count);
  }

  #drop(count: number): void {
    const { incoming } = this.#standing;
    incoming.drop(count);
    if (!this.#bell.isAwaited(ROOM)) return;
    // A wake-up costs as much as some messages: more may be read in this turn.
    if (incoming.room >= incoming.capacity / 2) this.tellRoom();
    else if (!this.#isToTell) {
      this.#isToTell = true;
      afterTurn(this.#tellLater);
    }
  }

  readonly #tellLater = (): void => {
    this.#isToTell = false;
    if (!this.#standing.isClosed) this.tellRoom();
  };

  /** Wakes the partner if it waits for no more room than there is. */
  tellRoom(): void {
    const { incoming } = this.#standing;
    this.#bell.ringForRoom(incoming.room, incoming.capacity);
  }

  /** Nothing in hand: the end, the error, or a wish for more. */
  #starved(
    op: string,
    maxBytes: number,
    isPeek: boolean,
  ): Bytes | null | undefined {
    const standing = this.#standing;
    const isGone = standing.isAlone;
    const { state } = standing.incoming;
    // How it ends was said behind the last bytes: they come first.
    const { count } = standing.incoming;
    if (count > 0) return this.take(op, maxBytes, isPeek);
    if (count === CORRUPT || state === CORRUPT) throw corrupt(op);
    if ((state & RESET) !== 0) throw failure("ECONNRESET", op);
    standing.isEnded = (state & ENDED) !== 0;
    if (standing.isEnded) return null;
    if (isGone) throw failure("ECONNRESET", op);
    return undefined;
  }
}
