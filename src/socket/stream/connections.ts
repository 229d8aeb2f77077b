/**
 * Iterating over what a listener accepts.
 *
 * @module
 */

import type { WaitOptions } from "../../contracts.ts";
import { END, iterate, type Step } from "../../iterate.ts";

/** What the loop accepts from. */
interface Accepting<T> {
  isClosed(): boolean;
  /** Waits for a connection on behalf of `caller`. */
  accept(options: WaitOptions | undefined, caller: object): Promise<T>;
  /** Ends the pending `accept` if it is `caller`'s. */
  interrupt(caller: object): void;
}

/** The accepts of one loop. */
class Accepts<T> {
  readonly #listener: Accepting<T>;
  readonly #options: WaitOptions | undefined;
  #isLeft = false;

  constructor(listener: Accepting<T>, options: WaitOptions | undefined) {
    this.#listener = listener;
    this.#options = options;
  }

  async next(step: Step<T>): Promise<IteratorResult<T>> {
    if (this.#listener.isClosed()) return this.#end(step);
    try {
      return step(await this.#listener.accept(this.#options, this));
    } catch (error) {
      // Ended while we waited: that is the end, no failure.
      if (this.#isLeft || this.#listener.isClosed()) return this.#end(step);
      throw error;
    }
  }

  #end(step: Step<T>): IteratorResult<T> {
    this.leave();
    return step(END);
  }

  /** A pending `accept` would take a connection from others. */
  leave(): void {
    this.#isLeft = true;
    this.#listener.interrupt(this);
  }
}

/** The connections of a listener until it is closed. */
export function connectionsOf<T>(
  listener: Accepting<T>,
  options: WaitOptions | undefined,
): AsyncIterableIterator<T> {
  const accepts = new Accepts(listener, options);
  return iterate((step) => accepts.next(step), () => accepts.leave());
}
