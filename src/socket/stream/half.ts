/**
 * The half of a stream socket that is used once it is connected: receiving,
 * sending, ending.
 *
 * @module
 */

import { MSG_DONTWAIT, MSG_PEEK, MSG_WAITALL } from "../../constants.ts";
import type {
  Bytes,
  BytesLike,
  ReceiveOptions,
  SendOptions,
  WaitOptions,
} from "../../contracts.ts";
import type { Receive } from "../arguments.ts";
import { toBytes, viewBytes } from "../../bytes.ts";
import {
  checkCount,
  DEFAULT_MAX_BYTES,
  toChunks,
  toSend,
} from "../arguments.ts";
import { toWait, WAIT_OPTIONS } from "../../deadline.ts";
import { END, iterate } from "../../iterate.ts";
import type { FileMode, FileOptions } from "../file/socket_file.ts";
import { SocketFile } from "../file/socket_file.ts";
import type { Wait } from "../../deadline.ts";
import { isCancellable } from "../../deadline.ts";
import { shutdownConnection } from "./shutdown.ts";
import { Socket } from "../socket.ts";
import type { StreamCore } from "./core.ts";
import { readableOf, writableOf } from "./web_streams.ts";

/** What `recvUntil` takes besides the delimiter. */
export interface RecvUntilOptions extends WaitOptions {
  /** How many bytes may come before the delimiter; 65,536 unless told. */
  readonly maxBytes?: number;
  /** Whether the result holds the delimiter; it does not unless told. */
  readonly keepDelimiter?: boolean;
}

const UNTIL_OPTIONS = ["maxBytes", "keepDelimiter", ...WAIT_OPTIONS];

/** More than any runtime's chunk, so that none is split and copied. */
const WHOLE_CHUNKS = 0x7fffffff;

const KNOWN_RECEIVE_FLAGS = MSG_PEEK | MSG_WAITALL | MSG_DONTWAIT;

/**
 * Receiving and sending on a connected stream.
 *
 * One receive and one send may be pending at a time; a second one rejects
 * with `EBUSY`. An abort or timeout of a receive loses no byte. After an
 * error every later call raises it again, bytes in hand first.
 */
export abstract class StreamHalf extends Socket {
  #readable: ReadableStream<Bytes> | undefined;
  #writable: WritableStream<BytesLike> | undefined;

  /**
   * The socket below its public face.
   *
   * @internal
   */
  protected abstract get core(): StreamCore;

  /** Bytes taken by the kernel or our queue since connect. */
  get bytesSent(): number {
    return this.core.connection?.sender.bytesSent ?? 0;
  }

  /** Bytes handed to the program since connect. */
  get bytesReceived(): number {
    return this.core.connection?.receiver.bytesReceived ?? 0;
  }

