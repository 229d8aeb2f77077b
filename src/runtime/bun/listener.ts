/**
 * A listener of Bun's, which accepts by itself.
 *
 * @module
 */

import { atMicrotask } from "../../turn.ts";
import type { Address, HostAndPort } from "../../contracts.ts";
import type {
  ListenerSink,
  RawListener,
  RawListenOptions,
} from "../seam/stream.ts";
import { claimNodePath } from "../node/files.ts";
import type { OwnPath } from "../own_path.ts";
import { Fault } from "../seam/fault.ts";
import {
  boundOf,
  isWildcard,
  localOf,
  remoteOf,
  toBunTarget,
  UNNAMED,
} from "./addresses.ts";
import { demandName } from "../node/supports.ts";
import { zoned } from "../node/zones.ts";
import { toListenFault } from "./error_mapping.ts";
import { bun, type BunListener, type BunSocket } from "./native.ts";
import { BunStream, SHARED_HANDLER } from "./stream.ts";

/** What a listener of TLS is made with besides. */
export interface Secure {
  /** What Bun is told of TLS. */
  readonly tls: object;
  /** What its sockets tell. */
  readonly handler: object;
}

/**
 * Listens, perhaps over TLS.
 *
 * @throws {Fault} by rejecting.
 */
export function listenBun(
  options: RawListenOptions,
  secure?: Secure,
): Promise<RawListener> {
  const { reusePort, ipv6Only } = options;
  try {
    const address = zoned(options.address, "ENODEV");
    if ("path" in address) demandName(address.path);
    const flags = {
      reusePort: reusePort === true,
      ipv6Only: ipv6Only === true,
    };
    return Promise.resolve(BunAcceptor.listen(address, flags, secure));
  } catch (error) {
    return Promise.reject(toListenFault(error));
  }
}

/** The driver of one listener. */
export class BunAcceptor implements RawListener {
  readonly localAddress: Address;
  readonly #listener: BunListener;
  /** The path that it has of its own. */
  #path: OwnPath | undefined;
  #sink: ListenerSink | undefined;
  readonly #early: BunStream[] = [];
  #isClosed = false;

  /** `where` is what Bun calls an address, or a descriptor. */
  constructor(where: object, asked: Address | HostAndPort, secure?: Secure) {
    const handler = secure === undefined
      ? SERVER_HANDLER
      : { ...secure.handler, open: SERVER_HANDLER.open };
    this.#listener = bun().listen({
      ...where,
      ...(secure === undefined ? {} : { tls: secure.tls }),
      allowHalfOpen: true,
      data: this,
      socket: handler,
    });
    this.localAddress = this.#name(asked);
  }

  /**
   * Listens at an address.
   *
   * @throws {Fault} `EADDRINUSE` if there is a file at the path.
   * @throws what Bun and the file system say otherwise.
   */
  static listen(
    asked: Address | HostAndPort,
    flags: object,
    secure?: Secure,
  ): BunAcceptor {
    const claim = claimNodePath(asked);
    let made: BunAcceptor | undefined;
    try {
      const where = toBunTarget(claim?.made ?? asked);
      made = new BunAcceptor({ ...where, ...flags }, asked, secure);
      made.#path = claim?.take();
      return made;
    } catch (error) {
      made?.close();
      throw error;
    }
  }

  #name(asked: Address | HostAndPort): Address {
    if ("path" in asked) return asked;
    // Only a descriptor may be of a Unix socket although that was not asked.
    return boundOf(this.#listener, asked) ?? UNNAMED;
  }

  attach(sink: ListenerSink): void {
    this.#sink = sink;
    for (const stream of this.#early.splice(0)) this.#deliver(stream, sink);
  }

  resume(): void {}

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#path?.remove();
    this.#listener.stop();
    atMicrotask(() => this.#sink?.closed());
  }

  ref(flag: boolean): void {
    if (flag) this.#listener.ref();
    else this.#listener.unref();
  }

  fileno(): number {
    return this.#listener.fd;
  }

  // ---- what the handlers tell

  accepted(socket: BunSocket): void {
    const own = this.localAddress;
    const isUnix = own.family === "unix";
    // Asking the kernel costs; one address needs it only if it stands for many.
    const local = isUnix || !isWildcard(own.hostname) ? own : localOf(socket);
    const remote = isUnix ? UNNAMED : remoteOf(socket, undefined, own);
    const stream = new BunStream(socket, remote, local);
    if (this.#sink === undefined) this.#early.push(stream);
    else this.#deliver(stream, this.#sink);
  }

  #deliver(stream: BunStream, sink: ListenerSink): void {
    try {
      sink.connection(stream);
    } catch (error) {
      stream.close();
      sink.failed(new Fault("ECONNABORTED", error, "a callback threw"));
    }
  }
}

/** Of sockets that were accepted. */
const SERVER_HANDLER = {
  ...SHARED_HANDLER,
  open(socket: BunSocket): void {
    (socket.data as BunAcceptor).accepted(socket);
  },
};
