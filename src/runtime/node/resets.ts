/**
 * What runtimes hide of resets, found out.
 *
 * @module
 */

import { Fault } from "../seam/fault.ts";
import { nodeFault } from "./faults.ts";
import { nodeHost, type NodeInternals, type NodeSocket } from "./native.ts";

const NOTHING = new Uint8Array(0);

/**
 * What a clean end of a socket hides, if it does. Before libuv 1.5x a reset
 * that meets a paused socket with unread bytes is told as an end; but the peer
 * of a reset socket has no name. After our own FIN it has none either way, so
 * that is believed to be an end. If a FIN came before the reset, the kernel
 * says EPIPE to a write, even of nothing.
 */
export function hiddenFault(socket: NodeSocket): Fault | undefined {
  if (socket.writableEnded) return;
  if (!(hidesResets ??= hostHidesResets())) return;
  const { _handle } = socket as unknown as NodeInternals;
  if ((_handle?.getpeername?.({}) ?? 0) >= 0) return; // Unix: no such method
  socket.write(NOTHING);
  return nodeFault(socket.errored ?? new Fault("ECONNRESET"));
}

let hidesResets: boolean | undefined;

function hostHidesResets(): boolean {
  const host = nodeHost();
  return host.name === "node" && !host.has("node", 26, 0);
}

/**
 * What the failure of a connection means. Deno looks for an end with a read
 * that takes a reset away, and what is sent then is EPIPE, as if the peer had
 * ended; so unless it has, it is the reset. An end taken for a reset is safe, a
 * reset taken for an end is not.
 */
export function connectionFault(error: unknown, hasEnded: boolean): Fault {
  const fault = nodeFault(error);
  if (fault.code !== "EPIPE" || hasEnded) return fault;
  if (nodeHost().name !== "deno") return fault;
  return new Fault("ECONNRESET", fault.cause, fault.reason);
}
