/**
 * When a stream sleeps, and what it does when it wakes.
 *
 * @module
 */

import { systemClock } from "../clock.ts";
import type { Wait } from "../deadline.ts";
import { lateText } from "../error_texts.ts";
import { socketError } from "../errors.ts";
import { EVENT_READ, EVENT_WRITE, type Watchers } from "../readiness.ts";
import { afterTurn } from "../turn.ts";
import { type Doorbell, INPUT, ROOM } from "./doorbell.ts";
import { failure } from "./failures.ts";
import type { ShmReceiver } from "./receiver.ts";
import type { ShmSender } from "./sender.ts";
import type { Standing } from "./standing.ts";

/** So often a thread goes on without a turn of its event loop. */
const MOST_ROUNDS = 32;

/** What is put to sleep, and woken. */
export interface Sleepers {
  /** How the stream stands. */
  readonly standing: Standing;
  /** Its receiving half. */
  readonly receiver: ShmReceiver;
  /** Its sending half. */
  readonly sender: ShmSender;
  /** Who else waits for it. */
  readonly watchers: Watchers;
  /** What wakes it. */
  readonly bell: Doorbell;
}

/** A stream's sleep. */
export class Waking {
  readonly #of: Sleepers;

  /** Of these. */
  constructor(sleepers: Sleepers) {
    this.#of = sleepers;
  }

  /** Something may have happened. */
  readonly goOn = (): void => {
    const { receiver, sender, watchers } = this.#of;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const ready = this.#ready;
      receiver.pending.retry();
      sender.pending.retry();
      watchers.notify();
      if (this.#isAsleep(ready)) return;
    }
    // The partner keeps pace: others of this thread have their turn, too.
    afterTurn(this.goOn);
  };

  /** A call waits that found nothing. */
  sleep(): void {
    if (!this.#isAsleep(0)) this.goOn();
  }

  /** Somebody watches who knows what is there. */
  sleepKnowing(): void {
    if (!this.#isAsleep(this.#ready)) this.goOn();
  }

  /**
   * Says what it sleeps for, if there is anything, and looks once more: whether
   * it may sleep. `ready` is what was there before the calls tried and the
   * watchers were told: what has come since, nobody knows of.
   */
  #isAsleep(ready: number): boolean {
    const { standing, receiver, watchers, bell } = this.#of;
    if (standing.isClosed) return true;
    if (standing.isShut) receiver.dropAll();
    const wanted = this.#wantedBeside(ready);
    if (wanted === 0 && watchers.asked === 0) return true;
    bell.sleep(wanted, this.#roomWanted);
    return (this.#ready & wanted) === 0;
  }

  /** Calls that are pending want more; watchers know what is there. */
  #wantedBeside(ready: number): number {
    const { standing, receiver, sender, watchers: { asked } } = this.#of;
    const watched = ((asked & EVENT_READ) !== 0 ? INPUT : 0) |
      ((asked & EVENT_WRITE) !== 0 ? ROOM : 0);
    return (standing.isShut || receiver.pending.isBusy ? INPUT : 0) |
      (sender.pending.isBusy ? ROOM : 0) | (watched & ~ready);
  }

  /** Who watches for room wants any. */
  get #roomWanted(): number {
    const { sender, watchers } = this.#of;
    return (watchers.asked & EVENT_WRITE) !== 0 ? 1 : sender.roomWanted;
  }

  /** What there is of `INPUT` and `ROOM`. */
  get #ready(): number {
    return this.#readyFor(this.#roomWanted);
  }

  #readyFor(roomWanted: number): number {
    const { standing } = this.#of;
    const isInput = standing.isShut
      ? standing.incoming.count > 0
      : standing.isReadable;
    return (isInput ? INPUT : 0) | (standing.isWritable(roomWanted) ? ROOM : 0);
  }

  /** Tries until there is a result, and blocks the thread meanwhile. */
  block<T>(
    op: string,
    what: number,
    { timeoutMs }: Wait,
    attempt: () => T | undefined,
  ): T {
    let deadline: number | undefined;
    for (;;) {
      const result = attempt();
      if (result !== undefined) return result;
      const fail = what === ROOM ? this.#of.sender.failure : failure;
      if (timeoutMs === 0) throw fail("EAGAIN", op);
      const lastsMs = timeoutMs ?? Infinity;
      deadline ??= systemClock.now() + lastsMs;
      const leftMs = deadline - systemClock.now();
      if (leftMs <= 0) throw fail("ETIMEDOUT", op, lateText(op, lastsMs));
      this.#blockOnce(op, what, leftMs);
    }
  }

  #blockOnce(op: string, what: number, leftMs: number): void {
    const { bell, sender } = this.#of;
    const room = sender.roomLeft;
    try {
      bell.block(
        what,
        room,
        leftMs,
        () => (this.#readyFor(room) & what) === 0,
      );
    } catch (cause) {
      const reason = "this thread may not block (Atomics.wait)";
      throw socketError("EOPNOTSUPP", { op, reason, cause });
    }
  }
}
