/**
 * A server: `server.ts PROTOCOL SERVER`. Prints its port and process id; `both`
 * is `serve` and `listen` in one process, which prints two lines. For each line
 * that it is told it prints the processor time that it took so far, in
 * microseconds.
 */

import { createServer as createHttp } from "node:http";
import { createServer } from "node:net";
import process from "node:process";
import { capabilities, listen, type StreamSocket } from "../../../mod.ts";
import { serve } from "../../../src/server/mod.ts";
import { PROTOCOLS, type Talk } from "./protocols.ts";

const [protocol, server] = process.argv.slice(2);
const begin = PROTOCOLS[protocol!]!;
const HOST = "127.0.0.1";

function tell(port: number): void {
  console.log(port, process.pid);
}

// ---- this library

async function handle(connection: StreamSocket): Promise<void> {
  const talk = begin();
  for (;;) {
    const bytes = await connection.recv();
    if (bytes === null) return;
    const answers = talk(bytes);
    if (answers.length > 0) await connection.sendAll(answers);
  }
}

async function byServe(): Promise<void> {
  const { address } = await serve([HOST, 0], handle);
  if ("port" in address) tell(address.port);
}

/** What `serve` asks for. */
function keepAlive(): true | { idleMs: number } {
  return capabilities().keepAliveIdle === true ? { idleMs: 15_000 } : true;
}

async function byListen(): Promise<void> {
  const listener = await listen([HOST, 0], { keepAlive: keepAlive() });
  const address = listener.getSockName();
  if ("port" in address) tell(address.port);
  for await (const [connection] of listener.connections()) {
    void handle(connection).catch(() => {}).then(() => connection.close());
  }
}

// ---- by hand, on the runtime's own API

interface DenoConn {
  read(into: Uint8Array): Promise<number | null>;
  write(bytes: Uint8Array): Promise<number>;
  setNoDelay(): void;
  close(): void;
}

interface BunSocket {
  data: { talk: Talk; rest: Uint8Array };
  write(bytes: Uint8Array): number;
  setNoDelay(flag: boolean): void;
}

interface Natives {
  readonly Deno?: {
    listen(options: { hostname: string; port: number }):
      & AsyncIterable<DenoConn>
      & { readonly addr: { readonly port: number } };
  };
  readonly Bun?: {
    listen(options: {
      hostname: string;
      port: number;
      socket: Record<string, (socket: BunSocket, chunk: Uint8Array) => void>;
    }): { readonly port: number };
  };
}

async function denoTalk(conn: DenoConn): Promise<void> {
  const talk = begin();
  const buffer = new Uint8Array(65_536);
  conn.setNoDelay();
  for (;;) {
    const count = await conn.read(buffer);
    if (count === null) return conn.close();
    let bytes = talk(buffer.subarray(0, count));
    while (bytes.length > 0) bytes = bytes.subarray(await conn.write(bytes));
  }
}

function byBun(bun: NonNullable<Natives["Bun"]>): void {
  const write = (socket: BunSocket, bytes: Uint8Array): void => {
    const count = socket.write(bytes);
    socket.data.rest = bytes.subarray(Math.max(0, count));
  };
  const { port } = bun.listen({
    hostname: HOST,
    port: 0,
    socket: {
      open(socket) {
        socket.setNoDelay(true);
        socket.data = { talk: begin(), rest: new Uint8Array(0) };
      },
      data(socket, chunk) {
        const bytes = socket.data.talk(chunk);
        const { rest } = socket.data;
        if (rest.length === 0) return write(socket, bytes);
        const both = new Uint8Array(rest.length + bytes.length);
        both.set(rest);
        both.set(bytes, rest.length);
        socket.data.rest = both;
      },
      drain(socket) {
        if (socket.data.rest.length > 0) write(socket, socket.data.rest);
      },
    },
  });
  tell(port);
}

function byNode(): void {
  const listener = createServer({ noDelay: true }, (socket) => {
    const talk = begin();
    socket.on("data", (chunk: Uint8Array) => {
      const bytes = talk(chunk);
      if (bytes.length === 0 || socket.write(bytes)) return;
      socket.pause();
      socket.once("drain", () => socket.resume());
    });
    socket.on("error", () => socket.destroy());
  });
  listener.listen(0, HOST, () => {
    tell((listener.address() as { port: number }).port);
  });
}

async function byNative(): Promise<void> {
  const { Deno: deno, Bun: bun } = globalThis as unknown as Natives;
  if (bun !== undefined) return byBun(bun);
  if (deno === undefined) return byNode();
  const listener = deno.listen({ hostname: HOST, port: 0 });
  tell(listener.addr.port);
  for await (const conn of listener) void denoTalk(conn).catch(() => {});
}

function byNodeHttp(): void {
  const listener = createHttp((_request, response) => {
    response.setHeader("Content-Type", "text/plain");
    response.end("Hello, world\n");
  });
  listener.listen(0, HOST, () => {
    tell((listener.address() as { port: number }).port);
  });
}

const WAYS: Readonly<Record<string, () => void | Promise<void>>> = {
  serve: byServe,
  listen: byListen,
  native: byNative,
  node_http: byNodeHttp,
  async both() {
    await byServe();
    await byListen();
  },
};
process.stdin.on("data", () => {
  const { user, system } = process.cpuUsage();
  console.log(user + system);
});
await WAYS[server!]!();
