/**
 * A listening socket in memory: the kernel's accept queue, bounded.
 *
 * @module
 */

import type { Address } from "../../contracts.ts";
import type { ListenerSink, RawListener } from "../seam/stream.ts";
import type { MemoryStream } from "./stream.ts";
import type { Place, Wire } from "./wire.ts";

/** Somebody who wants in. */
export interface Caller {
  /** There is room: makes the connection and gives the accepted end, if it can. */
  admit(): MemoryStream | undefined;
  /** The listener closed before there was room. */
  refuse(): void;
}

/** What a listener is made of. */
export interface ListenerOptions {
  readonly wire: Wire;
  readonly place: Place;
  readonly backlog: number;
  /** Told when it closes. */
  readonly freed: () => void;
}

/** A listener of a memory network. */
export class MemoryListener implements RawListener {
  readonly localAddress: Address;
  readonly #options: ListenerOptions;
  /** Connected, and not accepted yet. */
  #queue: MemoryStream[] = [];
  /** How many places in the queue are promised to who shakes hands. */
  #promised = 0;
  /** The queue was full when they came; they wait as a SYN is sent again. */
  readonly #callers: Set<Caller> = new Set();
  #sink: ListenerSink | undefined;
  #isWanting = false;
  #isClosed = false;

  /** Made by the host that it listens on. */
  constructor(localAddress: Address, options: ListenerOptions) {
    this.localAddress = localAddress;
    this.#options = options;
  }

  /** The host that it is on. */
  get place(): Place {
    return this.#options.place;
  }

  /** Whether its program waits for a connection. */
  get isWaiting(): boolean {
    return this.#isWanting && !this.#isClosed;
  }

  /** Whether nobody can come any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  attach(sink: ListenerSink): void {
    this.#sink = sink;
  }

  resume(): void {
    if (this.#isWanting) return;
    this.#isWanting = true;
    this.#later(() => this.#handOver());
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#options.freed();
    for (const stream of this.#queue) stream.reset();
    for (const caller of this.#callers) caller.refuse();
    this.#queue = [];
    this.#callers.clear();
    this.#later(() => this.#sink?.closed());
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

  /** Promises a place in the queue, of `most` at the most, if one is free. */
  promise(most: number = Infinity): boolean {
    const backlog = Math.max(1, Math.min(this.#options.backlog, most));
    if (this.#queue.length + this.#promised >= backlog) return false;
    this.#promised++;
    return true;
  }

  /** Takes a promised place: the handshake is over, or has failed. */
  take(stream: MemoryStream | undefined): void {
    this.#promised--;
    if (stream === undefined) return;
    if (this.#isClosed) return stream.reset();
    this.#queue.push(stream);
    this.#options.place.run(() => this.#handOver());
  }

  #later(task: () => void): void {
    const { wire, place } = this.#options;
    wire.tasks.run(() => place.run(task));
  }

  #fill(): void {
    for (const caller of this.#callers) {
      if (this.#queue.length >= Math.max(1, this.#options.backlog)) break;
      this.#callers.delete(caller);
      const stream = caller.admit();
      if (stream !== undefined) this.#queue.push(stream);
    }
    this.#later(() => this.#handOver());
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
