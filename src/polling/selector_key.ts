/**
 * What a selector keeps of a socket, as the program sees it.
 *
 * @module
 */

import type { Pollable } from "../readiness.ts";

/** A socket that is registered, what for, and the program's own data. */
export interface SelectorKey<S extends Pollable = Pollable, D = unknown> {
  /** The socket. */
  readonly socket: S;
  /** The events waited for. */
  readonly events: number;
  /** What was given at `register` or `modify`. */
  readonly data: D;
}

/** A live, read-only view of a selector's keys. */
export class KeyView<S extends Pollable, D>
  implements ReadonlyMap<S, SelectorKey<S, D>> {
  readonly #entries: ReadonlyMap<S, { readonly key: SelectorKey<S, D> }>;

  /** A view of the entries behind the keys. */
  constructor(entries: ReadonlyMap<S, { readonly key: SelectorKey<S, D> }>) {
    this.#entries = entries;
  }

  /** How many sockets are registered. */
  get size(): number {
    return this.#entries.size;
  }

  /** The key of a socket. */
  get(socket: S): SelectorKey<S, D> | undefined {
    return this.#entries.get(socket)?.key;
  }

  /** Whether a socket is registered. */
  has(socket: S): boolean {
    return this.#entries.has(socket);
  }

  /** The sockets. */
  keys(): MapIterator<S> {
    return this.#entries.keys();
  }

  /** The keys. */
  *values(): Generator<SelectorKey<S, D>, undefined> {
    for (const { key } of this.#entries.values()) yield key;
  }

  /** Sockets and their keys. */
  *entries(): Generator<[S, SelectorKey<S, D>], undefined> {
    for (const [socket, { key }] of this.#entries) yield [socket, key];
  }

  /** Sockets and their keys. */
  [Symbol.iterator](): Generator<[S, SelectorKey<S, D>], undefined> {
    return this.entries();
  }

  /** Calls back for each socket. */
  forEach(
    callback: (
      key: SelectorKey<S, D>,
      socket: S,
      map: ReadonlyMap<S, SelectorKey<S, D>>,
    ) => void,
  ): void {
    for (const [socket, key] of this.entries()) callback(key, socket, this);
  }
}
