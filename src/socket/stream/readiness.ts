/**
 * What `select` and `Selector` see of a stream socket.
 *
 * @module
 */

import type { Readiness, Watch } from "../../readiness.ts";
import {
  ALL_EVENTS,
  EVENT_ERROR,
  EVENT_READ,
  EVENT_WRITE,
  Watchers,
} from "../../readiness.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import type { Acceptor } from "./acceptor.ts";
import type { Connection } from "./connection.ts";
import { READ_MARK_BYTES } from "./receiver.ts";

/** The parts of a stream socket that decide. */
export interface StreamState {
  /** What serves it. */
  readonly runtime: Runtime;
  /** Whether it was closed. */
  readonly isClosed: boolean;
  /** Whether a connect or a listen is under way. */
  readonly isOpening: boolean;
  /** Whether a connect failed whose error nobody has asked for. */
  readonly hasError: boolean;
  /** What it is connected by. */
  readonly connection: Connection | undefined;
  /** What it listens with. */
  readonly acceptor: Acceptor | undefined;
}

/** The readiness of one stream socket. */
export class StreamReadiness implements Readiness {
  readonly #state: StreamState;
  readonly #watchers = new Watchers();

  /** Made when a socket is polled for the first time. */
  constructor(state: StreamState) {
    this.#state = state;
    this.adopt();
  }

  /** How many turns it takes until the kernel has been looked at. */
  get turnsToLook(): number | undefined {
    return this.#state.runtime.clock.turnsToLook;
  }

  /** Which events hold now. */
  events(): number {
    const { isClosed, isOpening, hasError, connection, acceptor } = this.#state;
    if (isClosed || hasError) return ALL_EVENTS;
    if (acceptor !== undefined) return acceptor.isReadable ? EVENT_READ : 0;
    if (connection !== undefined) return eventsOf(connection);
    // Unconnected: every call fails at once, as poll(2) says on Linux too.
    return isOpening ? 0 : EVENT_READ | EVENT_WRITE;
  }

  /** Calls `notify` whenever events may have come. */
  watch(events: number, notify: () => void): Watch {
    const watch = this.#watchers.add(events, notify);
    this.#arm();
    return {
      end: () => {
        watch.end();
        this.#arm();
      },
    };
  }

  /** A connection or listener has come: its changes are ours. */
  adopt(): void {
    const { connection, acceptor } = this.#state;
    const holder = connection ?? acceptor;
    if (holder !== undefined) holder.onChange = this.changed;
    this.#arm();
  }

  /** Something changed. */
  readonly changed = (): void => {
    this.#watchers.notify();
  };

  /** Keeps one read or accept outstanding while somebody waits for it. */
  #arm(): void {
    const { connection, acceptor, isClosed } = this.#state;
    const asked = isClosed ? 0 : this.#watchers.asked;
    if (connection !== undefined) {
      connection.receiver.readAheadBytes = readAhead(asked);
      connection.receiver.keepReading();
    }
    if (acceptor === undefined) return;
    acceptor.isWatched = (asked & EVENT_READ) !== 0;
    if (acceptor.isWatched) acceptor.keepAccepting();
  }
}

/**
 * How much may be read for a poll. No runtime tells that a connection died
 * but by a read, so whoever waits for that alone reads on past what comes.
 */
function readAhead(asked: number): number {
  if ((asked & EVENT_ERROR) !== 0) return READ_MARK_BYTES;
  return asked & EVENT_READ;
}

function eventsOf({ failure, receiver, sender }: Connection): number {
  if (failure !== undefined) return ALL_EVENTS;
  const read = receiver.isReadable ? EVENT_READ : 0;
  const write = sender.isWritable ? EVENT_WRITE : 0;
  return read | write;
}
