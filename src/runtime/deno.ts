/**
 * The driver for Deno's own network API. What the native API lacks goes to
 * `node:net` in the same process: abortive close, a local address, `reusePort`
 * without `--unstable-net`, and keep-alive tuning.
 *
 * @module
 */

import type { Address, HostAndPort } from "../contracts.ts";
import type { RawBindOptions, RawDatagram } from "./seam/datagram.ts";
import { denoClock } from "./deno/clock.ts";
import { toDenoTarget } from "./deno/addresses.ts";
import { toFault } from "./deno/error_mapping.ts";
import { denoProcess } from "./deno/host.ts";
import { openDenoFile } from "./deno/open_file.ts";
import { DenoAcceptor } from "./deno/listener.ts";
import { denoNames } from "./deno/names.ts";
import type { DenoConn, DenoListener } from "./deno/native.ts";
import { deno, DENO_FILES, hasUnstableNet } from "./deno/native.ts";
import { armSignals } from "./deno/signals.ts";
import { DenoStream } from "./deno/stream.ts";
import { SUPPORTS } from "./deno/supports.ts";
import { streamOfNodeFd } from "./node/descriptor.ts";
import { listenNodeFd } from "./node/listener.ts";
import { mayMakeSocketAt } from "./node/permission.ts";
import { demandName } from "./node/supports.ts";
import { nodeRuntime } from "./node.ts";
import { claimPath } from "./path_claim.ts";
import { nodeTls } from "./node/tls_engine.ts";
import type { ResolvedHost } from "./seam/names.ts";
import type { Runtime } from "./seam/runtime.ts";
import type { TlsRoles } from "./seam/tls.ts";
import type {
  RawConnectOptions,
  RawListener,
  RawListenOptions,
  RawStream,
} from "./seam/stream.ts";
import { Fault } from "./seam/fault.ts";

export type { DenoConn, DenoNamespace } from "./deno/native.ts";

class DenoRuntime implements Runtime {
  readonly name = "deno";
  readonly supports = SUPPORTS;
  readonly clock = denoClock;
  readonly names = denoNames();
  readonly host = denoProcess();
  readonly openFile = openDenoFile;
  readonly tls = nodeTls;

  async nativeTls(): Promise<TlsRoles> {
    const { DenoTlsRoles } = await import("./deno/tls/roles.ts");
    return new DenoTlsRoles();
  }

  async connect(options: RawConnectOptions): Promise<RawStream> {
    const { address, localAddress, abortive, keepAliveIdle } = options;
    const { signal } = options;
    const isPlain = localAddress === undefined && abortive !== true &&
      keepAliveIdle !== true;
    // Deno asks no kernel whether there is a port 0.
    const isZero = !("path" in address) && address.port === 0;
    if (!isPlain || isZero) {
      return await nodeRuntime().connect(options);
    }
    demandRightName(address);
    const target = toDenoTarget(address);
    let conn: DenoConn | undefined;
    try {
      conn = await deno().connect({ ...target, signal });
      return new DenoStream(conn, { remote: address });
    } catch (error) {
      conn?.close();
      if (signal?.aborted) throw signal.reason;
      throw toConnectFault(error);
    }
  }

  async listen(options: RawListenOptions): Promise<RawListener> {
    if (options.ipv6Only === true) {
      const reason = SUPPORTS.ipv6Only as string;
      throw new Fault("ENOPROTOOPT", undefined, reason);
    }
    armSignals();
    const { abortive, keepAliveIdle } = options;
    // Deno ends the process when asked for `reusePort` and has no such flag.
    const isForeign = options.reusePort === true && !hasUnstableNet();
    if (abortive === true || isForeign || keepAliveIdle === true) {
      return await nodeRuntime().listen(options);
    }
    try {
      return listenDeno(options);
    } catch (error) {
      throw toFault(error);
    }
  }

  async bindDatagram(options: RawBindOptions): Promise<RawDatagram> {
    const { bindDenoDatagram } = await import("./deno/datagram.ts");
    return await bindDenoDatagram(options);
  }

  streamOfFd(fd: number, family: Address["family"]): RawStream {
    return streamOfNodeFd(fd, family);
  }

  listenerOfFd(
    fd: number,
    family: Address["family"] | undefined,
  ): RawListener {
    armSignals();
    return listenNodeFd(fd, family);
  }

  permits(address: Address): boolean {
    if (address.family === "unix") return true;
    const host = address.family === "ipv6"
      ? `[${address.hostname}]:${address.port}`
      : `${address.hostname}:${address.port}`;
    return deno().permissions.querySync({ name: "net", host }).state ===
      "granted";
  }

  lookup(
    hostname: string,
    family: 0 | 4 | 6,
  ): Promise<readonly ResolvedHost[]> {
    return nodeRuntime().lookup(hostname, family);
  }
}

/** Its own sockets get the same names wrong as its `node:net`. */
function demandRightName(address: Address | HostAndPort): void {
  // Only then: on Deno touching `process` costs 12 ms.
  if ("path" in address && /^\0(\0|$)/.test(address.path)) {
    demandName(address.path);
  }
}

function listenDeno(options: RawListenOptions): RawListener {
  const { address, backlog, reusePort } = options;
  demandRightName(address);
  const claim = claimPath(DENO_FILES, address, mayMakeSocketAt);
  let listener: DenoListener | undefined;
  try {
    listener = deno().listen({
      ...toDenoTarget(claim?.made ?? address),
      ...(reusePort === true ? { reusePort } : {}),
      tcpBacklog: Math.max(backlog, 1),
    });
    return new DenoAcceptor(listener, address, claim?.take());
  } catch (error) {
    listener?.close();
    throw error;
  }
}

/**
 * A connection that was reset at once has no peer to ask for its name, which
 * Deno does before it gives the connection away.
 */
function toConnectFault(error: unknown): Fault {
  const fault = toFault(error);
  return fault.code === "ENOTCONN"
    ? new Fault("ECONNRESET", fault.cause)
    : fault;
}

const RUNTIME: Runtime = new DenoRuntime();

/** The driver for Deno. Made without touching the runtime. */
export function denoRuntime(): Runtime {
  return RUNTIME;
}

/** A stream over a connection that the program got from Deno itself. */
export function adoptDenoConn(conn: DenoConn): RawStream {
  return new DenoStream(conn);
}
