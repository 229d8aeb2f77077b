/**
 * Writing messages behind their length.
 *
 * @module
 */

import type { ByteWriter } from "../../byteorder/mod.ts";
import { checkPayload, type Limits } from "../codec.ts";
import type { LengthField } from "./length_field.ts";
import type { Layout } from "./length_layout.ts";

/**
 * Writes a message.
 *
 * @throws {RangeError} if it does not fit the layout
 */
export function encodeMessage(
  bytes: Uint8Array,
  out: ByteWriter,
  field: LengthField,
  layout: Layout,
): void {
  if (field.isFixed && layout.isPlain) {
    encodePlain(bytes, out, field, layout.limits);
  } else encodeLayout(bytes, out, field, layout);
}

function encodePlain(
  bytes: Uint8Array,
  out: ByteWriter,
  field: LengthField,
  limits: Limits,
): void {
  const size = bytes.length;
  checkPayload(size, limits);
  checkFits(size, field);
  field.write(out, size, field.least);
  out.bytes(bytes);
}

function checkFits(length: number, field: LengthField): void {
  if (length < 0 || length > field.largest) {
    throw new RangeError(
      `The length is 0 to ${field.largest} for this header: ${length}`,
    );
  }
}

function encodeLayout(
  bytes: Uint8Array,
  out: ByteWriter,
  field: LengthField,
  layout: Layout,
): void {
  const { offset, adjustment, includesHeader, limits } = layout;
  const width = chooseWidth(bytes, field, layout);
  const strip = layout.strip ?? offset + width;
  const body = strip + bytes.length - offset - width;
  if (body < 0) {
    throw new RangeError(
      `A message of ${bytes.length} bytes is shorter than its header`,
    );
  }
  checkPayload(body, limits);
  const length = body - adjustment + (includesHeader ? width : 0);
  checkFits(length, field);
  const start = out.offset;
  for (let i = 0; i < offset; i++) out.u8(bytes[i - strip] ?? 0);
  field.write(out, length, width);
  checkOverlap(bytes, out, { from: start, strip, offset, width });
  for (let i = offset + width; i < strip; i++) out.u8(0);
  out.bytes(bytes.subarray(Math.max(0, offset + width - strip)));
}

/**
 * How wide the length has to be written. What is counted may depend on the
 * width, and the width on what is counted.
 */
function chooseWidth(
  bytes: Uint8Array,
  field: LengthField,
  layout: Layout,
): number {
  const { offset, adjustment, includesHeader, strip } = layout;
  if (field.isFixed) return field.least;
  if (strip !== undefined && strip <= offset) {
    // The message brings its own length, perhaps a wider one than needed.
    const at = offset - strip;
    if (field.read(bytes, at, bytes.length) >= 0) return field.width;
  }
  for (let width = 1; width < 9; width++) {
    const body = strip === undefined
      ? bytes.length
      : strip + bytes.length - offset - width;
    const length = body - adjustment + (includesHeader ? width : 0);
    if (field.widthOf(Math.max(0, length)) <= width) return width;
  }
  throw new RangeError(`A message of ${bytes.length} bytes has no length`);
}

/** Checks a length that the message brings against the one it has. */
function checkOverlap(
  bytes: Uint8Array,
  out: ByteWriter,
  at: { from: number; strip: number; offset: number; width: number },
): void {
  const { from, strip, offset, width } = at;
  if (strip >= offset + width) return;
  const written = out.view();
  for (let i = Math.max(strip, offset); i < offset + width; i++) {
    if (bytes[i - strip] !== written[from + i]) {
      throw new RangeError(
        `The length within a message of ${bytes.length} bytes is wrong`,
      );
    }
  }
}
