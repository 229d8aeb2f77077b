/**
 * A connection as a file: buffered writes, reads by line and by count.
 *
 * @module
 */

import { show } from "../../address.ts";
import { concat } from "../../byte_queue.ts";
import type { Bytes, BytesLike, WaitOptions } from "../../contracts.ts";
import { IncompleteReadError, socketError } from "../../errors.ts";
import { toBytes } from "../../bytes.ts";
import { checkCount, toWait } from "../arguments.ts";
import { chunksOf } from "./chunks.ts";
import type { Connection } from "./connection.ts";
import type { Wait } from "../gate.ts";

/** What a file is for: reading, writing, or both. */
export type FileMode = "r" | "w" | "rw";

/** How a file is made. */
export interface FileOptions {
  /** Reads give and writes take text in this encoding. Bytes without. */
  readonly encoding?: "utf-8";
  /**
   * So many bytes of small writes are gathered; 8,192 unless told, which is
   * Python's `io.DEFAULT_BUFFER_SIZE`. `0` sends each write at once.
   */
  readonly bufferSize?: number;
}

/** Options of reads whose length only the peer knows. */
export interface FileReadOptions extends WaitOptions {
  /** At most so many bytes; over it `LimitOverrunError`, and they stay. */
  readonly maxBytes?: number;
}

/** What a file needs of its socket. */
export interface FileIO {
  /** The connection. */
  readonly connection: Connection;
  /** How calls without options wait. */
  wait(): Wait;
}

const DEFAULT_BUFFER_BYTES = 8192;

/** A line may have so many bytes unless told: as `recvUntil`. */
const DEFAULT_LINE_BYTES = 65_536;

/** Reading to the end may take so many bytes unless told: 16 MiB. */
const DEFAULT_REST_BYTES = 16_777_216;

const NEWLINE = new Uint8Array([10]);
const MODES: readonly string[] = ["r", "w", "rw"];

/**
 * A file over a socket's connection. It keeps no read-ahead of its own, so
 * that reads of the file and of the socket may alternate. Reading on an
 * `"rw"` file flushes what was written first.
 *
 * @example Ask and read the answer, line by line
 * ```ts
 * import { socketPair } from "@anysock/anysock";
 *
 * const [a, b] = await socketPair();
 * const file = a.makeFile("rw", { encoding: "utf-8" });
 * await file.write("PING\n");
 * await b.sendAll("PONG\n");
 * console.log(await file.readLine()); // "PONG\n"
 * await file.close();
 * await Promise.all([a.close(), b.close()]);
 * ```
 */
export class SocketFile<T extends string | Bytes = Bytes> {
  /** What the file is for. */
  readonly mode: FileMode;
  readonly #io: FileIO;
  readonly #isText: boolean;
  readonly #bufferBytes: number;
  readonly #release: () => void;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #isClosed = false;

  /** Made by `makeFile`. */
  constructor(
    io: FileIO,
    mode: FileMode,
    options: FileOptions,
    hold: () => () => void,
  ) {
    if (!MODES.includes(mode)) {
      throw new TypeError(`A file's mode is "r", "w" or "rw": ${show(mode)}`);
    }
    const { encoding, bufferSize = DEFAULT_BUFFER_BYTES } = options;
    if (encoding !== undefined && encoding !== "utf-8") {
      throw new TypeError(`A file's encoding is "utf-8": ${show(encoding)}`);
    }
    this.mode = mode;
    this.#io = io;
    this.#isText = encoding !== undefined;
    this.#bufferBytes = checkCount(bufferSize, "bufferSize");
    this.#release = hold();
  }

