/**
 * The one error family. The same failure has the same class, `code`, `errno`
 * and `op` on every runtime.
 *
 * Mistakes of the caller are `TypeError` and `RangeError`; what the world does
 * is a {@linkcode SocketError}; an abort rejects with the signal's own reason.
 *
 * @module
 */

import type { Address, Bytes, HostAndPort } from "./contracts.ts";
import { formatAddress } from "./address.ts";
import {
  inSentence,
  lateText,
  refusalText,
  whatFailed,
} from "./error_texts.ts";
import { errnoText, errorNumber } from "./runtime/platform.ts";
import type { PeerCertificate } from "./tls_contracts.ts";

/** What a {@linkcode SocketError} knows besides its code. */
export interface SocketErrorOptions {
  /** The method that failed, such as `"connect"`. */
  readonly op: string;
  /** The address it was about. */
  readonly address?: Address | HostAndPort | undefined;
  /** The address is a client's, and not the one that it was to be accepted on. */
  readonly isOfClient?: boolean | undefined;
  /** What else it was about, such as the name that was looked up. */
  readonly about?: string | undefined;
  /** How many bytes of the failed send had been accepted. */
  readonly bytesSent?: number | undefined;
  /** Which of several datagrams it was, counted from 0. */
  readonly index?: number | undefined;
  /** What the runtime said. */
  readonly cause?: unknown;
  /** Replaces the text of the code, where more is known. */
  readonly reason?: string | undefined;
  /** The alert of the peer, of an error of TLS. */
  readonly alert?: string | undefined;
  /** The certificate that was not accepted, of an error of TLS. */
  readonly peerCertificate?: PeerCertificate | undefined;
}

function describe(code: string, options: SocketErrorOptions): string {
  const { op, address, isOfClient, about, cause } = options;
  const reason = options.reason ??
    (cause === undefined ? refusalText(code, op) : undefined) ??
    inSentence(errnoText(code));
  const where = address === undefined ? undefined : formatAddress(address);
  const why = about ? `${reason}: ${about}` : reason;
  return `${whatFailed(isOfClient ? "acceptFrom" : op, where)}: ${why}`;
}

/**
 * A failure of the world: the network, the peer, the kernel, or a call in the
 * wrong state.
 *
 * @example Tell failures apart
 * ```ts
 * import { connect, SocketError } from "@anysock/anysock";
 *
 * try {
 *   await using sock = await connect("127.0.0.1:9", { timeoutMs: 1_000 });
 *   await sock.sendAll("hello");
 * } catch (error) {
 *   if (!(error instanceof SocketError)) throw error;
 *   console.log(error.code, error.errno, error.op);
 * }
 * ```
 */
export class SocketError extends Error {
  /** The class's own name. */
  override readonly name: string = "SocketError";
  /** The C name of the failure, such as `"ECONNREFUSED"`. */
  readonly code: string;
  /** This platform's number of {@linkcode code}, positive. */
  readonly errno: number;
  /** The method that failed. */
  readonly op: string;
  /** The address it was about, where there was one. */
  readonly address: Address | HostAndPort | undefined;
  /** How many bytes of a failed send had been accepted. */
  readonly bytesSent: number | undefined;
  /** Which datagram of a `sendMany` it was, counted from 0. */
  readonly index: number | undefined;

  /** Makes the error of a C code. */
  constructor(code: string, options: SocketErrorOptions) {
    super(
      describe(code, options),
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.code = code;
    const known = code.startsWith("TLS_") ? "EPROTO" : code;
    this.errno = errorNumber(known) ?? 0;
    this.op = options.op;
    this.address = options.address;
    this.bytesSent = options.bytesSent;
    this.index = options.index;
  }
}

/** Nobody listens at the address (`ECONNREFUSED`). */
export class ConnectionRefusedError extends SocketError {
  /** The class's own name. */
  override readonly name = "ConnectionRefusedError";
}

/** The peer reset the connection (`ECONNRESET`). */
export class ConnectionResetError extends SocketError {
  /** The class's own name. */
  override readonly name = "ConnectionResetError";
}

/** The connection was aborted on this side (`ECONNABORTED`). */
export class ConnectionAbortedError extends SocketError {
  /** The class's own name. */
  override readonly name = "ConnectionAbortedError";
}

/** Sending after the sending side was shut down (`EPIPE`, `ESHUTDOWN`). */
export class BrokenPipeError extends SocketError {
  /** The class's own name. */
  override readonly name = "BrokenPipeError";
}

/** The call would have to wait (`EAGAIN`, `EINPROGRESS`, `EALREADY`). */
export class BlockingIOError extends SocketError {
  /** The class's own name. */
  override readonly name = "BlockingIOError";
}

/** A deadline passed, the caller's or the kernel's (`ETIMEDOUT`). */
export class TimeoutError extends SocketError {
  /** The class's own name. */
  override readonly name = "TimeoutError";
}

/** Another socket has the address (`EADDRINUSE`). */
export class AddressInUseError extends SocketError {
  /** The class's own name. */
  override readonly name = "AddressInUseError";
}

/** The system or the runtime's permissions forbid it (`EACCES`, `EPERM`). */
export class PermissionError extends SocketError {
  /** The class's own name. */
  override readonly name = "PermissionError";
}

/** A name could not be resolved; `code` is `EAI_…`, `errno` its number. */
export class GaiError extends SocketError {
  /** The class's own name. */
  override readonly name = "GaiError";
}

/** A host lookup failed; `code` is `HOST_NOT_FOUND`, `TRY_AGAIN`, … */
export class HError extends SocketError {
  /** The class's own name. */
  override readonly name = "HError";
}

/**
 * A TLS handshake or record failed (`TLS_…`); `errno` is that of `EPROTO`.
 *
 * @example Tell a wrong certificate from the rest
 * ```ts
 * import { TlsError } from "@anysock/anysock";
 *
 * function why(error: unknown): string {
 *   if (!(error instanceof TlsError)) return "not TLS";
 *   return error.alert ?? error.peerCertificate?.subject ?? error.code;
 * }
 * console.log(why(new Error("none"))); // not TLS
 * ```
 */
export class TlsError extends SocketError {
  /** The class's own name. */
  override readonly name = "TlsError";
  /** The peer's alert by its RFC name, such as `"unknown_ca"`. */
  readonly alert: string | undefined;
  /** The certificate that was not accepted. */
  readonly peerCertificate: PeerCertificate | undefined;

