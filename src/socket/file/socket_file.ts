/**
 * A connection as a file: buffered writes, reads by line and by count.
 *
 * @module
 */

import { show } from "../../address.ts";
import type { Bytes, BytesLike, WaitOptions } from "../../contracts.ts";
import { IncompleteReadError, socketError } from "../../errors.ts";
import { toBytes, viewBytes } from "../../bytes.ts";
import { checkCount } from "../../arguments.ts";
import { checkOptions, toWait, WAIT_OPTIONS } from "../../deadline.ts";
import { END, iterate } from "../../iterate.ts";
import type { Connection } from "../stream/connection.ts";
import type { HeldFile } from "../stream/core.ts";
import { FileBuffer } from "./file_buffer.ts";
import type { FileMode, FileOptions, FileReadOptions } from "./file_options.ts";
import { toLimit } from "./file_options.ts";
import { decodeText } from "./file_text.ts";
import type { Wait } from "../../deadline.ts";
import type { Receiver, UntilOptions } from "../stream/receiver.ts";

export type { FileMode, FileOptions, FileReadOptions };

const FILE_OPTIONS = ["encoding", "bufferSize"];
const READ_OPTIONS = ["maxBytes", ...WAIT_OPTIONS];

/** What a file needs of its socket. */
export interface FileIO {
  /**
   * The connection, for a call named `op`, also behind the socket's close.
   *
   * @throws {SocketError} `ENOTCONN` if there is none, `EBADF` if there will be
   *   none.
   */
  connection(op: string): Connection;
  /** The connection, if there is one. */
  readonly connected: Connection | undefined;
  /** How calls without options wait. */
  wait(): Wait;
}

const DEFAULT_BUFFER_BYTES = 8192;

/** How many bytes a line may have by default: as `recvUntil`. */
const DEFAULT_LINE_BYTES = 65_536;

/** How many bytes reading to the end may take by default: 16 MiB. */
const DEFAULT_REST_BYTES = 16_777_216;

