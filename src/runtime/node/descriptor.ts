/**
 * Connections that the program was handed as descriptors.
 *
 * @module
 */

import type { Address } from "../../contracts.ts";
import type { RawStream } from "../seam/stream.ts";
import { Fault } from "../seam/fault.ts";
import { nodeFault } from "./error_mapping.ts";
import type { NodeSocket } from "./native.ts";
import { fsModule, netModule } from "./native.ts";
import { quirks } from "./quirks.ts";
import { readingOptions } from "./reading.ts";
import { inetEnds, unnamedEnds } from "./addresses.ts";
import { NodeStream } from "./stream.ts";
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
  const socket = openNodeFd(fd);
  const ends = inetEnds(socket);
  try {
    demandFamily(ends.local, family);
    const isLost = ends.remote === undefined && family !== "unix";
    if (isLost) throw new Fault("ENOTCONN");
  } catch (error) {
    socket.destroy();
    throw error;
  }
  if (family === "unix") {
    return new NodeStream(socket, unnamedEnds(), quirks().readsByOnRead);
  }
  socket.setNoDelay(true);
  return new NodeStream(socket, ends, quirks().readsByOnRead);
}

/**
 * A paused socket over a descriptor.
 *
 * @throws {Fault} `EBADF` if it is not open, `ENOTSOCK` if it is no socket.
 */
export function openNodeFd(fd: number): NodeSocket {
  try {
    return new (netModule().Socket)({
      fd,
      allowHalfOpen: true,
      readable: true,
      writable: true,
      pauseOnCreate: true,
      ...readingOptions(),
    });
  } catch (error) {
    const { code, message = "" } = error as Partial<
      Error & { code: string }
    >;
    if (code !== "ERR_INVALID_FD_TYPE") throw nodeFault(error);
    // So it is called if it is not even open.
    const isOpen = !message.endsWith("UNKNOWN");
    throw new Fault(isOpen ? "ENOTSOCK" : "EBADF", error);
  }
}

/**
 * Throws a Fault unless the descriptor is open, `EBADF`, and a socket,
 * `ENOTSOCK`: Node says `EINVAL` of both and Bun that nobody listens.
 */
export function demandSocket(fd: number): void {
  let isSocket: boolean;
  try {
    isSocket = fsModule().fstatSync(fd).isSocket();
  } catch (error) {
    throw nodeFault(error);
  }
  if (!isSocket) throw new Fault("ENOTSOCK");
}

/** Throws a Fault unless a descriptor is of the family it should be of. */
export function demandFamily(
  local: Address | undefined,
  family: Address["family"] | undefined,
): void {
  const found = local?.family ?? "unix";
  if (family === undefined || found === family) return;
  const reason = `it is ${found}, not ${family}`;
  throw new Fault("EAFNOSUPPORT", undefined, reason);
}
