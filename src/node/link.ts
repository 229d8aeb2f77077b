/**
 * A connected socket of ours as the streams of Node ask for it: one read and
 * one write at a time, told by callbacks. It is what the handle is to
 * `net.Socket`; once it is let go of, it tells nothing more.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import {
  IPPROTO_TCP,
  SHUT_WR,
  SO_KEEPALIVE,
  SOL_SOCKET,
  TCP_KEEPIDLE,
  TCP_NODELAY,
} from "../constants.ts";
import type { Address } from "../contracts.ts";
import type { StreamSocket } from "../socket/stream/stream_socket.ts";
import { afterTurn } from "../turn.ts";
import { throwLater } from "./uncaught.ts";

/** Chunks of up to so many bytes are copied out of what they came in. */
const SHARED_BYTES = 2048;

/** So much of a gathered write is copied, which is cheaper than several. */
const LARGEST_COPY_BYTES = 65_536;

/** Whom a link tells. */
export interface LinkOwner {
  /** Bytes came. Gives whether more are wanted. */
  received(chunk: Buffer): boolean;
  /** The peer has ended. */
  ended(): void;
  /** Reading failed: the connection is over. */
  failed(error: unknown): void;
  /** What had to wait is with the kernel. */
  wrote(): void;
  /** Gives what a write that failed is done with. */
  writeFailed(error: unknown): Error | null;
}

/** Called once a write is with the kernel, or has failed. */
export type WriteDone = (error?: Error | null) => void;

/** One connection below a {@linkcode NodeSocket}. */
export class Link {
  /** The socket itself. */
  readonly sock: StreamSocket;
  /** Bytes that the streams have handed over. */
  bytesWritten = 0;
  /** Of these, what is not with the kernel yet. */
  unsettled = 0;
  readonly #owner: LinkOwner;
  #isReading = false;
  #isOver = false;
  #done: WriteDone | undefined;

  /** A link that does nothing before it is asked. */
  constructor(sock: StreamSocket, owner: LinkOwner) {
    this.sock = sock;
    this.#owner = owner;
  }

  /** Reads until the owner has enough. */
  read(): void {
    if (this.#isReading || this.#isOver) return;
    this.#isReading = true;
    this.sock.recvEach(this.#take).then(this.#stopped, this.#failed);
  }

  readonly #take = (chunk: Uint8Array, isOwn: boolean): boolean => {
    if (this.#isOver) return false;
    // At once: when it wants more again, it may ask before this has settled.
    return this.#isReading = this.#give(toBuffer(chunk, isOwn));
  };

  #give(chunk: Buffer): boolean {
    try {
      return this.#owner.received(chunk);
    } catch (error) {
      throwLater(error);
      return true;
    }
  }

  readonly #stopped = (end: true | null): void => {
    if (end === null && !this.#isOver) this.#owner.ended();
  };

  readonly #failed = (error: unknown): void => {
    if (!this.#isOver) this.#owner.failed(error);
  };

  /** Writes one piece or several, gathered, of `size` bytes in all. */
  write(
    data: Uint8Array | readonly Uint8Array[],
    size: number,
    done: WriteDone,
  ): void {
    this.bytesWritten += size;
    if (this.#isSent(data, size)) return done();
    this.unsettled = size;
    this.#done = done;
  }

  /** Whether the kernel took it at once; else `#told` is called. */
  #isSent(data: Uint8Array | readonly Uint8Array[], size: number): boolean {
    if (data instanceof Uint8Array) return this.sock.sendTold(data, this.#told);
    if (size <= LARGEST_COPY_BYTES) {
      return this.sock.sendTold(joined(data, size), this.#told);
    }
    this.sock.sendAll(data).then(() => this.#told(), this.#told);
    return false;
  }

  readonly #told = (failure?: unknown): void => {
    if (failure !== undefined) {
      return this.#settle(this.#owner.writeFailed(failure));
    }
    this.#owner.wrote();
    this.#settle();
  };

  #settle(error?: Error | null): void {
    const done = this.#done;
    this.#done = undefined;
    this.unsettled = 0;
    try {
      done?.(error);
    } catch (thrown) {
      throwLater(thrown);
    }
  }

  /** Sends FIN. A failure is the reader's to be told. */
  shutdown(done: () => void): void {
    const told = () => done();
    this.sock.shutdown(SHUT_WR).then(told, told);
  }

  /** Lets go; what the kernel has is delivered. `onClosed` comes in a later turn. */
  close(onClosed: () => void): void {
    this.#isOver = true;
    const told = () => afterTurn(onClosed);
    this.sock.close({ lingerMs: 0 }).then(told, told);
  }

  /**
   * Sends RST. `onClosed` comes in a later turn.
   *
   * @throws {SocketError} `EOPNOTSUPP` where the runtime has none.
   */
  reset(onClosed: () => void): void {
    this.sock.reset();
    this.#isOver = true;
    void this.sock.closed.then(() => afterTurn(onClosed));
  }

  /** `TCP_NODELAY`, where there is one. */
  setNoDelay(flag: boolean): void {
    this.#tryOption(IPPROTO_TCP, TCP_NODELAY, Number(flag));
  }

  /** `SO_KEEPALIVE`, and the idle time where the runtime lets us set it. */
  setKeepAlive(flag: boolean, delayMs: number): void {
    this.#tryOption(SOL_SOCKET, SO_KEEPALIVE, Number(flag));
    const seconds = Math.trunc(delayMs / 1000);
    if (flag && seconds > 0) {
      this.#tryOption(IPPROTO_TCP, TCP_KEEPIDLE, seconds);
    }
  }

  /** Node promises an attempt: a pipe has no such option, nor has TLS. */
  #tryOption(level: number, name: number | undefined, value: number): void {
    try {
      this.sock.setSockOpt(level, name, value);
    } catch {
      // `getSockOpt` of the socket below tells what holds.
    }
  }

  /** The address of the peer; `undefined` where there is none. */
  get peerAddress(): Address | undefined {
    return orNone(() => this.sock.getPeerName());
  }

  /** The address of this end; `undefined` where there is none. */
  get localAddress(): Address | undefined {
    return orNone(() => this.sock.getSockName());
  }
}

/**
 * A short chunk in the memory that Node's own share: 0.1 µs. To make a Buffer
 * of the array it came in costs Bun 2 µs, which has no `buffer` for it yet; and
 * `Buffer.from`, which copies too, costs Deno 1.4 (2.9.5, 2026-11-27).
 */
function toBuffer(chunk: Uint8Array, isOwn: boolean): Buffer {
  if (isOwn && chunk.length > SHARED_BYTES) {
    return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  const copy = Buffer.allocUnsafe(chunk.length);
  copy.set(chunk);
  return copy;
}

/**
 * The pieces in one: one system call for all of them. `Buffer.concat` is the
 * same, and costs Deno 1.6 µs more (2.9.5, 2026-11-27).
 */
function joined(pieces: readonly Uint8Array[], size: number): Buffer {
  const whole = Buffer.allocUnsafe(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function orNone<T>(get: () => T): T | undefined {
  try {
    return get();
  } catch {
    return undefined;
  }
}
