/**
 * The driver for Bun's own sockets. What the native API lacks, a connect that
 * can be taken back and look-ups, goes to `node:net` and `node:dns`.
 *
 * @module
 */

import type { Address } from "../contracts.ts";
import { systemClock } from "../clock.ts";
import {
  localOf,
  remoteOf,
  tellsPortAlone,
  toBunSource,
  toBunTarget,
  UNNAMED,
} from "./bun/addresses.ts";
import { toConnectFault, toFault } from "./bun/error_mapping.ts";
import { BunAcceptor, listenBun } from "./bun/listener.ts";
import { bun, type BunSocket } from "./bun/native.ts";
import { BunStream, CLIENT_HANDLER } from "./bun/stream.ts";
import { demandPrivate, SUPPORTS } from "./bun/supports.ts";
import { nodeRuntime, type NodeSocket } from "./node.ts";
import { connectNodeSocket, nodeStreamOf } from "./node/connect.ts";
import { demandFamily, demandSocket } from "./node/descriptor.ts";
import { demandListening } from "./node/kernel_tables.ts";
import { demandName } from "./node/supports.ts";
import { nodeProcess } from "./node/host.ts";
import { withZones } from "./node/zones.ts";
import { openNodeFile } from "./node/open_file.ts";
import { nodeNames } from "./node/names.ts";
import type { RawBindOptions, RawDatagram } from "./seam/datagram.ts";
import { FORCED_PROBES } from "./seam/options.ts";
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

export type { BunSocket } from "./bun/native.ts";

/** `readyState` of a socket that is neither connecting nor closed. */
const OPEN = 1;

class BunRuntime implements Runtime {
  readonly name = "bun";
  readonly supports = SUPPORTS;
  readonly forcedProbes = FORCED_PROBES;
  readonly clock = systemClock;
  readonly names = nodeNames();
  readonly host = nodeProcess();
  readonly openFile = openNodeFile;
  readonly tls = nodeTls;

  async nativeTls(): Promise<TlsRoles> {
    const { BunTlsRoles } = await import("./bun/tls/roles.ts");
    return new BunTlsRoles();
  }

  async connect(options: RawConnectOptions): Promise<RawStream> {
    const { signal } = options;
    signal?.throwIfAborted();
    const { address, localAddress } = withZones(options);
    const isUnix = "path" in address;
    if (isUnix) demandName(address.path);
    const ends = {
      ...toBunTarget(address),
      ...toBunSource(address, localAddress),
    };
    try {
      if (signal !== undefined && !isUnix) {
        return await connectRevocably({ ...options, address, localAddress });
      }
      const socket = await bun().connect({
        ...ends,
        allowHalfOpen: true,
        data: address,
        socket: CLIENT_HANDLER,
      });
      const stream = socket.data as BunStream;
      if (signal?.aborted !== true) return stream;
      // The kernel connects Unix sockets at once: what came of it goes away.
      stream.close();
      throw signal.reason;
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      throw await toConnectFault(error, address);
    }
  }

  listen(options: RawListenOptions): Promise<RawListener> {
    return listenBun(options);
  }

  async bindDatagram(options: RawBindOptions): Promise<RawDatagram> {
    const { bindBunDatagram } = await import("./bun/datagram.ts");
    return await bindBunDatagram(options);
  }

  streamOfFd(fd: number, family: Address["family"]): RawStream {
    demandSocket(fd);
    const address = unspecified(family);
    // Bun opens it before it returns; the promise comes too late to matter.
    const holder: { socket?: BunSocket } = {};
    const socket = {
      ...CLIENT_HANDLER,
      open(opened: BunSocket): void {
        holder.socket = opened;
        CLIENT_HANDLER.open(opened);
      },
    };
    bun().connect({ fd, allowHalfOpen: true, data: address, socket })
      .catch(() => {});
    if (holder.socket === undefined) throw new Fault("ENOTSOCK");
    const opened = holder.socket;
    const stream = opened.data as BunStream;
    demandFamilyOf(stream, localOf(opened), family);
    if (family !== "unix") opened.setNoDelay(true);
    return stream;
  }

  listenerOfFd(
    fd: number,
    family: Address["family"] | undefined,
  ): RawListener {
    demandSocket(fd);
    demandListening(fd);
    let listener: BunAcceptor;
    try {
      listener = new BunAcceptor({ fd }, unspecified(family ?? "ipv4"));
    } catch (error) {
      throw toFault(error);
    }
    demandFamilyOf(listener, listener.localAddress, family);
    return listener;
  }

  permits(): boolean {
    return true;
  }

  lookup(
    hostname: string,
    family: 0 | 4 | 6,
  ): Promise<readonly ResolvedHost[]> {
    return nodeRuntime().lookup(hostname, family);
  }
}

const RUNTIME: Runtime = new BunRuntime();

/** The driver for Bun. Made without touching the runtime. */
export function bunRuntime(): Runtime {
  return RUNTIME;
}

/**
 * A stream over a client socket that the program got from Bun itself, made
 * with `allowHalfOpen: true` if the peer's FIN must not close our side.
 *
 * @throws {Fault} `EOPNOTSUPP` for an accepted socket, which shares its
 * handlers; `ENOTCONN` if it is not connected.
 */
export function adoptBunSocket(socket: BunSocket): RawStream {
  demandPrivate(socket);
  if (socket.readyState !== OPEN) throw new Fault("ENOTCONN");
  const isUnix = socket.localAddress === undefined && !tellsPortAlone(socket);
  return isUnix
    ? adopt(socket, UNNAMED, UNNAMED)
    : adopt(socket, remoteOf(socket), localOf(socket));
}

/**
 * `node:net` can take a SYN back, and has a socket of Bun's own inside. That
 * takes 65 µs where `Bun.connect` takes 50, and `node:net` 16 ms to load: so
 * what nobody can call off goes to `Bun.connect`.
 */
async function connectRevocably(
  options: RawConnectOptions,
): Promise<RawStream> {
  const outer = await connectNodeSocket(options) as NodeSocket & {
    readonly _handle?: BunSocket;
  };
  const { _handle } = outer;
  // Bun before 1.2.10 crashes over the move.
  if (typeof _handle?.reload !== "function" || tellsPortAlone(_handle)) {
    return nodeStreamOf(outer, options);
  }
  const { address } = options;
  return adopt(_handle, remoteOf(_handle, address), localOf(_handle, address));
}

function adopt(
  socket: BunSocket,
  remote: Address | undefined,
  local: Address | undefined,
): RawStream {
  const stream = new BunStream(socket, remote, local);
  socket.reload({ socket: CLIENT_HANDLER });
  // What it was before is not known: now it is. A handle taken out of
  // `node:net` would keep no process alive.
  socket.ref();
  socket.resume();
  stream.pause();
  return stream;
}

/** Closes what turns out to be of another family. */
function demandFamilyOf(
  holder: BunStream | BunAcceptor,
  found: Address | undefined,
  family: Address["family"] | undefined,
): void {
  try {
    demandFamily(found, family);
  } catch (error) {
    holder.close();
    throw error;
  }
}

/** Stands for an address until the kernel has told it. */
function unspecified(family: Address["family"]): Address {
  return family === "unix" ? UNNAMED : { family, hostname: "", port: 0 };
}
