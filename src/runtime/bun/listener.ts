/**
 * A listener of Bun's, which accepts by itself.
 *
 * @module
 */

import { atMicrotask } from "../../turn.ts";
import type { Address, HostAndPort } from "../../contracts.ts";
import type { ListenerSink, RawListener } from "../seam/stream.ts";
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
import { bun, type BunListener, type BunSocket } from "./native.ts";
import { BunStream, SHARED_HANDLER } from "./stream.ts";

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
  constructor(where: object, asked: Address | HostAndPort) {
    this.#listener = bun().listen({
      ...where,
      allowHalfOpen: true,
      data: this,
      socket: SERVER_HANDLER,
    });
    this.localAddress = this.#name(asked);
  }

  /**
   * Listens at an address.
   *
   * @throws {Fault} `EADDRINUSE` if there is a file at the path.
   * @throws what Bun and the file system say otherwise.
   */
  static listen(asked: Address | HostAndPort, flags: object): BunAcceptor {
    const claim = claimNodePath(asked);
    let made: BunAcceptor | undefined;
    try {
      const where = toBunTarget(claim?.made ?? asked);
      made = new BunAcceptor({ ...where, ...flags }, asked);
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
