/**
 * Pipes out of what there is: sockets of this library, of `node:net`, and web
 * streams. Each is the best that its documentation shows, not the shortest.
 *
 * @module
 */

import { SHUT_WR } from "../../constants.ts";
import type { StreamSocket } from "../../socket/mod.ts";
import type { PlainStream } from "./pipe.ts";

/**
 * A socket of this library.
 *
 * @example
 * ```ts
 * import { liftPipe, loopbackPair } from "@anysock/anysock/testing";
 *
 * const [client, server] = (await loopbackPair()).map(liftPipe);
 * await client?.write(new Uint8Array(3));
 * console.log(await server?.read()); // 3 bytes
 * await Promise.all([client?.close(), server?.close()]);
 * ```
 */
export function liftPipe(socket: StreamSocket): PlainStream {
  return {
    read: () => socket.recv(),
    write: (bytes) => socket.sendAll(bytes),
    closeWrite: () => socket.shutdown(SHUT_WR),
    close: () => socket.close(),
    reset: () => socket.reset(),
  };
}

/** What is used of a `net.Socket`, made with `allowHalfOpen: true`. */
export interface NodeSocketLike {
  /** The error that destroyed it. */
  readonly errored: Error | null;
  /** Whether its `"end"` was told. */
  readonly readableEnded: boolean;
  /** Whether it is over. */
  readonly destroyed: boolean;
  /** Whether its `"close"` was told. */
  readonly closed: boolean;
  /** What has come; `null` if nothing has. */
  read(): Uint8Array | null;
  /** Takes bytes; the callback tells that they have left. */
  write(bytes: Uint8Array, done: (error?: Error | null) => void): boolean;
  /** Ends it behind what was written. */
  end(done: () => void): unknown;
  /** Ends it once what was written has left. */
  destroySoon(): void;
  /** Breaks it off. */
  resetAndDestroy(): unknown;
  /** Listens. */
  on(name: string, listener: (...args: never[]) => void): unknown;
  /** Listens once. */
  once(name: string, listener: (...args: never[]) => void): unknown;
  /** Listens no more. */
  off(name: string, listener: (...args: never[]) => void): unknown;
}

const NEWS = ["readable", "end", "error", "close"] as const;

/**
 * A `net.Socket`, made with `allowHalfOpen: true`: `read()` at `"readable"`,
 * writes that wait for their callback, `destroySoon()`.
 */
export function nodePipe(socket: NodeSocketLike): PlainStream {
  const news = () =>
    new Promise<void>((resolve) => {
      const told = () => {
        for (const name of NEWS) socket.off(name, told);
        resolve();
      };
      for (const name of NEWS) socket.on(name, told);
    });
  // An "error" that nobody listens to is thrown.
  socket.on("error", () => {});
  return {
    async read() {
      while (true) {
        const bytes = socket.read();
        if (bytes !== null) return bytes;
        if (socket.errored) throw socket.errored;
        if (socket.readableEnded) return null;
        if (socket.destroyed) throw new Error("the socket is destroyed");
        await news();
      }
    },
    write: (bytes) =>
      new Promise((resolve, reject) => {
        socket.write(bytes, (error) => error ? reject(error) : resolve());
      }),
    closeWrite: () => new Promise((resolve) => void socket.end(resolve)),
    close: () =>
      new Promise((resolve) => {
        if (socket.closed) return resolve();
        socket.once("close", resolve);
        socket.destroySoon();
      }),
    reset: () => void socket.resetAndDestroy(),
  };
}

/** Two web streams of bytes, as many platforms have them. */
export interface WebStreamPair {
  /** What comes. */
  readonly readable: ReadableStream<Uint8Array>;
  /** What goes. */
  readonly writable: WritableStream<Uint8Array>;
}

/**
 * Web streams. Their `close()` ends what is written, and cancels what is read;
 * there is no other.
 */
export function webPipe({ readable, writable }: WebStreamPair): PlainStream {
  const reader = readable.getReader();
  const writer = writable.getWriter();
  writer.closed.catch(() => {});
  reader.closed.catch(() => {});
  let isEnding = false;
  const closeWrite = () => {
    if (isEnding) return Promise.resolve();
    isEnding = true;
    return writer.close();
  };
  return {
    async read() {
      const { done, value } = await reader.read();
      return done ? null : value;
    },
    async write(bytes) {
      // Where it is over, Node 20 throws in the place of rejecting.
      await writer.write(bytes);
    },
    closeWrite,
    async close() {
      await closeWrite().catch(() => {});
      await reader.cancel().catch(() => {});
    },
  };
}