const WHOLE = { isPeek: false, isWhole: true };
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
  readonly #buffer: FileBuffer;
  readonly #release: () => void;
  #closing: Promise<void> | undefined;
  #isReleased = false;

  private constructor(
    io: FileIO,
    mode: FileMode,
    options: FileOptions,
    hold: (file: HeldFile) => () => void,
  ) {
    if (!MODES.includes(mode)) {
      throw new TypeError(`A file's mode is "r", "w" or "rw": ${show(mode)}`);
    }
    checkOptions(options, FILE_OPTIONS);
    const { encoding, bufferSize = DEFAULT_BUFFER_BYTES }: FileOptions =
      options;
    if (encoding !== undefined && encoding !== "utf-8") {
      throw new TypeError(`A file's encoding is "utf-8": ${show(encoding)}`);
    }
    this.mode = mode;
    this.#io = io;
    this.#isText = encoding !== undefined;
    this.#buffer = new FileBuffer(checkCount(bufferSize, "bufferSize"));
    this.#release = hold(this);
  }

  /**
   * For `makeFile`; `hold` keeps the connection until what it gives is called.
   *
   * @internal
   */
  static create<T extends string | Bytes>(
    io: FileIO,
    mode: FileMode,
    options: FileOptions,
    hold: (file: HeldFile) => () => void,
  ): SocketFile<T> {
    return new SocketFile<T>(io, mode, options, hold);
  }

  /** Whether `close` was called. */
  get isClosed(): boolean {
    return this.#closing !== undefined;
  }

  /**
   * Waits for `size` bytes (characters, in a text file) or the end, whichever
   * comes first; without `size` for the end. `null` at the end.
   *
   * @throws {LimitOverrunError} if no `size` was given and more than
   *   `maxBytes` (default 16 MiB) come; the bytes stay.
   * @throws {SocketError} as `recv`.
   */
  async read(size?: number, options?: FileReadOptions): Promise<T | null> {
    const limit = toLimit(options, DEFAULT_REST_BYTES);
    const count = size === undefined ? undefined : checkCount(size, "size");
    const bytes = await this.#read("read", options, (receiver, wait) => {
      if (count === undefined) return receiver.recvRest("read", limit, wait);
      if (count === 0) return Promise.resolve(new Uint8Array(0));
      return this.#isText
        ? receiver.recvCharacters("read", count, wait)
        : receiver.recvAll("read", count, wait);
    });
    return bytes === null ? null : this.#decode(bytes);
  }

  /**
   * Waits for exactly `size` bytes, also in a text file.
   *
   * @throws {IncompleteReadError} if the peer ends before.
   * @throws {SocketError} as `recv`.
   */
  async readExactly(size: number, options?: WaitOptions): Promise<T> {
    const op = "readExactly";
    const count = checkCount(size, "size");
    return this.#decode(
      await this.#read(
        op,
        options,
        (receiver, wait) => receiver.recvExactly(op, count, wait),
      ),
    );
  }

  /**
   * Fills `buffer`, as Python's `readinto`: waits until it is full or for the
   * end, whichever comes first, and gives the count; `null` at the end.
   *
   * @throws {TypeError} in a text file, and if the memory was transferred or
   *   shrunk while the call waited; no byte is lost.
   * @throws {SocketError} as `recv`.
   */
  async readInto(
    buffer: ArrayBufferView | ArrayBuffer,
    options?: WaitOptions,
  ): Promise<number | null> {
    const op = "readInto";
    if (this.#isText) throw new TypeError("A text file reads strings");
    const target = viewBytes(buffer);
    return await this.#read(
      op,
      options,
      (receiver, wait) =>
        target.byteLength === 0
          ? Promise.resolve(0)
          : receiver.recvIntoWith(op, target, WHOLE, wait),
    );
  }

  /**
   * Waits for a line and gives it with its `"\n"`; the last line may have
   * none. `null` at the end.
   *
   * @throws {LimitOverrunError} if no line ends within `maxBytes` (default
   *   64 KiB); the bytes stay.
   * @throws {SocketError} as `recv`.
   */
  async readLine(options?: FileReadOptions): Promise<T | null> {
    const maxBytes = toLimit(options, DEFAULT_LINE_BYTES);
    const until = { delimiter: NEWLINE, maxBytes, keepDelimiter: true };
    try {
      return await this.#readUntil("readLine", until, options);
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
    const until = {
      delimiter: new Uint8Array(toBytes(delimiter)),
      maxBytes: toLimit(options, DEFAULT_LINE_BYTES),
      keepDelimiter: false,
    };
    if (until.delimiter.length === 0) {
      throw new RangeError("A delimiter has one byte at least: it is empty");
    }
    return await this.#readUntil("readUntil", until, options);
  }

  async #readUntil(
    op: string,
    until: UntilOptions,
    options: WaitOptions | undefined,
  ): Promise<T> {
    return this.#decode(
      await this.#read(
        op,
        options,
        (receiver, wait) => receiver.recvUntil(op, until, wait),
      ),
    );
  }

  /**
   * Writes through the buffer, which is sent when it is full, on `flush`, on
   * `close`, and before a read of an `"rw"` file. What is written is copied.
   * If sending it fails, what was not sent stays in the buffer.
   *
   * @throws {SocketError} as `sendAll`. With `EBUSY`, which is raised if the
   *   buffer would have to be sent while another send is pending, and with an
   *   aborted signal the file has taken nothing of `data`.
   */
  async write(
    data: T extends string ? string : BytesLike,
    options?: WaitOptions,
  ): Promise<void> {
    const wait = this.#wait(options);
    const connection = this.#check("write", "w");
    if (this.#isText && typeof data !== "string") {
      throw new TypeError(`A text file writes strings: ${show(data)}`);
    }
    const bytes = toBytes(data);
    const own = typeof data === "string" ? bytes : new Uint8Array(bytes);
    await this.#buffer.add("write", own, connection, wait);
  }

  /**
   * Sends what was written; settles when the kernel has it. If that fails,
   * what was not sent stays in the buffer.
   *
   * @throws {SocketError} as `sendAll`.
   */
  async flush(options?: WaitOptions): Promise<void> {
    const wait = this.#wait(options);
    const connection = this.#check("flush", "");
    await this.#buffer.flush("flush", connection, wait);
  }

  /**
   * Closes: a pending read of the file rejects with `EBADF`, a write or flush
   * of its own that is under way is waited for, and then what is in the buffer
   * is sent, as by a last `flush`, which the socket's timeout bounds. The
   * connection ends when the socket and its other files are closed too. May be
   * called again.
   *
   * @throws {SocketError} what the flush failed with; the file is closed.
   */
  async close(): Promise<void> {
    if (this.#isReleased) return;
    await (this.#closing ??= this.#end());
  }

  async #end(): Promise<void> {
    const { connected } = this.#io;
    connected?.receiver.interrupt(this);
    try {
      await this.#buffer.flushing;
      if (connected !== undefined) {
        const wait = this.#wait(undefined);
        await this.#buffer.flush("close", connected, wait);
      }
    } finally {
      this.#isReleased = true;
      this.#release();
    }
  }

  /** Closes, so that `await using` works. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The lines. Leaving early does not close. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return iterate((step) => this.readLine().then((line) => step(line ?? END)));
  }

  /** Begins at once, so that a close finds the call pending. */
  async #read<R>(
    op: string,
    options: WaitOptions | undefined,
    begin: (receiver: Receiver, wait: Wait) => Promise<R>,
  ): Promise<R> {
    const wait = this.#wait(options);
    const connection = this.#check(op, "r");
    // A text that sits in the buffer is what the peer waits for.
    if (!this.#buffer.isEmpty) {
      await this.#buffer.flush(op, connection, wait);
      this.#check(op, "r");
    }
    return await begin(connection.receiver, wait);
  }

  #wait(options: WaitOptions | undefined): Wait {
    const { timeoutMs, signal } = toWait(
      options,
      this.#io.wait(),
      READ_OPTIONS,
    );
    return { timeoutMs, signal, caller: this };
  }

  /** The connection, if the file may be used so. */
  #check(op: string, need: string): Connection {
    if (this.isClosed) throw socketError("EBADF", { op });
    if (this.mode.includes(need)) return this.#io.connection(op);
    const reason = `the file's mode is "${this.mode}"`;
    throw socketError("EBADF", { op, reason });
  }

  #decode(bytes: Bytes): T {
    return (this.#isText ? decodeText("read", bytes) : bytes) as T;
  }
}
