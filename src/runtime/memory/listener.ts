/**
 * A listening socket in memory: the kernel's accept queue, bounded.
 *
 * @module
 */

import type { Address } from "../../contracts.ts";
import type { ListenerSink, RawListener } from "../seam/stream.ts";
import type { MemoryStream } from "./stream.ts";
import type { Turns } from "./turns.ts";

/** Somebody who wants in. */
export interface Caller {
  /** There is room: makes the connection and gives the accepted end, if it can. */
  admit(): MemoryStream | undefined;
  /** The listener closed before there was room. */
  refuse(): void;
}

/** A listener of a memory network. */
export class MemoryListener implements RawListener {
  readonly localAddress: Address;
  readonly #turns: Turns;
  readonly #backlog: number;
  readonly #freed: () => void;
  /** Connected, and not accepted yet. */
  #queue: MemoryStream[] = [];
  /** The queue was full when they came; they wait as a SYN is sent again. */
  readonly #callers: Set<Caller> = new Set();
  #sink: ListenerSink | undefined;
  #isWanting = false;
  #isClosed = false;

  /** Made by the network, which is told by `freed` when it closes. */
  constructor(
    localAddress: Address,
    options: { turns: Turns; backlog: number; freed: () => void },
  ) {
    this.localAddress = localAddress;
    this.#turns = options.turns;
    this.#backlog = Math.max(1, options.backlog);
    this.#freed = options.freed;
  }

  attach(sink: ListenerSink): void {
    this.#sink = sink;
  }

  resume(): void {
    if (this.#isWanting) return;
    this.#isWanting = true;
    this.#turns.run(() => this.#handOver());
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#freed();
    for (const stream of this.#queue) stream.reset();
    for (const caller of this.#callers) caller.refuse();
    this.#queue = [];
    this.#callers.clear();
    this.#turns.run(() => this.#sink?.closed());
  }

  /** Nobody outside this process can connect: nothing to wait for. */
  ref(_flag: boolean): void {}

  /** Lets a caller in, now or once there is room. */
  call(caller: Caller): void {
    this.#callers.add(caller);
    this.#fill();
  }

  /** Forgets a caller that gave up. */
  hangUp(caller: Caller): void {
    this.#callers.delete(caller);
  }

  #fill(): void {
    for (const caller of this.#callers) {
      if (this.#queue.length >= this.#backlog) break;
      this.#callers.delete(caller);
      const stream = caller.admit();
      if (stream !== undefined) this.#queue.push(stream);
    }
    this.#turns.run(() => this.#handOver());
  }

  #handOver(): void {
    if (!this.#isWanting || this.#isClosed) return;
    const stream = this.#queue.shift();
    if (stream === undefined) return;
    this.#isWanting = false;
    this.#fill();
    this.#sink?.connection(stream.handOver());
  }
}