  /** Whether `close` was called. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Waits for `size` bytes (characters, in a text file) or the end, whichever
   * comes first; without `size` for the end. `null` at the end.
   *
   * @throws {LimitOverrunError} if no `size` was given and more than
   *   `maxBytes` (16 MiB unless told) come; the bytes stay.
   * @throws {SocketError} as `recv`.
   */
  async read(size?: number, options?: FileReadOptions): Promise<T | null> {
    const wait = await this.#beforeRead("read", options);
    const { receiver } = this.#io.connection;
    if (size === undefined) {
      const limit = options?.maxBytes ?? DEFAULT_REST_BYTES;
      const maxBytes = checkCount(limit, "maxBytes");
      return this.#decodeOrNull(
        await receiver.recvRest("read", maxBytes, wait),
      );
    }
    const count = checkCount(size, "size");
    if (count === 0) return this.#decode(new Uint8Array(0));
    const bytes = this.#isText
      ? await receiver.recvCharacters("read", count, wait)
      : await receiver.recvAll("read", count, wait);
    return this.#decodeOrNull(bytes);
  }

  /**
   * Waits for exactly `size` bytes, also in a text file.
   *
   * @throws {IncompleteReadError} if the peer ends before.
   * @throws {SocketError} as `recv`.
   */
  async readExactly(size: number, options?: WaitOptions): Promise<T> {
    const wait = await this.#beforeRead("readExactly", options);
    const count = checkCount(size, "size");
    const { receiver } = this.#io.connection;
    return this.#decode(
      await receiver.recvExactly("readExactly", count, wait),
    );
  }

  /**
   * Waits for a line and gives it with its `"\n"`; the last line may have
   * none. `null` at the end.
   *
   * @throws {LimitOverrunError} if no line ends within `maxBytes` (65,536
   *   unless told); the bytes stay.
   * @throws {SocketError} as `recv`.
   */
  async readLine(options?: FileReadOptions): Promise<T | null> {
    const wait = await this.#beforeRead("readLine", options);
    const limit = options?.maxBytes ?? DEFAULT_LINE_BYTES;
    try {
      return this.#decode(
        await this.#io.connection.receiver.recvUntil("readLine", {
          delimiter: NEWLINE,
          maxBytes: checkCount(limit, "maxBytes"),
          keepDelimiter: true,
        }, wait),
      );
    } catch (error) {
      if (!(error instanceof IncompleteReadError)) throw error;
      return error.partial.length === 0 ? null : this.#decode(error.partial);
    }
  }

  /**
   * Waits for a delimiter and gives what came before it; the delimiter is
   * consumed.
   *
   * @throws {IncompleteReadError} if the peer ends before.
   * @throws {LimitOverrunError} if it does not come within `maxBytes`.
   * @throws {SocketError} as `recv`.
   */
  async readUntil(delimiter: BytesLike, options?: FileReadOptions): Promise<T> {
    const wait = await this.#beforeRead("readUntil", options);
    const limit = options?.maxBytes ?? DEFAULT_LINE_BYTES;
    const until = {
      delimiter: toBytes(delimiter).slice(),
      maxBytes: checkCount(limit, "maxBytes"),
      keepDelimiter: false,
    };
    if (until.delimiter.length === 0) {
      throw new RangeError("A delimiter has one byte at least: it is empty");
    }
    const { receiver } = this.#io.connection;
    return this.#decode(await receiver.recvUntil("readUntil", until, wait));
  }

  /**
   * Writes through the buffer, which is sent when it is full, on `flush`, on
   * `close`, and before a read of an `"rw"` file. What is written is copied.
   *
   * @throws {SocketError} as `sendAll`.
   */
  async write(
    data: T extends string ? string : BytesLike,
    options?: WaitOptions,
  ): Promise<void> {
    this.#check("write", "w");
    if (this.#isText && typeof data !== "string") {
      throw new TypeError(`A text file writes strings: ${show(data)}`);
    }
    const bytes = toBytes(data);
    this.#pending.push(typeof data === "string" ? bytes : bytes.slice());
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes > this.#bufferBytes) {
      await this.#flush("write", options);
    }
  }

  /**
   * Sends what was written; settles when the kernel has it.
   *
   * @throws {SocketError} as `sendAll`.
   */
  async flush(options?: WaitOptions): Promise<void> {
    this.#check("flush", "");
    await this.#flush("flush", options);
  }

  /**
   * Flushes and closes. The connection ends when the socket and its other
   * files are closed too. May be called again.
   *
   * @throws {SocketError} what the flush failed with; the file is closed.
   */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    try {
      if (this.#pendingBytes > 0) await this.#flush("close", undefined);
    } finally {
      this.#isClosed = true;
      this.#release();
    }
  }

  /** Closes, so that `await using` works. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The lines. Leaving early does not close. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return chunksOf<T>({ recv: () => this.readLine() });
  }

  async #beforeRead(
    op: string,
    options: WaitOptions | undefined,
  ): Promise<Wait> {
    this.#check(op, "r");
    // A text that sits in the buffer is what the peer waits for.
    if (this.#pendingBytes > 0) await this.#flush(op, options);
    return toWait(options, this.#io.wait());
  }

  async #flush(op: string, options: WaitOptions | undefined): Promise<void> {
    if (this.#pendingBytes === 0) return;
    const wait = toWait(options, this.#io.wait());
    const { sender } = this.#io.connection;
    const whole = concat(this.#pending);
    const before = sender.bytesSent;
    this.#pending = [];
    this.#pendingBytes = 0;
    try {
      await sender.sendAll(op, [whole], wait);
    } catch (error) {
      this.#putBack(whole.subarray(sender.bytesSent - before));
      throw error;
    }
  }

  /** What was not sent stays, so that a later flush sends it. */
  #putBack(rest: Uint8Array): void {
    if (rest.length === 0) return;
    this.#pending.unshift(rest);
    this.#pendingBytes += rest.length;
  }

  #check(op: string, need: string): void {
    if (this.#isClosed) throw socketError("EBADF", { op });
    if (this.mode.includes(need)) return;
    const reason = `the file's mode is "${this.mode}"`;
    throw socketError("EBADF", { op, reason });
  }

  #decodeOrNull(bytes: Bytes | null): T | null {
    return bytes === null ? null : this.#decode(bytes);
  }

  #decode(bytes: Bytes): T {
    if (!this.#isText) return bytes as T;
    try {
      return decoder().decode(bytes) as T;
    } catch (cause) {
      throw socketError("EILSEQ", { op: "read", cause });
    }
  }
}

let sharedDecoder: TextDecoder | undefined;

function decoder(): TextDecoder {
  return sharedDecoder ??= new TextDecoder("utf-8", {
    fatal: true,
    ignoreBOM: true,
  });
}
