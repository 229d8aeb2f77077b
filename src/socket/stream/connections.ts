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
  readonly #signal: AbortSignal | undefined;
  /** Ends the pending `accept`, which would take a connection from others. */
  readonly #accepting = new AbortController();
  readonly #onAbort = () => this.#accepting.abort(this.#signal?.reason);
  #isOver = false;

  constructor(listener: Accepting<T>, options: WaitOptions | undefined) {
    this.#listener = listener;
    this.#options = options;
    const { signal } = options ?? {};
    // What is no signal, or are no options, `accept` says.
    if (signal !== undefined && !(signal instanceof AbortSignal)) return;
    if (options !== undefined && Object(options) !== options) return;
    this.#options = { ...options, signal: this.#accepting.signal };
    this.#signal = signal;
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener("abort", this.#onAbort);
  }

  async next(): Promise<IteratorResult<T>> {
    if (this.#isEnded) return this.return();
    try {
      const value = await this.#listener.accept(this.#options);
      return { done: false, value };
    } catch (error) {
      // Ended while we waited: that is the end, no failure.
      if (this.#isEnded) return this.return();
      throw error;
    }
  }

  return(): Promise<IteratorResult<T>> {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#accepting.abort();
      this.#signal?.removeEventListener("abort", this.#onAbort);
    }
    return Promise.resolve({ done: true, value: undefined });
  }

  get #isEnded(): boolean {
    return this.#isOver || this.#listener.isClosed;
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
