/**
 * Where the bytes of `sendFile` come from: a path, something with
 * `read(buffer)`, or a web stream.
 *
 * @module
 */

import { show } from "../../address.ts";
import { errno, strerror } from "../../constants.ts";
import { inSentence } from "../../error_texts.ts";
import { currentRuntime } from "../../runtime/detect.ts";
import { Fault } from "../../runtime/seam/fault.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";

/** What `read` gives: how many bytes, `null` or 0 at the end. */
export type FileRead = number | null | { readonly bytesRead: number };

/**
 * A file that the program has opened, such as a `Deno.FsFile` or a
 * `FileHandle` of Node.
 */
export interface ReadableFile {
  /** Fills the front of `buffer` with the next bytes. */
  read(buffer: Uint8Array): FileRead | PromiseLike<FileRead>;
  /**
   * Sets the position: `offset` bytes from the start (`whence` 0) or from
   * where it stands (1).
   */
  seek?(offset: number, whence: 0 | 1): unknown;
}

/** Bytes, piece by piece. */
export interface ByteSource {
  /** How many pieces may be in hand, the one being read included. */
  readonly piecesInHand: number;
  /**
   * The next bytes, or `null` at the end: `size` at most, but a web stream's
   * are as they come. They are good until as many pieces more were asked for.
   */
  next(size: number): Promise<Uint8Array | null>;
  /** Lets go; the last `unsent` bytes given were not used. */
  end(unsent: number): unknown;
  /** Ends a read that is under way, where that is possible. */
  cancel?(): Promise<void> | undefined;
}

/** Whether it is a web stream. */
export function isWebStream(
  file: unknown,
): file is ReadableStream<Uint8Array> {
  const { getReader } = (file ?? {}) as { getReader?: unknown };
  return typeof getReader === "function";
}

/** Whether it has `read(buffer)`. Streams of Node have another `read`. */
export function isReader(file: unknown): file is ReadableFile {
  if (typeof file !== "object" || file === null || "pipe" in file) return false;
  return typeof (file as { read?: unknown }).read === "function";
}

// ---- what reads into memory

/** One piece is sent while another is read. */
const BUFFERS = 2;

/** Pieces of a file, in memory that is used again and again. */
class BufferedSource implements ByteSource {
  readonly piecesInHand = BUFFERS;
  readonly #read: (buffer: Uint8Array) => Promise<number>;
  readonly #end: (unsent: number) => unknown;
  #buffers: Uint8Array[] = [];
  #turn = 0;

  constructor(
    read: (buffer: Uint8Array) => Promise<number>,
    end: (unsent: number) => unknown,
  ) {
    this.#read = read;
    this.#end = end;
  }

  async next(size: number): Promise<Uint8Array | null> {
    const buffer = this.#bufferOf(size);
    const count = await this.#read(buffer);
    if (!Number.isInteger(count) || count < 0 || count > buffer.length) {
      throw new TypeError(
        `read(buffer) gives how many of ${size} bytes it read: ${show(count)}`,
      );
    }
    return count === 0 ? null : buffer.subarray(0, count);
  }

  end(unsent: number): unknown {
    return this.#end(unsent);
  }

  #bufferOf(size: number): Uint8Array {
    this.#turn = (this.#turn + 1) % BUFFERS;
    const old = this.#buffers[this.#turn];
    // Small files need no large memory, and who reads may have taken it away.
    if (old !== undefined && old.length >= size) return old.subarray(0, size);
    return this.#buffers[this.#turn] = new Uint8Array(size);
  }
}

/** The bytes of a file by its path, from `offset` on. */
export async function sourceOfPath(
  path: string,
  offset: number,
  runtime: Runtime,
): Promise<ByteSource> {
  const file = await about(path, () => {
    // As in C; not every runtime says so.
    if (path === "") throw new Fault("ENOENT");
    return openerOf(runtime)(path, offset);
  });
  return new BufferedSource(
    (buffer) => about(path, () => file.read(buffer)),
    () => file.close(),
  );
}

/** A network in memory has no files: then they are the host's. */
function openerOf(runtime: Runtime): NonNullable<Runtime["openFile"]> {
  const host = runtime.openFile === undefined ? currentRuntime() : runtime;
  if (host.openFile !== undefined) return host.openFile.bind(host);
  throw new Fault("EOPNOTSUPP", undefined, "this host has no files");
}

/** A fault of a file names it. */
async function about<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const text = error.reason ?? inSentence(strerror(errno[error.code] ?? 0));
    throw new Fault(error.code, error.cause, `${path}: ${text}`);
  }
}

/** From the start, as C's `SEEK_SET`. */
const FROM_START = 0;

/** From where it stands, as C's `SEEK_CUR`. */
const FROM_HERE = 1;

/**
 * The bytes of a file that the program has opened, from `offset` on; without
 * one from where it stands.
 */
export async function sourceOfReader(
  file: ReadableFile,
  offset: number | undefined,
): Promise<ByteSource> {
  const canSeek = typeof file.seek === "function";
  const source = new BufferedSource(
    async (buffer) => toCount(await file.read(buffer)),
    (unsent) =>
      canSeek && unsent > 0 ? file.seek?.(-unsent, FROM_HERE) : undefined,
  );
  if (offset === undefined) return source;
  if (canSeek) await file.seek?.(offset, FROM_START);
  else await skip(source, offset);
  return source;
}

function toCount(read: FileRead): number {
  return typeof read === "object" ? read?.bytesRead ?? 0 : read;
}

/** So many bytes are dropped in one read. */
const SKIP_BYTES = 65_536;

async function skip(source: ByteSource, offset: number): Promise<void> {
  for (let left = offset; left > 0;) {
    const piece = await source.next(Math.min(left, SKIP_BYTES));
    if (piece === null) return;
    left -= piece.length;
  }
}

// ---- web streams

/** The pieces of a web stream, as they come; the stream reads ahead itself. */
class StreamSource implements ByteSource {
  readonly piecesInHand = 1;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  /** What is to be dropped of what comes first. */
  #offset: number;

  constructor(stream: ReadableStream<Uint8Array>, offset: number) {
    this.#reader = stream.getReader();
    this.#offset = offset;
  }

  async next(): Promise<Uint8Array | null> {
    while (true) {
      const { done, value } = await this.#reader.read();
      if (done) return null;
      if (!(value instanceof Uint8Array)) {
        throw new TypeError(`A stream to send gives bytes: ${show(value)}`);
      }
      const dropped = Math.min(this.#offset, value.length);
      this.#offset -= dropped;
      if (dropped < value.length) return value.subarray(dropped);
    }
  }

  end(): void {
    this.#reader.releaseLock();
  }

  cancel(): undefined {
    // The read under way fails, and its bytes stay in the stream.
    this.#reader.releaseLock();
  }
}

/** The bytes of a web stream from the `offset`th on. */
// deno-lint-ignore require-await -- a locked stream must reject, not throw
export async function sourceOfStream(
  stream: ReadableStream<Uint8Array>,
  offset: number,
): Promise<ByteSource> {
  return new StreamSource(stream, offset);
}
