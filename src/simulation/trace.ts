/**
 * What happened in a run, line by line, and its hash.
 *
 * @module
 */

import { chartMermaid } from "./chart_mermaid.ts";
import { chartSVG } from "./chart_svg.ts";
import { chartText, type TextOptions } from "./chart_text.ts";
import { LineHash } from "./line_hash.ts";
import { Payloads, quoted, type Shown } from "./payloads.ts";
import type { TraceEvent } from "./trace_event.ts";

/** So many events are kept, and up to twice as many for a while. */
const KEPT_EVENTS = 100_000;

/** An event as it is kept: its payload becomes a text when somebody reads it. */
type Kept = Omit<TraceEvent, "payload"> & { readonly shown: Shown | undefined };

/** What happened in a run, oldest first: the last 100,000 events of it. */
export class Trace implements Iterable<TraceEvent> {
  readonly #isBare: boolean;
  readonly #lines = new LineHash();
  readonly #payloads = new Payloads();
  #events: Kept[] = [];
  #hash: string | undefined;

  private constructor(isBare: boolean) {
    this.#isBare = isBare;
  }

  /**
   * An empty one; `isBare` keeps payloads out.
   *
   * @internal
   */
  static create(isBare = false): Trace {
    return new Trace(isBare);
  }

  /** How many events are kept. */
  get length(): number {
    return this.#events.length;
  }

  /**
   * The SHA-256 of all events, in hexadecimal digits.
   *
   * @internal
   */
  get hash(): string {
    return this.#hash ??= this.#lines.end();
  }

  /**
   * The newest event.
   *
   * @internal
   */
  get newest(): TraceEvent | undefined {
    const kept = this.#events.at(-1);
    return kept && eventOf(kept);
  }

  /**
   * Takes an event down; not any more once the hash is told, which is said.
   *
   * @internal
   */
  add(
    at: number,
    from: string,
    to: string,
    what: string,
    bytes?: Uint8Array,
    isLost = false,
  ): boolean {
    if (this.#hash !== undefined) return false;
    const shown = bytes === undefined || this.#isBare
      ? undefined
      : this.#payloads.keep(bytes);
    this.#events.push({ at, from, to, what, shown, isLost });
    if (this.#events.length >= 2 * KEPT_EVENTS) {
      this.#events = this.#events.slice(-KEPT_EVENTS);
    }
    this.#lines.add(at, from, to, what, shown, isLost);
    return true;
  }

  /** The events that are kept. */
  [Symbol.iterator](): Iterator<TraceEvent> {
    return this.#events.slice(-KEPT_EVENTS).map(eventOf)[Symbol.iterator]();
  }

  /**
   * A chart for terminals: a column for each host, a row for each event, the
   * last 20 by default.
   */
  toText(options: TextOptions = {}): string {
    return chartText([...this], options);
  }

  /** A sequence diagram in the language of Mermaid, of the last 100 events. */
  toMermaid(): string {
    return chartMermaid([...this]);
  }

  /** The chart as a picture, of the last 100 events. */
  toSVG(): string {
    return chartSVG([...this]);
  }

  /** The events, for `JSON.stringify`. */
  toJSON(): readonly TraceEvent[] {
    return [...this];
  }
}

function eventOf({ shown, ...event }: Kept): TraceEvent {
  return { ...event, payload: shown === undefined ? "" : quoted(shown) };
}

/** An event in one line: what is hashed, and compared. */
export function lineOf(event: TraceEvent): string {
  const { at, from, to, what, payload, isLost } = event;
  const micros = Math.round(at * 1000);
  return `${micros} ${from}>${to} ${what} ${payload}${isLost ? " LOST" : ""}`;
}
