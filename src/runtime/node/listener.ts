/**
 * Listening through `node:net`.
 *
 * @module
 */

import { atMicrotask } from "../../turn.ts";
import type { Address } from "../../contracts.ts";
import type {
  ListenerSink,
  RawListener,
  RawListenOptions,
} from "../seam/stream.ts";
import { Fault } from "../seam/fault.ts";
import type { OwnPath } from "../own_path.ts";
import type { PathClaim } from "../path_claim.ts";
import { inetAddress, inetEnds, target } from "./addresses.ts";
import { builtinsReady } from "./builtins.ts";
import { bindFault, nodeFault } from "./error_mapping.ts";
import { claimNodePath } from "./files.ts";
import { lookupNode } from "./lookup.ts";
import type { NodeInternals, NodeServer, NodeSocket } from "./native.ts";
import { fsModule, netModule } from "./native.ts";
import { demandFamily, demandSocket, openNodeFd } from "./descriptor.ts";
import { demandListening } from "./kernel_tables.ts";
import { descriptorOf } from "./options.ts";
import { demandBinding } from "./permission.ts";
import { quirks } from "./quirks.ts";
import { zonedEnd } from "./sender_zones.ts";
import { ignore, NodeStream, takeHandle, wrapHandle } from "./stream.ts";
import { demand, demandName } from "./supports.ts";
import { zoned } from "./zones.ts";

/**
 * Listens.
 *
 * @throws {Fault} by rejecting.
 */
export async function listenNode(
  options: RawListenOptions,
): Promise<RawListener> {
  const loading = builtinsReady();
  if (loading !== undefined) await loading;
  const { reusePort, ipv6Only } = options;
  if (reusePort === true) demand("reusePort");
  if (ipv6Only === true) demand("ipv6Only");
  const address = zoned(await numeric(options.address), "ENODEV");
  if ("path" in address) demandName(address.path);
  else demandBinding(address.hostname, address.port);
  // Nothing may be read before the handle has moved to a socket of ours.
  const server = netModule().createServer({
    allowHalfOpen: true,
    pauseOnConnect: true,
  });
  let claim: PathClaim | undefined;
  try {
    claim = claimNodePath(address);
    await listening(server, { ...options, address: claim?.made ?? address });
    return new NodeListener(server, address, claim?.take());
  } catch (error) {
    if (server.listening) server.close();
    const fault = bindFault(error);
    if ("path" in address && isFolderMissing(address.path, fault)) {
      throw new Fault("ENOENT", error);
    }
    throw fault;
  }
}

/**
 * Takes a listening descriptor over. It is told at once whether it can be: a
 * `listen` of a descriptor waits for nothing.
 *
 * @throws {Fault} `EBADF` if it is not open, `ENOTSOCK` if it is no socket,
 *   `EINVAL` if it does not listen.
 */
export function listenNodeFd(
  fd: number,
  family: Address["family"] | undefined,
): RawListener {
  const { hidesDescriptors } = quirks();
  if (!hidesDescriptors) demandSocket(fd);
  demandListening(fd);
  const server = netModule().createServer({
    allowHalfOpen: true,
    pauseOnConnect: true,
  });
  server.on("error", ignore);
  try {
    server.listen({ fd });
  } catch (error) {
    throw nodeFault(error);
  }
  if (!server.listening) {
    // Where `fstat` knows none, opening it tells what it is.
    if (hidesDescriptors) openNodeFd(fd).destroy();
    throw new Fault("EINVAL");
  }
  const bound = server.address();
  const isInternet = typeof bound === "object" && bound !== null;
  const address: Address = isInternet
    ? boundAddress(server)
    : { family: "unix", path: bound ?? "" };
  try {
    demandFamily(isInternet ? address : undefined, family);
  } catch (error) {
    server.close();
    throw error;
  }
  return new NodeListener(server, address, undefined);
}

/** The first address of a name, so that permission can be asked for it. */
async function numeric(address: RawListenOptions["address"]): Promise<Address> {
  if ("family" in address) return address;
  const [first] = await lookupNode(address.hostname, 0);
  return { ...first!, port: address.port };
}

