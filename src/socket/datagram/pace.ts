/**
 * Turns of the event loop between sends that need none.
 *
 * @module
 */

import { afterTurn } from "../../turn.ts";

/**
 * Sends settle without a turn of the event loop, so that a loop of them would
 * starve timers and receivers. After so many the loop gets a turn.
 */
const SENDS_PER_TURN = 256;

/** Counts the sends of one socket, and lets the others have a turn in time. */
export class Pace {
  #sends = 0;

  /** A promise of `value` after so many more sends: now, or a turn later. */
  fulfilled(value: number, sends: number): Promise<number> {
    if (!this.#isTurnDue(sends)) return Promise.resolve(value);
    return new Promise((resolve) => afterTurn(() => resolve(value)));
  }

  /** The same for one send whose promise there is already. */
  settle(resolve: (value: number) => void, value: number): void {
    if (!this.#isTurnDue(1)) return resolve(value);
    afterTurn(() => resolve(value));
  }

  #isTurnDue(sends: number): boolean {
    this.#sends += sends;
    if (this.#sends < SENDS_PER_TURN) return false;
    this.#sends = 0;
    return true;
  }
}
