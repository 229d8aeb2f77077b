/**
 * The receiving calls of a datagram socket.
 *
 * @module
 */

import { slice } from "../../bytes.ts";
import { MSG_DONTWAIT, MSG_PEEK, MSG_TRUNC } from "../../constants.ts";
import type { Address, Bytes, ReceiveOptions } from "../../contracts.ts";
import type { Receive } from "../arguments.ts";
import { viewBytes } from "../../bytes.ts";
import { END, iterate } from "../../iterate.ts";
import { checkCount, DEFAULT_MAX_BYTES } from "../arguments.ts";
import type { DatagramCore } from "./core.ts";
import type { Datagram, DatagramCall } from "./inbox.ts";
import { Socket } from "../socket.ts";

/** A received datagram and what is known of it. */
export interface ReceivedMessage {
  /** The payload, cut to what was asked for. */
  readonly data: Bytes;
  /** Who sent it. */
  readonly address: Address;
  /** Whether it was longer. The rest is lost, as in C. */
  readonly truncated: boolean;
}

const KNOWN_RECEIVE_FLAGS = MSG_PEEK | MSG_DONTWAIT | MSG_TRUNC;

/** The half of a datagram socket that receives. */
export abstract class DatagramReceiving extends Socket {
  /**
   * The socket below its public face.
   *
   * @internal
   */
  protected abstract get core(): DatagramCore;

  /**
   * Waits for a datagram: its bytes, at most `maxBytes` (65,536 unless told)
   * of them, and who sent it. The rest of a longer one is lost; `recvMsg`
   * tells. An empty datagram is an empty array. An abort or timeout loses
   * nothing.
   *
   * @param maxBytes how many bytes at most, or options
   * @param flags `MSG_PEEK` leaves the datagram, `MSG_DONTWAIT` does not wait
   * @throws {SocketError} `EBUSY`, `EBADF`, `EAGAIN`, `ETIMEDOUT`; on a
   *   connected socket `ECONNREFUSED` and its like, once for each.
   */
  recvFrom(
    maxBytes?: number | ReceiveOptions,
    flags?: number | ReceiveOptions,
  ): Promise<[Bytes, Address]> {
    if (maxBytes === undefined && flags === undefined) {
      return this.#receiveWhole(RECV_FROM);
    }
    return this.#receive(
      "recvFrom",
      [maxBytes, flags],
      ({ data, from }, call) => [cut(data, call), from],
    );
  }

  /**
   * Like `recvFrom`, into memory of the caller: how many bytes were stored,
   * and who sent them. With `MSG_TRUNC` the count is the datagram's own length.
   *
   * @throws {SocketError} as `recvFrom`.
   */
  recvFromInto(
    buffer: ArrayBufferView | ArrayBuffer,
    maxBytes?: number | ReceiveOptions,
    flags?: number | ReceiveOptions,
  ): Promise<[number, Address]> {
    return this.#receive(
      "recvFromInto",
      [maxBytes, flags],
      ({ data, from }, { flags, maxBytes }) => {
        const into = viewBytes(buffer);
        const count = Math.min(data.length, into.length, maxBytes);
        into.set(slice(data, 0, count));
        return [(flags & MSG_TRUNC) !== 0 ? data.length : count, from];
      },
    );
  }

  /**
   * Like `recvFrom`, and tells whether the datagram was cut.
   *
   * @throws {SocketError} as `recvFrom`.
   */
  recvMsg(
    maxBytes?: number | ReceiveOptions,
    flags?: number | ReceiveOptions,
  ): Promise<ReceivedMessage> {
    return this.#receive("recvMsg", [maxBytes, flags], (datagram, call) => ({
      data: cut(datagram.data, call),
      address: datagram.from,
      truncated: datagram.isTruncated || datagram.data.length > call.maxBytes,
    }));
  }

  /**
   * Like `recvFrom`, without the address, which a connected socket knows.
   *
   * @throws {SocketError} as `recvFrom`.
   */
  recv(
    maxBytes?: number | ReceiveOptions,
    flags?: number | ReceiveOptions,
  ): Promise<Bytes> {
    if (maxBytes === undefined && flags === undefined) {
      return this.#receiveWhole(RECV);
    }
    return this.#receive(
      "recv",
      [maxBytes, flags],
      ({ data }, call) => cut(data, call),
    );
  }

  /**
   * A datagram that is in hand, or `undefined`. Where the runtime has to be
   * asked, this asks: the next turn of the event loop may bring one.
   *
   * @throws {SocketError} `EBUSY`, `EBADF`, `ECONNREFUSED` and its like.
   */
  tryRecvFrom(
    maxBytes: number = DEFAULT_MAX_BYTES,
  ): [Bytes, Address] | undefined {
    this.checkOpen("tryRecvFrom");
    const call = { maxBytes: checkCount(maxBytes, "maxBytes"), flags: 0 };
    return this.core.inbox.tryReceive({
      op: "tryRecvFrom",
      isPeek: false,
      take: ({ data, from }) => [cut(data, call), from],
    });
  }

  #receive<T>(
    op: string,
    given: readonly (number | ReceiveOptions | undefined)[],
    take: (datagram: Datagram, call: Cut) => T,
  ): Promise<T> {
    try {
      this.checkOpen(op);
      const call = this.toReceive(op, KNOWN_RECEIVE_FLAGS, given[0], given[1]);
      return this.core.inbox.receive({
        op,
        isPeek: (call.flags & MSG_PEEK) !== 0,
        take: (datagram) => take(datagram, call),
      }, call.wait);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** A call that wants all there is, and the same each time. */
  #receiveWhole<T>(call: DatagramCall<T>): Promise<T> {
    try {
      this.checkOpen(call.op);
      return this.core.inbox.receive(call, this.defaultWait);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Datagrams as they come; ends when the socket is closed. Leaving early
   * does not close it, and loses nothing.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<[Bytes, Address]> {
    return iterate((step) =>
      this.isClosed ? Promise.resolve(step(END)) : this.#receiveWhole(NEXT)
    );
  }
}

/** The part of a receive that decides what of a datagram is given. */
type Cut = Pick<Receive, "maxBytes" | "flags">;

const EVERYTHING: Cut = { maxBytes: DEFAULT_MAX_BYTES, flags: 0 };

const RECV: DatagramCall<Bytes> = {
  op: "recv",
  isPeek: false,
  take: ({ data }) => cut(data, EVERYTHING),
};

const RECV_FROM: DatagramCall<[Bytes, Address]> = {
  op: "recvFrom",
  isPeek: false,
  take: ({ data, from }) => [cut(data, EVERYTHING), from],
};

const NEXT: DatagramCall<IteratorResult<[Bytes, Address]>> = {
  op: "recvFrom",
  isPeek: false,
  take: (datagram) => ({ done: false, value: RECV_FROM.take(datagram) }),
  end: { done: true, value: undefined },
};

/** The bytes asked for, as the only view of their memory. */
function cut(data: Bytes, { maxBytes, flags }: Cut): Bytes {
  const isWhole = data.length <= maxBytes && (flags & MSG_PEEK) === 0;
  return isWhole ? data : data.slice(0, maxBytes);
}
