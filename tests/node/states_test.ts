/**
 * However it ends, in whatever state: one `close`, one `error` at most, nothing
 * uncaught.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import {
  listen,
  SHUT_WR,
  type StreamSocket,
  type TlsClientOptions,
} from "../../mod.ts";
import { createConnection, NodeSocket } from "../../src/node/mod.ts";
import { test } from "../harness.ts";
import {
  authority,
  lackOfOpenssl,
  localhost,
} from "../support/certificates.ts";

interface State {
  readonly socket: NodeSocket;
  readonly peer?: StreamSocket;
}

/** How a state connects to the listener. */
interface Call {
  readonly port: number;
  readonly host: string;
  readonly abortive: true;
  readonly tls?: TlsClientOptions;
}

type Reach = (call: Call, accept: () => Promise<StreamSocket>) =>
  | State
  | Promise<State>;

async function open(
  call: Call,
  accept: () => Promise<StreamSocket>,
  options: object = {},
): Promise<State & { readonly peer: StreamSocket }> {
  const socket = createConnection({ ...call, ...options });
  socket.on("error", ignore);
  const ready = once(socket, "ready");
  const peer = await accept();
  await ready;
  return { socket, peer };
}

const STATES: Readonly<Record<string, Reach>> = {
  "not connected": () => ({ socket: new NodeSocket() }),
  "connecting": async (call, accept) => {
    const socket = createConnection(call);
    // Whether it comes about, is for the destroy to say.
    void accept;
    await Promise.resolve();
    return { socket };
  },
  "connecting by name": () => ({ socket: createConnection(1, "no.invalid") }),
  "open": (call, accept) => open(call, accept),
  "open and paused": async (call, accept) => {
    const state = await open(call, accept);
    state.socket.pause();
    await state.peer.sendAll(new Uint8Array(100_000));
    return state;
  },
  "corked": async (call, accept) => {
    const state = await open(call, accept);
    state.socket.cork();
    state.socket.write("never");
    return state;
  },
  "full": async (call, accept) => {
    const state = await open(call, accept);
    for (let i = 0; i < 20; i++) state.socket.write(new Uint8Array(1 << 20));
    return state;
  },
  "ended by us": async (call, accept) => {
    const state = await open(call, accept);
    state.socket.end("bye");
    await once(state.socket, "finish");
    return state;
  },
  "ended by the peer": async (call, accept) => {
    const state = await open(call, accept, { allowHalfOpen: true });
    state.socket.resume();
    const ended = once(state.socket, "end");
    await state.peer.shutdown(SHUT_WR);
    await ended;
    return state;
  },
  "ended by both": async (call, accept) => {
    const state = await open(call, accept);
    state.socket.resume();
    const closed = once(state.socket, "close");
    await state.peer.shutdown(SHUT_WR);
    await closed;
    return state;
  },
  "reset by the peer": async (call, accept) => {
    const state = await open(call, accept);
    state.socket.resume();
    // `once` of an event that an error comes before would reject.
    const closed = new Promise((resolve) =>
      state.socket.once("close", resolve)
    );
    state.peer.reset();
    await closed;
    return state;
  },
};

const WAYS = ["destroy", "error", "twice", "reset", "soon"];

function destroy(socket: NodeSocket, how: string): void {
  const mine = new Error("mine");
  const isFull = socket.writableLength > 1 << 20;
  if (how === "error") socket.destroy(mine);
  else if (how === "reset") socket.resetAndDestroy();
  else if (how === "soon") socket.destroySoon();
  else socket.destroy();
  // It would wait until the peer reads.
  if (how === "soon" && isFull) socket.destroy();
  if (how === "twice") socket.destroy(mine);
}

