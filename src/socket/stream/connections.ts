/**
 * Iterating over what a listener accepts.
 *
 * @module
 */

import type { WaitOptions } from "../../contracts.ts";
import { checkOptions, WAIT_OPTIONS } from "../../deadline.ts";
import { END, iterate, type Step } from "../../iterate.ts";

interface Accepting<T> {
  readonly isClosed: boolean;
  accept(options?: WaitOptions): Promise<T>;
}

/** The accepts of one loop. */
class Accepts<T> {
  readonly #listener: Accepting<T>;
  readonly #given: WaitOptions | undefined;
  readonly #options: WaitOptions | undefined;
  readonly #signal: AbortSignal | undefined;
  /** Ends the pending `accept`, which would take a connection from others. */
  readonly #accepting = new AbortController();
  readonly #onAbort = () => this.#accepting.abort(this.#signal?.reason);
  #isLeft = false;

  constructor(listener: Accepting<T>, options: WaitOptions | undefined) {
    this.#listener = listener;
    this.#given = this.#options = options;
    const { signal } = options ?? {};
    // What is no signal `accept` says.
    if (signal !== undefined && !(signal instanceof AbortSignal)) return;
    this.#options = { ...options, signal: this.#accepting.signal };
    this.#signal = signal;
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener("abort", this.#onAbort);
  }

  async next(step: Step<T>): Promise<IteratorResult<T>> {
    if (this.#listener.isClosed) return this.#end(step);
    try {
      // What comes of them below is an object with known names in any case.
      if (this.#given !== undefined) checkOptions(this.#given, WAIT_OPTIONS);
      return step(await this.#listener.accept(this.#options));
    } catch (error) {
      // Ended while we waited: that is the end, no failure.
      if (this.#isLeft || this.#listener.isClosed) return this.#end(step);
      throw error;
    }
  }

  #end(step: Step<T>): IteratorResult<T> {
    this.leave();
    return step(END);
  }

  leave(): void {
    this.#isLeft = true;
    this.#accepting.abort();
    this.#signal?.removeEventListener("abort", this.#onAbort);
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
