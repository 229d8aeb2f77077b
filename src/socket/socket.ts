/**
 * What all sockets have in common.
 *
 * @module
 */

import type {
  Address,
  CloseOptions,
  ReceiveOptions,
  SendOptions,
} from "../contracts.ts";
import type { AddressFamily } from "../constants.ts";
import { AF_INET, AF_INET6, MSG_DONTWAIT, SOCK_STREAM } from "../constants.ts";
import { formatAddress, show } from "../address.ts";
import type { SocketError } from "../errors.ts";
import { socketError } from "../errors.ts";
import type { Receive } from "../arguments.ts";
import { type Wait, waitOf } from "../deadline.ts";
import { toReceive, toSend, waitWithFlags } from "../arguments.ts";
import { defaultWait } from "./default_timeout.ts";

/**
 * A socket: an endpoint of communication. {@linkcode StreamSocket} and
 * {@linkcode DatagramSocket} extend it; `instanceof Socket` tells sockets from
 * other objects.
 *
 * Sockets are not closed by garbage collection: say `close()` or
 * `await using`.
 */
export abstract class Socket {
  /** The address family, such as `AF_INET`. */
  readonly family: AddressFamily;
  /** The type: `SOCK_STREAM` or `SOCK_DGRAM`. */
  abstract readonly type: number;
  /** The protocol number; 0 is the usual one of family and type. */
  readonly proto: number;
  #wait: Wait = defaultWait();

  /** Called by the classes that extend it. */
  protected constructor(family: AddressFamily, proto: number) {
    this.family = family;
    this.proto = proto;
  }

  /** Whether `close`, `reset` or `detach` was called. */
  abstract get isClosed(): boolean;

  /** Settles when the descriptor is released. Never rejects. */
  abstract get closed(): Promise<void>;

  /** Closes the socket. May be called again; never rejects. */
  abstract close(options?: CloseOptions): Promise<void>;

  /**
   * The address of this end; an unbound socket has the wildcard address and
   * port 0.
   *
   * @throws {SocketError} `EBADF` after `close`.
   */
  abstract getSockName(): Address;

  /**
   * Lets the socket keep the process alive, as it does at first: while a call
   * waits on every runtime, an idle listener on Bun and Node, and an idle
   * connection on Bun.
   *
   * @returns the socket itself
   */
  abstract ref(): this;

  /**
   * Lets the process end although the socket is open and calls wait.
   *
   * @returns the socket itself
   */
  abstract unref(): this;

  /**
   * Sets the default of `timeoutMs` for later waiting calls: milliseconds, or
   * `null` to wait for ever; default {@linkcode getDefaultTimeout}. `0` makes calls that would
   * wait reject with `BlockingIOError` (`EAGAIN`).
   *
   * @throws {TypeError} | {RangeError} if it is negative or no number at all.
   * @throws {SocketError} `EBADF` after `close`.
   */
  setTimeout(timeoutMs: number | null): void {
    this.#setWait("setTimeout", waitOf(timeoutMs));
  }

  #setWait(op: string, wait: Wait): void {
    this.checkOpen(op);
    this.#wait = wait;
  }

  /** The default of `timeoutMs` in milliseconds; `null` is for ever. */
  getTimeout(): number | null {
    return this.#wait.timeoutMs;
  }

  /**
   * `false` makes the socket non-blocking: calls that would wait reject with
   * `BlockingIOError`. `true` makes them wait for ever. The same as
   * `setTimeout(0)` and `setTimeout(null)`.
   *
   * @throws {TypeError} if it is no boolean.
   * @throws {SocketError} `EBADF` after `close`.
   */
  setBlocking(flag: boolean): void {
    if (typeof flag !== "boolean") {
      throw new TypeError(`flag is a boolean: ${show(flag)}`);
    }
    this.#setWait("setBlocking", waitOf(flag ? null : 0));
  }

  /** Whether calls wait, be it for a limited time. */
  getBlocking(): boolean {
    return this.#wait.timeoutMs !== 0;
  }

  /**
   * How calls without options wait.
   *
   * @internal
   */
  protected get defaultWait(): Wait {
    return this.#wait;
  }

  /**
   * Throws `EBADF` after `close`.
   *
   * @internal
   */
  protected checkOpen(op: string): void {
    if (this.isClosed) throw this.error("EBADF", op);
  }

  /**
   * A receiving call's arguments, made one shape. `MSG_DONTWAIT` is a timeout
   * of 0.
   *
   * @internal
   * @throws {SocketError} `EOPNOTSUPP` if a flag is not among `knownFlags`.
   */
  protected toReceive(
    op: string,
    knownFlags: number,
    first: number | ReceiveOptions | undefined,
    second: number | ReceiveOptions | undefined,
    defaultBytes?: number,
  ): Receive {
    const call = toReceive(first, second, this.#wait, defaultBytes);
    const wait = waitWithFlags(op, call.flags, knownFlags, call.wait);
    return wait === call.wait ? call : { ...call, wait };
  }

  /**
   * How a sending call waits. `MSG_DONTWAIT` is a timeout of 0.
   *
   * @internal
   * @throws {SocketError} `EOPNOTSUPP` if there is another flag.
   */
  protected toSendWait(
    op: string,
    options: number | SendOptions | undefined,
  ): Wait {
    if (options === undefined) return this.#wait;
    const { flags, wait } = toSend(options, this.#wait);
    return waitWithFlags(op, flags, MSG_DONTWAIT, wait);
  }

  /** Closes, so that `await using` works. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * The error of a code, for the method `op`.
   *
   * @internal
   */
  protected error(code: string, op: string, address?: Address): SocketError {
    return socketError(code, { op, address });
  }

  /**
   * Such as `<Socket AF_INET SOCK_STREAM 127.0.0.1:7 → 127.0.0.1:9 open>`.
   *
   * @internal
   */
  protected describe(
    local: Address | undefined,
    peer: Address | undefined,
    state: string,
  ): string {
    const type = this.type === SOCK_STREAM ? "SOCK_STREAM" : "SOCK_DGRAM";
    const parts = [`<Socket ${familyName(this.family)} ${type}`];
    if (local !== undefined) parts.push(formatAddress(local));
    if (peer !== undefined) parts.push("→", formatAddress(peer));
    parts.push(`${state}>`);
    return parts.join(" ");
  }
}

function familyName(family: AddressFamily): string {
  if (family === AF_INET) return "AF_INET";
  return family === AF_INET6 ? "AF_INET6" : "AF_UNIX";
}
