/**
 * A stream driver over a pair of web streams: whatever can be read and written
 * that way becomes a stream socket.
 *
 * @module
 */

import { systemClock } from "../clock.ts";
import type { Address } from "../contracts.ts";
import { sameSupports } from "./options.ts";
import type { RawStream, Runtime, StreamSink } from "./runtime.ts";
import { Fault } from "./runtime.ts";
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
      if (value.length === 0) return this.resume();
      this.#sink?.data(value.slice());
    } catch (error) {
      this.#isReading = false;
      if (!this.#isClosed) this.#sink?.failed(toFault(error));
    }
  }

  async write(data: Uint8Array): Promise<number> {
    const count = data.length;
    try {
      await this.#writer.ready;
      // The stream may keep what it is given; the caller may reuse it.
      await this.#writer.write(data.slice());
      return count;
    } catch (error) {
      throw toFault(error);
    }
  }

  async shutdown(): Promise<void> {
    try {
      await this.#writer.close();
    } catch (error) {
      throw toFault(error);
    }
  }

  reset(): void {
    if (this.#isClosed) return;
    const reason = new Fault("ECONNABORTED");
    this.#release(this.#writer.abort(reason));
  }

  close(): void {
    if (this.#isClosed) return;
    this.#release(this.#writer.close());
  }

  #release(ending: Promise<void>): void {
    this.#isClosed = true;
    const both = [ending, this.#reader.cancel()];
    void Promise.allSettled(both).then(() => this.#sink?.closed());
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
  return { ...stub, name: "web-streams", supports, clock };
}

const NO_OPTIONS = "web streams have no options";

/** The other side's errors come as they please; codes survive. */
function toFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "string" && /^E[A-Z0-9]+$/.test(code)
    ? new Fault(code, error)
    : new Fault("EIO", error);
}
