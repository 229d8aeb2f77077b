/**
 * Finding the descriptor of a socket whose runtime does not tell it: by the
 * addresses of both its ends, which no two connections have in common.
 *
 * @module
 */

import {
  SO_ACCEPTCONN,
  SO_REUSEPORT,
  SO_TYPE,
  SOCK_STREAM,
  SOL_SOCKET,
} from "../constants.ts";
import type { NativeSocket } from "../runtime/seam/native.ts";
import { Fault } from "../runtime/seam/fault.ts";
import type { Libc } from "./libc.ts";
import { addressText, SOCKADDR_BYTES, sockaddrText } from "./sockaddr.ts";

/** Below are the standard streams, which no runtime makes sockets of. */
const FIRST_DESCRIPTOR = 0;

/**
 * The kernel gives the lowest free number, so that a long gap is the end. It
 * saves asking for a million where so many may be open.
 */
const LONGEST_GAP = 1024;

/** How many numbers are remembered, so that most need no search. */
const MOST_HINTS = 1024;

/** What a socket is recognised by. */
interface Wanted {
  readonly type: number;
  readonly local: string;
  readonly peer: string | undefined;
}

/** Finds descriptors. */
export class DescriptorFinder {
  readonly #libc: Libc;
  readonly #hints: Map<string, number> = new Map();
  readonly #sockaddr = new Uint8Array(SOCKADDR_BYTES);

  /** Asks the kernel through this C library. */
  constructor(libc: Libc) {
    this.#libc = libc;
  }

  /**
   * The descriptor. Throws a Fault `EOPNOTSUPP` unless exactly one socket of
   * this process has these addresses.
   */
  find(socket: NativeSocket): number {
    const local = addressText(socket.local);
    const peer = addressText(socket.peer);
    const isUnknown = peer === undefined && socket.peer !== undefined;
    if (local === undefined || isUnknown) {
      refuse("Unix-domain sockets have no addresses to be found by");
    }
    const wanted = { type: socket.type, local, peer };
    const key = `${socket.type} ${local} ${peer}`;
    const hint = this.#hints.get(key);
    if (hint !== undefined && this.#fits(hint, wanted)) return hint;
    const fd = this.#search(wanted);
    if (peer === undefined && this.#option(fd, SO_REUSEPORT) !== 0) {
      refuse("sockets that share a port cannot be told apart");
    }
    this.#remember(key, fd);
    return fd;
  }

  #remember(key: string, fd: number): void {
    const [oldest] = this.#hints.keys();
    const isFull = this.#hints.size >= MOST_HINTS;
    if (isFull && oldest !== undefined) this.#hints.delete(oldest);
    this.#hints.set(key, fd);
  }

  #search(wanted: Wanted): number {
    const limit = this.#libc.getdtablesize();
    const found: number[] = [];
    let gap = 0;
    for (let fd = FIRST_DESCRIPTOR; fd < limit && gap < LONGEST_GAP; fd++) {
      gap = this.#name("getsockname", fd) === undefined ? gap + 1 : 0;
      if (gap === 0 && this.#fits(fd, wanted)) found.push(fd);
    }
    const [fd] = found;
    if (fd !== undefined && found.length === 1) return fd;
    return refuse(`${found.length} sockets have its addresses, not one`);
  }

  #fits(fd: number, { type, local, peer }: Wanted): boolean {
    if (this.#name("getsockname", fd) !== local) return false;
    if (this.#name("getpeername", fd) !== peer) return false;
    if (this.#option(fd, SO_TYPE) !== type) return false;
    const isListener = type === SOCK_STREAM && peer === undefined;
    return !isListener || this.#option(fd, SO_ACCEPTCONN) === 1;
  }

  #name(which: "getsockname" | "getpeername", fd: number): string | undefined {
    const length = new Uint8Array(new Uint32Array([SOCKADDR_BYTES]).buffer);
    const result = this.#libc[which](fd, this.#sockaddr, length);
    return result === 0 ? sockaddrText(this.#sockaddr) : undefined;
  }

  #option(fd: number, name: number): number | undefined {
    const value = new Int32Array(1);
    const length = new Uint8Array(new Uint32Array([4]).buffer);
    const out = new Uint8Array(value.buffer);
    const result = this.#libc.getsockopt(fd, SOL_SOCKET, name, out, length);
    return result === 0 ? value[0] : undefined;
  }
}

function refuse(reason: string): never {
  throw new Fault("EOPNOTSUPP", undefined, reason);
}