  /** Makes the error of a `TLS_…` code. */
  constructor(code: string, options: SocketErrorOptions) {
    super(code, options);
    this.alert = options.alert;
    this.peerCertificate = options.peerCertificate;
  }
}

type SocketErrorClass = new (
  code: string,
  options: SocketErrorOptions,
) => SocketError;

const CLASSES: Readonly<Record<string, SocketErrorClass>> = {
  ECONNREFUSED: ConnectionRefusedError,
  ECONNRESET: ConnectionResetError,
  ECONNABORTED: ConnectionAbortedError,
  EPIPE: BrokenPipeError,
  ESHUTDOWN: BrokenPipeError,
  EAGAIN: BlockingIOError,
  EINPROGRESS: BlockingIOError,
  EALREADY: BlockingIOError,
  ETIMEDOUT: TimeoutError,
  EADDRINUSE: AddressInUseError,
  EACCES: PermissionError,
  EPERM: PermissionError,
  HOST_NOT_FOUND: HError,
  NO_DATA: HError,
  NO_RECOVERY: HError,
  TRY_AGAIN: HError,
};

/** The {@linkcode SocketError} of a code, in the class that belongs to it. */
export function socketError(
  code: string,
  options: SocketErrorOptions,
): SocketError {
  const Class = CLASSES[code] ?? classByPrefix(code);
  return new Class(code, options);
}

/** The error of a call whose time is up; `EAGAIN` where it had none. */
export function tooLate(
  op: string,
  { timeoutMs }: { readonly timeoutMs: number | null },
  address?: Address | HostAndPort,
): SocketError {
  if (!timeoutMs) return socketError("EAGAIN", { op, address });
  const reason = lateText(op, timeoutMs);
  return socketError("ETIMEDOUT", { op, address, reason });
}

function classByPrefix(code: string): SocketErrorClass {
  if (code.startsWith("EAI_")) return GaiError;
  return code.startsWith("TLS_") ? TlsError : SocketError;
}

/** The same failure, said of one of several datagrams. */
export function ofDatagram(
  error: SocketError,
  index: number,
  count: number,
): SocketError {
  const { code, op, address, cause } = error;
  const known = describe(code, { op, address, reason: "" });
  const reason = error.message.slice(known.length);
  const about = `datagram ${index + 1} of ${count}`;
  return socketError(code, { op, address, cause, reason, about, index });
}

/** The stream ended before what was asked for had come. */
export class IncompleteReadError extends Error {
  /** The class's own name. */
  override readonly name = "IncompleteReadError";
  /** What came before the end; it is consumed. */
  readonly partial: Bytes;
  /** How many bytes were asked for; `undefined` if a delimiter was. */
  readonly expected: number | undefined;

  /** Made by the reading calls. */
  constructor(partial: Bytes, expected: number | undefined) {
    super(
      `The stream ended after ${partial.length} of ${
        expected ?? "an unknown number of"
      } bytes`,
    );
    this.partial = partial;
    this.expected = expected;
  }
}

/** No delimiter within the limit. The bytes stay in the socket. */
export class LimitOverrunError extends Error {
  /** The class's own name. */
  override readonly name = "LimitOverrunError";
  /** The limit, in bytes. */
  readonly limit: number;

  /** Made by the reading calls. */
  constructor(limit: number) {
    super(`No delimiter within ${limit} bytes`);
    this.limit = limit;
  }
}

/** A frame is longer than the codec's `maxLength`. */
export class FrameTooLongError extends Error {
  /** The class's own name. */
  override readonly name = "FrameTooLongError";
  /** The limit, in bytes of payload. */
  readonly limit: number;
  /** The length announced, or seen so far, in bytes of payload. */
  readonly seen: number;

  /** Made by decoders. */
  constructor(limit: number, seen: number) {
    super(`A frame of ${seen} bytes or more exceeds the limit of ${limit}`);
    this.limit = limit;
    this.seen = seen;
  }
}

/** The stream ended within a frame. */
export class IncompleteFrameError extends Error {
  /** The class's own name. */
  override readonly name = "IncompleteFrameError";
  /** The tail of the stream that made no frame. */
  readonly partial: Bytes;

  /** Made by decoders. */
  constructor(partial: Bytes) {
    super(
      `The stream ended with ${partial.length} bytes of an unfinished frame`,
    );
    this.partial = partial;
  }
}

/** The bytes break the rules of the codec. */
export class CorruptFrameError extends Error {
  /** The class's own name. */
  override readonly name = "CorruptFrameError";
}
