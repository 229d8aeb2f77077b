/**
 * C's two calls, `setsockopt` and `getsockopt`, for streams and datagrams
 * alike: level, name, value and length are checked here, the runtime is asked,
 * and where it has no way the descriptor is.
 *
 * @module
 */

import { show } from "../../address.ts";
import type { Address, Bytes } from "../../contracts.ts";
import { toError } from "../../runtime/seam/error_mapping.ts";
import { type Fault, refuseOption } from "../../runtime/seam/fault.ts";
import type { DatagramOptions } from "./datagram_options.ts";
import { type OptionKey, refusalOf, refusedBy, toKey } from "./names.ts";
import type { Option, Value, Way } from "./option.ts";
import type { StreamOptions } from "./stream_options.ts";
import { findOption } from "./option_table.ts";
import { intBytes, RAW, readInt } from "./values.ts";

/** The options of a socket of either kind. */
export type AnyOptions = StreamOptions | DatagramOptions;

/** The size of an `int`, in bytes. */
const INT_BYTES = 4;

/** The largest structure that is asked for, in bytes. */
const MAX_BUFLEN = 65_536;

/** What `act` gives; a Fault becomes the error of the method `op`. */
export function withErrors<T>(
  op: string,
  address: Address | undefined,
  act: () => T,
): T {
  try {
    return act();
  } catch (error) {
    throw toError(error, { op, address });
  }
}

// ---- arguments

/** What `setSockOpt` was told, all of it read. */
export interface Setting {
  /** Which option. */
  readonly key: OptionKey;
  /** The value. */
  readonly value: Value;
  /** The value as the kernel takes it, where it can be said so. */
  readonly bytes: Bytes | undefined;
}

/**
 * Reads what `setSockOpt` was told. It may run the caller's code, such as a
 * getter of the value, after which the socket may be closed.
 *
 * @throws {TypeError} if something is of another type than is wanted.
 * @throws {RangeError} if a number is out of the option's range.
 */
export function readSetting(
  level: number,
  name: number | undefined,
  given: unknown,
): Setting {
  const key = toKey(level, name);
  const type = findOption(key)?.value ?? RAW;
  const value = type.read(given, key);
  return { key, value, bytes: type.toBytes(value) };
}

/** What `getSockOpt` was told. */
export interface Question {
  /** Which option. */
  readonly key: OptionKey;
  /** How many bytes are wanted; a number without. */
  readonly buflen: number | undefined;
}

/**
 * Reads what `getSockOpt` was told.
 *
 * @throws {TypeError} if something is no number.
 * @throws {RangeError} if `buflen` is not 1 to 65,536.
 */
export function readQuestion(
  level: number,
  name: number | undefined,
  buflen: unknown,
): Question {
  const key = toKey(level, name);
  if (buflen === undefined) return { key, buflen };
  if (typeof buflen !== "number") {
    throw new TypeError(`buflen is a number: ${show(buflen)}`);
  }
  if (Number.isInteger(buflen) && buflen >= 1 && buflen <= MAX_BUFLEN) {
    return { key, buflen };
  }
  throw new RangeError(`buflen is 1 to ${MAX_BUFLEN}: ${buflen}`);
}

// ---- setsockopt

/** `setsockopt`. Throws a {@linkcode Fault}. */
export function setOption(
  socket: AnyOptions,
  { key, value, bytes }: Setting,
): void {
  const { descriptor } = socket;
  if (bytes !== undefined && descriptor.has(key)) {
    return descriptor.set(key, bytes);
  }
  const option = findOption(key);
  const way = wayOf(option, socket);
  const refusal = refusedBy(key, () => {
    demandWay(way, socket, key);
    if (way?.set === undefined) refuseOption("it can only be read");
    way.set(value);
  });
  if (refusal === undefined) return;
  demandDescriptor(socket, key, refusal);
  if (bytes === undefined || (option?.isEarly && !descriptor.isOpen)) {
    throw refusal;
  }
  descriptor.set(key, bytes);
  for (const pair of way?.companions?.(value) ?? []) descriptor.set(...pair);
}

// ---- getsockopt

/** `getsockopt`: an `int`, or bytes where so asked. Throws a Fault. */
export function getOption(
  socket: AnyOptions,
  { key, buflen }: Question,
): number | Bytes {
  const { descriptor } = socket;
  const option = findOption(key);
  const way = wayOf(option, socket);
  let known: number | Bytes | undefined;
  const refusal = refusedBy(key, () => {
    if (descriptor.has(key)) return;
    demandWay(way, socket, key);
    if (way?.get === undefined) refuseOption("it can only be set");
    known = way.get();
  });
  if (known !== undefined) return answer(known, buflen);
  const why = refusal ?? refusalOf(key, "only the kernel knows what it is");
  demandDescriptor(socket, key, why);
  return answer(descriptor.get(key, buflen ?? INT_BYTES), buflen);
}

/** Throws the runtime's refusal where the descriptor is no way either. */
function demandDescriptor(
  { descriptor }: AnyOptions,
  key: OptionKey,
  refusal: Fault,
): void {
  if (key.name === undefined || findOption(key)?.isEmulated) throw refusal;
  descriptor.demand(refusal);
}

/** The `int` in front, or at most `buflen` bytes. */
function answer(
  known: number | Bytes,
  buflen: number | undefined,
): number | Bytes {
  if (buflen !== undefined) {
    const bytes = typeof known === "number" ? intBytes(known) : known;
    return bytes.slice(0, buflen);
  }
  if (typeof known === "number") return known;
  return known.length >= INT_BYTES ? readInt(known) : known[0] ?? 0;
}

// ---- ways

/** What one socket does with an option. */
interface BoundWay {
  readonly demand: (() => void) | undefined;
  readonly set: ((value: Value) => void) | undefined;
  readonly get: (() => number | Bytes | undefined) | undefined;
  companions(value: Value): readonly (readonly [OptionKey, Bytes])[];
}

function wayOf(
  option: Option | undefined,
  socket: AnyOptions,
): BoundWay | undefined {
  return socket.kind === "stream"
    ? bound(option?.stream, socket)
    : bound(option?.datagram, socket);
}

function bound<S>(
  way: Way<S, Value> | undefined,
  socket: S,
): BoundWay | undefined {
  if (way === undefined) return undefined;
  const { demand, set, get, companions } = way;
  return {
    demand: demand && (() => demand(socket)),
    set: set && ((value) => set(socket, value)),
    get: get && (() => get(socket)),
    companions: (value) => companions?.(socket, value) ?? [],
  };
}

/** Refuses what there is not, on this platform or for this kind of socket. */
function demandWay(
  way: BoundWay | undefined,
  { runtime, kind }: AnyOptions,
  { name }: OptionKey,
): void {
  if (name === undefined) refuseOption("this platform has no such option");
  if (way === undefined) {
    refuseOption(`${runtime.name} has no way to it on ${kind} sockets`);
  }
  way.demand?.();
}
