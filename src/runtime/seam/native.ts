/**
 * The seam for what only the kernel itself can do: `getsockopt` and
 * `setsockopt` on a descriptor. Nobody is there until the program has called
 * `usePosix()`; sockets ask here once their runtime has said no.
 *
 * @module
 */

import type { Address, Bytes } from "../../contracts.ts";

/** A socket, as far as its descriptor can be told by it. */
export interface NativeSocket {
  /** `SOCK_STREAM` or `SOCK_DGRAM`. */
  readonly type: number;
  /** The descriptor, where the runtime tells it. */
  readonly fd: number | undefined;
  /** The address of this end. */
  readonly local: Address | undefined;
  /** The address of the kernel's peer; `undefined` for a listener. */
  readonly peer: Address | undefined;
}

/** Options by way of the descriptor. */
export interface NativeOptions {
  /**
   * Throws a Fault `ENOPROTOOPT` for an option that cannot go this way, such as
   * one whose value holds pointers.
   */
  check(level: number, name: number): void;
  /**
   * `getsockopt`: what the kernel gives, at most `maxBytes`. Throws a Fault
   * with the kernel's code, or `EOPNOTSUPP` where the descriptor is not
   * certain.
   */
  get(
    socket: NativeSocket,
    level: number,
    name: number,
    maxBytes: number,
  ): Bytes;
  /** `setsockopt`. Throws as `get` does. */
  set(
    socket: NativeSocket,
    level: number,
    name: number,
    value: Uint8Array,
  ): void;
}

let installed: NativeOptions | undefined;

/** Serves all sockets from now on. */
export function installNativeOptions(options: NativeOptions): void {
  installed = options;
}

/** What serves them; `undefined` before `usePosix()`. */
export function nativeOptions(): NativeOptions | undefined {
  return installed;
}
