/**
 * The ways to write a length into a stream.
 *
 * @module
 */

import { show } from "../../address.ts";
import type { ByteWriter } from "../../byteorder/mod.ts";
import { checkOptions } from "../../deadline.ts";
import { CorruptFrameError } from "../../errors.ts";
import { checkCount } from "../codec.ts";

/** How the length is written: a number of so many bits, a varint, or digits. */
export type LengthHeader =
  | "u8"
  | "u16"
  | "u24"
  | "u32"
  | "u64"
  | "varint"
  | { readonly digits: number };

/** A length in a stream. */
export interface LengthField {
  /** The bytes it takes; a varint at least 1. */
  readonly least: number;
  /** The most bytes it takes. */
  readonly most: number;
  /** Whether it takes always so many bytes. */
  readonly isFixed: boolean;
  /** The largest length it can say that JavaScript can count. */
  readonly largest: number;
  /** The bytes that the length just read takes, or would at least take. */
  width: number;
  /** The length at `at`, or −1 if not all of it is there; throws if bad. */
  read(bytes: Uint8Array, at: number, end: number): number;
  /** Writes a length, which fits, in exactly `width` bytes. */
  write(out: ByteWriter, length: number, width: number): void;
  /** The fewest bytes that say a length. */
  widthOf(length: number): number;
}

const WIDTHS = { u8: 1, u16: 2, u24: 3, u32: 4, u64: 8 } as const;

/** A varint of 64 bits has at most 10 bytes. */
const LONGEST_VARINT = 10;

/** More digits could not be counted exactly. */
const MOST_DIGITS = 15;

const HEADERS = [...Object.keys(WIDTHS), "varint"].map(show).join(", ");

/** The field of a header. */
export function lengthField(
  header: LengthHeader,
  little: boolean,
): LengthField {
  if (header === "varint") return varintField();
  if (typeof header === "string" && Object.hasOwn(WIDTHS, header)) {
    return binaryField(WIDTHS[header], little);
  }
  if (
    typeof header !== "object" || header === null ||
    Array.isArray(header)
  ) {
    throw new TypeError(
      `header is ${HEADERS}, or { digits: … }: ${show(header)}`,
    );
  }
  checkOptions(header, ["digits"]);
  checkCount(header.digits, "digits", 1);
  if (header.digits > MOST_DIGITS) {
    throw new RangeError(`digits is at most ${MOST_DIGITS}: ${header.digits}`);
  }
  return digitField(header.digits);
}

function binaryField(width: number, little: boolean): LengthField {
  const first = little ? width - 1 : 0;
  const step = little ? -1 : 1;
  return {
    least: width,
    most: width,
    isFixed: true,
    largest: Math.min(2 ** (8 * width) - 1, Number.MAX_SAFE_INTEGER),
    width,
    widthOf: () => width,
    read(bytes, at, end) {
      if (end - at < width) return -1;
      if (step === 1 && width === 4) {
        // The usual one, several times as fast as the loop.
        return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) |
          (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
      }
      let value = 0;
      for (let i = 0, place = at + first; i < width; i++, place += step) {
        value = value * 256 + bytes[place]!;
      }
      return value;
    },
    write(out, length) {
      if (step === 1 && width === 4) return void out.u32(length);
      for (let i = 0; i < width; i++) {
        const power = little ? i : width - 1 - i;
        out.u8(Math.floor(length / 256 ** power) % 256);
      }
    },
  };
}

function varintField(): LengthField {
  const field: LengthField = {
    least: 1,
    most: LONGEST_VARINT,
    isFixed: false,
    largest: Number.MAX_SAFE_INTEGER,
    width: 1,
    widthOf(length) {
      let width = 1;
      for (let rest = length; rest >= 128; rest = Math.floor(rest / 128)) {
        width++;
      }
      return width;
    },
    read(bytes, at, end) {
      // Short ones are the usual ones, and need no loop.
      if (at + 1 < end) {
        const first = bytes[at]!;
        const second = bytes[at + 1]!;
        field.width = first < 0x80 ? 1 : 2;
        if (first < 0x80) return first;
        if (second < 0x80) return (second << 7) | (first & 0x7f);
      }
      let value = 0;
      let scale = 1;
      for (let i = 0; i < LONGEST_VARINT; i++) {
        field.width = i + 1;
        if (at + i >= end) return -1;
        const byte = bytes[at + i]!;
        // The tenth byte has room for one bit of 64.
        if (i === LONGEST_VARINT - 1 && byte > 1) break;
        value += (byte & 0x7f) * scale;
        if (byte < 0x80) return value;
        scale *= 128;
      }
      throw new CorruptFrameError("A varint has more than 64 bits");
    },
    write(out, length, width) {
      // Wider than needed where the layout asks for it: 0x80 carries on.
      for (let i = 1; i < width; i++) {
        out.u8((length % 128) | 0x80);
        length = Math.floor(length / 128);
      }
      out.u8(length);
    },
  };
  return field;
}

function digitField(width: number): LengthField {
  return {
    least: width,
    most: width,
    isFixed: true,
    largest: 10 ** width - 1,
    width,
    widthOf: () => width,
    read(bytes, at, end) {
      let value = 0;
      for (let i = at; i < Math.min(at + width, end); i++) {
        value = value * 10 + digitAt(bytes, i);
      }
      return end - at < width ? -1 : value;
    },
    write(out, length) {
      out.utf8(String(length).padStart(width, "0"));
    },
  };
}

/** The decimal digit at `at`; throws if it is none. */
export function digitAt(bytes: Uint8Array, at: number): number {
  const digit = bytes[at]! - 0x30;
  if (digit >= 0 && digit <= 9) return digit;
  throw new CorruptFrameError(
    `A digit is expected in the length: byte ${bytes[at]}`,
  );
}
