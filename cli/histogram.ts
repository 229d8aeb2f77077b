/**
 * How times are spread, in memory that does not grow: percentiles within two
 * per cent, and a picture.
 *
 * @module
 */

import { timeText } from "./units.ts";

/** A time is counted in the bucket up to which it reaches. */
const STEP = 1.02;
/** The shortest time that is told apart, in milliseconds. */
const SHORTEST_MS = 0.0001;

/** Times, counted. */
export class Histogram {
  /** How many there are. */
  count: number = 0;
  /** The longest. */
  max: number = 0;
  /** The shortest. */
  min: number = Infinity;
  #sum = 0;
  readonly #counts: number[] = [];

  /** Counts a time of so many milliseconds. */
  add(ms: number): void {
    this.count++;
    this.#sum += ms;
    if (ms > this.max) this.max = ms;
    if (ms < this.min) this.min = ms;
    const bucket = bucketOf(ms);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  /** The mean. */
  get mean(): number {
    return this.count === 0 ? 0 : this.#sum / this.count;
  }

  /** So much per cent took at most this long. */
  percentile(percent: number): number {
    const wanted = Math.max(1, Math.ceil(this.count * percent / 100));
    let seen = 0;
    for (const [bucket, count = 0] of this.#counts.entries()) {
      seen += count;
      if (seen >= wanted) {
        return Math.min(Math.max(limitOf(bucket), this.min), this.max);
      }
    }
    return this.max;
  }

  /** How many were longer than `from` and at most as long as `to`. */
  between(from: number, to: number): number {
    let found = 0;
    for (const [bucket, count = 0] of this.#counts.entries()) {
      const limit = limitOf(bucket);
      if (limit > from && limit <= to) found += count;
    }
    return found;
  }
}

function bucketOf(ms: number): number {
  if (ms <= SHORTEST_MS) return 0;
  return Math.ceil(Math.log(ms / SHORTEST_MS) / Math.log(STEP));
}

function limitOf(bucket: number): number {
  return SHORTEST_MS * STEP ** bucket;
}

const ROWS = 10;
const BLOCKS = [..." ▏▎▍▌▋▊▉█"];

/**
 * A bar for each span of time, from the shortest to the longest that are not
 * alone, `width` columns in all.
 */
export function plot(times: Histogram, width = 72): string {
  const low = times.percentile(0.1) / STEP ** 2;
  const high = Math.max(times.percentile(99.9) * STEP, low * STEP ** ROWS);
  const factor = (high / low) ** (1 / ROWS);
  const rows = Array.from({ length: ROWS }, (_, i) => {
    const from = i === 0 ? 0 : low * factor ** i;
    const to = i === ROWS - 1 ? Infinity : low * factor ** (i + 1);
    return {
      name: i === ROWS - 1 ? "more" : timeText(to),
      share: times.between(from, to) / times.count,
    };
  });
  const most = Math.max(...rows.map(({ share }) => share));
  const left = Math.max(...rows.map(({ name }) => name.length));
  return rows.map(({ name, share }) => {
    const bar = barOf(share / most, Math.max(10, width - left - 10));
    return `${name.padStart(left)} ${bar} ${(share * 100).toFixed(1)} %`;
  }).join("\n");
}

function barOf(share: number, width: number): string {
  const eighths = Math.round(share * width * 8);
  const whole = "█".repeat(Math.floor(eighths / 8));
  return eighths % 8 === 0 ? whole : whole + BLOCKS[eighths % 8]!;
}
