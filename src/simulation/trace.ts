/**
 * What happened in a run, line by line, and its hash.
 *
 * @module
 */

import { builtin } from "../runtime/node/builtins.ts";
import { chartMermaid } from "./chart_mermaid.ts";
import { chartSVG } from "./chart_svg.ts";
import { chartText, type TextOptions } from "./chart_text.ts";
import type { TraceEvent } from "./trace_event.ts";

/** So many bytes of a payload are shown. */
const SHOWN_BYTES = 24;

/** So many events are kept, and up to twice as many for a while. */
const KEPT_EVENTS = 100_000;

/** So many lines are hashed at once. */
const HASHED_LINES = 64;

interface Hasher {
  update(text: string): void;
  digest(encoding: "hex"): string;
}

/** What happened in a run, oldest first: the last 100,000 events of it. */
export class Trace implements Iterable<TraceEvent> {
  readonly #isBare: boolean;
  readonly #hasher: Hasher;
  #events: TraceEvent[] = [];
  /** Lines that are not hashed yet, and how many. */
  #lines = "";
  #lineCount = 0;
  #hash: string | undefined;

  private constructor(isBare: boolean) {
    this.#isBare = isBare;
    const { createHash } = builtin<{ createHash(name: string): Hasher }>(
      "node:crypto",
    );
    this.#hasher = createHash("sha256");
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
    if (this.#hash !== undefined) return this.#hash;
    this.#flush();
    return this.#hash = this.#hasher.digest("hex");
  }

  /**
   * Takes an event down, and gives it; nothing once the hash is told.
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
  ): TraceEvent | undefined {
    if (this.#hash !== undefined) return undefined;
    const payload = bytes === undefined || this.#isBare ? "" : escaped(bytes);
    const event = { at, from, to, what, payload, isLost };
    this.#events.push(event);
    if (this.#events.length >= 2 * KEPT_EVENTS) {
      this.#events = this.#events.slice(-KEPT_EVENTS);
    }
    this.#lines += `${lineOf(event)}\n`;
    if (++this.#lineCount >= HASHED_LINES) this.#flush();
    return event;
  }

  /** The events that are kept. */
  [Symbol.iterator](): Iterator<TraceEvent> {
    return this.#events.slice(-KEPT_EVENTS)[Symbol.iterator]();
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

  #flush(): void {
    if (this.#lineCount === 0) return;
    this.#hasher.update(this.#lines);
    this.#lines = "";
    this.#lineCount = 0;
  }
}

/** An event in one line: what is hashed, and compared. */
export function lineOf(event: TraceEvent): string {
  const { at, from, to, what, payload, isLost } = event;
  const micros = Math.round(at * 1000);
  return `${micros} ${from}>${to} ${what} ${payload}${isLost ? " LOST" : ""}`;
}

const NAMED: Readonly<Record<number, string>> = {
  9: "\\t",
  10: "\\n",
  13: "\\r",
  34: '\\"',
  92: "\\\\",
};

/** How each byte is shown, as character codes. */
const SHOWN: readonly (readonly number[])[] = Array.from(
  { length: 256 },
  (_, byte) => {
    const isPlain = byte >= 32 && byte < 127;
    const text = NAMED[byte] ??
      (isPlain
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).padStart(2, "0")}`);
    return Array.from(text, (char) => char.charCodeAt(0));
  },
);

const QUOTE = 34;
const ELLIPSIS = 0x2026;

/**
 * Bytes as a text in quotes, its end cut off where it is long. It is made at
 * once: one that grows would keep each of its steps in memory.
 */
export function escaped(bytes: Uint8Array): string {
  const codes = [QUOTE];
  const length = Math.min(bytes.length, SHOWN_BYTES);
  for (let i = 0; i < length; i++) {
    const shown = SHOWN[bytes[i] as number] as readonly number[];
    if (shown.length === 1) codes.push(shown[0] as number);
    else codes.push(...shown);
  }
  codes.push(QUOTE);
  if (length < bytes.length) codes.push(ELLIPSIS);
  return String.fromCharCode(...codes);
}
