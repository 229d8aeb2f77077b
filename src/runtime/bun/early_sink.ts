/**
 * The sink of a stream that has none yet.
 *
 * @module
 */

import type { Bytes } from "../../contracts.ts";
import type { Fault } from "../seam/fault.ts";
import type { StreamSink } from "../seam/stream.ts";

/** Holds what comes before there is a sink, so that nothing is lost. */
export class EarlySink implements StreamSink {
  readonly #events: ((sink: StreamSink) => unknown)[] = [];

  data(chunk: Bytes): boolean {
    this.#events.push((sink) => sink.data(chunk));
    return false;
  }

  end(): void {
    this.#events.push((sink) => sink.end());
  }

  failed(fault: Fault): void {
    this.#events.push((sink) => sink.failed(fault));
  }

  writable(): void {}

  closed(): void {
    this.#events.push((sink) => sink.closed());
  }

  /** Tells it all. Gives whether more bytes are wanted. */
  replay(sink: StreamSink): boolean {
    let wantsMore = true;
    for (const event of this.#events) wantsMore = event(sink) !== false;
    return wantsMore;
  }
}
