/**
 * Steps that several laws take.
 *
 * @module
 */

import { MSG_PEEK, MSG_WAITALL, SHUT_WR } from "../../constants.ts";
import type { Address } from "../../contracts.ts";
import { SocketError } from "../../errors.ts";
import type { StreamSocket } from "../../socket/mod.ts";
import {
  ensure,
  failureOf,
  isSocketError,
  joined,
  later,
  LawBroken,
  rejection,
  same,
  turn,
} from "../expect.ts";
import type { LawBench } from "../law.ts";
import type { Pattern } from "../pattern.ts";

/** A writer that gets no byte away for so long counts as stopped. */
const STUCK_MS = 200;

/** More than kernels buffer for one connection: 64 MiB. */
export const BOUNDLESS_BYTES = 67_108_864;

const PIECE_BYTES = 65_536;

/**
 * Sends a pattern until nothing goes any more and gives how much went.
 *
 * @throws {LawBroken} if the writer is never stopped.
 */
export async function sendUntilStuck(
  socket: StreamSocket,
  pattern: Pattern,
  from: number,
): Promise<number> {
  let sent = 0;
  while (sent < BOUNDLESS_BYTES) {
    const piece = pattern.slice(from + sent, PIECE_BYTES);
    try {
      sent += await socket.send(piece, { timeoutMs: STUCK_MS });
    } catch (error) {
      if (error instanceof SocketError && error.code === "ETIMEDOUT") {
        return sent;
      }
      throw error;
    }
  }
  throw new LawBroken(`${sent} bytes went to a reader that does not read`);
}

/** Receives and checks the bytes of a pattern from offset `from` to `to`. */
export async function receivePattern(
  socket: StreamSocket,
  pattern: Pattern,
  from: number,
  to: number,
): Promise<void> {
  let at = from;
  while (at < to) {
    const chunk = await socket.recv(Math.min(to - at, 1_048_576));
    ensure(chunk !== null, `the stream ended at byte ${at} of ${to}`);
    ensure(chunk.length > 0, `recv gave no byte at ${at}`);
    pattern.check(chunk, at);
    at += chunk.length;
  }
}

/** Receives `count` bytes, whatever they are. */
export async function receiveCount(
  socket: StreamSocket,
  count: number,
): Promise<void> {
  let received = 0;
  while (received < count) {
    const chunk = await socket.recv();
    ensure(chunk !== null, `the stream ended at byte ${received} of ${count}`);
    ensure(chunk.length > 0, `recv gave no byte at ${received}`);
    received += chunk.length;
  }
  same(received, count, "bytes that came");
}

/** Everything up to the end. */
export async function receiveAll(socket: StreamSocket): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let chunk = await socket.recv();
  while (chunk !== null) {
    ensure(chunk.length > 0, "recv gave no byte");
    chunks.push(chunk);
    chunk = await socket.recv();
  }
  return joined(chunks);
}

/** Sends pieces that come one by one, each in a turn of its own. */
export async function sendPieces(
  socket: StreamSocket,
  ...pieces: readonly string[]
): Promise<void> {
  for (const piece of pieces) {
    await socket.sendAll(piece);
    await turn();
  }
}

/** Settles once `count` bytes are in hand, and leaves them there. */
export async function inHand(
  socket: StreamSocket,
  count: number,
): Promise<void> {
  let seen = 0;
  while (seen < count) {
    // Asking for all of them keeps the runtime reading.
    const bytes = await socket.recv(count, MSG_PEEK | MSG_WAITALL);
    ensure(bytes !== null, `the stream ended before ${count} bytes came`);
    seen = bytes.length;
  }
}

/** Receives into memory until it is full. */
export async function fill(
  socket: StreamSocket,
  memory: Uint8Array,
): Promise<void> {
  let at = 0;
  while (at < memory.length) {
    const count = await socket.recvInto(memory.subarray(at));
    ensure(count !== null && count > 0, `recvInto gave ${count}`);
    at += count;
  }
}

/** Every call of the stream half, by the name its errors have. */
const CALLS: Readonly<Record<string, (socket: StreamSocket) => unknown>> = {
  recv: (socket) => socket.recv(),
  recvInto: (socket) => socket.recvInto(new Uint8Array(1)),
  recvExactly: (socket) => socket.recvExactly(1),
  recvUntil: (socket) => socket.recvUntil("\n"),
  tryRecv: (socket) => socket.tryRecv(),
  tryRecvInto: (socket) => socket.tryRecvInto(new Uint8Array(1)),
  send: (socket) => socket.send("x"),
  sendAll: (socket) => socket.sendAll("x"),
  trySend: (socket) => socket.trySend("x"),
  sendFile: (socket) => socket.sendFile({ read: () => null }),
  shutdown: (socket) => socket.shutdown(SHUT_WR),
  setTimeout: (socket) => socket.setTimeout(1),
  setBlocking: (socket) => socket.setBlocking(true),
  makeFile: (socket) => socket.makeFile(),
  reset: (socket) => socket.reset(),
  detach: (socket) => socket.detach(),
};

/** Checks that every call of the stream half fails with a code. */
export async function allFailWith(
  socket: StreamSocket,
  code: string,
): Promise<void> {
  for (const [op, call] of Object.entries(CALLS)) {
    isSocketError(await failureOf(() => call(socket), op), code, op, op);
  }
}

/** An address where somebody listened and nobody does now. */
export async function deadAddress(bench: LawBench): Promise<Address> {
  const listener = await bench.listen();
  const address = listener.getSockName();
  await listener.close();
  return address;
}

/** Why {@linkcode abortAndGoOn} aborts. */
export const WHY = "enough";

/**
 * Aborts the call that `start` makes and makes the next one in a listener of
 * that very abort, which was there before the call or comes behind it. Gives
 * what the one was rejected with, and the other.
 */
export function abortAndGoOn<T>(
  isEarly: boolean,
  start: (signal: AbortSignal) => Promise<unknown>,
  goOn: () => Promise<T>,
): { readonly cut: Promise<unknown>; readonly next: Promise<T> } {
  const controller = new AbortController();
  const { signal } = controller;
  const nexts: Promise<T>[] = [];
  const listen = () =>
    signal.addEventListener("abort", () => nexts.push(later(goOn())));
  if (isEarly) listen();
  const cut = later(rejection(start(signal), "the call that is aborted"));
  if (!isEarly) listen();
  controller.abort(WHY);
  const [next] = nexts;
  ensure(next !== undefined, "no listener was called");
  return { cut, next };
}