/** Node says `EACCES` for a path in a folder that is not there. */
function isFolderMissing(path: string, { code }: Fault): boolean {
  if (code !== "EACCES") return false;
  const folder = /^(.*)\/[^/]*$/s.exec(path)?.[1] ?? ".";
  try {
    fsModule().statSync(folder === "" ? "/" : folder);
    return false;
  } catch (error) {
    return nodeFault(error).code === "ENOENT";
  }
}

/** Settles when the address is claimed or cannot be. */
function listening(
  server: NodeServer,
  { address, backlog, reusePort, ipv6Only }: RawListenOptions,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: unknown) => {
      server.off("error", settle);
      if (error === undefined) resolve();
      else reject(error);
    };
    server.on("error", settle);
    server.on("listening", settle);
    server.listen({
      ...target(address),
      backlog: Math.max(backlog, 1),
      reusePort: reusePort === true,
      ipv6Only: ipv6Only === true,
    });
  });
}

class NodeListener implements RawListener {
  readonly localAddress: Address;
  readonly #server: NodeServer;
  readonly #path: OwnPath | undefined;
  /** What came before there was a sink. */
  readonly #early: NodeStream[] = [];
  #sink: ListenerSink | undefined;
  #isClosed = false;

  constructor(
    server: NodeServer,
    address: Address,
    path: OwnPath | undefined,
  ) {
    this.#server = server;
    this.#path = path;
    this.localAddress = "path" in address
      ? address
      : zonedEnd(boundAddress(server), address)!;
    this.#takeSockets();
    if (quirks().givesHandles) this.#takeHandles();
    server.on("error", (error) => this.#sink?.failed(nodeFault(error)));
  }

  attach(sink: ListenerSink): void {
    this.#sink = sink;
    for (const stream of this.#early.splice(0)) sink.connection(stream);
  }

  resume(): void {}

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#path?.remove();
    // The descriptor is released at once. The server's own 'close' would wait
    // for every connection it has accepted.
    this.#server.close();
    for (const stream of this.#early.splice(0)) stream.close();
    atMicrotask(() => this.#sink?.closed());
  }

  ref(flag: boolean): void {
    if (flag) this.#server.ref();
    else this.#server.unref();
  }

  fileno(): number | undefined {
    return descriptorOf(this.#server);
  }

  // ---- what the server tells

  /** Takes connections as sockets with `onread`, which a server cannot give. */
  #takeSockets(): void {
    this.#server.on("connection", (accepted) => {
      if (!quirks().readsByOnRead) return this.#take(accepted);
      // The handle moves to a socket of ours; the server's is left empty.
      this.#take(wrapHandle(takeHandle(accepted)));
    });
  }

  /**
   * Takes the handles before the server makes a socket for each, where its
   * internals look as they do in Node 20 and 26. A second socket costs 6 %
   * (Node 26) to 24 % (Node 20) of the processor time that a short connection
   * takes.
   */
  #takeHandles(): void {
    const listening = (this.#server as unknown as NodeInternals)._handle;
    const usual = listening?.onconnection;
    if (usual?.length !== 2) return;
    const take = (handle: unknown) => this.#take(wrapHandle(handle));
    listening!.onconnection = function (status, handle): void {
      if (status !== 0) usual.call(this, status, handle);
      else take(handle);
    };
  }

  #take(socket: NodeSocket): void {
    const stream = streamOf(socket, this.localAddress);
    if (this.#isClosed) stream.close();
    else if (this.#sink === undefined) this.#early.push(stream);
    else this.#sink.connection(stream);
  }
}

function boundAddress(server: NodeServer): Address {
  const { address, port } = server.address() as {
    address: string;
    port: number;
  };
  return inetAddress(address, port)!;
}

function streamOf(
  socket: NodeSocket,
  local: Address,
): NodeStream {
  const { readsByOnRead } = quirks();
  if (local.family === "unix") {
    const remote: Address = { family: "unix", path: "" };
    return new NodeStream(socket, { remote, local }, readsByOnRead);
  }
  socket.setNoDelay(true);
  // Bound to one address, every connection has that one.
  const known = WILDCARDS.has(local.hostname) ? undefined : local;
  return new NodeStream(socket, inetEnds(socket, local, known), readsByOnRead);
}

const WILDCARDS: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);
