/**
 * Connecting through `node:net`, which can be called off on every runtime.
 *
 * @module
 */

import type { RawConnectOptions, RawStream } from "../seam/stream.ts";
import { Fault } from "../seam/fault.ts";
import { type Ends, hostText, inetEnds, target } from "./addresses.ts";
import { builtinsReady } from "./builtins.ts";
import { bindFault, nodeFault } from "./error_mapping.ts";
import type { NodeSocket } from "./native.ts";
import { netModule } from "./native.ts";
import { demandBinding } from "./permission.ts";
import { quirks } from "./quirks.ts";
import { readingOptions } from "./reading.ts";
import { ignore, NodeStream } from "./stream.ts";
import { demand, demandName } from "./supports.ts";
import { withZones } from "./zones.ts";

/**
 * Connects. An abort gives the reason of the signal and takes the attempt
 * back: nothing appears at the peer.
 *
 * @throws {Fault} by rejecting.
 */
export async function connectNode(
  options: RawConnectOptions,
): Promise<RawStream> {
  return nodeStreamOf(await connectNodeSocket(options), options);
}

/** The driver of what {@linkcode connectNodeSocket} gave. */
export function nodeStreamOf(
  socket: NodeSocket,
  options: RawConnectOptions,
): RawStream {
  const ends = endsOf(socket, options);
  const stream = new NodeStream(socket, ends, quirks().readsByOnRead);
  socket.off("error", ignore);
  return stream;
}

/**
 * A connected socket that reads nothing yet and ignores errors. Made as by
 * {@linkcode connectNode}.
 *
 * @throws {Fault} by rejecting.
 */
export async function connectNodeSocket(
  options: RawConnectOptions,
): Promise<NodeSocket> {
  const { signal } = options;
  signal?.throwIfAborted();
  const loading = builtinsReady();
  if (loading !== undefined) await loading;
  const zoned = withZones(options);
  const { address, localAddress } = zoned;
  if ("path" in address) demandName(address.path);
  if (localAddress !== undefined) demandLocal(zoned);
  let socket: NodeSocket | undefined;
  try {
    socket = netModule().connect(toNodeOptions(zoned));
    // Nothing is read before the stream is resumed.
    socket.pause();
    await connected(socket, signal);
    return socket;
  } catch (error) {
    socket?.destroy();
    if (signal?.aborted) throw signal.reason;
    throw localAddress === undefined ? nodeFault(error) : bindFault(error);
  }
}

function demandLocal({ address, localAddress }: RawConnectOptions): void {
  demand("localAddress");
  if ("path" in address || "path" in localAddress!) {
    const reason = "node:net cannot bind a Unix socket before it connects";
    throw new Fault("EOPNOTSUPP", undefined, reason);
  }
  demandBinding(localAddress!.hostname, localAddress!.port);
}

function toNodeOptions({ address, localAddress }: RawConnectOptions): object {
  const local = localAddress === undefined || "path" in localAddress ? {} : {
    // Of a name, only addresses of that family.
    family: localAddress.family === "ipv6" ? 6 : 4,
    localAddress: hostText(localAddress),
    localPort: localAddress.port,
  };
  // A numeric address is raced above the seam; a name only gets here where
  // the name is all that the program may connect to.
  const autoSelectFamily = !("family" in address);
  return {
    ...target(address),
    ...local,
    autoSelectFamily,
    allowHalfOpen: true,
    noDelay: true,
    ...readingOptions(),
  };
}

/** Settles when the socket has connected or never will. */
function connected(
  socket: NodeSocket,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => settle(signal!.reason);
    const done = () => settle(undefined);
    const settle = (error: unknown) => {
      socket.on("error", ignore);
      socket.off("connect", done);
      socket.off("error", settle);
      signal?.removeEventListener("abort", abort);
      if (error === undefined) resolve();
      else reject(error);
    };
    socket.on("connect", done);
    socket.on("error", settle);
    signal?.addEventListener("abort", abort);
  });
}

function endsOf(socket: NodeSocket, { address }: RawConnectOptions): Ends {
  return "path" in address
    ? { remote: address, local: { family: "unix", path: "" } }
    : inetEnds(socket, address);
}
