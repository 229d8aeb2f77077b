/**
 * A socket as web streams.
 *
 * @module
 */

import { SHUT_RD, SHUT_WR } from "../../constants.ts";
import type { Bytes, BytesLike, CloseOptions } from "../../contracts.ts";

/** What the streams need of a socket. */
interface StreamEnd {
  readonly isClosed: boolean;
  recv(): Promise<Bytes | null>;
  recvInto(buffer: ArrayBufferView): Promise<number | null>;
  sendAll(data: BytesLike): Promise<void>;
  shutdown(how: number): Promise<void>;
  close(options?: CloseOptions): Promise<void>;
  reset(): void;
}

/** The received bytes as a byte stream that holds none by itself. */
export function readableOf(end: StreamEnd): ReadableStream<Bytes> {
  return new ReadableStream({
    type: "bytes",
    pull: (controller) => pull(end, controller),
    cancel: () => cancel(end),
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

/** Nothing is received any more, which holds for a closed socket already. */
async function cancel(end: StreamEnd): Promise<void> {
  if (!end.isClosed) await end.shutdown(SHUT_RD);
}

/** A stream that sends. */
export function writableOf(end: StreamEnd): WritableStream<BytesLike> {
  return new WritableStream({
    // The sink's own `abort` is called only after the write under way, which
    // may be stuck for ever. Bun before 1.4 has no such signal.
    start: ({ signal }: { readonly signal?: AbortSignal }) =>
      signal?.addEventListener("abort", () => void abort(end)),
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
    // This runtime cannot send RST, or it is sent already.
    return end.close({ lingerMs: 0 });
  }
}
