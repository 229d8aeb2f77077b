/**
 * The connect of a stream socket while it is under way.
 *
 * @module
 */

import type { Wait } from "../../deadline.ts";

/** What a non-blocking connect makes wait, and so fails with `EAGAIN`. */
const WAITING_CALLS: ReadonlySet<string> = new Set([
  "recv",
  "recvExactly",
  "recvInto",
  "recvUntil",
  "send",
  "sendAll",
]);

const FOREVER: Wait = { timeoutMs: null, signal: undefined };

/** A connect under way, and who waits for it. */
export class Connecting {
  /** How long it may take. */
  readonly wait: Wait;
  /** Whether it is a non-blocking one, which nobody waits for. */
  readonly isInBackground: boolean;

  /** A connect that is to wait so; one that is not to wait goes on behind. */
  constructor(wait: Wait) {
    this.isInBackground = wait.timeoutMs === 0;
    this.wait = this.isInBackground ? FOREVER : wait;
  }

  /** Whether a call named `op` would wait for it, were the socket blocking. */
  delays(op: string): boolean {
    return this.isInBackground && WAITING_CALLS.has(op);
  }
}
