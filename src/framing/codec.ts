/**
 * What a codec is: a pure decoder from bytes to messages and an encoder back.
 *
 * @module
 */

import { show } from "../address.ts";
import { ByteWriter } from "../byteorder/mod.ts";
import type { Bytes } from "../contracts.ts";
import { checkOptions } from "../deadline.ts";

/**
 * Makes messages of bytes. It does no I/O; however the bytes are cut into
 * chunks, the messages and the error are the same.
 *
 * After an error every call throws that error.
 */
export interface Decoder<T> {
  /**
   * Takes a chunk, which belongs to the decoder from now on: frames may be
   * views of it. Gives the frames that are complete. Where a bad frame follows
   * them, the next call throws its error.
   *
   * @throws {FrameTooLongError} for a frame above the limit
   * @throws {CorruptFrameError} for bytes that break the codec's rules
   */
  push(chunk: Uint8Array): T[];
  /**
   * The stream has ended. Gives what its end completes.
   *
   * @throws {IncompleteFrameError} if bytes are left over
   * @throws {FrameTooLongError} for a frame above the limit
   * @throws {CorruptFrameError} for bytes that break the codec's rules
   */
  end(): T[];
  /** Bytes that are held and belong to no frame given yet. */
  readonly buffered: number;
  /** So many more bytes are needed at least; `undefined` if it is not known. */
  readonly need: number | undefined;
  /** How many over-long frames were thrown away (`onOversize: "discard"`). */
  readonly discarded?: number;
}

/** Makes bytes of messages. It has no state: one may be used by many. */
export interface Encoder<T> {
  /**
   * The frame of a message.
   *
   * @throws {RangeError} if the message is longer than the codec allows
   * @throws {TypeError} if it is no message of this codec
   */
  encode(message: T): Bytes;
  /**
   * Writes the frame behind what `out` holds. A message that fails may leave a
   * part of its frame: `out.rewind()` takes it back.
   *
   * @throws {RangeError} if the message is longer than the codec allows
   * @throws {TypeError} if it is no message of this codec
   */
  encodeInto(message: T, out: ByteWriter): void;
}

/**
 * A rule for messages in a byte stream. It has no state of its own: one codec
 * serves any number of connections, each with a decoder of its own.
 *
 * `decode(encode(x))` is `x` for whatever `encode` does not refuse.
 */
export interface Codec<Out, In = Out> {
  /** A new decoder, at the beginning of a stream. */
  decoder(): Decoder<Out>;
  /** An encoder. */
  encoder(): Encoder<In>;
}

/** How a codec bounds its frames. */
export interface FrameLimits {
  /**
   * The most bytes of payload, without header and delimiter; default 1 MiB.
   * It is judged before memory is taken.
   */
  readonly maxLength?: number;
  /**
   * What becomes of a longer frame: `"throw"`, the default, is a
   * `FrameTooLongError`, and the decoder is done; `"discard"` drops and counts
   * it, and goes on with the frame behind it.
   */
  readonly onOversize?: "throw" | "discard";
}

/** The default of `maxLength`: 1 MiB. */
export const DEFAULT_MAX_LENGTH: number = 1_048_576;

/** Limits with the defaults filled in. */
export interface Limits {
  /** The most bytes of payload. */
  readonly maxLength: number;
  /** Whether longer frames are dropped. */
  readonly discards: boolean;
}

const LIMIT_OPTIONS = ["maxLength", "onOversize"];

/**
 * Checks limits and fills in the defaults. `more` are the names of what else
 * the codec can be told: any other name is refused.
 */
export function checkLimits(
  options: FrameLimits,
  more: readonly string[] = [],
): Limits {
  checkOptions(options, [...LIMIT_OPTIONS, ...more]);
  const { maxLength = DEFAULT_MAX_LENGTH, onOversize = "throw" } = options;
  if (maxLength !== Infinity) checkCount(maxLength, "maxLength", 0);
  if (onOversize !== "throw" && onOversize !== "discard") {
    throw new TypeError(
      `onOversize is "throw" or "discard": ${show(onOversize)}`,
    );
  }
  return { maxLength, discards: onOversize === "discard" };
}

/** Checks a count of bytes that an option gives. */
export function checkCount(value: number, name: string, least: number): void {
  if (typeof value !== "number") {
    throw new TypeError(`${name} is a number: ${show(value)}`);
  }
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(`${name} is an integer from ${least} on: ${value}`);
  }
}

/** Checks an option that is either so or not. */
export function checkFlag(value: boolean | undefined, name: string): boolean {
  if (value === undefined || typeof value === "boolean") return value ?? false;
  throw new TypeError(`${name} is true or false: ${show(value)}`);
}

/** What nearly is the right thing. */
function whatWasForgotten(value: unknown): string | undefined {
  if (value instanceof Promise) return `this is ${show(value)}`;
  if (typeof value !== "function") return undefined;
  return `this is a function: call it first`;
}

/** Checks that something has the functions that are going to be called. */
export function checkMembers(
  value: unknown,
  what: string,
  names: readonly string[],
): void {
  const has = Object(value) as Record<string, unknown>;
  const list = (each: readonly string[]) =>
    each.map((name) => `${name}()`).join(", ");
  const missing = names.filter((name) => typeof has[name] !== "function");
  if (missing.length === 0) return;
  const lacks = `what is given lacks ${list(missing)}`;
  throw new TypeError(
    `${what} has ${list(names)}; ${whatWasForgotten(value) ?? lacks}`,
  );
}

/** Checks that something is a codec. */
export function checkCodec(value: unknown): void {
  checkMembers(value, "A codec", ["decoder", "encoder"]);
}

/** Refuses to encode a payload that the decoder would refuse. */
export function checkPayload(size: number, limits: Limits): void {
  if (size > limits.maxLength) {
    throw new RangeError(
      `A message of ${size} bytes exceeds the limit of ${limits.maxLength}`,
    );
  }
}

/**
 * An encoder of a function that writes the frame of a message.
 *
 * @example Packets of a type, a length of one byte and a body; see `decoderOf`
 * ```ts
 * import { encoderOf } from "@anysock/anysock/framing";
 *
 * const encoder = encoderOf<Uint8Array>((message, out) => {
 *   if (message.length > 255) throw new RangeError("Too long a message");
 *   out.u8(7).u8(message.length).bytes(message);
 * });
 * console.log(encoder.encode(new Uint8Array([104, 105]))); // 07 02 68 69
 * ```
 */
export function encoderOf<T>(
  encodeInto: (message: T, out: ByteWriter) => void,
): Encoder<T> {
  return {
    encodeInto,
    encode(message) {
      const out = new ByteWriter();
      encodeInto(message, out);
      return out.finish();
    },
  };
}