/** Destroys it, and judges what it tells. */
async function judge(socket: NodeSocket, how: string): Promise<void> {
  const told = { close: 0, error: 0 };
  socket.on("close", () => told.close++);
  socket.on("error", () => told.error++);
  const wasClosed = socket.destroyed;
  destroy(socket, how);
  if (!wasClosed && told.close === 0) {
    await new Promise((resolve) => socket.once("close", resolve));
  }
  await new Promise((resolve) => setTimeout(resolve, 2));
  assert.equal(told.close, wasClosed ? 0 : 1, `${how}: close`);
  const errors = how === "error" && !wasClosed ? 1 : told.error;
  assert.equal(told.error, errors, `${how}: error`);
  assert.ok(told.error <= 1, how);
}

async function tryState(reach: Reach, isSecure: boolean): Promise<void> {
  for (const how of WAYS) {
    await using server = await listen("127.0.0.1:0", {
      abortive: true,
      ...isSecure && { tls: localhost() },
    });
    const { port } = server.getSockName() as { port: number };
    const tls = isSecure && { tls: trusting() };
    const call: Call = { port, host: "127.0.0.1", abortive: true, ...tls };
    const accept = async () => (await server.accept())[0];
    const { socket, peer } = await reach(call, accept);
    await judge(socket, how);
    await peer?.close({ lingerMs: 0 });
  }
}

function trusting(): TlsClientOptions {
  return { ca: authority().cert, serverName: "localhost" };
}

const skip = lackOfOpenssl();

/** Why a timer of Deno may be left, which ends by itself. */
const LOOKS_ONCE_MORE =
  "a write that was refused has the kernel looked at once more";

for (const [name, reach] of Object.entries(STATES)) {
  const options = name === "full" ? { unsanitized: LOOKS_ONCE_MORE } : {};
  test(
    `a socket that is ${name} is destroyed once`,
    () => tryState(reach, false),
    options,
  );
  // Without a peer that accepts there is no handshake to be over.
  if (/connect/.test(name)) continue;
  test(
    `a socket over TLS that is ${name} is destroyed once`,
    () => tryState(reach, true),
    { ...options, skip },
  );
}

test("a socket whose peer answers no handshake is destroyed once", async () => {
  for (const how of ["destroy", "error", "twice"]) {
    await using server = await listen("127.0.0.1:0");
    const { port } = server.getSockName() as { port: number };
    const tls = trusting();
    const socket = createConnection({ port, host: "127.0.0.1", tls });
    const [peer] = await server.accept();
    await peer.recv();
    await judge(socket, how);
    await peer.close({ lingerMs: 0 });
  }
}, { skip });

const EVENTS = ["connect", "ready", "data", "drain", "end", "finish"] as const;

for (const event of EVENTS) {
  test(`nothing is uncaught when the peer vanishes at ${event}`, async () => {
    for (const how of ["reset", "close"] as const) {
      await using server = await listen("127.0.0.1:0", { abortive: true });
      const { port } = server.getSockName() as { port: number };
      const socket = createConnection({
        ...{ port, host: "127.0.0.1", abortive: true, highWaterMark: 8 },
        allowHalfOpen: event === "end" || event === "finish",
      });
      const closed = new Promise<void>((resolve) =>
        socket.once("close", () => resolve())
      );
      socket.on("error", ignore);
      const accepted = server.accept();
      let over: Promise<unknown> = Promise.resolve();
      socket.once(event, () => {
        over = accepted.then(([peer]) =>
          how === "reset" ? peer.reset() : peer.close({ lingerMs: 0 })
        );
        socket.write("goes on");
        // Whatever comes of it: reading meets the end.
        socket.resume();
        if (event === "finish" || event === "end") {
          over = over.then(() => socket.destroy());
        }
      });
      const [peer] = await accepted;
      if (event === "data") await peer.sendAll("x");
      if (event === "drain") socket.write("more than the mark");
      if (event === "end") {
        socket.resume();
        await peer.shutdown(SHUT_WR);
      }
      if (event === "finish") socket.end("x");
      await closed;
      await over;
      await peer.close({ lingerMs: 0 });
    }
  }, { unsanitized: LOOKS_ONCE_MORE });
}

function ignore(): void {}
