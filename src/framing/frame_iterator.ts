/**
 * What was found, in the shapes that `recv` and `for await` give it.
 *
 * @module
 */

import { END } from "./frame_reader.ts";

/** As `recv` gives it: `null` at the end. */
export function orNull<Frame>(found: Frame | typeof END): Frame | null {
  return found === END ? null : found;
}

/** As an iterator gives it. */
function step<Frame>(found: Frame | typeof END): IteratorResult<Frame> {
  return found === END
    ? { done: true, value: undefined }
    : { done: false, value: found };
}

/** Written by hand: an async generator costs several times as much a step. */
export function iterate<Frame>(
  receive: (
    wrap: (found: Frame | typeof END) => IteratorResult<Frame>,
  ) => Promise<IteratorResult<Frame>>,
): AsyncIterableIterator<Frame> {
  let isDone = false;
  const done = () => Promise.resolve(step<Frame>(END));
  return {
    next: () => isDone ? done() : receive(step),
    return() {
      isDone = true;
      return done();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
