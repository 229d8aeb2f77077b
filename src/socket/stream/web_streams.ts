/**
 * A socket as web streams.
 *
 * @module
 */

import { SHUT_RD, SHUT_WR } from "../../constants.ts";
import type { Bytes, BytesLike } from "../../contracts.ts";

/** What the streams need of a socket. */
interface StreamEnd {
  recv(): Promise<Bytes | null>;
  recvInto(buffer: ArrayBufferView): Promise<number | null>;
  sendAll(data: BytesLike): Promise<void>;
  shutdown(how: number): Promise<void>;
  close(): Promise<void>;
  reset(): void;
}

/** The received bytes as a byte stream that holds none by itself. */
export function readableOf(end: StreamEnd): ReadableStream<Bytes> {
  return new ReadableStream({
    type: "bytes",
    pull: (controller) => pull(end, controller),
    cancel: () => end.shutdown(SHUT_RD),
  }, { highWaterMark: 0 });
}

async function pull(
  end: StreamEnd,
  controller: ReadableByteStreamController,
): Promise<void> {
  const { byobRequest } = controller;
  const view = byobRequest?.view;
  if (byobRequest && view) {
    const count = await end.recvInto(view);
    if (count === null) controller.close();
    byobRequest.respond(count ?? 0);
    return;
  }
  const chunk = await end.recv();
  if (chunk === null) controller.close();
  else controller.enqueue(chunk);
}

/** A stream that sends. */
export function writableOf(end: StreamEnd): WritableStream<BytesLike> {
  return new WritableStream({
    write: (chunk) => end.sendAll(chunk),
    close: () => end.shutdown(SHUT_WR),
    abort: () => abort(end),
  });
}

function abort(end: StreamEnd): Promise<void> {
  try {
    end.reset();
    return Promise.resolve();
  } catch {
    // This runtime cannot send RST: the contract says close.
    return end.close();
  }
}
