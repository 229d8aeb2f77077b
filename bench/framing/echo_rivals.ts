/** The servers that this library is compared with; all set TCP_NODELAY. */

import { createServer } from "node:net";

/** Takes chunks apart into frames, a straddling one included. */
function cutter(): (chunk: Uint8Array) => Uint8Array[] {
  let held: Uint8Array = new Uint8Array(0);
  return (piece) => {
    let chunk = piece;
    if (held.length > 0) {
      chunk = new Uint8Array(held.length + piece.length);
      chunk.set(held);
      chunk.set(piece, held.length);
    }
    const frames: Uint8Array[] = [];
    let at = 0;
    while (chunk.length - at >= 4) {
      const size = (chunk[at]! << 24 | chunk[at + 1]! << 16 |
        chunk[at + 2]! << 8 | chunk[at + 3]!) >>> 0;
      if (chunk.length - at < 4 + size) break;
      frames.push(chunk.subarray(at + 4, at + 4 + size));
      at += 4 + size;
    }
    held = chunk.slice(at);
    return frames;
  };
}

/** The frames in one piece of memory, ready for one write. */
function join(frames: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const frame of frames) size += 4 + frame.length;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const frame of frames) {
    const { length } = frame;
    bytes[at] = length >>> 24;
    bytes[at + 1] = length >>> 16;
    bytes[at + 2] = length >>> 8;
    bytes[at + 3] = length;
    bytes.set(frame, at + 4);
    at += 4 + length;
  }
  return bytes;
}

/** `node:net` as most programs use it: one write for each frame. */
export function naiveServer(): void {
  const server = createServer({ noDelay: true }, (socket) => {
    const cut = cutter();
    socket.on("data", (chunk: Uint8Array) => {
      for (const frame of cut(chunk)) socket.write(join([frame]));
    });
    socket.on("error", () => socket.destroy());
  });
  server.listen(0, "127.0.0.1", () => {
    console.log((server.address() as { port: number }).port, process.pid);
  });
}

/** The runtime's own API, written by hand for this case. */
export function handServer(): unknown {
  if ("Deno" in globalThis) return denoServer();
  if ("Bun" in globalThis) return bunServer();
  const server = createServer({ noDelay: true }, (socket) => {
    const cut = cutter();
    socket.on("data", (chunk: Uint8Array) => {
      if (!socket.write(join(cut(chunk)))) {
        socket.pause();
        socket.once("drain", () => socket.resume());
      }
    });
    socket.on("error", () => socket.destroy());
  });
  server.listen(0, "127.0.0.1", () => {
    console.log((server.address() as { port: number }).port, process.pid);
  });
}

interface DenoConn {
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  setNoDelay(): void;
  close(): void;
}

interface DenoGlobal {
  readonly Deno: {
    listen(options: { hostname: string; port: number }):
      & AsyncIterable<DenoConn>
      & { readonly addr: { readonly port: number } };
  };
}

async function denoServer(): Promise<void> {
  const { Deno } = globalThis as unknown as DenoGlobal;
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  console.log(listener.addr.port, process.pid);
  for await (const conn of listener) void denoEcho(conn).catch(() => {});
}

async function denoEcho(conn: DenoConn): Promise<void> {
  const cut = cutter();
  conn.setNoDelay();
  for (;;) {
    // Frames are views of it: a new one each time.
    const buffer = new Uint8Array(65_536);
    const count = await conn.read(buffer);
    if (count === null) return conn.close();
    let bytes = join(cut(buffer.subarray(0, count)));
    while (bytes.length > 0) {
      bytes = bytes.subarray(await conn.write(bytes));
    }
  }
}

interface BunSocket {
  data: { cut: ReturnType<typeof cutter>; rest: Uint8Array };
  write(bytes: Uint8Array): number;
  pause(): void;
  resume(): void;
}

interface BunGlobal {
  readonly Bun: {
    listen(options: {
      hostname: string;
      port: number;
      socket: Record<string, (socket: BunSocket, chunk: Uint8Array) => void>;
    }): { readonly port: number };
  };
}

function bunServer(): void {
  const write = (socket: BunSocket, bytes: Uint8Array): void => {
    const count = socket.write(bytes);
    socket.data.rest = bytes.subarray(Math.max(0, count));
    if (socket.data.rest.length > 0) socket.pause();
  };
  const { Bun } = globalThis as unknown as BunGlobal;
  const { port } = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open(socket) {
        socket.data = { cut: cutter(), rest: new Uint8Array(0) };
      },
      data(socket, chunk) {
        const bytes = join(socket.data.cut(chunk));
        const { rest } = socket.data;
        if (rest.length === 0) return write(socket, bytes);
        const both = new Uint8Array(rest.length + bytes.length);
        both.set(rest);
        both.set(bytes, rest.length);
        socket.data.rest = both;
      },
      drain(socket) {
        if (socket.data.rest.length > 0) write(socket, socket.data.rest);
        if (socket.data.rest.length === 0) socket.resume();
      },
    },
  });
  console.log(port, process.pid);
}
