/**
 * `getsockopt` and `setsockopt` on a socket's own descriptor.
 *
 * @module
 */

import type { Bytes } from "../contracts.ts";
import type { NativeOptions, NativeSocket } from "../runtime/seam/native.ts";
import { errnoName } from "../runtime/platform.ts";
import { Fault } from "../runtime/seam/fault.ts";
import type { DescriptorFinder } from "./finder.ts";
import type { Libc } from "./libc.ts";
import { pointerName } from "./pointers.ts";

/** Options by the C library. */
export class LibcOptions implements NativeOptions {
  readonly #libc: Libc;
  readonly #finder: DescriptorFinder;

  /** The finder is for sockets whose runtime tells no descriptor. */
  constructor(libc: Libc, finder: DescriptorFinder) {
    this.#libc = libc;
    this.#finder = finder;
  }

  /** Throws a Fault `ENOPROTOOPT` for an option that holds pointers. */
  check(level: number, name: number): void {
    const known = pointerName(level, name);
    if (known === undefined) return;
    const reason = `usePosix() passes no pointers, and this is ${known}`;
    throw new Fault("ENOPROTOOPT", undefined, reason);
  }

  /** `getsockopt`. */
  get(
    socket: NativeSocket,
    level: number,
    name: number,
    maxBytes: number,
  ): Bytes {
    const fd = this.#descriptor(socket);
    const out = new Uint8Array(maxBytes);
    const length = new Uint32Array([maxBytes]);
    const room = new Uint8Array(length.buffer);
    this.#check(this.#libc.getsockopt(fd, level, name, out, room));
    return out.slice(0, length[0]);
  }

  /** `setsockopt`. */
  set(
    socket: NativeSocket,
    level: number,
    name: number,
    value: Uint8Array,
  ): void {
    const fd = this.#descriptor(socket);
    // Not every runtime takes memory without a byte.
    const memory = value.length === 0 ? new Uint8Array(1) : value;
    const { length } = value;
    this.#check(this.#libc.setsockopt(fd, level, name, memory, length));
  }

  #descriptor(socket: NativeSocket): number {
    const { fd } = socket;
    if (fd === undefined) return this.#finder.find(socket);
    if (fd >= 0) return fd;
    throw new Fault("EBADF");
  }

  #check(result: number): void {
    if (result === 0) return;
    const number = this.#libc.errno();
    throw new Fault(errnoName(number) ?? "EIO", number);
  }
}