  /**
   * Waits for bytes: 1…`maxBytes` (65,536 unless told) of them, or `null`
   * once the peer has ended, and ever after. The array belongs to the caller.
   * `recv(0)` is empty at once.
   *
   * @param maxBytes how many bytes at most, or options
   * @param flags `MSG_PEEK` leaves the bytes, `MSG_WAITALL` waits for all of
   *   `maxBytes`, `MSG_DONTWAIT` does not wait; or options
   * @throws {SocketError} `ENOTCONN`, `EBUSY`, `EBADF`, `EAGAIN`,
   *   `ETIMEDOUT`, or what ended the connection.
   */
  recv(maxBytes?: number, flags?: number): Promise<Bytes | null>;
  /** Waits for bytes, with a count and options. */
  recv(maxBytes: number, options: ReceiveOptions): Promise<Bytes | null>;
  /** Waits for bytes, with options. */
  recv(options: ReceiveOptions): Promise<Bytes | null>;
  /** Waits for bytes. */
  recv(
    maxBytes?: number | ReceiveOptions,
    flags?: number | ReceiveOptions,
  ): Promise<Bytes | null> {
    try {
      const { receiver } = this.core.live("recv");
      if (flags === undefined && typeof maxBytes !== "object") {
        const count = checkCount(maxBytes ?? DEFAULT_MAX_BYTES, "maxBytes");
        if (count === 0) return Promise.resolve(new Uint8Array(0));
        return receiver.recv("recv", count, this.defaultWait);
      }
      const call = this.toReceive(
        "recv",
        KNOWN_RECEIVE_FLAGS,
        maxBytes,
        flags,
      );
      if (call.maxBytes === 0) return empty(call.wait);
      return this.#receive("recv", call);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #receive(op: string, call: Receive): Promise<Bytes | null> {
    const { maxBytes, flags, wait } = call;
    const { receiver } = this.core.live(op);
    const isWhole = (flags & MSG_WAITALL) !== 0;
    if ((flags & MSG_PEEK) !== 0) {
      return receiver.peek(op, maxBytes, isWhole, wait);
    }
    return isWhole
      ? receiver.recvAll(op, maxBytes, wait)
      : receiver.recv(op, maxBytes, wait);
  }

  /**
   * Receives into the front of `buffer` and gives the count, or `null` at the
   * end. Without timeout and signal a pulling runtime (Deno) reads straight
   * into the memory: then, if the socket is closed or `SHUT_RD` while the call
   * is pending, the memory is the runtime's until `closed` settles.
   *
   * @throws {SocketError} as `recv`.
   */
  recvInto(
    buffer: ArrayBufferView | ArrayBuffer,
    flags?: number | ReceiveOptions,
  ): Promise<number | null> {
    try {
      const target = viewBytes(buffer);
      const { receiver } = this.core.live("recvInto");
      if (flags === undefined) {
        return target.length === 0
          ? Promise.resolve(0)
          : receiver.recvInto("recvInto", target, this.defaultWait);
      }
      const call = this.#toReceiveInto(target.length, flags);
      if (target.length === 0 || call.maxBytes === 0) {
        return empty(call.wait).then(({ length }) => length);
      }
      if ((call.flags & ~MSG_DONTWAIT) === 0) {
        const part = target.subarray(0, call.maxBytes);
        return receiver.recvInto("recvInto", part, call.wait);
      }
      return this.#receiveCopy(target, call);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #toReceiveInto(size: number, flags: number | ReceiveOptions): Receive {
    const known = KNOWN_RECEIVE_FLAGS;
    return typeof flags === "number"
      ? this.toReceive("recvInto", known, size, flags)
      : this.toReceive("recvInto", known, flags, undefined, size);
  }

  async #receiveCopy(
    target: Uint8Array,
    call: Receive,
  ): Promise<number | null> {
    const maxBytes = Math.min(target.length, call.maxBytes);
    const bytes = await this.#receive("recvInto", { ...call, maxBytes });
    if (bytes !== null) target.set(bytes);
    return bytes === null ? null : bytes.length;
  }

  /**
   * Waits for exactly `size` bytes. Memory grows only as they come. If the
   * call is cut short, a later receive gets what had come.
   *
   * @throws {IncompleteReadError} if the peer ends before.
   * @throws {SocketError} as `recv`.
   */
  recvExactly(size: number, options?: WaitOptions): Promise<Bytes> {
    try {
      const count = checkCount(size, "size");
      const wait = toWait(options, this.defaultWait);
      const { receiver } = this.core.live("recvExactly");
      if (count === 0) return empty(wait);
      return receiver.recvExactly("recvExactly", count, wait);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Waits for a delimiter of one byte or more and gives what came before it.
   * The delimiter is consumed. If the call is cut short, a later receive gets
   * what had come.
   *
   * @throws {IncompleteReadError} if the peer ends before.
   * @throws {LimitOverrunError} if more than `maxBytes` come before it; the
   *   bytes stay.
   * @throws {SocketError} as `recv`.
   */
  recvUntil(
    delimiter: BytesLike,
    options: RecvUntilOptions = {},
  ): Promise<Bytes> {
    try {
      const wait = toWait(options, this.defaultWait, UNTIL_OPTIONS);
      const { maxBytes = 65_536, keepDelimiter = false } = options;
      const until = {
        delimiter: toBytes(delimiter).slice(),
        maxBytes: checkCount(maxBytes, "maxBytes"),
        keepDelimiter,
      };
      if (until.delimiter.length === 0) {
        throw new RangeError("A delimiter has one byte at least: it is empty");
      }
      const { receiver } = this.core.live("recvUntil");
      return receiver.recvUntil("recvUntil", until, wait);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * What is in hand, 1…`maxBytes` bytes; `null` at the end; `undefined` if
   * nothing is in hand, in which case one read is started.
   *
   * @throws {SocketError} as `recv`.
   */
  tryRecv(maxBytes = 65_536): Bytes | null | undefined {
    const count = checkCount(maxBytes, "maxBytes");
    if (this.core.isConnecting) return undefined;
    const { receiver } = this.core.live("tryRecv");
    return count === 0 ? new Uint8Array(0) : receiver.tryRecv("tryRecv", count);
  }

  /**
   * Like `tryRecv`, into the front of `buffer`; gives the count.
   *
   * @throws {SocketError} as `recv`.
   */
  tryRecvInto(
    buffer: ArrayBufferView | ArrayBuffer,
  ): number | null | undefined {
    const target = viewBytes(buffer);
    if (this.core.isConnecting) return undefined;
    const { receiver } = this.core.live("tryRecvInto");
    return target.length === 0
      ? 0
      : receiver.tryRecvInto("tryRecvInto", target);
  }

  /**
   * Sends some of the bytes, one at least, and gives how many the kernel or
   * our queue took. What the queue took is a copy. A failure of queued bytes
   * is raised by the next send or by `shutdown(SHUT_WR)`.
   *
   * @throws {SocketError} `EPIPE` after `shutdown(SHUT_WR)`, and as `recv`.
   */
  send(data: BytesLike, flags?: number | SendOptions): Promise<number> {
    try {
      const bytes = toBytes(data);
      const wait = this.#sendWait("send", flags);
      return this.core.live("send").sender.send("send", bytes, wait);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Sends everything, several pieces gathered into few writes; settles when
   * the kernel has it. The memory may be reused then, however it settles. If
   * the call is cut short, `bytesSent` tells exactly how much went.
   *
   * @throws {SocketError} as `send`; its `bytesSent` counts this call's bytes.
   */
  sendAll(
    data: BytesLike | readonly BytesLike[],
    options?: number | SendOptions,
  ): Promise<void> {
    try {
      const { sender } = this.core.live("sendAll");
      const wait = options === undefined
        ? this.defaultWait
        : this.#sendWait("sendAll", options);
      if (data instanceof Uint8Array && !isCancellable(wait)) {
        return sender.sendOne("sendAll", data);
      }
      const chunks = toChunks(data);
      return sender.sendAll("sendAll", chunks, wait);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #sendWait(op: string, options: number | SendOptions | undefined): Wait {
    const { flags, wait } = toSend(options, this.defaultWait);
    if ((flags & ~MSG_DONTWAIT) !== 0) throw this.error("EOPNOTSUPP", op);
    return flags === 0 ? wait : { ...wait, timeoutMs: 0 };
  }

  /**
   * Sends what can be sent now and gives the count; `undefined` if nothing.
   *
   * @throws {SocketError} as `send`.
   */
  trySend(data: BytesLike): number | undefined {
    const bytes = toBytes(data);
    if (this.core.isConnecting) return undefined;
    return this.core.live("trySend").sender.trySend("trySend", bytes);
  }

  /**
   * Ends one or both directions. `SHUT_WR` flushes, sends FIN, and keeps
   * receiving; later sends are `EPIPE`. `SHUT_RD` drops what is and comes in
   * hand: `recv` gives `null`, and the peer's writer does not block.
   *
   * @throws {RangeError} if `how` is none of `SHUT_RD`, `SHUT_WR`, `SHUT_RDWR`.
   * @throws {SocketError} `ENOTCONN`, or what failed to be flushed.
   */
  async shutdown(how: number, options?: WaitOptions): Promise<void> {
    const wait = toWait(options, this.defaultWait);
    await shutdownConnection(() => this.core.live("shutdown"), how, wait);
  }

  /**
   * A file over the connection: `"r"`, `"w"` or `"rw"`, of strings with an
   * `encoding`, of bytes without. The connection ends when the socket and all
   * its files are closed.
   *
   * @throws {SocketError} `ENOTCONN`, `EBADF`.
   */
  makeFile(
    mode: FileMode | undefined,
    options: FileOptions & { readonly encoding: "utf-8" },
  ): SocketFile<string>;
  /** A file of bytes. */
  makeFile(mode?: FileMode, options?: FileOptions): SocketFile<Bytes>;
  /** A file of strings or bytes. */
  makeFile(
    mode: FileMode = "r",
    options: FileOptions = {},
  ): SocketFile<string> | SocketFile<Bytes> {
    const connection = this.core.live("makeFile");
    const io = { connection, wait: () => this.defaultWait };
    return SocketFile.create<string & Bytes>(
      io,
      mode,
      options,
      () => this.core.holdFile(),
    );
  }

  /**
   * The received bytes as a web byte stream, BYOB reads included. Made on
   * first use; reads nothing by itself. `cancel()` is `SHUT_RD`.
   */
  get readable(): ReadableStream<Bytes> {
    return this.#readable ??= readableOf(this);
  }

  /**
   * A web stream that sends. Made on first use. `close()` is `SHUT_WR`,
   * `abort()` is `reset()`, or `close()` where the runtime cannot reset; it
   * ends a write that is stuck. The `signal` of a `pipeTo` does not: by the
   * standard it waits for the write under way, which `setTimeout()` bounds.
   */
  get writable(): WritableStream<BytesLike> {
    return this.#writable ??= writableOf(this);
  }

  /** Sends RST and closes. */
  abstract reset(): void;

  /** The received bytes, chunk by chunk. Leaving early does not close. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Bytes> {
    return iterate((step) =>
      this.recv(WHOLE_CHUNKS).then((chunk) => step(chunk ?? END))
    );
  }
}

/** What a call for no bytes gives, unless it is aborted already. */
function empty({ signal }: Wait): Promise<Bytes> {
  return signal?.aborted
    ? Promise.reject(signal.reason)
    : Promise.resolve(new Uint8Array(0));
}
