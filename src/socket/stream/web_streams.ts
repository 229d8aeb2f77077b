/**
 * A socket as two web streams, which close it once both are at their end.
 *
 * @module
 */

import { SHUT_RD, SHUT_WR } from "../../constants.ts";
import type { Bytes, BytesLike, CloseOptions } from "../../contracts.ts";

/** What the streams need of a socket. */
export interface StreamEnd {
  readonly isClosed: boolean;
  recv(): Promise<Bytes | null>;
  recvInto(buffer: ArrayBufferView): Promise<number | null>;
  sendAll(data: BytesLike): Promise<void>;
  shutdown(how: number): Promise<void>;
  close(options?: CloseOptions): Promise<void>;
  reset(): void;
}

/** What they ask of what is below the socket. */
export interface StreamEndState {
  /** The connect under way, which rejects with its failure; else none. */
  readonly connecting: Promise<void> | undefined;
  /** Whether the connection died, so that neither direction goes on. */
  readonly isDead: boolean;
}

/** The web streams of one socket, each made on first use. */
export class WebStreams {
  readonly #end: StreamEnd;
  readonly #state: StreamEndState;
  #readable: ReadableStream<Bytes> | undefined;
  #writable: WritableStream<BytesLike> | undefined;
  #writing: WritableStreamDefaultController | undefined;
  /** The readable has ended, was cancelled, or failed. */
  #isReadOver = false;
  /** The writable was closed or aborted, or failed. */
  #isWriteOver = false;

  /** The streams of `end`. */
  constructor(end: StreamEnd, state: StreamEndState) {
    this.#end = end;
    this.#state = state;
  }

  /** The received bytes as a byte stream that holds none by itself. */
  get readable(): ReadableStream<Bytes> {
    return this.#readable ??= new ReadableStream({
      type: "bytes",
      pull: (controller) => this.#pull(controller),
      cancel: () => this.#cancel(),
    }, { highWaterMark: 0 });
  }

  /** A stream that sends. */
  get writable(): WritableStream<BytesLike> {
    return this.#writable ??= new WritableStream({
      start: (controller) => this.#startWriting(controller),
      write: (chunk) => this.#write(chunk),
      close: () => this.#finish(),
      abort: () => this.#abort(),
    });
  }

  // ---- reading

  async #pull(controller: ReadableByteStreamController): Promise<void> {
    try {
      const { connecting } = this.#state;
      if (connecting !== undefined) await connecting;
      if (await this.#read(controller)) return;
    } catch (error) {
      this.#readFailed(error);
      throw error;
    }
    await this.#readOver();
  }

  /** Gives the stream what comes next, and whether that is bytes. */
  async #read(controller: ReadableByteStreamController): Promise<boolean> {
    const { byobRequest } = controller;
    const view = byobRequest?.view;
    if (byobRequest && view) {
      const count = await this.#end.recvInto(view);
      if (count === null) controller.close();
      byobRequest.respond(count ?? 0);
      return count !== null;
    }
    const chunk = await this.#end.recv();
    if (chunk === null) controller.close();
    else controller.enqueue(chunk);
    return chunk !== null;
  }

  #readFailed(error: unknown): void {
    // Nobody need write to it any more to find that out.
    if (this.#state.isDead && this.#writing !== undefined) {
      this.#writing.error(error);
      this.#isWriteOver = true;
    }
    void this.#readOver();
  }

  /** Nothing is received any more, which holds for a closed socket already. */
  async #cancel(): Promise<void> {
    try {
      const { connecting } = this.#state;
      if (connecting !== undefined) await connecting;
      if (!this.#end.isClosed) await this.#end.shutdown(SHUT_RD);
    } finally {
      await this.#readOver();
    }
  }

  #readOver(): Promise<void> | undefined {
    this.#isReadOver = true;
    return this.#closeIfOver();
  }

  // ---- writing

  #startWriting(controller: WritableStreamDefaultController): void {
    this.#writing = controller;
    // The sink's own `abort` is called only after the write under way, which
    // may be stuck for ever. Bun before 1.4 has no such signal.
    const { signal }: { readonly signal?: AbortSignal } = controller;
    signal?.addEventListener("abort", () => void this.#abort());
  }

  async #write(chunk: BytesLike): Promise<void> {
    try {
      const { connecting } = this.#state;
      if (connecting !== undefined) await connecting;
      await this.#end.sendAll(chunk);
    } catch (error) {
      void this.#writeOver();
      throw error;
    }
  }

  async #finish(): Promise<void> {
    try {
      const { connecting } = this.#state;
      if (connecting !== undefined) await connecting;
      await this.#end.shutdown(SHUT_WR);
    } finally {
      await this.#writeOver();
    }
  }

  #abort(): Promise<void> {
    this.#isWriteOver = true;
    try {
      this.#end.reset();
      return Promise.resolve();
    } catch {
      // This runtime cannot send RST, or it is sent already.
      return this.#end.close({ lingerMs: 0 });
    }
  }

  #writeOver(): Promise<void> | undefined {
    this.#isWriteOver = true;
    return this.#closeIfOver();
  }

  // ---- the end of both

  #closeIfOver(): Promise<void> | undefined {
    if (this.#isReadOver && this.#isWriteOver) return this.#end.close();
    return undefined;
  }
}
