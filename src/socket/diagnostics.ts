/**
 * The events of stream sockets.
 *
 * @module
 */

import { EventPoint } from "../diagnostics.ts";

/** A connect has succeeded: `{ peer, durationMs }`. */
export const connected: EventPoint = new EventPoint("net", "connect");

/** A listener listens: `{ address }`. */
export const listening: EventPoint = new EventPoint("net", "listen");

/** A connection was accepted: `{ address, peer }`. */
export const accepted: EventPoint = new EventPoint("net", "accept");

/**
 * The descriptor of a connection is released: `{ peer, durationMs,
 * bytesReceived, bytesSent }`; `durationMs` is `undefined` if nobody listened
 * when it was opened.
 */
export const closed: EventPoint = new EventPoint("net", "close");

/**
 * A connect failed: `{ op: "connect", address, error, durationMs }`; or a
 * connection: `{ op: "stream", peer, error }`.
 */
export const failed: EventPoint = new EventPoint("net", "error");

/** When connections were opened whose end will be told: no others pay for it. */
const openings: WeakMap<object, number> = new WeakMap();

/** A connection was opened while somebody listens. */
export function noteOpening(connection: object, now: number): void {
  openings.set(connection, now);
}

/** When it was opened; `undefined` if nobody listened then. */
export function openingOf(connection: object): number | undefined {
  return openings.get(connection);
}
