/**
 * What sockets of `node:net` read into: `onread`, and the memory for it.
 *
 * @module
 */

import type { Bytes } from "../../contracts.ts";
import type { NodeSocket, OnRead } from "./native.ts";
import { bufferModule } from "./native.ts";
import { quirks } from "./quirks.ts";

/** What one read brings at most, in bytes; Node's own reads are as large. */
const READ_BYTES = 65_536;

/** Takes the bytes of a socket. */
export interface Reader {
  /** Whether the next bytes are copied at once, whatever they come in. */
  readonly isCopied: boolean;
  /**
   * Takes what is in front of a buffer that others read into next, unless it
   * `isGiven`. `false` stops reading.
   */
  read(buffer: Bytes, count: number, isGiven: boolean): boolean;
}

/** Where a socket that was made with `readingOptions()` keeps its reader. */
export const READER: unique symbol = Symbol("reader");

/** A socket and its reader. */
export interface Read extends NodeSocket {
  /** Who takes its bytes; none stops reading. */
  [READER]?: Reader | undefined;
}

/**
 * How a socket that is about to be made reads. All share it: the callback
 * finds the reader by the socket, since closures of its own would cost each
 * connection memory.
 */
export function readingOptions(): { readonly onread?: OnRead } {
  return quirks().readsByOnRead
    ? reading ??= { onread: makeOnRead() }
    : NO_ONREAD;
}

const NO_ONREAD = {};
let reading: { readonly onread: OnRead } | undefined;

/**
 * One buffer serves all sockets: the runtime reads and calls back in one go,
 * and the callback copies what came. So an idle connection owns no buffer.
 *
 * A socket whose read filled it gets one of its own, and a new one for each
 * that is filled, which is given away whole: without the copy, 64 KiB cost
 * Node 26 a third less. Node asks for the buffer of the next read after each
 * callback, and of a new socket; what never asks keeps to the shared one.
 */
function makeOnRead(): OnRead {
  const shared = new Uint8Array(READ_BYTES);
  let upcoming: Uint8Array = shared;
  const next = () => {
    const given = upcoming;
    upcoming = shared;
    return given;
  };
  const asks = quirks().asksForBuffers;
  return {
    buffer: asks ? next : shared,
    callback(this: Read, count, buffer) {
      const reader = this[READER];
      const isFull = asks && count === READ_BYTES && reader?.isCopied === false;
      const isOwn = buffer !== shared;
      const isGiven = isFull && isOwn;
      const goesOn = reader?.read(buffer as Bytes, count, isGiven) ?? false;
      // Only now: sockets that were made meanwhile got the shared one.
      if (isFull) upcoming = ownBuffer();
      else upcoming = count * 4 < READ_BYTES ? shared : buffer;
      return goesOn;
    },
  };
}

/** Not zeroed: it is given away only once it is full. */
function ownBuffer(): Bytes {
  const { buffer } = bufferModule().Buffer.allocUnsafeSlow(READ_BYTES);
  return new Uint8Array(buffer);
}
