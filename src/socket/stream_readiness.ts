/**
 * What `select` and `Selector` see of a stream socket.
 *
 * @module
 */

import type { Readiness, Watch } from "../readiness.ts";
import { ALL_EVENTS, EVENT_READ, EVENT_WRITE, Watchers } from "../readiness.ts";
import type { Acceptor } from "./acceptor.ts";
import type { Connection } from "./connection.ts";

/** The parts of a stream socket that decide. */
export interface StreamState {
  /** Whether it was closed. */
  readonly isClosed: boolean;
  /** Whether a connect is under way. */
  readonly isConnecting: boolean;
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

  /** Which events hold now. */
  events(): number {
    const { isClosed, isConnecting, hasError, connection, acceptor } =
      this.#state;
    if (isClosed || hasError) return ALL_EVENTS;
    if (acceptor !== undefined) return acceptor.isReadable ? EVENT_READ : 0;
    if (connection !== undefined) return eventsOf(connection);
    // Unconnected: every call fails at once, as poll(2) says on Linux too.
    return isConnecting ? 0 : EVENT_READ | EVENT_WRITE;
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

  /** Keeps one read or accept outstanding while somebody waits for input. */
  #arm(): void {
    const { connection, acceptor, isClosed } = this.#state;
    const wantsInput = this.#watchers.wantsInput && !isClosed;
    if (connection !== undefined) {
      connection.receiver.isWatched = wantsInput;
      if (wantsInput) connection.receiver.keepReading();
    }
    if (acceptor === undefined) return;
    acceptor.isWatched = wantsInput;
    if (wantsInput) acceptor.keepAccepting();
  }
}

function eventsOf({ fault, receiver, sender }: Connection): number {
  if (fault !== undefined) return ALL_EVENTS;
  const read = receiver.isReadable ? EVENT_READ : 0;
  const write = sender.isWritable ? EVENT_WRITE : 0;
  return read | write;
}
