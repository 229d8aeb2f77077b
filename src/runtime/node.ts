/**
 * The driver for `node:net`: Node's own, and those of Deno and Bun, whose
 * drivers send here what their native sockets cannot do.
 *
 * @module
 */

import type { Address } from "../contracts.ts";
import { type Clock, clockOf, refHandle } from "../clock.ts";
import { connectNode } from "./node/connect.ts";
import { streamOfNodeFd } from "./node/descriptor.ts";
import { openNodeFile } from "./node/open_file.ts";
import { listenNode, listenNodeFd } from "./node/listener.ts";
import { lookupNode } from "./node/lookup.ts";
import type { NodeSocket } from "./node/native.ts";
import { nodeForcedProbes } from "./node/options.ts";
import { inetEnds, unnamedEnds } from "./node/addresses.ts";
import { NodeStream } from "./node/stream.ts";
import { nodeProcess } from "./node/host.ts";
import { nodeNames } from "./node/names.ts";
import { quirks } from "./node/quirks.ts";
import { nodeSupports } from "./node/supports.ts";
import type { RawBindOptions, RawDatagram } from "./seam/datagram.ts";
import type { Host } from "./seam/host.ts";
import { nodeNativeTls, nodeTls } from "./node/tls_engine.ts";
import type { KeepAliveTuning } from "./seam/options.ts";
import type { Runtime } from "./seam/runtime.ts";
import type { RawStream } from "./seam/stream.ts";
import type { Feature, Support } from "./seam/supports.ts";
import { Fault } from "./seam/fault.ts";

export { connectNode } from "./node/connect.ts";
export { nodeFault } from "./node/error_mapping.ts";
export { listenNode } from "./node/listener.ts";
export { lookupNode } from "./node/lookup.ts";
export type { NodeSocket } from "./node/native.ts";

let clock: Clock | undefined;

class NodeRuntime implements Runtime {
  readonly name = "node";
  readonly connect: Runtime["connect"] = connectNode;
  readonly listen: Runtime["listen"] = listenNode;
  readonly streamOfFd: typeof streamOfNodeFd = streamOfNodeFd;
  readonly listenerOfFd: typeof listenNodeFd = listenNodeFd;
  readonly lookup: Runtime["lookup"] = lookupNode;
  readonly openFile: typeof openNodeFile = openNodeFile;
  readonly names: Runtime["names"] = nodeNames();
  readonly host: Host = nodeProcess();
  readonly tls: typeof nodeTls = nodeTls;
  readonly nativeTls: typeof nodeNativeTls = nodeNativeTls;

  async bindDatagram(options: RawBindOptions): Promise<RawDatagram> {
    // Who has no datagrams loads nothing of them.
    const { bindNodeDatagram } = await import("./node/datagram.ts");
    return await bindNodeDatagram(options);
  }

  get clock(): Clock {
    return clock ??= clockOf(refHandle, quirks().turnsToLook);
  }

  get supports(): Readonly<Record<Feature, Support>> {
    return nodeSupports();
  }

  get forcedProbes(): KeepAliveTuning | undefined {
    return nodeForcedProbes();
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
  if (socket.destroyed || socket.pending) throw new Fault("ENOTCONN");
  socket.allowHalfOpen = true;
  const ends = inetEnds(socket);
  if (ends.local !== undefined) {
    socket.setNoDelay(true);
    return new NodeStream(socket, ends, false);
  }
  // Unix sockets tell no addresses.
  return new NodeStream(socket, unnamedEnds(), false);
}
