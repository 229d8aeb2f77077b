/**
 * A stream driver over a pair of web streams: whatever can be read and written
 * that way becomes a stream socket.
 *
 * @module
 */

import { viewBytes } from "../bytes.ts";
import { systemClock } from "../clock.ts";
import type { Address, Bytes } from "../contracts.ts";
import { nodeTls } from "./node/tls_engine.ts";
import { sameSupports } from "./seam/supports.ts";
import type { Runtime } from "./seam/runtime.ts";
import type { RawStream, StreamSink } from "./seam/stream.ts";
import { Fault } from "./seam/fault.ts";
import { stubRuntime } from "./stub.ts";

/** The two directions. */
export interface StreamPair {
  /** What is received. */
  readonly readable: ReadableStream<Uint8Array>;
  /** What is sent goes here. */
  readonly writable: WritableStream<Uint8Array>;
}

class WebStream implements RawStream {
  readonly remoteAddress: Address | undefined = undefined;
  readonly writesAtOnce = false;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #pair: StreamPair;
  #sink: StreamSink | undefined;
  #isReading = false;
  #isClosed = false;
  /** Each ends a write or shutdown under way, whatever the stream does. */
  readonly #cuts: Set<(reason: Fault) => void> = new Set();

  constructor(pair: StreamPair) {
    this.#pair = pair;
    this.#reader = pair.readable.getReader();
    this.#writer = pair.writable.getWriter();
    // Told by the reads and writes; here nobody would listen.
    this.#reader.closed.catch(() => {});
    this.#writer.closed.catch(() => {});
  }

  localAddress(): Address {
    throw new Fault("EOPNOTSUPP", undefined, "web streams have no address");
  }

  attach(sink: StreamSink): void {
    this.#sink = sink;
  }

  resume(): void {
    if (this.#isReading || this.#isClosed) return;
    this.#isReading = true;
    void this.#read();
  }

  pause(): void {}

  async #read(): Promise<void> {
    try {
      const { done, value } = await this.#reader.read();
      this.#isReading = false;
      if (this.#isClosed) return;
      if (done) return this.#sink?.end();
      const chunk = copyOf(value);
      if (chunk.length === 0) return this.resume();
      this.#sink?.data(chunk);
    } catch (error) {
      this.#isReading = false;
      if (!this.#isClosed) this.#sink?.failed(toFault(error));
    }
  }

  async write(data: Uint8Array): Promise<number> {
    const count = data.length;
    // The stream may keep what it is given; the caller may reuse it.
    await this.#orEnd(this.#writer.write(new Uint8Array(data)));
    return count;
  }

  async shutdown(): Promise<void> {
    await this.#orEnd(this.#writer.close());
  }

  /** Settles as the stream does, or at the end: a stream may never do. */
  #orEnd(settling: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#cuts.add(reject);
      void settling.then(resolve, (error) => reject(toFault(error)))
        .finally(() => this.#cuts.delete(reject));
    });
  }

  reset(): void {
    if (this.#isClosed) return;
    this.#release(this.#writer.abort(new Fault("ECONNABORTED")));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#release(this.#writer.close());
  }

  /** The streams are told; it is theirs what becomes of that, and when. */
  #release(ending: Promise<void>): void {
    this.#isClosed = true;
    ending.catch(ignore);
    this.#reader.cancel().catch(ignore);
    for (const cut of this.#cuts) cut(new Fault("ECONNABORTED"));
    this.#sink?.closed();
  }

  ref(): void {}

  setOption(): void {
    throw new Fault("ENOPROTOOPT", undefined, NO_OPTIONS);
  }

  detach(): unknown {
    if (this.#isReading) {
      throw new Fault("EBUSY", undefined, "a read is outstanding");
    }
    this.#isClosed = true;
    this.#reader.releaseLock();
    this.#writer.releaseLock();
    this.#sink?.closed();
    return this.#pair;
  }
}

/** A stream over a pair of web streams. */
export function adoptWebStreams(pair: StreamPair): RawStream {
  return new WebStream(pair);
}

/** Stands for the runtime of such streams: a clock, and no network. */
export function webStreamsRuntime(): Runtime {
  const stub = stubRuntime();
  const supports = { ...stub.supports, ...sameSupports(NO_OPTIONS) };
  supports.noDelay = NO_OPTIONS;
  supports.abortiveClose = true;
  const clock = systemClock;
  return { ...stub, name: "web-streams", supports, clock, tls: nodeTls };
}

/**
 * The bytes of a chunk in memory that is ours: who gave the chunk may go on
 * using its memory, of which it may be a part.
 */
function copyOf(chunk: Uint8Array): Bytes {
  try {
    return new Uint8Array(viewBytes(chunk));
  } catch (error) {
    throw new Fault("ECONNABORTED", error, "the readable gave no bytes");
  }
}

function ignore(): void {}

const NO_OPTIONS = "web streams have no options";

/** The other side's errors come as they please; codes survive. */
function toFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "string" && /^E[A-Z0-9]+$/.test(code)
    ? new Fault(code, error)
    : new Fault("EIO", error);
}
