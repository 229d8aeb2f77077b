/**
 * The shapes that the layers agree on: bytes, addresses, options of waiting
 * calls, and the byte stream that framing and polling are written against.
 * Types only.
 *
 * @module
 */

/**
 * What every receive returns. Written as the return type of
 * `Uint8Array.prototype.slice`, which is right under TypeScript 5.4 (where
 * `Uint8Array` is not generic) and under 5.9 (where it is).
 */
export type Bytes = ReturnType<Uint8Array["slice"]>;

/** What every send takes. A string is sent as UTF-8. */
export type BytesLike = ArrayBufferView | ArrayBufferLike | string;

/** The address of an Internet socket. */
export interface InetAddress {
  /** Which version of the Internet protocol. */
  readonly family: "ipv4" | "ipv6";
  /** The numeric host address, without brackets and without scope. */
  readonly hostname: string;
  /** The port, 0 to 65,535. */
  readonly port: number;
  /** The zone of a link-local IPv6 address, such as `"eth0"`. */
  readonly scopeId?: string;
}

/** The address of a Unix-domain socket. */
export interface UnixAddress {
  /** Always `"unix"`. */
  readonly family: "unix";
  /**
   * A path of at most 107 bytes; an unnamed peer has `""`. `"\0name"` is an
   * abstract name, which Linux has: it may hold NULs and be 108 bytes long (107
   * on Bun; Deno takes no second NUL at its beginning, Node 20 none at all).
   */
  readonly path: string;
}

/** The address of a socket. */
export type Address = InetAddress | UnixAddress;

/** A host that may be a name, and a port. */
export interface HostAndPort {
  /** A host name or a numeric address; `""` is the wildcard address. */
  readonly hostname: string;
  /** The port, 0 to 65,535. */
  readonly port: number;
}

/** What every call that wants an address takes. */
export type AddressLike =
  | Address
  | readonly [host: string, port: number]
  | HostAndPort
  | { readonly path: string }
  | string;

/** Options of every call that waits. */
export interface WaitOptions {
  /**
   * Milliseconds until the call rejects with `TimeoutError`; `null` waits for
   * ever; `0` does not wait (`BlockingIOError`). The default is the socket's
   * own timeout.
   */
  readonly timeoutMs?: number | null;
  /** Aborts the call, which then rejects with `signal.reason`. */
  readonly signal?: AbortSignal;
}

/** Options of a receive. */
export interface ReceiveOptions extends WaitOptions {
  /**
   * At most this many bytes; default 64 KiB, but a `recv` of a stream without
   * `MSG_PEEK` and `MSG_WAITALL` gives its next chunk whole.
   */
  readonly maxBytes?: number;
  /** `MSG_PEEK`, `MSG_WAITALL`, `MSG_DONTWAIT`, or'ed together. */
  readonly flags?: number;
}

/** Options of a send. */
export interface SendOptions extends WaitOptions {
  /** `MSG_DONTWAIT`. */
  readonly flags?: number;
}

/** Options of `close`. */
export interface CloseOptions {
  /**
   * Milliseconds, default 2,000, that writing what was accepted and draining
   * what still comes may take together. Bytes of ours that the kernel has not
   * taken by then end in RST; else the descriptor is closed plainly, and the
   * kernel goes on delivering. `0` skips the drain.
   */
  readonly lingerMs?: number;
}

/**
 * A byte stream as framing sees it. A `StreamSocket` is one; so is whatever
 * has these five members with these promises.
 */
export interface ByteStream {
  /** What is in hand, at most `maxBytes`; `null` at the end, `undefined` if nothing came yet. */
  tryRecv(maxBytes?: number): Bytes | null | undefined;
  /** Waits for 1…`maxBytes` bytes; `null` at the end, and ever after. */
  recv(options?: ReceiveOptions): Promise<Bytes | null>;
  /** Sends what can be sent now and gives the count; `undefined` if nothing. */
  trySend(data: BytesLike): number | undefined;
  /** Sends everything, gathered; settles when the kernel has it. */
  sendAll(
    data: BytesLike | readonly BytesLike[],
    options?: SendOptions,
  ): Promise<void>;
  /** Ends the stream in both directions. Never rejects. */
  close(options?: CloseOptions): Promise<void>;
}
