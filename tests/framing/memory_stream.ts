/** Two joined byte streams in memory, with a wire that can be made to stop. */

import type {
  Bytes,
  BytesLike,
  ByteStream,
  ReceiveOptions,
} from "../../src/contracts.ts";
import { concat } from "../../src/byte_queue.ts";
import { toBytes } from "../../src/bytes.ts";
import { socketError } from "../../src/errors.ts";

/** One end. What a test may look at and turn is public. */
export class MemoryStream implements ByteStream {
  /** The chunks of each `sendAll`, as they were handed over. */
  readonly writes: number[][] = [];
  /** What `sendAll` waits for; a test makes it a promise to stop the wire. */
  wire: Promise<void> = Promise.resolve();
  /** How each written batch of bytes is cut on its way. */
  split: (bytes: Bytes) => Bytes[] = (bytes) => [bytes];
  /** How often `recv` was called. */
  receives = 0;
  isClosed = false;
  lingerMs: number | undefined;
  peer: MemoryStream | undefined;
  readonly #chunks: (Bytes | null | Error)[] = [];
  #waiting: (() => void) | undefined;

  /** Puts a chunk, the end or an error in front of the reader. */
  arrive(...chunks: (Uint8Array | string | null | Error)[]): void {
    for (const chunk of chunks) {
      this.#chunks.push(
        chunk === null || chunk instanceof Error
          ? chunk
          : toBytes(chunk).slice(),
      );
    }
    this.#waiting?.();
  }

  tryRecv(): Bytes | null | undefined {
    const chunk = this.#chunks[0];
    if (chunk === undefined || chunk === null) return chunk;
    if (chunk instanceof Error) throw chunk;
    this.#chunks.shift();
    return chunk;
  }

  async recv(options: ReceiveOptions = {}): Promise<Bytes | null> {
    this.receives++;
    if (this.isClosed) throw socketError("EBADF", { op: "recv" });
    const { timeoutMs, signal } = options;
    signal?.throwIfAborted();
    if (this.#chunks.length === 0) await this.#wait(timeoutMs, signal);
    return this.tryRecv() ?? null;
  }

  #wait(timeoutMs?: number | null, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (how: () => void) => {
        this.#waiting = undefined;
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        how();
      };
      const abort = () => settle(() => reject(signal?.reason));
      const late = () =>
        settle(() => reject(socketError("ETIMEDOUT", { op: "recv" })));
      const timer = typeof timeoutMs === "number"
        ? setTimeout(late, timeoutMs)
        : undefined;
      signal?.addEventListener("abort", abort);
      this.#waiting = () =>
        settle(() =>
          this.isClosed
            ? reject(socketError("EBADF", { op: "recv" }))
            : resolve()
        );
    });
  }

  trySend(data: BytesLike): number | undefined {
    const bytes = toBytes(data).slice();
    this.peer?.arrive(bytes);
    return bytes.length;
  }

  async sendAll(data: BytesLike | readonly BytesLike[]): Promise<void> {
    const pieces = (Array.isArray(data) ? data : [data]).map(toBytes);
    this.writes.push(pieces.map((piece) => piece.length));
    await this.wire;
    if (this.isClosed) throw socketError("EBADF", { op: "sendAll" });
    const bytes = concat(pieces);
    for (const part of this.split(bytes)) this.peer?.arrive(part);
  }

  close(options: { readonly lingerMs?: number } = {}): Promise<void> {
    this.lingerMs = options.lingerMs;
    if (!this.isClosed) this.peer?.arrive(null);
    this.isClosed = true;
    this.#waiting?.();
    return Promise.resolve();
  }
}

/** Two ends: what one sends, the other receives. */
export function memoryPair(): [MemoryStream, MemoryStream] {
  const ends: [MemoryStream, MemoryStream] = [
    new MemoryStream(),
    new MemoryStream(),
  ];
  ends[0].peer = ends[1];
  ends[1].peer = ends[0];
  return ends;
}
