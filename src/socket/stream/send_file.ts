/**
 * What `sendFile` is given, checked, and the bytes that come of it: read while
 * earlier ones are sent, a bounded step ahead.
 *
 * @module
 */

import { show } from "../../address.ts";
import type { WaitOptions } from "../../contracts.ts";
import { toWait, type Wait, WAIT_OPTIONS } from "../../deadline.ts";
import type { Runtime } from "../../runtime/seam/runtime.ts";
import {
  type ByteSource,
  isReader,
  isWebStream,
  type ReadableFile,
  sourceOfPath,
  sourceOfReader,
  sourceOfStream,
} from "./file_source.ts";
import type { SendFeed } from "./sender.ts";

/** Options of `sendFile`. */
export interface SendFileOptions extends WaitOptions {
  /**
   * Where to begin, in bytes from the start; default 0, and of a file that the
   * program has opened where that stands. Of what has no `seek` so many bytes
   * are read and dropped.
   */
  readonly offset?: number;
  /** How many bytes to send at most, 1 or more; default all to the end. */
  readonly count?: number;
}

/** What `sendFile` can send: the path of a file, or something to read from. */
export type SendableFile = string | ReadableFile | ReadableStream<Uint8Array>;

const OPTIONS = ["offset", "count", ...WAIT_OPTIONS];

/** How many bytes are read at a time. */
const PIECE_BYTES = 65_536;

/** A checked call of `sendFile`. */
export interface FileCall {
  /** The bytes to be sent. */
  readonly feed: FileFeed;
  /** How long it may take. */
  readonly wait: Wait;
}

/**
 * Checks what `sendFile` is given. Nothing is opened yet.
 *
 * @throws {TypeError} | {RangeError} for what cannot be sent or is no option.
 */
export function toFileCall(
  file: SendableFile,
  options: SendFileOptions,
  runtime: Runtime,
  socketWait: Wait,
): FileCall {
  const wait = toWait(options, socketWait, OPTIONS);
  const offset = checkBytes(options.offset, "offset", 0);
  const count = checkBytes(options.count, "count", 1);
  if (wait.timeoutMs === 0) {
    throw new RangeError("sendFile waits for the file: timeoutMs is not 0");
  }
  const open = opener(file, offset, runtime);
  return { feed: new FileFeed(open, count), wait };
}

function opener(
  file: SendableFile,
  offset: number | undefined,
  runtime: Runtime,
): () => Promise<ByteSource> {
  if (typeof file === "string") {
    if (file.includes("\0")) throw new TypeError("A path holds no NUL");
    return () => sourceOfPath(file, offset ?? 0, runtime);
  }
  if (isWebStream(file)) return () => sourceOfStream(file, offset ?? 0);
  if (isReader(file)) return () => sourceOfReader(file, offset);
  throw new TypeError(
    "A file is a path, what has read(buffer), or a web stream, which " +
      `Readable.toWeb(stream) makes of a stream of Node: ${show(file)}`,
  );
}

function checkBytes(
  value: unknown,
  name: string,
  least: number,
): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "number") {
    throw new TypeError(`${name} must be a number: ${show(value)}`);
  }
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new RangeError(`${name} is ${least} or more: ${value}`);
}

/** The bytes of a file, in pieces. */
export class FileFeed implements SendFeed {
  /** Called when there is something new to be had. */
  onReady: () => void = ignore;
  readonly #open: () => Promise<ByteSource>;
  #source: ByteSource | undefined;
  /** How many bytes are still to be read, if that is limited. */
  #left: number;
  #pieces: Uint8Array[] = [];
  #isReading = false;
  #isEnded = false;
  #isOver = false;
  /** What reading failed with. */
  #failure: { readonly error: unknown } | undefined;

  /** Reads `count` bytes at most of what `open` gives. */
  constructor(open: () => Promise<ByteSource>, count: number | undefined) {
    this.#open = open;
    this.#left = count ?? Infinity;
  }

  /**
   * The next bytes; `null` at the end, `undefined` while they are being read.
   * Throws what reading failed with, behind the bytes before.
   */
  peek(): Uint8Array | null | undefined {
    this.#readAhead();
    const [first] = this.#pieces;
    if (first !== undefined) return first;
    if (this.#failure !== undefined) throw this.#failure.error;
    return this.#isEnded ? null : undefined;
  }

  /** The first `size` of the next bytes are sent. */
  take(size: number): void {
    const [first] = this.#pieces;
    if (first === undefined) return;
    if (size < first.length) this.#pieces[0] = first.subarray(size);
    else this.#pieces.shift();
  }

  /** Nothing more is sent. Settles when the file is let go of. */
  end(): Promise<void> | undefined {
    this.#isOver = true;
    // A read that goes on cannot be called off: it lets go when it is over.
    return this.#isReading ? this.#source?.cancel?.() : this.#release();
  }

  #readAhead(): void {
    const inHand = this.#source?.piecesInHand ?? 1;
    if (this.#isReading || this.#pieces.length >= inHand) return;
    if (this.#isEnded || this.#failure !== undefined) return;
    this.#isReading = true;
    void this.#read();
  }

  async #read(): Promise<void> {
    try {
      this.#source ??= await this.#open();
      this.#keep(await this.#next(this.#source));
    } catch (error) {
      this.#failure = { error };
    }
    this.#isReading = false;
    if (this.#isOver) void this.#release();
    else this.onReady();
  }

  #next(source: ByteSource): Promise<Uint8Array | null> {
    const size = Math.min(PIECE_BYTES, this.#left);
    return size === 0 || this.#isOver
      ? Promise.resolve(null)
      : source.next(size);
  }

  #keep(piece: Uint8Array | null): void {
    if (piece === null) {
      this.#isEnded = true;
      return;
    }
    // A web stream gives what it likes.
    const part = piece.length > this.#left
      ? piece.subarray(0, this.#left)
      : piece;
    this.#left -= part.length;
    if (part.length > 0) this.#pieces.push(part);
  }

  async #release(): Promise<void> {
    const unsent = this.#pieces.reduce((sum, { length }) => sum + length, 0);
    this.#pieces = [];
    try {
      await this.#source?.end(unsent);
    } catch {
      // What counts is what the call came to.
    }
  }
}

function ignore(): void {}
