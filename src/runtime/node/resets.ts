/**
 * What runtimes hide of resets, found out.
 *
 * @module
 */

import { Fault } from "../seam/fault.ts";
import { nodeFault } from "./faults.ts";
import type { NodeInternals, NodeSocket } from "./native.ts";
import { quirks } from "./quirks.ts";

const NOTHING = new Uint8Array(0);

/**
 * What a clean end of a socket hides, where a reset may be told as one: the
 * peer of a reset socket has no name. After our own FIN it has none either
 * way, so that is believed to be an end. If a FIN came before the reset, the
 * kernel says EPIPE to a write, even of nothing.
 */
export function hiddenFault(socket: NodeSocket): Fault | undefined {
  if (socket.writableEnded || !quirks().hidesResets) return;
  const { _handle } = socket as unknown as NodeInternals;
  if ((_handle?.getpeername?.({}) ?? 0) >= 0) return; // Unix: no such method
  socket.write(NOTHING);
  return nodeFault(socket.errored ?? new Fault("ECONNRESET"));
}

/**
 * What the failure of a connection means. Where EPIPE may stand for a reset,
 * it does unless the peer has ended. An end taken for a reset is safe, a reset
 * taken for an end is not.
 */
export function connectionFault(error: unknown, hasEnded: boolean): Fault {
  const fault = nodeFault(error);
  if (fault.code !== "EPIPE" || hasEnded) return fault;
  if (!quirks().tellsResetsAsPipe) return fault;
  return new Fault("ECONNRESET", fault.cause, fault.reason);
}
