/**
 * A conversation by hand: the standard input goes to the peer, what the peer
 * says to the standard output, both ways at their own pace. The end of the
 * input is the end of our side; the end of the peer's side is the end of the
 * conversation, unless a file or a program still has something to send.
 *
 * @module
 */

import {
  SHUT_WR,
  SocketError,
  type StreamSocket,
  TimeoutError,
  type WaitOptions,
} from "../mod.ts";
import { framed } from "../src/framing/mod.ts";
import { type ByteCodec, linesOf } from "./frames.ts";
import { hexRows } from "./hex.ts";
import type { Io, Output } from "./io.ts";
import { withProgress } from "./progress.ts";

/** How a conversation goes. */
export interface Manner {
  /** Messages instead of bytes: a line of input is one, and one a line. */
  readonly codec: ByteCodec | undefined;
  /** Show what comes in hexadecimal. */
  readonly isHex: boolean;
  /** Whether the end of the input ends our side. */
  readonly halfCloses: boolean;
  /** Milliseconds of silence, both ways, that are too many. */
  readonly silenceMs: number | undefined;
}

/**
 * Talks until the end. The connection is closed whatever happens.
 *
 * @throws {SocketError} if it fails, or is silent for too long.
 */
export async function exchange(
  sock: StreamSocket,
  manner: Manner,
  io: Io,
): Promise<void> {
  const onInterrupt = () => void sock.close({ lingerMs: 0 });
  io.interrupted.addEventListener("abort", onInterrupt, { once: true });
  const talk = manner.codec === undefined
    ? bytewise(sock, manner, io)
    : framewise(sock, manner.codec, manner, io);
  try {
    await withProgress(io, sock, () => both(talk, sock, io));
    io.interrupted.throwIfAborted();
    await sock.close();
  } catch (error) {
    await sock.close({ lingerMs: 0 });
    throw error;
  } finally {
    io.interrupted.removeEventListener("abort", onInterrupt);
  }
}

/** The two directions of a conversation. */
interface Talk {
  send(): Promise<void>;
  receive(): Promise<void>;
}

async function both(talk: Talk, sock: StreamSocket, io: Io): Promise<void> {
  let isReceiving = true;
  const sending = talk.send().catch((error: unknown) => {
    // The receiving side knows better why: a reset, or an end in order.
    if (isReceiving && error instanceof SocketError) return error;
    void sock.close({ lingerMs: 0 });
    throw error;
  });
  sending.catch(ignore); // it is looked at when the receiving side is over
  try {
    await talk.receive();
  } catch (error) {
    io.input.stop();
    void sock.close({ lingerMs: 0 });
    // What is wrong with the input ended both, and is to be told.
    await sending;
    throw error;
  }
  isReceiving = false;
  // A person who types is told by the end of the program.
  if (io.input.isTerminal) io.input.stop();
  const failure = await sending;
  if (failure !== undefined) throw failure;
}

function bytewise(sock: StreamSocket, manner: Manner, io: Io): Talk {
  const write = writer(io.output, manner.isHex);
  return {
    async send() {
      for await (const chunk of io.input) await sock.sendAll(chunk);
      if (manner.halfCloses) await sock.shutdown(SHUT_WR);
    },
    async receive() {
      const next = () =>
        patiently(sock, manner.silenceMs, (wait) => sock.recv(wait));
      for (let chunk = await next(); chunk !== null; chunk = await next()) {
        await write(chunk);
      }
    },
  };
}

/** Writes what comes; in hexadecimal, rows go on where the last chunk ended. */
function writer(
  output: Output,
  isHex: boolean,
): (bytes: Uint8Array) => Promise<void> {
  if (!isHex) return (bytes) => output.write(bytes);
  let place = 0;
  return async (bytes) => {
    await output.write(hexRows(bytes, place));
    place += bytes.length;
  };
}

function framewise(
  sock: StreamSocket,
  codec: ByteCodec,
  manner: Manner,
  io: Io,
): Talk {
  const messages = framed(sock, codec);
  const write = messageWriter(io.output, manner.isHex);
  return {
    async send() {
      for await (const message of linesOf(io.input)) {
        await messages.send(message);
      }
      await messages.flush();
      if (manner.halfCloses) await sock.shutdown(SHUT_WR);
    },
    async receive() {
      const next = () =>
        patiently(sock, manner.silenceMs, (wait) => messages.recv(wait));
      for (let each = await next(); each !== null; each = await next()) {
        await write(each);
      }
    },
  };
}

/** Writes a message a line, or in hexadecimal each with its number. */
export function messageWriter(
  output: Output,
  isHex: boolean,
): (message: Uint8Array) => Promise<void> {
  let number = 0;
  return async (message) => {
    number++;
    if (isHex) {
      const head = `message ${number}, ${message.length} bytes\n`;
      return await output.write(head + hexRows(message));
    }
    const text = new Uint8Array(message.length + 1);
    text.set(message);
    text[message.length] = NEWLINE;
    await output.write(text);
  };
}

const NEWLINE = 10;

/** Waits for what comes; while something goes, it is not silent. */
async function patiently<T>(
  sock: StreamSocket,
  silenceMs: number | undefined,
  receive: (wait: WaitOptions) => Promise<T>,
): Promise<T> {
  if (silenceMs === undefined) return await receive({});
  for (;;) {
    const before = sock.bytesSent;
    try {
      return await receive({ timeoutMs: silenceMs });
    } catch (error) {
      const isSilent = sock.bytesSent === before;
      if (!(error instanceof TimeoutError) || isSilent) throw error;
    }
  }
}

function ignore(): void {}
