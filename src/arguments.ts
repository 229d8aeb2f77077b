/**
 * What callers hand to the methods of sockets and streams, checked and made one shape.
 *
 * @module
 */

import { show } from "./address.ts";
import { toBytes } from "./bytes.ts";
import { concat } from "./byte_queue.ts";
import {
  MSG_DONTWAIT,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
} from "./constants.ts";
import type { BytesLike, ReceiveOptions, SendOptions } from "./contracts.ts";
import { checkOptions, toWait, type Wait, WAIT_OPTIONS } from "./deadline.ts";
import { type SocketError, socketError } from "./errors.ts";

/** The default of `maxBytes`. */
export const DEFAULT_MAX_BYTES = 65_536;

/** The largest count of bytes that one call may ask for: 2^31 − 1. */
const LARGEST_COUNT = 0x7fffffff;

const RECEIVE_OPTIONS = ["maxBytes", "flags", ...WAIT_OPTIONS];
const SEND_OPTIONS = ["flags", ...WAIT_OPTIONS];

/** A receive with all defaults filled in. */
export interface Receive {
  readonly maxBytes: number;
  /** Whether `maxBytes` was said, and is no default. */
  readonly isCounted: boolean;
  readonly flags: number;
  readonly wait: Wait;
}

/** The bytes of one of several pieces. */
function toPiece(data: BytesLike, index: number): Uint8Array {
  try {
    return toBytes(data);
  } catch (error) {
    throw new TypeError(`element ${index}: ${(error as Error).message}`);
  }
}

/** The bytes of one or several pieces. */
export function toChunks(
  data: BytesLike | readonly BytesLike[],
): readonly Uint8Array[] {
  return Array.isArray(data)
    ? Array.from(data, toPiece)
    : [toBytes(data as BytesLike)];
}

/** The bytes of one or several pieces, in one array. */
export function toDatagram(
  data: BytesLike | readonly BytesLike[],
): Uint8Array {
  return Array.isArray(data)
    ? concat(Array.from(data, toPiece))
    : toBytes(data as BytesLike);
}

/** A count of bytes. */
export function checkCount(value: unknown, name: string): number {
  if (typeof value !== "number") {
    throw new TypeError(`${name} must be a number: ${show(value)}`);
  }
  if (!Number.isInteger(value) || value < 0 || value > LARGEST_COUNT) {
    throw new RangeError(
      `${name} is an integer from 0 to ${LARGEST_COUNT}: ${value}`,
    );
  }
  return value;
}

/** Which directions a `shutdown` ends. */
export function checkHow(how: unknown): void {
  if (typeof how !== "number") {
    throw new TypeError(`how must be a number: ${show(how)}`);
  }
  if (how === SHUT_RD || how === SHUT_WR || how === SHUT_RDWR) return;
  throw new RangeError(`how is SHUT_RD, SHUT_WR or SHUT_RDWR: ${how}`);
}

/** A backlog, which may be any integer: less than 1 counts as 1, as in C. */
export function checkBacklog(value: unknown): number {
  if (typeof value !== "number") {
    throw new TypeError(`backlog must be a number: ${show(value)}`);
  }
  if (!Number.isInteger(value)) {
    throw new RangeError(`backlog must be an integer: ${value}`);
  }
  return Math.min(Math.max(value, 1), LARGEST_BACKLOG);
}

/** What a C `int` holds; kernels take less. */
const LARGEST_BACKLOG = 0x7fffffff;

/** The arguments `(maxBytes?, flags?)`, `(maxBytes, options)`, `(options)`. */
export function toReceive(
  first: number | ReceiveOptions | undefined,
  second: number | ReceiveOptions | undefined,
  socketWait: Wait,
  defaultBytes: number = DEFAULT_MAX_BYTES,
): Receive {
  const options = typeof first === "object" ? first : undefined;
  const rest = typeof second === "object" ? second : options;
  const maxBytes = typeof first === "number" ? first : rest?.maxBytes;
  const flags = typeof second === "number" ? second : rest?.flags;
  rejectOdd(first, "maxBytes");
  rejectOdd(second, "flags");
  rejectTwice(first, second);
  return {
    maxBytes: checkCount(maxBytes ?? defaultBytes, "maxBytes"),
    isCounted: maxBytes !== undefined,
    flags: checkCount(flags ?? 0, "flags"),
    wait: toWait(rest, socketWait, RECEIVE_OPTIONS),
  };
}

/** The argument `(flags?)` or `(options?)` of a send. */
export function toSend(
  flagsOrOptions: number | SendOptions | undefined,
  socketWait: Wait,
): { readonly flags: number; readonly wait: Wait } {
  rejectOdd(flagsOrOptions, "flags");
  const options = typeof flagsOrOptions === "object"
    ? flagsOrOptions
    : undefined;
  const flags = typeof flagsOrOptions === "number"
    ? flagsOrOptions
    : options?.flags;
  return {
    flags: checkCount(flags ?? 0, "flags"),
    wait: toWait(options, socketWait, SEND_OPTIONS),
  };
}

/** The flags that some call knows. */
const FLAGS = { MSG_PEEK, MSG_WAITALL, MSG_DONTWAIT, MSG_TRUNC };

/**
 * How a call with flags waits: with `MSG_DONTWAIT` not at all.
 *
 * @throws {SocketError} `EOPNOTSUPP` if a flag is not among `known`.
 */
export function waitWithFlags(
  op: string,
  flags: number,
  known: number,
  wait: Wait,
): Wait {
  if (flags === 0) return wait;
  if ((flags & ~known) !== 0) throw unknownFlags(op, flags, known);
  return (flags & MSG_DONTWAIT) === 0 ? wait : { ...wait, timeoutMs: 0 };
}

function unknownFlags(op: string, flags: number, known: number): SocketError {
  const names = Object.entries(FLAGS)
    .filter(([, bit]) => (known & bit) !== 0).map(([name]) => name);
  const reason = `flags ${flags}: ${op} knows ${names.join(", ")}`;
  return socketError("EOPNOTSUPP", { op, reason });
}

/** Neither a number, nor options, nor left out. */
function rejectOdd(value: unknown, name: string): void {
  if (value === undefined || typeof value === "number") return;
  if (typeof value === "object" && value !== null) return;
  throw new TypeError(`${name} must be a number or options: ${show(value)}`);
}

/** What the first argument said already. */
function rejectTwice(
  first: number | ReceiveOptions | undefined,
  second: number | ReceiveOptions | undefined,
): void {
  const isTwice = typeof first === "object"
    ? second !== undefined
    : first !== undefined && typeof second === "object" &&
      second.maxBytes !== undefined;
  if (isTwice) {
    throw new TypeError(`Arguments that say one thing twice: ${show(second)}`);
  }
}

/** Options of which some are on, off, or left out. */
export function checkFlags<Name extends string>(
  options: { readonly [name in Name]?: unknown },
  names: readonly Name[],
  known: readonly string[],
): void {
  checkOptions(options, known);
  for (const name of names) {
    const value = options[name];
    if (value === undefined || typeof value === "boolean") continue;
    throw new TypeError(`${name} must be true or false: ${show(value)}`);
  }
}
