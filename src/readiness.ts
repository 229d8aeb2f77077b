/**
 * Readiness: what `select` and `Selector` ask of a socket, and how a socket
 * tells that the answer may have changed. Ground for sockets and polling.
 *
 * @module
 */

/** Bytes, the end, an error, or a connection is in hand. */
export const EVENT_READ = 1;
/** A send would take at least one byte now, or fail now. */
export const EVENT_WRITE = 2;
/** The socket is dead: closed, reset, or failed. */
export const EVENT_ERROR = 4;

/** Every event there is. */
export const ALL_EVENTS: number = EVENT_READ | EVENT_WRITE | EVENT_ERROR;

/** One interest in a socket, until it is ended. */
export interface Watch {
  /** Ends the interest. What was read meanwhile stays with the socket. */
  end(): void;
}

/** What can be polled. */
export interface Pollable {
  /** What `select` and `Selector` ask. */
  readonly readiness: Readiness;
}

/** The readiness of one socket. */
export interface Readiness {
  /** Which events hold now, or'ed together. */
  events(): number;
  /**
   * Calls `notify` whenever events may have come. At most one bounded read or
   * accept is kept outstanding meanwhile: for `EVENT_READ` while nothing is in
   * hand, for `EVENT_ERROR` while less than 64 KiB are.
   */
  watch(events: number, notify: () => void): Watch;
  /** What its clock says; see there. */
  readonly turnsToLook?: number | undefined;
}

interface Watcher {
  readonly events: number;
  readonly notify: () => void;
}

/** Those who want to be told, and what of. */
export class Watchers {
  readonly #watchers = new Set<Watcher>();

  /** The events that somebody waits for, or'ed together. */
  get asked(): number {
    let asked = 0;
    for (const { events } of this.#watchers) asked |= events;
    return asked;
  }

  /** Whether somebody waits for input. */
  get wantsInput(): boolean {
    return (this.asked & EVENT_READ) !== 0;
  }

  /** Adds one. */
  add(events: number, notify: () => void): Watch {
    const watcher = { events, notify };
    this.#watchers.add(watcher);
    return { end: () => void this.#watchers.delete(watcher) };
  }

  /** Something changed. */
  notify(): void {
    // What is told may add and end watches: a copy, unless there is but one.
    const { size } = this.#watchers;
    const told = size > 1 ? [...this.#watchers] : this.#watchers;
    for (const { notify } of told) {
      notify();
      if (size <= 1) return;
    }
  }
}
