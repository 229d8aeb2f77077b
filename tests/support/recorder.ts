/**
 * A sink that writes down what a driver tells, in order, and lets a test wait
 * for it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Bytes } from "../../src/contracts.ts";
import type { Fault } from "../../src/runtime/seam/fault.ts";
import type {
  ListenerSink,
  RawListener,
  RawStream,
  StreamSink,
} from "../../src/runtime/seam/stream.ts";

/** Wakes whoever waits for a condition whenever something has happened. */
class Waiters {
  readonly #waiting: Set<() => void> = new Set();

  wake(): void {
    for (const check of [...this.#waiting]) check();
  }

  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!holds()) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }
}

/** Records one stream. It wants bytes until `limit` are in hand. */
export class StreamRecorder implements StreamSink {
  /** What came, in order; a run of data is told once, as `"data"`. */
  readonly events: string[] = [];
  /** The chunks. */
  readonly chunks: Bytes[] = [];
  /** How many bytes came. */
  bytes = 0;
  /** `data()` says `false` from this many bytes on. */
  limit: number = Infinity;
  /** Called with each chunk after it was recorded. */
  onData: ((chunk: Bytes) => void) | undefined;
  readonly #waiters = new Waiters();

  /** Records a stream from now on. */
  static on(stream: RawStream): StreamRecorder {
    const recorder = new StreamRecorder();
    stream.attach(recorder);
    return recorder;
  }

  data(chunk: Bytes): boolean {
    assert.equal(chunk.constructor, Uint8Array);
    assert.equal(chunk.length, chunk.buffer.byteLength);
    this.chunks.push(chunk);
    this.bytes += chunk.length;
    if (this.events.at(-1) !== "data") this.#note("data");
    this.onData?.(chunk);
    this.#waiters.wake();
    return this.bytes < this.limit;
  }

  end(): void {
    this.#note("end");
  }

  failed(fault: Fault): void {
    this.#note(fault.code);
  }

  writable(): void {}

  closed(): void {
    this.#note("closed");
  }

  /** Everything that came, as text. */
  get text(): string {
    return Buffer.concat(this.chunks).toString("latin1");
  }

  /** Settles when `event` has been told. */
  until(event: string): Promise<void> {
    return this.#waiters.until(() => this.events.includes(event));
  }

  /** Settles when so many bytes have come. */
  untilBytes(count: number): Promise<void> {
    return this.#waiters.until(() => this.bytes >= count);
  }

  #note(event: string): void {
    assert.ok(!this.events.includes("closed"), `${event} came after closed`);
    this.events.push(event);
    this.#waiters.wake();
  }
}

/** Records one listener and every stream it accepts. */
export class ListenerRecorder implements ListenerSink {
  /** What came, in order. */
  readonly events: string[] = [];
  /** The accepted streams, each already recorded. */
  readonly accepted: { stream: RawStream; recorder: StreamRecorder }[] = [];
  readonly #waiters = new Waiters();
  readonly #listener: RawListener;
  #taken = 0;

  /** Records a listener from now on. */
  constructor(listener: RawListener) {
    this.#listener = listener;
    listener.attach(this);
  }

  connection(stream: RawStream): void {
    const recorder = StreamRecorder.on(stream);
    this.accepted.push({ stream, recorder });
    this.#note("connection");
  }

  failed(fault: Fault): void {
    this.#note(fault.code);
  }

  closed(): void {
    this.#note("closed");
  }

  /** The next accepted stream. */
  async next(): Promise<{ stream: RawStream; recorder: StreamRecorder }> {
    this.#listener.resume();
    const index = this.#taken++;
    await this.#waiters.until(() => this.accepted.length > index);
    return this.accepted[index]!;
  }

  /** Settles when `event` has been told. */
  until(event: string): Promise<void> {
    return this.#waiters.until(() => this.events.includes(event));
  }

  #note(event: string): void {
    assert.ok(!this.events.includes("closed"), `${event} came after closed`);
    this.events.push(event);
    this.#waiters.wake();
  }
}
