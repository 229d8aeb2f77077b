/**
 * Iterating over what a listener accepts.
 *
 * @module
 */

import type { WaitOptions } from "../../contracts.ts";

interface Accepting<T> {
  readonly isClosed: boolean;
  accept(options?: WaitOptions): Promise<T>;
}

class Connections<T> implements AsyncIterableIterator<T> {
  readonly #listener: Accepting<T>;
  readonly #options: WaitOptions | undefined;

  constructor(listener: Accepting<T>, options: WaitOptions | undefined) {
    this.#listener = listener;
    this.#options = options;
  }

  async next(): Promise<IteratorResult<T>> {
    if (this.#listener.isClosed) return { done: true, value: undefined };
    try {
      const value = await this.#listener.accept(this.#options);
      return { done: false, value };
    } catch (error) {
      // The listener was closed while we waited: that is the end, no failure.
      if (this.#listener.isClosed) return { done: true, value: undefined };
      throw error;
    }
  }

  return(): Promise<IteratorResult<T>> {
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** The connections of a listener until it is closed. */
export function connectionsOf<T>(
  listener: Accepting<T>,
  options: WaitOptions | undefined,
): AsyncIterableIterator<T> {
  return new Connections(listener, options);
}
