/**
 * What runtimes hide of resets, found out.
 *
 * @module
 */

import { Fault } from "../seam/fault.ts";
import { nodeFault } from "./error_mapping.ts";
import type { NodeInternals, NodeSocket } from "./native.ts";
import { quirks } from "./quirks.ts";

const NOTHING = new Uint8Array(0);

/** Whether a socket's peer has no name any more: then nothing comes or goes. */
export function hasNoPeer(socket: NodeSocket): boolean {
  const { _handle } = socket as unknown as NodeInternals;
  return (_handle?.getpeername?.({}) ?? 0) < 0; // Unix: no such method
}

/**
 * Whether an end of a socket may hide a reset, where one may be told as an
 * end: the peer of a reset socket has no name.
 */
export function mayHideReset(socket: NodeSocket): boolean {
  return quirks().hidesResets && hasNoPeer(socket);
}

/**
 * What such an end hides while our side is open. If a FIN came before the
 * reset, the kernel says EPIPE to a write, even of nothing.
 */
export function hiddenFault(socket: NodeSocket): Fault {
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
