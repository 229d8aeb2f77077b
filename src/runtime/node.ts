/**
 * The driver for `node:net`: Node's own, and those of Deno and Bun, whose
 * drivers send here what their native sockets cannot do.
 *
 * @module
 */

import type { Address } from "../contracts.ts";
import { systemClock } from "../clock.ts";
import { connectNode } from "./node/connect.ts";
import { lookupFault } from "./node/faults.ts";
import { listenNode } from "./node/listen.ts";
import { dnsModule, type NodeSocket } from "./node/modules.ts";
import { inetEnds, NodeStream } from "./node/stream.ts";
import { nodeNames } from "./node/names.ts";
import { nodeSupports } from "./node/supports.ts";
import type {
  Feature,
  RawStream,
  ResolvedHost,
  Runtime,
  Support,
} from "./runtime.ts";
import { Fault } from "./runtime.ts";

export { connectNode } from "./node/connect.ts";
export { nodeFault } from "./node/faults.ts";
export { listenNode } from "./node/listen.ts";
export type { NodeSocket } from "./node/modules.ts";

class NodeRuntime implements Runtime {
  readonly name = "node";
  readonly clock = systemClock;
  readonly connect: Runtime["connect"] = connectNode;
  readonly listen: Runtime["listen"] = listenNode;
  readonly lookup: Runtime["lookup"] = lookupNode;
  readonly names: Runtime["names"] = nodeNames();

  get supports(): Readonly<Record<Feature, Support>> {
    return nodeSupports();
  }

  /** Node's permissions know no addresses: all or nothing, told on use. */
  permits(_address: Address): boolean {
    return true;
  }
}

const RUNTIME: Runtime = new NodeRuntime();

/** The driver for `node:net`. Nothing is loaded until it is used. */
export function nodeRuntime(): Runtime {
  return RUNTIME;
}

/**
 * A stream over a connected `net.Socket` that the program has got itself. The
 * peer's FIN no longer closes it.
 *
 * @throws {Fault} `ENOTCONN` if it is not connected.
 */
export function adoptNodeSocket(socket: NodeSocket): RawStream {
  if (socket.destroyed || socket.connecting) throw new Fault("ENOTCONN");
  socket.allowHalfOpen = true;
  const ends = inetEnds(socket);
  if (ends.local !== undefined) {
    socket.setNoDelay(true);
    return new NodeStream(socket, ends);
  }
  // Unix sockets tell no addresses.
  const unnamed: Address = { family: "unix", path: "" };
  return new NodeStream(socket, { remote: unnamed, local: unnamed });
}

/**
 * The addresses of a name, in `getaddrinfo`'s order.
 *
 * @throws {Fault} `EAI_NONAME` or another `EAI_…`, by rejecting.
 */
export function lookupNode(
  hostname: string,
  family: 0 | 4 | 6,
): Promise<readonly ResolvedHost[]> {
  return new Promise((resolve, reject) => {
    const options = { all: true, family, order: "verbatim" };
    try {
      dnsModule().lookup(hostname, options, (error, addresses) => {
        if (error) return reject(lookupFault(error));
        if (addresses.length === 0) return reject(new Fault("EAI_NONAME"));
        resolve(addresses.map(({ address }) => ({
          family: address.includes(":") ? "ipv6" : "ipv4",
          hostname: address,
        })));
      });
    } catch (error) {
      reject(lookupFault(error));
    }
  });
}
