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
   * Calls `notify` whenever events may have come; at most one bounded read or
   * accept is kept outstanding meanwhile, if `EVENT_READ` is among `events`.
   */
  watch(events: number, notify: () => void): Watch;
}

/** Those who want to be told, and whether any of them waits for input. */
export class Watchers {
  readonly #watchers = new Set<{ events: number; notify: () => void }>();
  #readers = 0;

  /** Whether somebody waits for input. */
  get wantsInput(): boolean {
    return this.#readers > 0;
  }

  /** Adds one. */
  add(events: number, notify: () => void): Watch {
    const watcher = { events, notify };
    const isReader = (events & EVENT_READ) !== 0;
    this.#watchers.add(watcher);
    if (isReader) this.#readers++;
    return {
      end: () => {
        if (this.#watchers.delete(watcher) && isReader) this.#readers--;
      },
    };
  }

  /** Something changed. */
  notify(): void {
    if (this.#watchers.size === 0) return;
    for (const watcher of [...this.#watchers]) watcher.notify();
  }
}
