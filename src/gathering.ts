/**
 * Bytes that are gathered above a stream until a write is worth it: they leave
 * before the stream ends, also where the program ends the stream below them.
 *
 * @module
 */

/** Who gathers bytes for a stream. */
export interface Gathering {
  /**
   * Begins to write what is gathered. Gives what settles once it has begun, if
   * another write has to end first.
   */
  leave(): Promise<void> | undefined;
  /** Settles when all is written; `undefined` if it is. */
  written(): Promise<void> | undefined;
}

const gatherings: WeakMap<object, Set<Gathering>> = new WeakMap();

/** Bytes are gathered for a stream from now on. */
export function gatherFor(stream: object, gathering: Gathering): void {
  const known = gatherings.get(stream);
  if (known === undefined) gatherings.set(stream, new Set([gathering]));
  else known.add(gathering);
}

/** What was gathered is the stream's own from now on. */
export function gatherNoMore(stream: object, gathering: Gathering): void {
  gatherings.get(stream)?.delete(gathering);
}

/**
 * What was gathered leaves, for the stream is about to be closed. Gives what
 * settles, however it goes, when all of it is on its way; `undefined` if it is.
 */
export function leaveGathered(stream: object): Promise<void> | undefined {
  return each(stream, (gathering) => gathering.leave());
}

/** The same for a stream whose sending side is about to end: all is written. */
export function writeGathered(stream: object): Promise<void> | undefined {
  return each(stream, (gathering) => gathering.written());
}

function each(
  stream: object,
  act: (gathering: Gathering) => Promise<void> | undefined,
): Promise<void> | undefined {
  const known = gatherings.get(stream);
  if (known === undefined) return undefined;
  const pending = [...known].map(act).filter((one) => one !== undefined);
  if (pending.length === 0) return undefined;
  return Promise.allSettled(pending).then(() => undefined);
}
