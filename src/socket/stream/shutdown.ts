/**
 * Ending one or both directions of a connection.
 *
 * @module
 */

import { show } from "../../address.ts";
import { SHUT_RD, SHUT_RDWR, SHUT_WR } from "../../constants.ts";
import type { Connection } from "./connection.ts";
import type { Wait } from "../../deadline.ts";

/** Checks `how`, then ends what it names. */
export async function shutdownConnection(
  connection: () => Connection,
  how: number,
  wait: Wait,
): Promise<void> {
  if (typeof how !== "number") {
    throw new TypeError(`how must be a number: ${show(how)}`);
  }
  if (how !== SHUT_RD && how !== SHUT_WR && how !== SHUT_RDWR) {
    throw new RangeError(`how is SHUT_RD, SHUT_WR or SHUT_RDWR: ${how}`);
  }
  wait.signal?.throwIfAborted();
  const target = connection();
  const ends = how !== SHUT_RD;
  // Before the reading side is shut, which cannot be undone.
  if (ends && target.sender.isBusy) throw target.error("EBUSY", "shutdown", 0);
  if (how !== SHUT_WR) target.receiver.shut();
  if (ends) await target.finish("shutdown", wait);
}
