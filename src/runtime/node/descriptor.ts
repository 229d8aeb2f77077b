/**
 * Connections that the program was handed as descriptors.
 *
 * @module
 */

import type { Address } from "../../contracts.ts";
import type { RawStream } from "../runtime.ts";
import { Fault } from "../runtime.ts";
import { nodeFault } from "./faults.ts";
import type { NodeSocket } from "./modules.ts";
import { netModule } from "./modules.ts";
import { inetEnds, inlet, NodeStream } from "./stream.ts";
import { nodeSupports } from "./supports.ts";

/**
 * Takes a connected descriptor over.
 *
 * @throws {Fault} `ENOTSOCK` if it is none, `ENOTCONN` if it is not connected.
 */
export function streamOfNodeFd(
  fd: number,
  family: Address["family"],
): RawStream {
  const { fromFd } = nodeSupports();
  if (typeof fromFd === "string") {
    throw new Fault("EOPNOTSUPP", undefined, fromFd);
  }
  const way = inlet();
  const socket = open(fd, way?.onread);
  if (family === "unix") {
    const unnamed: Address = { family: "unix", path: "" };
    return new NodeStream(socket, { remote: unnamed, local: unnamed }, way);
  }
  const ends = inetEnds(socket);
  if (ends.local === undefined || ends.remote === undefined) {
    // Not destroyed: what was refused still belongs to the caller.
    throw new Fault("ENOTCONN");
  }
  socket.setNoDelay(true);
  return new NodeStream(socket, ends, way);
}

function open(fd: number, onread: unknown): NodeSocket {
  try {
    const socket = new (netModule().Socket)({
      fd,
      allowHalfOpen: true,
      readable: true,
      writable: true,
      pauseOnCreate: true,
      onread,
    });
    return socket;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "ERR_INVALID_FD_TYPE") throw new Fault("ENOTSOCK", error);
    throw nodeFault(error);
  }
}
