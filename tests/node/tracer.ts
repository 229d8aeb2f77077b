/**
 * What a `net.Socket` tells, written down: every event in its order, and what
 * the program sees at them. The same program runs over Node's own and over
 * ours.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { listen, type Listener, type StreamSocket } from "../../mod.ts";

/** The members of `net.Socket` that the programs use; ours has them, too. */
export interface AnySocket extends Duplex {
  readonly connecting: boolean;
  readonly pending: boolean;
  readonly readyState: string;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly remoteFamily?: string | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly timeout?: number | undefined;
  address(): object;
  connect(...args: never[]): this;
  destroySoon(): void;
  resetAndDestroy(): this;
  setTimeout(timeoutMs: number, listener?: () => void): this;
  setNoDelay(enable?: boolean): this;
  setKeepAlive(enable?: boolean, delayMs?: number): this;
  ref(): this;
  unref(): this;
}

/** Makes the sockets that are compared. */
export type Make = (options?: object) => AnySocket;

/** What a program has to work with. */
export interface Bench {
  /** Makes a socket whose events are written down from the beginning. */
  make(options?: object): AnySocket;
  /** Makes a socket of which nothing is written down. */
  bare(options?: object): AnySocket;
  /** Connects it to the bench's listener. */
  connect(socket: AnySocket, listener?: () => void): AnySocket;
  /** The port of the listener. */
  readonly port: number;
  /** A port where nobody listens. */
  readonly refused: number;
  /** The other end of the next connection. */
  accept(): Promise<StreamSocket>;
  /** Writes a line down. */
  log(line: string): void;
  /** Settles with the next event of the socket, or at once if it is closed. */
  event(socket: AnySocket, name: string): Promise<void>;
}

/** A program whose trace is compared. */
export type Program = (bench: Bench) => Promise<void> | void;

const EVENTS = ["connect", "ready", "end", "finish", "timeout", "drain"];

/** Runs a program, and gives what was written down. */
export async function trace(make: Make, program: Program): Promise<string[]> {
  const lines: string[] = [];
  const peers: StreamSocket[] = [];
  const sockets: AnySocket[] = [];
  const listener = await listen("127.0.0.1:0", { abortive: true });
  const bench = benchOf(make, { lines, peers, sockets, listener });
  try {
    await program(bench);
    for (const socket of sockets) await closed(socket);
  } finally {
    for (const socket of sockets) socket.destroy();
    await Promise.all(sockets.map(closed));
    for (const peer of peers) await peer.close({ lingerMs: 0 });
    await listener.close();
  }
  return lines;
}

interface Run {
  readonly lines: string[];
  readonly peers: StreamSocket[];
  readonly sockets: AnySocket[];
  readonly listener: Listener;
}

function benchOf(make: Make, { lines, peers, sockets, listener }: Run): Bench {
  const { port } = listener.getSockName() as { port: number };
  const log = (line: string) => void lines.push(line);
  return {
    port,
    refused: 1,
    log,
    make(options) {
      const socket = make(options);
      sockets.push(socket);
      record(socket, lines);
      return socket;
    },
    bare: (options) => make(options),
    connect(socket, onConnect) {
      isClosed.delete(socket);
      const connect = socket.connect as (...args: unknown[]) => AnySocket;
      const rest = onConnect === undefined ? [] : [onConnect];
      // `abortive` is what Deno needs to be told, and nobody else looks at.
      const to = { port, host: "127.0.0.1", abortive: true };
      return connect.call(socket, to, ...rest);
    },
    async accept() {
      const [peer] = await listener.accept();
      peers.push(peer);
      return peer;
    },
    event: (socket, name) =>
      new Promise((resolve) => {
        if (name === "close" && isClosed.has(socket)) return resolve();
        socket.once(name, () => resolve());
      }),
  };
}

const isClosed: WeakSet<AnySocket> = new WeakSet();

function closed(socket: AnySocket): Promise<void> {
  if (isClosed.has(socket)) return Promise.resolve();
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

/** Writes the events of a socket down; `data` is left to the program. */
function record(socket: AnySocket, lines: string[]): void {
  for (const name of EVENTS) socket.on(name, () => void lines.push(name));
  socket.on("error", (error: NodeJS.ErrnoException) => {
    const { code, syscall, errno } = error;
    const system = syscall === undefined ? "" : ` ${syscall} ${errno}`;
    lines.push(`error ${code}${system} destroyed=${socket.destroyed}`);
  });
  socket.on("close", (hadError?: boolean) => {
    isClosed.add(socket);
    lines.push(`close ${hadError} ${stateOf(socket)}`);
  });
}

/** What a socket says of itself. */
export function stateOf(socket: AnySocket): string {
  return [
    socket.readyState,
    socket.connecting && "connecting",
    socket.pending && "pending",
    socket.destroyed && "destroyed",
  ].filter(Boolean).join("+");
}

/** Writes bytes that come in a row down as one line. */
export function logData(bench: Bench, socket: AnySocket): AnySocket {
  let total = 0;
  socket.on("data", (chunk: Buffer | string) => total += chunk.length);
  socket.on("end", () => bench.log(`${total} bytes`));
  return socket;
}
