/**
 * Taking connections from a `net.Server` as sockets that have `onread`, which
 * a server cannot give them.
 *
 * @module
 */

import type { NodeInternals, NodeServer, NodeSocket } from "./native.ts";
import { nodeHost } from "./native.ts";
import { hasOnRead } from "./reading.ts";
import { takeHandle, wrapHandle } from "./stream.ts";

/** Takes an accepted socket. */
export type Taker = (socket: NodeSocket) => void;

/** Hands on whatever a listening server accepts. */
export function takeConnections(server: NodeServer, take: Taker): void {
  server.on("connection", (accepted) => {
    if (!hasOnRead()) return take(accepted);
    // The handle moves to a socket of ours; the server's is left empty.
    take(wrapHandle(takeHandle(accepted)));
  });
  takeHandles(server, take);
}

/**
 * Takes the handles before the server makes a socket for each, where its
 * internals look as they do in Node 20 and 26. A second socket costs 6 % (Node
 * 26) to 24 % (Node 20) of the processor time that a short connection takes.
 */
function takeHandles(server: NodeServer, take: Taker): void {
  const listening = (server as unknown as NodeInternals)._handle;
  const usual = listening?.onconnection;
  if (nodeHost().name !== "node" || usual?.length !== 2) return;
  listening!.onconnection = function (status, handle): void {
    if (status !== 0) usual.call(this, status, handle);
    else take(wrapHandle(handle));
  };
}
