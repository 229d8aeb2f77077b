/**
 * What the options of streams and of datagram sockets have in common.
 *
 * @module
 */

import { type AddressFamily, AF_INET, AF_UNIX } from "../../constants.ts";
import { refuseOption } from "../../runtime/seam/fault.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import type { Feature } from "../../runtime/seam/supports.ts";
import { DescriptorOptions } from "./descriptor.ts";

/** Whose options they are. */
export interface SocketOptionsInit {
  /** The address family. */
  readonly family: AddressFamily;
  /** What serves the socket. */
  readonly runtime: Runtime;
  /** The pending failure, as an `errno`; asking clears it. */
  readonly takeError: () => number;
}

/** The options of one socket, of either kind. */
export abstract class SocketOptions {
  /** What kind of socket it is. */
  abstract readonly kind: "stream" | "datagram";
  /** The address family. */
  readonly family: AddressFamily;
  /** What serves the socket. */
  readonly runtime: Runtime;
  /** The pending failure, as an `errno`; asking clears it. */
  readonly takeError: () => number;
  /** What is set by way of the descriptor. */
  readonly descriptor: DescriptorOptions;

  /** Nothing is set yet. */
  constructor({ family, runtime, takeError }: SocketOptionsInit) {
    this.family = family;
    this.runtime = runtime;
    this.takeError = takeError;
    this.descriptor = new DescriptorOptions(runtime);
  }

  /** Throws a Fault unless the runtime has a feature. */
  demand(feature: Feature): void {
    const support = this.runtime.supports[feature];
    if (typeof support === "string") refuseOption(support);
  }

  /** Throws a Fault unless it is a socket of the Internet protocols. */
  demandInternet(): void {
    if (this.family !== AF_UNIX) return;
    refuseOption("a Unix-domain socket has no such option");
  }

  /** Throws a Fault unless it is of one version of the Internet protocol. */
  demandFamily(family: AddressFamily): void {
    if (this.family === family) return;
    refuseOption(`it is for ${family === AF_INET ? "IPv4" : "IPv6"} sockets`);
  }
}
