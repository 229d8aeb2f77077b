/**
 * `Bun.connect` as its documentation shows it: what `write` did not take is
 * written at `drain`, `pause()` while nobody reads, `shutdown()`, `end()`.
 */

import type { MakePipe, PlainStream } from "../../../src/testing/mod.ts";

/** What is used of a socket of Bun. */
export interface BunSocket {
  data: Handlers;
  write(bytes: Uint8Array): number;
  shutdown(): void;
  end(): void;
  terminate(): void;
  pause(): void;
  resume(): void;
}

/** What a socket's handlers tell it. */
export interface Handlers {
  came(chunk: Uint8Array): void;
  ended(): void;
  drained(): void;
  failed(error: Error | undefined): void;
}

interface SocketHandlers {
  open(socket: BunSocket): void;
  data(socket: BunSocket, chunk: Uint8Array): void;
  end(socket: BunSocket): void;
  drain(socket: BunSocket): void;
  error(socket: BunSocket, error: Error): void;
  close(socket: BunSocket, error?: Error): void;
}

interface Place {
  readonly hostname: string;
  readonly port: number;
  readonly allowHalfOpen: boolean;
  readonly socket: SocketHandlers;
}

interface BunGlobal {
  readonly Bun: {
    listen(place: Place): { readonly port: number; stop(): void };
    connect(place: Place): Promise<BunSocket>;
  };
}

const hostname = "127.0.0.1";

/** So much is held for a reader before the socket is paused. */
const MOST_HELD_BYTES = 262_144;

const { Bun } = globalThis as unknown as BunGlobal;

/** A way to use a socket: a stream, and what its handlers do. */
export type Use = (socket: BunSocket) => [stream: PlainStream, told: Handlers];

/** Two connected sockets, however they are used. */
export async function pipeOf(
  use: Use,
  allowHalfOpen: boolean,
): ReturnType<MakePipe> {
  const streams = new Map<BunSocket, PlainStream>();
  let accept!: (stream: PlainStream) => void;
  const accepted = new Promise<PlainStream>((resolve) => accept = resolve);
  const socket: SocketHandlers = {
    open(socket) {
      const [stream, told] = use(socket);
      socket.data = told;
      streams.set(socket, stream);
    },
    data: ({ data }, chunk) => data.came(chunk),
    end: ({ data }) => data.ended(),
    drain: ({ data }) => data.drained(),
    error: ({ data }, error) => data.failed(error),
    close: ({ data }, error) => data.failed(error),
  };
  const listener = Bun.listen({
    hostname,
    port: 0,
    allowHalfOpen,
    socket: {
      ...socket,
      open(each) {
        socket.open(each);
        accept(streams.get(each) as PlainStream);
      },
    },
  });
  const { port } = listener;
  const own = await Bun.connect({ hostname, port, allowHalfOpen, socket });
  const [client, server] = [streams.get(own) as PlainStream, await accepted];
  const stop = () => Promise.resolve(listener.stop());
  return { client, server, stop };
}

/** Lets several wait for what comes. */
export function newsFor(): { news(): Promise<void>; wake(): void } {
  let waiting: (() => void)[] = [];
  return {
    news: () => new Promise((resolve) => void waiting.push(resolve)),
    wake() {
      const all = waiting;
      waiting = [];
      for (const resolve of all) resolve();
    },
  };
}

function documented(socket: BunSocket): [PlainStream, Handlers] {
  const chunks: Uint8Array[] = [];
  let held = 0;
  let isEnded = false;
  let isOver = false;
  let failure: Error | undefined;
  let drained = () => {};
  const { news, wake } = newsFor();
  const room = () => new Promise<void>((resolve) => drained = resolve);
  const told: Handlers = {
    came(chunk) {
      chunks.push(chunk.slice());
      held += chunk.length;
      if (held >= MOST_HELD_BYTES) socket.pause();
      wake();
    },
    ended() {
      isEnded = true;
      wake();
    },
    drained: () => drained(),
    failed(error) {
      failure ??= error;
      isOver = true;
      wake();
      drained();
    },
  };
  const stream: PlainStream = {
    async read() {
      while (true) {
        const chunk = chunks.shift();
        if (chunk !== undefined) {
          held -= chunk.length;
          socket.resume();
          return chunk;
        }
        if (failure !== undefined) throw failure;
        if (isEnded || isOver) return null;
        await news();
      }
    },
    async write(bytes) {
      for (let at = 0; at < bytes.length;) {
        if (isOver) throw failure ?? new Error("the socket is closed");
        const count = socket.write(bytes.subarray(at));
        if (count < 0) throw failure ?? new Error("the socket is closed");
        at += count;
        if (at < bytes.length) await room();
      }
    },
    closeWrite() {
      socket.shutdown();
      return Promise.resolve();
    },
    close: () => socket.end(),
    reset: () => socket.terminate(),
  };
  return [stream, told];
}

/** Two such sockets, half-open. */
export const make: MakePipe = () => pipeOf(documented, true);
