/**
 * Plain bytes straight from the handle of a `TLSSocket` of Node, past the
 * stream's own buffer: a record costs neither memory nor an event of its own.
 *
 * @module
 */

import { netModule } from "../native.ts";
import { quirks } from "../quirks.ts";
import type { TlsSocket } from "./native.ts";

/** What a record holds at most; the engine tells no more at a time. */
export const RECORD_BYTES = 16_384;

/**
 * Takes the front of a buffer that others read into next; `false` stops until
 * the socket asks for more.
 */
export type TakeRecord = (buffer: Uint8Array, count: number) => boolean;

/** Where sockets keep what `onread` was given; Node has no other name for it. */
interface Names {
  readonly buffer: symbol;
  readonly callback: symbol;
}

/** What those of Node are of a `TLSSocket`. */
interface Internals {
  readonly _handle?: { useUserBuffer?(buffer: Uint8Array): void } | null;
  [name: symbol]: unknown;
}

let names: Names | undefined;
let shared: Uint8Array | undefined;

/**
 * Has a socket that was made without it read as by `onread`, which Node takes
 * for sockets of its own alone. It gives whether it could; where the internals
 * look otherwise, bytes come as `data` events, as ever. 1 KiB echoed costs
 * Node 26 10 to 20 % less, 64 KiB received a third.
 */
export function readRecords(socket: TlsSocket, take: TakeRecord): boolean {
  if (!quirks().readsRecords) return false;
  const internals = socket as unknown as Internals;
  names ??= namesIn(internals);
  const handle = internals._handle;
  if (names === undefined || handle?.useUserBuffer === undefined) return false;
  const buffer = shared ??= new Uint8Array(RECORD_BYTES);
  internals[names.buffer] = buffer;
  internals[names.callback] = (count: number) => take(buffer, count);
  handle.useUserBuffer(buffer);
  socket.pause = pauseOfStreams();
  return true;
}

/**
 * With `onread` a socket that is paused reads nothing. This one reads on until
 * a little waits in it, as without: so it sees an end that nobody asked for.
 */
function pauseOfStreams(): () => unknown {
  const { prototype } = netModule().Socket as unknown as { prototype: object };
  const streams = Object.getPrototypeOf(prototype) as TlsSocket;
  return streams.pause;
}

function namesIn(socket: object): Names | undefined {
  const all = Object.getOwnPropertySymbols(socket);
  const find = (text: string) => all.find((it) => it.description === text);
  const [buffer, callback] = [find("kBuffer"), find("kBufferCb")];
  if (buffer === undefined || callback === undefined) return undefined;
  return { buffer, callback };
}
