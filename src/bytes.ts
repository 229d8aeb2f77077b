/**
 * Bytes as callers hand them over, and views of them.
 *
 * @module
 */

import { show } from "./address.ts";
import type { Bytes, BytesLike } from "./contracts.ts";
import { copiesShortArrays } from "./runtime/platform.ts";

/** No bytes. */
export const NO_BYTES: Bytes = new Uint8Array(0);

const encoder = new TextEncoder();

/**
 * The bytes of what a caller sends, without a copy; text as UTF-8. What it
 * gives is a plain array: the `slice()` of Node's `Buffer`, say, is no copy.
 *
 * @throws {TypeError} if it is neither a string nor a buffer nor a view, or
 *   its memory was transferred
 */
export function toBytes(data: BytesLike): Uint8Array {
  if (data instanceof Uint8Array && data.constructor === Uint8Array) {
    if (data.byteLength === 0) checkThere(data);
    return data;
  }
  if (typeof data === "string") return encoder.encode(data);
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  if (isBuffer(data)) return new Uint8Array(data);
  throw new TypeError(
    `Bytes are a string, an ArrayBuffer or a view of one: ${show(data)}`,
  );
}

/** The bytes of a buffer or a view, without a copy. */
export function viewBytes(data: ArrayBufferView | ArrayBufferLike): Uint8Array {
  if (typeof data === "string") {
    throw new TypeError(`A buffer is expected, not a string: ${show(data)}`);
  }
  return toBytes(data);
}

/**
 * Throws a TypeError if the memory of a view was transferred: it is empty then,
 * and looks like one that was meant to be.
 */
function checkThere(bytes: Uint8Array): void {
  // This throws. Not every engine has `detached`.
  new Uint8Array(bytes.buffer, 0, 0);
}

/**
 * Throws a TypeError if a view that a call was given has lost bytes while it
 * waited: the memory was transferred, or it was shrunk.
 */
export function checkRoom(bytes: Uint8Array, room: number): void {
  // Not `length`: optimised, V8 11 (Node 20) does not see that memory is gone.
  const { byteLength } = bytes;
  if (byteLength >= room) return;
  throw new TypeError(
    `The buffer had ${room} bytes when it was given and now has ` +
      `${byteLength}: it was transferred or shrunk`,
  );
}

/** Whether a short copy is cheaper than a view here. */
export const COPIES_SHORT: boolean = copiesShortArrays();

/**
 * A plain view of `bytes` from `start` to `end`. Its type says that the memory
 * is an `ArrayBuffer`'s, which holds for all that a socket receives.
 */
export function slice(bytes: Uint8Array, start: number, end: number): Bytes {
  return new Uint8Array(
    bytes.buffer as ArrayBuffer,
    bytes.byteOffset + start,
    end - start,
  );
}

function isBuffer(data: unknown): data is ArrayBufferLike {
  return data instanceof ArrayBuffer ||
    (typeof SharedArrayBuffer !== "undefined" &&
      data instanceof SharedArrayBuffer);
}
