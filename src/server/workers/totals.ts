/**
 * The figures of several workers as those of one server.
 *
 * @module
 */

import { type ServerStats, Tally } from "../stats.ts";

/** Figures, and figures by name. */
type Figures = { readonly [name: string]: number | Figures };

/** The sums, name by name. */
function sum(a: Figures, b: Figures): Figures {
  const added = Object.entries(a).map(([name, x]) => {
    const y = b[name];
    if (typeof x === "number") return [name, x + (y as number)];
    return [name, sum(x, y as Figures)];
  });
  return Object.fromEntries(added);
}

function add(a: ServerStats, b: ServerStats): ServerStats {
  const [x, y] = [a, b] as unknown as [Figures, Figures];
  return sum(x, y) as unknown as ServerStats;
}

/** What workers have counted, those that are no more included. */
export class Totals {
  #past: ServerStats = new Tally().read([]);
  readonly #latest: Map<number, ServerStats> = new Map();

  /** What a worker has counted so far. */
  put(index: number, stats: ServerStats): void {
    this.#latest.set(index, stats);
  }

  /** How many connections a worker had, when it was last heard of. */
  activeOf(index: number): number {
    return this.#latest.get(index)?.active ?? 0;
  }

  /** A worker is no more: what it still had has failed. */
  end(index: number): void {
    const stats = this.#latest.get(index);
    if (stats === undefined) return;
    this.#latest.delete(index);
    const { active, failed } = stats;
    this.#past = add(this.#past, {
      ...stats,
      active: 0,
      failed: failed + active,
    });
  }

  /** The sums, and how often a worker was begun anew. */
  read(workersRestarted: number): ServerStats {
    const all = [...this.#latest.values()].reduce(add, this.#past);
    return { ...all, workersRestarted };
  }
}
